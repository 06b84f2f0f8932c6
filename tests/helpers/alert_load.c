/*
 * Stands where analyzers stand: sends alerts about concerns (tests/lib/concern_text.h) over the
 * real socket and waits for each RECEIPT. For benches of the alerter alone.
 *
 *   alert_load ENDPOINT TEXT SEED COUNT WINDOW RATE RETOLD
 *
 * WINDOW: unanswered at most. RATE: alerts a second, evenly, or 0 for as fast as receipts come.
 * RETOLD: how many of a hundred repeat an earlier one in other words. Prints one JSON object:
 * what was sent, what became a case of its own, seconds from the first alert to the last
 * receipt, and milliseconds from alert to receipt.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/sys/bus.h"
#include "common/sys/loop.h"
#include "tests/lib/concern_text.h"

#define FEED_MS 1

struct load {
	struct hy_loop *loop;
	struct hy_timer *feed;
	struct hy_bus_client *client;
	struct concern *concern;
	struct hy_mono *sent;
	double *waited_ms;
	size_t count, next, answered, fresh, refused;
	double rate;
	struct hy_mono begun, ended;
	struct hy_map numbers;		/* id of the alert -> its number, one up */
	struct hy_id *id;
};

static void make_concerns(struct load *load, const char *file, uint64_t seed, uint32_t retold)
{
	struct concern_text *language = concern_text_new(file, seed);

	if (!language)
		exit(2);
	for (size_t i = 0; i < load->count; i++) {
		if (i && concern_random(language, 100) < retold)
			concern_retell(language,
				       &load->concern[concern_random(language, (uint32_t)i)],
				       &load->concern[i]);
		else
			concern_next(language, &load->concern[i]);
	}
	concern_text_free(language);
}

static size_t due(const struct load *load)
{
	double seconds = (double)(hy_mono_now().ns - load->begun.ns) / 1e9;
	double wanted = load->rate > 0 ? load->rate * seconds + 1 : (double)load->count;

	return wanted < (double)load->count ? (size_t)wanted : load->count;
}

static void feed(void *ctx)
{
	struct load *load = ctx;
	size_t until = due(load);

	while (load->next < until && hy_bus_client_room(load->client)) {
		struct concern_parts parts;
		struct hy_error e = {0};
		struct hy_msg m;
		size_t i = load->next++;

		concern_alert(&load->concern[i], &parts, &m);
		load->id[i] = parts.id;
		load->sent[i] = hy_mono_now();
		if (hy_map_set(&load->numbers, hy_id_str(&load->id[i]), &load->sent[i]) ||
		    hy_bus_client_send(load->client, &m, &e)) {
			(void)fprintf(stderr, "%s\n", e.text);
			exit(2);
		}
	}
}

static void on_answer(void *ctx, const struct hy_msg *answer)
{
	struct load *load = ctx;
	struct hy_mono *sent = hy_map_get(&load->numbers, answer->id);

	if (!sent || answer->type != HY_MSG_RECEIPT)
		return;
	load->ended = hy_mono_now();
	load->waited_ms[load->answered++] = (double)(load->ended.ns - sent->ns) / 1e6;
	load->fresh += answer->as.receipt.fresh;
	load->refused += answer->as.receipt.outcome == HY_RECEIPT_REFUSED;
	if (load->answered == load->count)
		hy_loop_stop(load->loop);
	else if (load->rate <= 0)
		feed(load);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void report(struct load *load)
{
	const double *w = load->waited_ms;
	size_t n = load->count;

	qsort(load->waited_ms, n, sizeof w[0], ascending);
	printf("{\"alerts\": %zu, \"fresh\": %zu, \"refused\": %zu, \"resent\": %llu, \"seconds\":"
	       " %.3f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, \"worst_ms\": %.3f}\n",
	       n, load->fresh, load->refused,
	       (unsigned long long)hy_bus_client_resent(load->client),
	       (double)(load->ended.ns - load->begun.ns) / 1e9, w[n / 2], w[n * 99 / 100],
	       w[n - 1]);
}

static void run(struct load *load)
{
	load->begun = hy_mono_now();
	hy_timer_start(load->feed, 0, FEED_MS);
	hy_loop_run(load->loop);
	report(load);
}

static void *many(size_t count, size_t size)
{
	return hy_xcalloc(count, size);
}

static void fini(struct load *load)
{
	hy_bus_client_free(load->client);
	hy_timer_free(load->feed);
	hy_map_fini(&load->numbers);
	free(load->concern);
	free(load->sent);
	free(load->waited_ms);
	free(load->id);
}

int main(int argc, char **argv)
{
	const struct hy_log log = {.name = "alert_load", .level = HY_LOG_WARN};
	struct load load = {.loop = hy_loop_new()};
	struct hy_bus *bus = hy_bus_new(load.loop, &log);
	struct hy_bus_options options = hy_bus_defaults;
	struct hy_error e = {0};

	if (argc != 8 || (load.count = strtoul(argv[4], NULL, 10)) == 0) {
		(void)fprintf(stderr,
			      "usage: alert_load ENDPOINT TEXT SEED COUNT WINDOW RATE RETOLD\n");
		return 2;
	}
	load.rate = strtod(argv[6], NULL);
	load.concern = many(load.count, sizeof load.concern[0]);
	load.sent = many(load.count, sizeof load.sent[0]);
	load.waited_ms = many(load.count, sizeof load.waited_ms[0]);
	load.id = many(load.count, sizeof load.id[0]);
	hy_map_init(&load.numbers, load.count);
	make_concerns(&load, argv[2], strtoul(argv[3], NULL, 10),
		      (uint32_t)strtoul(argv[7], NULL, 10));
	options.window = strtol(argv[5], NULL, 10);
	options.resend_ms = 60000;
	if (hy_bus_client_new(bus, argv[1], &options, &load.client, &e)) {
		(void)fprintf(stderr, "%s\n", e.text);
		return 2;
	}
	hy_bus_client_on_answer(load.client, on_answer, &load);
	load.feed = hy_timer_new(load.loop, feed, &load);
	run(&load);
	fini(&load);
	hy_bus_free(bus);
	hy_loop_free(load.loop);
	return 0;
}
