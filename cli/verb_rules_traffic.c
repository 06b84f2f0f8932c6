/* `huiying rules traffic`: what share of the documents judged each topic takes, against its usual. */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "alerter/traffic.h"
#include "alerter/traffic_alarm.h"
#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/names.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/text_table.h"
#include "cli/verb.h"
#include "cli/verb_rules.h"
#include "common/base/mem.h"

#define TABLE_BYTES (8u << 20)
#define CELL_BYTES 1024

static const struct {
	const char *id, *title;
} states[] = {
	[HY_SHARE_UNKNOWN] = {"unknown", "还看不出"},
	[HY_SHARE_USUAL] = {"usual", "平常"},
	[HY_SHARE_SURGE] = {"surge", "骤增"},
	[HY_SHARE_SILENT] = {"silent", "沉寂"},
};

struct line {
	struct hy_traffic traffic;
	char *topic;			/* owned */
	enum hy_share_state state;
};

struct traffic {
	struct line *lines;
	size_t count, cap;
	struct hy_names names;
	bool all, json;
};

static void traffic_fini(struct traffic *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->lines[i].topic);
	free(t->lines);
	hy_names_fini(&t->names);
}

static void gather(void *ctx, const struct hy_traffic *traffic)
{
	struct traffic *t = ctx;
	struct line *line;

	t->lines = hy_grow(t->lines, &t->cap, t->count + 1, sizeof *t->lines);
	line = &t->lines[t->count++];
	*line = (struct line){.traffic = *traffic, .topic = hy_str_dup(traffic->topic)};
	line->state = hy_share_judge(&traffic->usual, &traffic->today, HY_SHARE_UNKNOWN);
}

static bool is_out(const struct line *line)
{
	return line->state == HY_SHARE_SURGE || line->state == HY_SHARE_SILENT;
}

static bool is_idle(const struct line *line)
{
	return line->traffic.today.fired == 0 && line->traffic.usual.median == 0;
}

/* What is out of its usual first, then by today's share. */
static int by_interest(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	double p = hy_share_of(&x->traffic.today), q = hy_share_of(&y->traffic.today);

	if (is_out(x) != is_out(y))
		return is_out(x) ? -1 : 1;
	if (p < q || q < p)
		return p > q ? -1 : 1;
	if (x->traffic.usual.median < y->traffic.usual.median ||
	    y->traffic.usual.median < x->traffic.usual.median)
		return x->traffic.usual.median > y->traffic.usual.median ? -1 : 1;
	return hy_str_cmp(hy_str_of(x->topic), hy_str_of(y->topic));
}

/* ---- for people ---- */

static void add_title(const struct traffic *t, const struct line *line, struct hy_buf *out)
{
	if (hy_str_eq_c(hy_str_of(line->topic), HY_TRAFFIC_ALL))
		hy_buf_add_c(out, "全部预警");
	else
		hy_names_topic(&t->names, hy_str_of(line->topic), out);
}

static void add_cell(struct hy_text_table *table, struct hy_buf *cell)
{
	hy_text_table_add(table, hy_buf_str(cell));
	hy_buf_clear(cell);
}

static void add_line(const struct traffic *t, const struct line *line,
		     struct hy_text_table *table)
{
	hy_cleanup(hy_buf_fini) struct hy_buf cell = HY_BUF(CELL_BYTES);
	const struct hy_share_usual *usual = &line->traffic.usual;
	bool has_usual = usual->days >= HY_SHARE_DAYS_MIN;

	hy_text_table_add(table, hy_str_of(line->topic));
	add_title(t, line, &cell);
	add_cell(table, &cell);
	hy_buf_addf(&cell, "%" PRId64 "/%" PRId64, line->traffic.today.fired,
		    line->traffic.today.documents);
	add_cell(table, &cell);
	hy_traffic_percent(hy_share_of(&line->traffic.today), &cell);
	add_cell(table, &cell);
	if (has_usual)
		hy_traffic_percent(usual->median, &cell);
	add_cell(table, &cell);
	hy_buf_addf(&cell, "%zu", usual->days);
	add_cell(table, &cell);
	hy_text_table_add(table, hy_str_of(states[line->state].title));
}

static void print_table(const struct traffic *t)
{
	static const char *const titles[] = {"议题", "名称", "今天命中/判读", "占比", "平时", "天数", "情况"};
	hy_cleanup(hy_text_table_fini) struct hy_text_table table = {0};
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(TABLE_BYTES);
	size_t idle = 0;

	hy_text_table_init(&table, titles, HY_COUNT(titles));
	for (size_t i = 0; i < t->count; i++) {
		if (is_idle(&t->lines[i]) && !t->all)
			idle++;
		else
			add_line(t, &t->lines[i], &table);
	}
	hy_text_table_write(&table, &out);
	if (idle)
		hy_buf_addf(&out, "另有 %zu 个议题今天和平时都没有命中（--all 全部列出）\n", idle);
	hy_print_text(stdout, &out);
}

/* ---- for programs ---- */

static json_t *json_of(const struct line *line)
{
	const struct hy_traffic *t = &line->traffic;
	bool has_usual = t->usual.days >= HY_SHARE_DAYS_MIN;
	char since[HY_RFC3339_BYTES];

	return json_pack("{s:s, s:s, s:I, s:I, s:f, s:o, s:I, s:s}", "topic", line->topic, "state",
			 states[line->state].id, "fired", (json_int_t)t->today.fired, "documents",
			 (json_int_t)t->today.documents, "share", hy_share_of(&t->today), "usual",
			 has_usual ? json_real(t->usual.median) : json_null(), "days",
			 (json_int_t)t->usual.days, "since", hy_wall_format(t->since, since));
}

static bool print_json(const struct traffic *t)
{
	bool good = true;

	for (size_t i = 0; i < t->count && good; i++) {
		json_t *object = json_of(&t->lines[i]);

		good = object && json_dumpf(object, stdout, JSON_COMPACT | JSON_REAL_PRECISION(6)) == 0 &&
		       putchar('\n') != EOF;
		json_decref(object);
	}
	return good;
}

/* ---- the verb ---- */

static int print(struct traffic *t)
{
	if (t->count)
		qsort(t->lines, t->count, sizeof *t->lines, by_interest);
	if (t->json && !print_json(t))
		return HY_EXIT_FAILURE;
	if (!t->json)
		print_table(t);
	for (size_t i = 0; i < t->count; i++)
		if (is_out(&t->lines[i]))
			return HY_EXIT_FINDINGS;
	return HY_EXIT_OK;
}

static int read_and_print(struct traffic *t, const char *config, const char *url,
			  struct hy_wall at)
{
	struct hy_store *store = hy_cli_alerter_store(config, url);
	struct hy_error e = {0};
	int code;

	if (!store)
		return HY_EXIT_FAILURE;
	if (hy_traffic_each(store, at, gather, t, &e)) {
		(void)fprintf(stderr, "读取议题命中统计失败：%s\n", e.text);
		code = HY_EXIT_FAILURE;
	} else {
		code = print(t);
	}
	hy_store_free(store);
	return code;
}

int hy_verb_rules_traffic(int argc, char **argv)
{
	const char *config = NULL, *url = NULL, *dir = NULL, *time = NULL, *format = NULL;
	struct traffic t = {.all = false};
	const struct hy_option options[] = {
		{"--config", "FILE", &config, NULL, "configuration file"},
		{"--store", "URL", &url, NULL, "the alerter's store, in place of the configured one"},
		{"--rules", "DIR", &dir, NULL, "rules folder, for the topics' titles"},
		{"--at", "TIME", &time, NULL, "as it was at that time of a day (now)"},
		{"--all", NULL, NULL, &t.all, "also topics that fired neither today nor usually"},
		{"-o", "FORMAT", &format, NULL, "text or json"},
	};
	const struct hy_usage usage = {
		"rules traffic [--config FILE | --store URL] [--all] [-o json]",
		"On how many of today's documents each topic fired, what share that is and what share\n"
		"is usual (the median of the last 28 days on which it was counted by the same rule).\n"
		"Exit 1 where a topic is far out of its usual: that is an alarm to its owner too.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);
	struct hy_wall at;

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands)
		return hy_usage_error(&usage, "rules traffic takes no operands");
	if (!hy_output_parse(format, &t.json))
		return hy_usage_error(&usage, HY_OUTPUT_FORMATS);
	if (!hy_cli_time(time, &at))
		return HY_EXIT_USAGE;
	hy_names_init(&t.names);
	hy_names_add_rules(&t.names, hy_cli_rules_dir(dir));
	code = read_and_print(&t, config, url, at);
	traffic_fini(&t);
	return code;
}
