#include "tests/lib/match_rounds.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PADDING 64

static _Noreturn void fail(const char *what)
{
	perror(what);
	exit(2);
}

double match_cpu_us(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec * 1e6 + (double)ts.tv_nsec / 1e3;
}

long match_peak_kib(void)
{
	FILE *file = fopen("/proc/self/status", "r");
	char line[256];
	long kib = 0;

	/* Not getrusage: what that says is carried over from who started the program. */
	while (file && fgets(line, sizeof line, file))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kib = strtol(line + 6, NULL, 10);
	if (file)
		(void)fclose(file);
	return kib;
}

void *match_grow(void *items, size_t *cap, size_t count, size_t bytes)
{
	if (count < *cap)
		return items;
	*cap = *cap ? *cap * 2 : 1024;
	items = realloc(items, *cap * bytes);
	if (!items)
		fail("realloc");
	return items;
}

struct match_text match_read(const char *path)
{
	FILE *file = fopen(path, "rb");
	long n = -1;

	if (file && fseek(file, 0, SEEK_END) == 0)
		n = ftell(file);
	if (n < 0 || fseek(file, 0, SEEK_SET))
		fail(path);
	char *p = calloc((size_t)n + PADDING, 1);

	if (!p || fread(p, 1, (size_t)n, file) != (size_t)n)
		fail(path);
	(void)fclose(file);
	return (struct match_text){p, (size_t)n};
}

void match_pairs_add(struct match_pairs *pairs, uint32_t rule)
{
	pairs->items = match_grow(pairs->items, &pairs->cap, pairs->count + 1,
				  sizeof *pairs->items);
	pairs->items[pairs->count++] = pairs->article;
	pairs->items[pairs->count++] = rule;
}

static struct match_text *split(struct match_text all, size_t *out_count)
{
	struct match_text *parts = NULL;
	size_t count = 0, cap = 0;

	for (size_t at = 0; at < all.n; at += parts[count++].n + 1) {
		parts = match_grow(parts, &cap, count, sizeof *parts);
		parts[count] = (struct match_text){all.p + at, strlen(all.p + at)};
	}
	*out_count = count;
	return parts;
}

static void write_pairs(const struct match_pairs *pairs, const char *path)
{
	FILE *file = fopen(path, "w");

	if (!file)
		fail(path);
	for (size_t i = 0; i < pairs->count; i += 2)
		(void)fprintf(file, "%u %u\n", pairs->items[i], pairs->items[i + 1]);
	if (fclose(file))
		fail(path);
}

int match_rounds(const struct match_engine *engine, const char *articles_path,
		 const char *pairs_path)
{
	struct match_text all = match_read(articles_path);
	struct match_pairs pairs = {0};
	size_t records;
	struct match_text *parts = split(all, &records);
	char line[32];

	printf("{\"load_ms\": %.2f, \"load_kib\": %ld}\n", engine->load_ms, engine->load_kib);
	(void)fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		size_t wanted = strtoul(line, NULL, 10), have = records / engine->parts;
		size_t count = wanted < have ? wanted : have;
		double begin = match_cpu_us();

		pairs.count = 0;
		for (size_t i = 0; i < count; i++) {
			pairs.article = (uint32_t)i;
			engine->scan(engine->self, parts + i * engine->parts, &pairs);
		}
		printf("{\"us\": %.4f, \"pairs\": %zu}\n",
		       (match_cpu_us() - begin) / (double)(count ? count : 1), pairs.count / 2);
		(void)fflush(stdout);
	}
	write_pairs(&pairs, pairs_path);
	free(pairs.items);
	free(parts);
	return 0;
}

int match_plan_next(struct match_text plan, size_t *at, struct match_plan_line *out)
{
	if (*at >= plan.n)
		return 0;
	const char *line = plan.p + *at;
	size_t n = strcspn(line, "\n");

	*at += n + 1;
	out->kind = line[0];
	out->text = (struct match_text){line + (n > 2 ? 2 : n), n > 2 ? n - 2 : 0};
	out->number = (uint32_t)strtoul(out->text.p, NULL, 10);
	return 1;
}
