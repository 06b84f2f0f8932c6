#include "cli/case_print.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/case_table.h"
#include "cli/alerter_access.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/sys/severity.h"

enum column_type { TEXT, NUMBER, WALL };

struct column {
	const char *name;
	enum column_type type;
};

/* A query and the names of its columns, for JSON. */
struct table {
	const char *key, *sql;
	const struct column *columns;
	size_t count;
};

#define CASE_COLUMNS \
	"id, severity, topic, title, url, state, lead, lead_name, supervisor, clock_start," \
	" detected_at, published_at, assigned_at, signed_at, answered_at, sign_due, answer_due," \
	" route, rules, event, because"

static const char list_cases[] =
	"SELECT " CASE_COLUMNS " FROM v_case"
	" WHERE ($1 = '' OR lead = $1) AND (state = $2 OR ($2 = '' AND ($3 = 1 OR"
	" state IN ('assigned', 'signed')))) ORDER BY"
	" CASE WHEN answered_at IS NULL THEN 0 ELSE 1 END,"
	" CASE WHEN signed_at IS NULL AND sign_due < answer_due THEN sign_due ELSE answer_due END,"
	" id";
static const char one_case[] = "SELECT " CASE_COLUMNS " FROM v_case WHERE id = $1";

static const struct column case_columns[] = {
	{"id", TEXT},	       {"severity", TEXT},    {"topic", TEXT},	     {"title", TEXT},
	{"url", TEXT},	       {"state", TEXT},	      {"lead", TEXT},	     {"lead_name", TEXT},
	{"supervisor", TEXT},  {"clock_start", WALL}, {"detected_at", WALL}, {"published_at", WALL},
	{"assigned_at", WALL}, {"signed_at", WALL},   {"answered_at", WALL}, {"sign_due", WALL},
	{"answer_due", WALL},  {"route", TEXT},	      {"rules", TEXT},	     {"event", TEXT},
	{"because", TEXT},
};
enum {
	ID, SEVERITY, TOPIC, TITLE, URL, STATE, LEAD, LEAD_NAME, SUPERVISOR, CLOCK_START,
	DETECTED_AT, PUBLISHED_AT, ASSIGNED_AT, SIGNED_AT, ANSWERED_AT, SIGN_DUE, ANSWER_DUE,
	ROUTE, RULES, EVENT, BECAUSE
};

static const struct column assist_columns[] = {{"unit", TEXT}, {"name", TEXT}};
static const struct column deadline_columns[] = {{"ladder", TEXT}, {"step", NUMBER},
						 {"due_at", WALL}, {"fired_at", WALL},
						 {"stopped_at", WALL}};
static const struct column alert_columns[] = {{"title", TEXT}, {"outlet", TEXT},
					      {"source", TEXT}, {"url", TEXT},
					      {"detected_at", WALL}};
static const struct column notice_columns[] = {{"step", TEXT}, {"recipient", TEXT},
					       {"channel", TEXT}, {"state", TEXT},
					       {"changed_at", WALL}};
static const struct column answer_columns[] = {{"at", WALL}, {"actor", TEXT}, {"kind", TEXT},
					       {"url", TEXT}, {"text", TEXT}};
static const struct table parts[] = {
	{"assist", "SELECT unit, unit_name FROM v_assist WHERE case_id = $1 ORDER BY unit",
	 assist_columns, HY_COUNT(assist_columns)},
	{"deadlines",
	 "SELECT ladder, step, due_at, fired_at, stopped_at FROM v_deadline WHERE case_id = $1"
	 " ORDER BY due_at, ladder, step",
	 deadline_columns, HY_COUNT(deadline_columns)},
	{"alerts",
	 "SELECT title, outlet, source, url, detected_at FROM v_alert WHERE case_id = $1"
	 " ORDER BY detected_at, id",
	 alert_columns, HY_COUNT(alert_columns)},
	{"notices",
	 "SELECT step, recipient, channel, state, changed_at FROM v_notice WHERE case_id = $1"
	 " ORDER BY created_at, id",
	 notice_columns, HY_COUNT(notice_columns)},
	{"answers", "SELECT at, actor, kind, url, text FROM v_answer WHERE case_id = $1 ORDER BY at",
	 answer_columns, HY_COUNT(answer_columns)},
};

static json_t *value_of(const struct hy_query *q, int column, enum column_type type)
{
	struct hy_str text;
	char at[HY_RFC3339_BYTES];

	if (hy_query_is_null(q, column))
		return json_null();
	switch (type) {
	case NUMBER:
		return json_integer(hy_query_int(q, column));
	case WALL:
		return json_string(hy_wall_format(hy_query_wall(q, column), at));
	case TEXT:
		break;
	}
	text = hy_query_text(q, column);
	return json_stringn(text.p ? text.p : "", text.n);
}

static json_t *row_of(const struct hy_query *q, const struct column *columns, size_t count)
{
	json_t *row = json_object();

	for (size_t i = 0; i < count; i++)
		json_object_set_new(row, columns[i].name, value_of(q, (int)i, columns[i].type));
	return row;
}

static void print_json(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	(void)printf("%s\n", text ? text : "{}");
	free(text);
	json_decref(value);
}

static int failed(const struct hy_error *e)
{
	(void)fprintf(stderr, "读取事项失败：%s\n", e->text);
	return HY_EXIT_FAILURE;
}

/* The state in words, and whether a limit has passed. */
static const char *state_of(const struct hy_query *q, struct hy_wall now)
{
	enum hy_case_state state;
	struct hy_wall sign_due = hy_query_wall(q, SIGN_DUE), due = hy_query_wall(q, ANSWER_DUE);

	if (!hy_case_state_parse(hy_query_text(q, STATE), &state))
		return "未知";
	if (hy_query_is_null(q, ANSWERED_AT) && hy_wall_known(due) && due.ms <= now.ms)
		return "回应超期";
	if (state == HY_CASE_ASSIGNED && hy_wall_known(sign_due) && sign_due.ms <= now.ms)
		return "签收超期";
	return hy_case_state_title(state);
}

static const char *severity_of(struct hy_str id)
{
	enum hy_severity severity;

	return hy_severity_parse(id, &severity) ? hy_severity_title(severity) : "?";
}

static void print_line(const struct hy_query *q, struct hy_wall now)
{
	char sign_due[HY_RFC3339_BYTES], answer_due[HY_RFC3339_BYTES];

	(void)printf("%.*s\t【%s】\t%s\t主办 %.*s\t签收 %s\t回应 %s\t%.*s\n",
		     HY_STR_ARGS(hy_query_text(q, ID)), severity_of(hy_query_text(q, SEVERITY)),
		     state_of(q, now), HY_STR_ARGS(hy_query_text(q, LEAD_NAME)),
		     hy_cli_minute(hy_query_wall(q, SIGN_DUE), sign_due),
		     hy_cli_minute(hy_query_wall(q, ANSWER_DUE), answer_due),
		     HY_STR_ARGS(hy_query_text(q, TITLE)));
}

int hy_case_print_list(struct hy_store *store, const struct hy_case_filter *filter)
{
	struct hy_query *q = hy_store_query(store, list_cases);
	struct hy_wall now = hy_wall_now();
	struct hy_error e = {0};
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, filter->unit ? filter->unit : "");
	hy_query_bind_c(q, 2, filter->state ? filter->state : "");
	hy_query_bind_int(q, 3, filter->all);
	while (!(err = hy_query_next(q, &row, &e)) && row) {
		if (filter->json)
			print_json(row_of(q, case_columns, HY_COUNT(case_columns)));
		else
			print_line(q, now);
	}
	return err ? failed(&e) : HY_EXIT_OK;
}

static enum hy_err add_part(struct hy_store *store, const char *case_id,
			    const struct table *table, json_t *into, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, table->sql);
	json_t *list = json_array();
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, case_id);
	while (!(err = hy_query_next(q, &row, e)) && row)
		json_array_append_new(list, row_of(q, table->columns, table->count));
	json_object_set_new(into, table->key, list);
	return err;
}

static const char *text_at(const json_t *row, const char *key)
{
	const char *text = json_string_value(json_object_get(row, key));

	return text ? text : "-";
}

static void print_parts(const json_t *c)
{
	size_t i;
	json_t *row;

	json_array_foreach(json_object_get(c, "assist"), i, row)
		(void)printf("协办\t%s\n", text_at(row, "name"));
	json_array_foreach(json_object_get(c, "deadlines"), i, row)
		(void)printf("时限\t%s %lld%%\t%s\t提醒 %s\t停止 %s\n", text_at(row, "ladder"),
			     (long long)json_integer_value(json_object_get(row, "step")),
			     text_at(row, "due_at"), text_at(row, "fired_at"),
			     text_at(row, "stopped_at"));
	json_array_foreach(json_object_get(c, "alerts"), i, row)
		(void)printf("稿件\t%s\t%s\t%s\n", text_at(row, "detected_at"),
			     text_at(row, "title"), text_at(row, "url"));
	json_array_foreach(json_object_get(c, "notices"), i, row)
		(void)printf("通知\t%s\t%s\t%s\t%s\t%s\n", text_at(row, "changed_at"),
			     text_at(row, "step"), text_at(row, "recipient"),
			     text_at(row, "channel"), text_at(row, "state"));
	json_array_foreach(json_object_get(c, "answers"), i, row)
		(void)printf("回应\t%s\t%s\t%s\t%s\n%s\n", text_at(row, "at"),
			     text_at(row, "actor"), text_at(row, "kind"), text_at(row, "url"),
			     text_at(row, "text"));
}

static void print_text(const json_t *c)
{
	static const struct {
		const char *title, *key;
	} lines[] = {{"编号", "id"},	     {"标题", "title"},	      {"网址", "url"},
		     {"等级", "severity"},   {"议题", "topic"},	      {"状态", "state"},
		     {"主办", "lead_name"},  {"督办", "supervisor"},  {"起算", "clock_start"},
		     {"发现", "detected_at"}, {"派单", "assigned_at"}, {"签收", "signed_at"},
		     {"回应", "answered_at"}, {"签收时限", "sign_due"}, {"回应时限", "answer_due"},
		     {"路由", "route"},	     {"规则版本", "rules"}};

	for (size_t i = 0; i < HY_COUNT(lines); i++)
		(void)printf("%s\t%s\n", lines[i].title, text_at(c, lines[i].key));
	(void)printf("理由\n%s", text_at(c, "because"));
	print_parts(c);
}

int hy_case_print_one(struct hy_store *store, const struct hy_case_filter *filter)
{
	struct hy_query *q = hy_store_query(store, one_case);
	struct hy_error e = {0};
	enum hy_err err;
	json_t *c;
	bool row;

	hy_query_bind_c(q, 1, filter->id);
	err = hy_query_next(q, &row, &e);
	if (err)
		return failed(&e);
	if (!row) {
		(void)fprintf(stderr, "没有事项 %s\n", filter->id);
		return HY_EXIT_FAILURE;
	}
	c = row_of(q, case_columns, HY_COUNT(case_columns));
	hy_query_reset(q);
	for (size_t i = 0; i < HY_COUNT(parts) && !err; i++)
		err = add_part(store, filter->id, &parts[i], c, &e);
	if (!err && filter->json)
		print_json(json_incref(c));
	else if (!err)
		print_text(c);
	json_decref(c);
	return err ? failed(&e) : HY_EXIT_OK;
}
