#include "cli/verb_sources_list.h"

#include <jansson.h>
#include <stdio.h>

#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/text_table.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "crawler/coverage.h"
#include "crawler/crawler_conf.h"
#include "crawler/health.h"

#define TEXT_BYTES (16u << 20)
#define CELL_BYTES 1024
#define DAY_MS (INT64_C(24) * 3600 * 1000)

/* $1 today, $2 the first of seven days, $3: 1 also those that are not read any more. */
static const char sources_sql[] =
	"SELECT h.source, h.name, COALESCE(h.owner, ''), h.active, h.failures, h.reason,"
	" COALESCE(h.failure, ''), COALESCE(h.robots, ''), h.last_success_at, h.last_new_at,"
	" h.next_poll_at, COALESCE(c.expected_today, 0), COALESCE(c.new_today, 0),"
	" COALESCE(c.expected_week, 0), COALESCE(c.new_week, 0), c.mirror_ms, c.own_ms,"
	" COALESCE(c.polls, 0), COALESCE(c.polls_failed, 0),"
	" (SELECT MIN(CASE kind WHEN 'source-robots' THEN 0 WHEN 'source-blocked' THEN 1"
	" WHEN 'source-failing' THEN 2 WHEN 'source-silent' THEN 3"
	" WHEN 'source-unreadable' THEN 4 ELSE 5 END) FROM v_source_alarm a"
	" WHERE a.source = h.source AND a.kind <> 'crawler-network' AND a.cleared_at IS NULL)"
	" FROM v_source_health h LEFT JOIN (SELECT source,"
	" SUM(CASE WHEN day = $1 THEN expected_milli ELSE 0 END) AS expected_today,"
	" SUM(CASE WHEN day = $1 THEN items_new ELSE 0 END) AS new_today,"
	" SUM(expected_milli) AS expected_week, SUM(items_new) AS new_week,"
	" SUM(polls) AS polls, SUM(polls_failed) AS polls_failed,"
	" SUM(mirror_ms) / NULLIF(SUM(timed), 0) AS mirror_ms,"
	" SUM(poll_ms) / NULLIF(SUM(timed), 0) + COALESCE(SUM(fetch_ms) / NULLIF(SUM(fetched), 0),"
	" 0) AS own_ms FROM v_coverage WHERE day >= $2 GROUP BY source) c ON c.source = h.source"
	" WHERE $3 = 1 OR h.active = 1 ORDER BY h.source";
enum {
	ID, NAME, OWNER, ACTIVE, FAILURES, REASON, FAILURE, ROBOTS, SUCCESS_AT, NEW_AT, NEXT_AT,
	EXPECTED_TODAY, NEW_TODAY, EXPECTED_WEEK, NEW_WEEK, MIRROR_MS, OWN_MS, POLLS,
	POLLS_FAILED, TROUBLE
};

/* $1 the first day, the newest days first. */
static const char hosts_sql[] =
	"SELECT i.host, i.day, i.requests, i.bytes, i.errors, h.paused_until, h.reason"
	" FROM v_impact i LEFT JOIN v_host h ON h.host = i.host WHERE i.day >= $1"
	" ORDER BY i.day DESC, i.requests DESC, i.host";
enum { HOST, DAY, REQUESTS, BYTES, ERRORS, PAUSED_UNTIL, PAUSE_REASON };

struct question {
	const char *config;
	bool all, json;
};

/* ---- words ---- */

static const char *state_id(const struct hy_query *q)
{
	if (!hy_query_int(q, ACTIVE))
		return "inactive";
	if (!hy_query_is_null(q, TROUBLE))
		return hy_trouble_id((enum hy_trouble)hy_query_int(q, TROUBLE));
	if (hy_query_int(q, FAILURES))
		return "retrying";
	return hy_query_is_null(q, SUCCESS_AT) ? "new" : "good";
}

static const char *state_title(const struct hy_query *q)
{
	if (!hy_query_int(q, ACTIVE))
		return "停用";
	if (!hy_query_is_null(q, TROUBLE))
		return hy_trouble_title((enum hy_trouble)hy_query_int(q, TROUBLE));
	if (hy_query_int(q, FAILURES))
		return "重试中";
	return hy_query_is_null(q, SUCCESS_AT) ? "尚未读到" : "正常";
}

static const char *robots_title(struct hy_str verdict)
{
	if (hy_str_eq_c(verdict, "allowed"))
		return "允许";
	if (hy_str_eq_c(verdict, "unreachable"))
		return "暂不可达，按不允许处理";
	return verdict.n ? "不允许" : "未知";
}

static void add_minute(struct hy_text_table *t, const struct hy_query *q, int column)
{
	char at[HY_RFC3339_BYTES];

	hy_text_table_add(t, hy_str_of(hy_cli_minute(hy_query_wall(q, column), at)));
}

static void add_span(struct hy_text_table *t, const struct hy_query *q, int column)
{
	int64_t ms = hy_query_int(q, column);
	char text[CELL_BYTES] = "";

	if (!hy_query_is_null(q, column)) {
		if (ms < 60000)
			(void)snprintf(text, sizeof text, "%d 秒", (int)(ms / 1000));
		else if (ms < 2 * 3600000)
			(void)snprintf(text, sizeof text, "%d 分", (int)(ms / 60000));
		else
			(void)snprintf(text, sizeof text, "%lld 小时", (long long)(ms / 3600000));
	}
	hy_text_table_add(t, hy_str_of(text));
}

static void add_seen(struct hy_text_table *t, const struct hy_query *q, int seen, int expected)
{
	char text[CELL_BYTES];

	(void)snprintf(text, sizeof text, "%lld/%lld", (long long)hy_query_int(q, seen),
		       (long long)(hy_query_int(q, expected) + 500) / 1000);
	hy_text_table_add(t, hy_str_of(text));
}

static void add_reason(struct hy_text_table *t, const struct hy_query *q)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(CELL_BYTES);

	if (hy_query_int(q, FAILURES))
		hy_buf_addf(&text, "连续失败 %lld 次：", (long long)hy_query_int(q, FAILURES));
	hy_buf_add_str(&text, hy_query_text(q, REASON));
	hy_text_table_add(t, hy_buf_err(&text) == HY_OK ? hy_buf_str(&text) : (struct hy_str){0});
}

static void add_source_row(struct hy_text_table *t, const struct hy_query *q)
{
	hy_text_table_add(t, hy_query_text(q, ID));
	hy_text_table_add(t, hy_query_text(q, NAME));
	hy_text_table_add(t, hy_str_of(state_title(q)));
	add_minute(t, q, SUCCESS_AT);
	add_minute(t, q, NEW_AT);
	add_seen(t, q, NEW_TODAY, EXPECTED_TODAY);
	add_seen(t, q, NEW_WEEK, EXPECTED_WEEK);
	hy_text_table_add(t, hy_str_of(robots_title(hy_query_text(q, ROBOTS))));
	add_span(t, q, MIRROR_MS);
	add_span(t, q, OWN_MS);
	add_minute(t, q, NEXT_AT);
	hy_text_table_add(t, hy_query_text(q, OWNER));
	add_reason(t, q);
}

/* ---- JSON ---- */

static json_t *text_json(const struct hy_query *q, int column)
{
	struct hy_str text = hy_query_text(q, column);

	return json_stringn(text.p ? text.p : "", text.n);
}

static json_t *time_json(const struct hy_query *q, int column)
{
	char at[HY_RFC3339_BYTES];

	if (hy_query_is_null(q, column))
		return json_null();
	return json_string(hy_wall_format(hy_query_wall(q, column), at));
}

static json_t *number_json(const struct hy_query *q, int column)
{
	return hy_query_is_null(q, column) ? json_null() : json_integer(hy_query_int(q, column));
}

static json_t *items_json(const struct hy_query *q, int column)
{
	return json_real((double)hy_query_int(q, column) / 1000);
}

static void print_json(json_t *row)
{
	(void)json_dumpf(row, stdout, JSON_COMPACT | JSON_REAL_PRECISION(10));
	(void)printf("\n");
	json_decref(row);
}

static void print_source_json(const struct hy_query *q)
{
	static const struct {
		const char *key;
		int column;
		json_t *(*make)(const struct hy_query *q, int column);
	} fields[] = {
		{"id", ID, text_json},
		{"name", NAME, text_json},
		{"owner", OWNER, text_json},
		{"last_success", SUCCESS_AT, time_json},
		{"last_new", NEW_AT, time_json},
		{"next_poll", NEXT_AT, time_json},
		{"expected_today", EXPECTED_TODAY, items_json},
		{"seen_today", NEW_TODAY, number_json},
		{"expected_7d", EXPECTED_WEEK, items_json},
		{"seen_7d", NEW_WEEK, number_json},
		{"polls_7d", POLLS, number_json},
		{"polls_failed_7d", POLLS_FAILED, number_json},
		{"robots", ROBOTS, text_json},
		{"mirror_lag_ms", MIRROR_MS, number_json},
		{"own_lag_ms", OWN_MS, number_json},
		{"failures", FAILURES, number_json},
		{"failure", FAILURE, text_json},
		{"reason", REASON, text_json},
	};
	json_t *row = json_object();

	for (size_t i = 0; i < HY_COUNT(fields); i++)
		json_object_set_new(row, fields[i].key, fields[i].make(q, fields[i].column));
	json_object_set_new(row, "state", json_string(state_id(q)));
	print_json(row);
}

static void print_host_json(const struct hy_query *q)
{
	json_t *row = json_object();

	json_object_set_new(row, "host", text_json(q, HOST));
	json_object_set_new(row, "day", text_json(q, DAY));
	json_object_set_new(row, "requests", number_json(q, REQUESTS));
	json_object_set_new(row, "bytes", number_json(q, BYTES));
	json_object_set_new(row, "errors", number_json(q, ERRORS));
	json_object_set_new(row, "paused_until", time_json(q, PAUSED_UNTIL));
	json_object_set_new(row, "reason", text_json(q, PAUSE_REASON));
	print_json(row);
}

static void add_host_row(struct hy_text_table *t, const struct hy_query *q)
{
	char number[32];

	hy_text_table_add(t, hy_query_text(q, HOST));
	hy_text_table_add(t, hy_query_text(q, DAY));
	hy_text_table_add(t, hy_query_text(q, REQUESTS));
	(void)snprintf(number, sizeof number, "%lld KiB", (long long)hy_query_int(q, BYTES) / 1024);
	hy_text_table_add(t, hy_str_of(number));
	hy_text_table_add(t, hy_query_text(q, ERRORS));
	if (hy_query_wall(q, PAUSED_UNTIL).ms > hy_wall_now().ms)
		add_minute(t, q, PAUSED_UNTIL);
	else
		hy_text_table_add(t, (struct hy_str){0});
	hy_text_table_add(t, hy_query_text(q, PAUSE_REASON));
}

/* ---- verbs ---- */

static struct hy_store *open_store(const char *config)
{
	struct hy_store_options options = {.read_only = true};
	struct hy_crawler_conf *conf = hy_cli_config_load(config, &hy_crawler_section);
	struct hy_store *store = NULL;
	struct hy_error e = {0};

	if (!conf)
		return NULL;
	if (hy_store_open(conf->store, &options, &store, &e) != HY_OK) {
		(void)fprintf(stderr, "打不开存储 %s：%s\n它由 crawler 建立，请先运行 huiying up。\n",
			      conf->store, e.text);
		store = NULL;
	}
	hy_config_free(&hy_crawler_section, conf);
	return store;
}

struct listing {
	const char *const *titles;
	size_t columns;
	void (*add)(struct hy_text_table *t, const struct hy_query *q);
	void (*print)(const struct hy_query *q);
};

static int show(struct hy_query *q, const struct listing *listing, bool json)
{
	hy_cleanup(hy_text_table_fini) struct hy_text_table table = {0};
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TEXT_BYTES);
	struct hy_error e = {0};
	enum hy_err err;
	bool row;

	hy_text_table_init(&table, listing->titles, listing->columns);
	while ((err = hy_query_next(q, &row, &e)) == HY_OK && row) {
		if (json)
			listing->print(q);
		else
			listing->add(&table, q);
	}
	if (err != HY_OK) {
		(void)fprintf(stderr, "读取来源失败：%s\n", e.text);
		return HY_EXIT_FAILURE;
	}
	if (!json) {
		hy_text_table_write(&table, &text);
		hy_print_text(stdout, &text);
	}
	return HY_EXIT_OK;
}

/* HY_OPTIONS_GO_ON with the store, or the exit code. */
static int begin(const struct hy_usage *usage, int argc, char **argv, const char *const *format,
		 struct question *question)
{
	int operands, code = hy_options_parse(usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands)
		return hy_usage_error(usage, "no operands are taken");
	if (!hy_output_parse(*format, &question->json))
		return hy_usage_error(usage, HY_OUTPUT_FORMATS);
	return HY_OPTIONS_GO_ON;
}

int hy_verb_sources_list(int argc, char **argv)
{
	static const char *const titles[] = {"来源", "名称", "状态", "上次成功", "上次有新",
					     "今日见/应", "7天见/应", "robots", "来源迟", "我方迟",
					     "下次", "负责", "说明"};
	static const struct listing listing = {titles, HY_COUNT(titles), add_source_row,
					       print_source_json};
	const char *format = NULL;
	struct question question = {0};
	const struct hy_option options[] = {
		{"--config", "FILE", &question.config, NULL, "configuration file"},
		{"--all", NULL, NULL, &question.all, "also sources that are not read any more"},
		{"-o", "FORMAT", &format, NULL, "text or json"},
	};
	const struct hy_usage usage = {
		"sources list [--config FILE] [--all] [-o json]",
		"Each source: its state, when it last answered and last had something new, items seen\n"
		"against items expected today and in seven days, the verdict of robots.txt, how late\n"
		"items were by the source's fault and by ours, who answers for it, and why it fails.",
		options, HY_COUNT(options)};
	char today[HY_DAY_BYTES], first[HY_DAY_BYTES];
	struct hy_store *store;
	struct hy_query *q;
	int code = begin(&usage, argc, argv, &format, &question);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	store = open_store(question.config);
	if (!store)
		return HY_EXIT_FAILURE;
	q = hy_store_query(store, sources_sql);
	hy_query_bind_c(q, 1, hy_day_of(hy_wall_now(), today));
	hy_query_bind_c(q, 2, hy_day_of(hy_wall_add_ms(hy_wall_now(), -6 * DAY_MS), first));
	hy_query_bind_int(q, 3, question.all);
	code = show(q, &listing, question.json);
	hy_store_free(store);
	return code;
}

int hy_verb_sources_hosts(int argc, char **argv)
{
	static const char *const titles[] = {"网站", "日期", "请求", "流量", "出错", "暂停到", "原因"};
	static const struct listing listing = {titles, HY_COUNT(titles), add_host_row,
					       print_host_json};
	const char *format = NULL;
	struct question question = {0};
	const struct hy_option options[] = {
		{"--config", "FILE", &question.config, NULL, "configuration file"},
		{"--all", NULL, NULL, &question.all, "all days there are, not the last seven"},
		{"-o", "FORMAT", &format, NULL, "text or json"},
	};
	const struct hy_usage usage = {
		"sources hosts [--config FILE] [--all] [-o json]",
		"What the crawler asked of each site on each day: requests, bytes, errors, and whether\n"
		"the site is left alone now, and why.",
		options, HY_COUNT(options)};
	char first[HY_DAY_BYTES];
	struct hy_store *store;
	struct hy_query *q;
	int code = begin(&usage, argc, argv, &format, &question);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	store = open_store(question.config);
	if (!store)
		return HY_EXIT_FAILURE;
	q = hy_store_query(store, hosts_sql);
	hy_query_bind_c(q, 1, question.all ? ""
					   : hy_day_of(hy_wall_add_ms(hy_wall_now(), -6 * DAY_MS),
						       first));
	code = show(q, &listing, question.json);
	hy_store_free(store);
	return code;
}
