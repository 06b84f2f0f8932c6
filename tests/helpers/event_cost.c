/*
 * What finding costs, in CPU time of one process: whether a text repeats one of many, and which
 * of many open events an alert belongs to.
 *
 *   event_cost repeats TEXT STORED ASKED    {"us", "signature_us", "found", "kib"}
 *   event_cost events TEXT STORED ASKED     {"us", "found", "kib"}; us: read, find and add
 *
 * Half of what is asked retells something stored; `found` is the share of those that was found.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "alerter/event_index.h"
#include "alerter/likeness.h"
#include "alerter/repeats.h"
#include "common/base/mem.h"
#include "tests/lib/concern_text.h"

#define KEPT 2000	/* of the stored ones, to retell */

static double cpu_us(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static long memory_kib(void)
{
	char line[256];
	long kib = 0;
	FILE *in = fopen("/proc/self/status", "r");

	while (in && fgets(line, sizeof line, in)) {
		if (strncmp(line, "VmRSS:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	}
	if (in)
		(void)fclose(in);
	return kib;
}

struct bench {
	struct concern_text *language;
	struct concern *kept;
	uint32_t *number;
	size_t stored, asked, found, retold;
	long kib;
};

/* The next to be stored; some are kept, with their numbers. */
static const struct concern *next_stored(struct bench *b, size_t i)
{
	size_t every = b->stored / KEPT + 1;
	struct concern *c = &b->kept[i % every ? KEPT : i / every];

	concern_next(b->language, c);
	b->number[i % every ? KEPT : i / every] = (uint32_t)i;
	return c;
}

/* The next to be asked for; the place of what it retells, or KEPT where it is new. */
static size_t next_asked(struct bench *b, struct concern *out)
{
	size_t kept = b->stored / (b->stored / KEPT + 1);
	size_t of = concern_random(b->language, (uint32_t)kept);

	if (concern_random(b->language, 2)) {
		concern_next(b->language, out);
		return KEPT;
	}
	concern_retell(b->language, &b->kept[of], out);
	b->retold++;
	return of;
}

static void measure_repeats(struct bench *b)
{
	struct hy_repeats *repeats = hy_repeats_new();
	hy_cleanup(hy_free_p) struct concern *c = hy_xcalloc(1, sizeof *c);
	struct hy_signature signature;
	double signing = 0, finding = 0;
	long before = memory_kib();

	for (size_t i = 0; i < b->stored; i++) {
		const struct concern *s = next_stored(b, i);

		hy_signature_of(hy_str_of(s->title), hy_str_of(s->body), &signature);
		hy_repeats_add(repeats, &signature);
	}
	b->kib = memory_kib() - before;
	for (size_t i = 0; i < b->asked; i++) {
		uint32_t out[HY_REPEATS_FOUND_MAX];
		size_t of = next_asked(b, c), count;
		double begun = cpu_us(), signed_at;

		hy_signature_of(hy_str_of(c->title), hy_str_of(c->body), &signature);
		signed_at = cpu_us();
		count = hy_repeats_find(repeats, &signature, out);
		finding += cpu_us() - signed_at;
		signing += signed_at - begun;
		for (size_t k = 0; k < count && of < KEPT; k++)
			b->found += out[k] == b->number[of];
	}
	printf("{\"us\": %.2f, \"signature_us\": %.2f, \"found\": %.4f, \"kib\": %ld}\n",
	       (signing + finding) / (double)b->asked, signing / (double)b->asked,
	       (double)b->found / (double)(b->retold ? b->retold : 1), b->kib);
	hy_repeats_free(repeats);
}

static void add_event(struct hy_event_index *index, const struct concern *c)
{
	hy_cleanup(hy_likeness_fini) struct hy_likeness likeness = {0};
	struct concern_parts parts;
	struct hy_msg m;

	concern_alert(c, &parts, &m);
	hy_likeness_of(&m.as.alert, NULL, &likeness);
	hy_event_index_read(index, m.as.alert.title, likeness.text);
	likeness.text->alert = likeness.text->event = c->document;
	hy_event_index_add(index, likeness.text);
	hy_event_index_commit(index);
}

/* Adds it too, as part of what it was found for. */
static bool ask_event(struct hy_event_index *index, const struct concern *c,
		      const struct hy_id *expected)
{
	hy_cleanup(hy_likeness_fini) struct hy_likeness likeness = {0};
	struct hy_event_candidate found[HY_EVENT_CANDIDATES_MAX];
	struct concern_parts parts;
	struct hy_msg m;
	size_t count;

	concern_alert(c, &parts, &m);
	hy_likeness_of(&m.as.alert, NULL, &likeness);
	hy_event_index_read(index, m.as.alert.title, likeness.text);
	count = hy_event_index_find(index, likeness.text, found);
	likeness.text->alert = c->document;
	likeness.text->event = count ? found[0].event : c->document;
	hy_event_index_add(index, likeness.text);
	hy_event_index_commit(index);
	return expected && memcmp(likeness.text->event.hex, expected->hex, HY_ID_DIGITS) == 0;
}

static void measure_events(struct bench *b)
{
	struct hy_event_index *index = hy_event_index_new();
	hy_cleanup(hy_free_p) struct concern *c = hy_xcalloc(1, sizeof *c);
	long before = memory_kib();
	double spent = 0;

	for (size_t i = 0; i < b->stored; i++)
		add_event(index, next_stored(b, i));
	b->kib = memory_kib() - before;
	for (size_t i = 0; i < b->asked; i++) {
		size_t of = next_asked(b, c);
		double begun = cpu_us();

		b->found += ask_event(index, c, of < KEPT ? &b->kept[of].document : NULL);
		spent += cpu_us() - begun;
	}
	printf("{\"us\": %.2f, \"found\": %.4f, \"kib\": %ld}\n", spent / (double)b->asked,
	       (double)b->found / (double)(b->retold ? b->retold : 1), b->kib);
	hy_event_index_free(index);
}

int main(int argc, char **argv)
{
	struct bench b = {.stored = argc == 5 ? strtoul(argv[3], NULL, 10) : 0};

	b.asked = b.stored ? strtoul(argv[4], NULL, 10) : 0;
	if (!b.asked || (strcmp(argv[1], "repeats") != 0 && strcmp(argv[1], "events") != 0)) {
		(void)fprintf(stderr, "usage: event_cost repeats|events TEXT STORED ASKED\n");
		return 2;
	}
	b.language = concern_text_new(argv[2], 5);
	if (!b.language)
		return 2;
	b.kept = hy_xcalloc(KEPT + 1, sizeof b.kept[0]);
	b.number = hy_xcalloc(KEPT + 1, sizeof b.number[0]);
	if (strcmp(argv[1], "repeats") == 0)
		measure_repeats(&b);
	else
		measure_events(&b);
	free(b.kept);
	free(b.number);
	concern_text_free(b.language);
	return 0;
}
