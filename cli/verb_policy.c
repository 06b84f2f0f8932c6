/* `huiying policy list|show`: reactions to watched policies, for who drafted them. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/alerter_access.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/text_table.h"
#include "cli/verb.h"
#include "common/base/mem.h"

#define TEXT_BYTES (4u << 20)

static const char list_policies[] =
	"SELECT p.id, p.title, p.drafter_name, (SELECT count(*) FROM v_reaction r"
	" WHERE r.policy = p.id), (SELECT count(*) FROM v_reaction r WHERE r.policy = p.id"
	" AND r.at > $1 - p.span_ms), p.threshold, (SELECT max(r.at) FROM v_reaction r"
	" WHERE r.policy = p.id), p.told_at FROM v_policy p"
	" WHERE p.listed = 1 OR EXISTS (SELECT 1 FROM v_reaction r WHERE r.policy = p.id)"
	" ORDER BY p.id";
static const char show_policy[] =
	"SELECT p.id, p.title, p.number, p.url, p.drafter_name, p.threshold, p.span_ms,"
	" p.listed, p.told_at FROM v_policy p WHERE p.id = $1";
static const char by_day[] =
	"SELECT 86400000 * ((at + 28800000) / 86400000) - 28800000, count(*),"
	" count(DISTINCT CASE WHEN outlet <> '' THEN outlet ELSE source END)"
	" FROM v_reaction WHERE policy = $1 GROUP BY 1 ORDER BY 1 DESC LIMIT 31";
static const char by_outlet[] =
	"SELECT CASE WHEN outlet <> '' THEN outlet ELSE source END, count(*), max(at)"
	" FROM v_reaction WHERE policy = $1 GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 50";
static const char by_question[] =
	"SELECT asked, count(DISTINCT document), min(at), max(at) FROM v_question"
	" WHERE policy = $1 GROUP BY alike, asked ORDER BY 2 DESC, 3, alike LIMIT 50";
static const char cases[] =
	"SELECT k.case_id, c.title, c.lead_name, k.at, k.reactions FROM v_policy_case k"
	" JOIN v_case c ON c.id = k.case_id WHERE k.policy = $1 ORDER BY k.at DESC LIMIT 50";
static const char newest[] =
	"SELECT title, CASE WHEN outlet <> '' THEN outlet ELSE source END, at, url, case_id"
	" FROM v_reaction WHERE policy = $1 ORDER BY at DESC, document LIMIT 50";

enum cell { TEXT, COUNT, MOMENT, DAY };

struct column {
	const char *key, *title;
	enum cell cell;
};

/* One question to the store, as a table and as a list in JSON. */
struct part {
	const char *key, *title, *sql;
	struct column column[8];
};

static const struct part policies = {
	"policies", "关注的政策", list_policies,
	{{"id", "编号", TEXT}, {"title", "政策", TEXT}, {"drafter", "起草单位", TEXT},
	 {"reactions", "反应", COUNT}, {"recent", "期内", COUNT}, {"threshold", "门槛", COUNT},
	 {"last_at", "最近", MOMENT}, {"told_at", "上次汇总", MOMENT}}};
static const struct part parts[] = {
	{"days", "按日", by_day,
	 {{"day", "日期", DAY}, {"reactions", "反应", COUNT}, {"outlets", "媒体", COUNT}}},
	{"outlets", "按媒体", by_outlet,
	 {{"outlet", "媒体", TEXT}, {"reactions", "反应", COUNT}, {"last_at", "最近", MOMENT}}},
	{"questions", "问得最多", by_question,
	 {{"question", "问题", TEXT}, {"reactions", "篇数", COUNT}, {"first_at", "最早", MOMENT},
	  {"last_at", "最近", MOMENT}}},
	{"cases", "事项", cases,
	 {{"case", "事项", TEXT}, {"title", "标题", TEXT}, {"lead", "主办", TEXT},
	  {"at", "满数", MOMENT}, {"reactions", "立项时反应", COUNT}}},
	{"newest", "最近的反应", newest,
	 {{"title", "标题", TEXT}, {"outlet", "媒体", TEXT}, {"at", "发现", MOMENT},
	  {"url", "网址", TEXT}, {"case", "事项", TEXT}}},
};

static size_t columns_of(const struct part *part)
{
	size_t count = 0;

	while (count < HY_COUNT(part->column) && part->column[count].key)
		count++;
	return count;
}

static void write_cell(const struct hy_query *q, int i, enum cell cell, struct hy_buf *out)
{
	char at[HY_RFC3339_BYTES];

	switch (cell) {
	case TEXT:
		hy_buf_add_str(out, hy_query_text(q, i));
		return;
	case COUNT:
		hy_buf_addf(out, "%lld", (long long)hy_query_int(q, i));
		return;
	case MOMENT:
		hy_buf_add_c(out, hy_cli_minute(hy_query_wall(q, i), at));
		return;
	case DAY:
		hy_buf_add(out, hy_wall_format(hy_query_wall(q, i), at), sizeof "2026-11-24" - 1);
		return;
	}
}

static json_t *json_cell(const struct hy_query *q, int i, enum cell cell)
{
	struct hy_str text = hy_query_text(q, i);
	char at[HY_RFC3339_BYTES];

	if (cell == COUNT)
		return json_integer(hy_query_int(q, i));
	if (cell == TEXT)
		return json_stringn(text.p ? text.p : "", text.n);
	if (hy_query_is_null(q, i))
		return json_null();
	(void)hy_wall_format(hy_query_wall(q, i), at);
	return json_stringn(at, cell == DAY ? sizeof "2026-11-24" - 1 : strlen(at));
}

/* What the verb was asked, and its answer so far. */
struct view {
	struct hy_store *store;
	const char *policy;	/* NULL: of all */
	bool json;
	json_t *object;
	struct hy_buf text;
};

static enum hy_err read_rows(const struct view *v, const struct part *part,
			     struct hy_text_table *table, json_t *list, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(v->store, part->sql);
	size_t columns = columns_of(part);
	enum hy_err err;
	bool row;

	if (v->policy)
		hy_query_bind_c(q, 1, v->policy);
	else
		hy_query_bind_wall(q, 1, hy_wall_now());
	while (!(err = hy_query_next(q, &row, e)) && row) {
		json_t *object = json_object();

		for (size_t i = 0; i < columns; i++) {
			hy_cleanup(hy_buf_fini) struct hy_buf cell = HY_BUF(65536);

			write_cell(q, (int)i, part->column[i].cell, &cell);
			hy_text_table_add(table, hy_buf_str(&cell));
			json_object_set_new(object, part->column[i].key,
					    json_cell(q, (int)i, part->column[i].cell));
		}
		json_array_append_new(list, object);
	}
	return err;
}

static enum hy_err add_part(struct view *v, const struct part *part, struct hy_error *e)
{
	const char *titles[HY_COUNT(part->column)];
	struct hy_text_table table;
	json_t *list = json_array();
	enum hy_err err;

	for (size_t i = 0; i < columns_of(part); i++)
		titles[i] = part->column[i].title;
	hy_text_table_init(&table, titles, columns_of(part));
	err = read_rows(v, part, &table, list, e);
	if (!err && v->policy && json_array_size(list))
		hy_buf_addf(&v->text, "\n%s\n", part->title);
	if (!err && (!v->policy || json_array_size(list)))
		hy_text_table_write(&table, &v->text);
	hy_text_table_fini(&table);
	json_object_set_new(v->object, part->key, list);
	return err;
}

static enum hy_err add_head(struct view *v, bool *out_found, struct hy_error *e)
{
	static const struct column head[] = {
		{"id", "", TEXT}, {"title", "", TEXT}, {"number", "文号", TEXT}, {"url", "网址", TEXT},
		{"drafter", "起草单位", TEXT}, {"threshold", "门槛（篇）", COUNT},
		{"timespan_ms", "", COUNT}, {"listed", "", COUNT}, {"told_at", "上次汇总", MOMENT}};
	struct hy_query *q = hy_store_query(v->store, show_policy);
	enum hy_err err;

	hy_query_bind_c(q, 1, v->policy);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	hy_buf_addf(&v->text, "%.*s  《%.*s》%s\n", HY_STR_ARGS(hy_query_text(q, 0)),
		    HY_STR_ARGS(hy_query_text(q, 1)), hy_query_int(q, 7) ? "" : "（已不在规则中）");
	for (size_t i = 0; i < HY_COUNT(head); i++) {
		json_object_set_new(v->object, head[i].key, json_cell(q, (int)i, head[i].cell));
		if (!head[i].title[0])
			continue;
		hy_buf_addf(&v->text, "%s：", head[i].title);
		write_cell(q, (int)i, head[i].cell, &v->text);
		hy_buf_add_c(&v->text, "\n");
	}
	hy_query_reset(q);
	return HY_OK;
}

static int print(struct view *v)
{
	char *text = v->json ? json_dumps(v->object, JSON_COMPACT) : NULL;

	if (v->json)
		(void)printf("%s\n", text ? text : "{}");
	else
		hy_print_text(stdout, &v->text);
	free(text);
	return HY_EXIT_OK;
}

static int answer(struct view *v)
{
	struct hy_error e = {0};
	bool found = true;
	enum hy_err err = v->policy ? add_head(v, &found, &e) : add_part(v, &policies, &e);

	for (size_t i = 0; v->policy && found && !err && i < HY_COUNT(parts); i++)
		err = add_part(v, &parts[i], &e);
	if (err) {
		(void)fprintf(stderr, "读取政策反应失败：%s\n", e.text);
		return HY_EXIT_FAILURE;
	}
	if (found)
		return print(v);
	(void)fprintf(stderr, "没有关注的政策“%s”\n", v->policy);
	return HY_EXIT_FINDINGS;
}

int hy_verb_policy(int argc, char **argv)
{
	const char *config = NULL, *url = NULL, *output = NULL;
	struct view view = {.policy = NULL};
	const struct hy_option options[] = {
		{"--config", "FILE", &config, NULL, "configuration file"},
		{"--store", "URL", &url, NULL, "the alerter's store, in place of the configured one"},
		{"-o", "FORMAT", &output, NULL, "text or json"},
	};
	const struct hy_usage usage = {
		"policy list | show ID [--config FILE | --store URL] [-o json]",
		"Reactions to watched policies: how many there are, by day and outlet, what they ask\n"
		"most, and the cases that came of them.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands == 2 && strcmp(argv[1], "show") == 0)
		view.policy = argv[2];
	else if (operands != 1 || strcmp(argv[1], "list") != 0)
		return hy_usage_error(&usage, "it is `list`, or `show` and the id of one policy");
	if (!hy_output_parse(output, &view.json))
		return hy_usage_error(&usage, HY_OUTPUT_FORMATS);
	view.store = hy_cli_alerter_store(config, url);
	if (!view.store)
		return HY_EXIT_FAILURE;
	view.object = json_object();
	hy_buf_init(&view.text, TEXT_BYTES);
	code = answer(&view);
	hy_buf_fini(&view.text);
	json_decref(view.object);
	hy_store_free(view.store);
	return code;
}
