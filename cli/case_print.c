#include "cli/case_print.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/case_table.h"
#include "cli/alerter_access.h"
#include "cli/print.h"
#include "cli/verb.h"
#include "cli/wording.h"
#include "common/base/mem.h"

#define TEXT_BYTES (16u << 20)

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
	" route, rules, event, because, version, round, returns, next_at, merged_into, holder"

static const char list_cases[] =
	"SELECT " CASE_COLUMNS " FROM v_case"
	" WHERE ($1 = '' OR lead = $1) AND (state = $2 OR ($2 = '' AND ($3 = 1 OR"
	" state IN " HY_CASE_UNANSWERED "))) ORDER BY"
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
	{"because", TEXT},     {"version", NUMBER},   {"round", NUMBER},     {"returns", NUMBER},
	{"next_at", WALL},     {"merged_into", TEXT}, {"holder", TEXT},
};
enum {
	ID, SEVERITY, TOPIC, TITLE, URL, STATE, LEAD, LEAD_NAME, SUPERVISOR, CLOCK_START,
	DETECTED_AT, PUBLISHED_AT, ASSIGNED_AT, SIGNED_AT, ANSWERED_AT, SIGN_DUE, ANSWER_DUE,
	ROUTE, RULES, EVENT, BECAUSE
};

static const struct column assist_columns[] = {{"unit", TEXT}, {"name", TEXT}, {"signed_at", WALL},
						 {"contributed_at", WALL}};
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
static const struct column review_columns[] = {{"number", NUMBER}, {"at", WALL}, {"level", TEXT},
					       {"unit", TEXT}, {"state", TEXT}, {"findings", TEXT},
					       {"note", TEXT}, {"kind", TEXT}, {"text", TEXT}};
static const struct column consent_columns[] = {{"review", NUMBER}, {"unit", TEXT}, {"at", WALL},
						{"actor", TEXT}, {"note", TEXT}};
static const struct column promise_columns[] = {{"number", NUMBER}, {"text", TEXT},
						{"due_at", WALL}, {"kept_at", WALL}, {"url", TEXT}};
static const struct column change_columns[] = {{"version", NUMBER}, {"at", WALL}, {"actor", TEXT},
					       {"act", TEXT}, {"state", TEXT}, {"done", TEXT},
					       {"note", TEXT}};
static const struct table parts[] = {
	{"assist", "SELECT unit, unit_name, signed_at, contributed_at FROM v_assist WHERE case_id = $1"
	 " ORDER BY unit",
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
	{"reviews",
	 "SELECT number, at, level, unit, state, findings, note, kind, text FROM v_review"
	 " WHERE case_id = $1 ORDER BY number",
	 review_columns, HY_COUNT(review_columns)},
	{"consents",
	 "SELECT review, unit, at, actor, note FROM v_consent WHERE case_id = $1"
	 " ORDER BY review, unit",
	 consent_columns, HY_COUNT(consent_columns)},
	{"promises",
	 "SELECT number, text, due_at, kept_at, url FROM v_promise WHERE case_id = $1"
	 " ORDER BY number",
	 promise_columns, HY_COUNT(promise_columns)},
	{"changes",
	 "SELECT version, at, actor, act, state, done, note FROM v_case_change WHERE case_id = $1"
	 " ORDER BY version",
	 change_columns, HY_COUNT(change_columns)},
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

static void print_line(const struct hy_query *q, struct hy_wall now)
{
	hy_cleanup(hy_buf_fini) struct hy_buf line = HY_BUF(TEXT_BYTES);
	char sign_due[HY_RFC3339_BYTES], answer_due[HY_RFC3339_BYTES];

	hy_buf_addf(&line, "%.*s\t【", HY_STR_ARGS(hy_query_text(q, ID)));
	hy_wording_severity(hy_query_text(q, SEVERITY), &line);
	hy_buf_addf(&line, "】\t%s\t主办 %.*s\t签收 %s\t回应 %s\t", state_of(q, now),
		    HY_STR_ARGS(hy_query_text(q, LEAD_NAME)),
		    hy_cli_minute(hy_query_wall(q, SIGN_DUE), sign_due),
		    hy_cli_minute(hy_query_wall(q, ANSWER_DUE), answer_due));
	hy_print_plain(hy_query_text(q, TITLE), &line);
	hy_buf_add_c(&line, "\n");
	hy_print_text(stdout, &line);
}

int hy_case_print_list(struct hy_store *store, const struct hy_case_filter *filter)
{
	struct hy_query *q = hy_store_query(store, list_cases);
	struct hy_wall now = hy_wall_now();
	struct hy_error e = {0};
	size_t count = 0;
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
		count++;
	}
	if (!err && count == 0 && !filter->json)
		(void)fprintf(stderr, "没有符合条件的事项%s\n",
			      filter->all || filter->state ? "" : "；已回应的用 --all 查看");
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

/* ---- one case, for people ---- */

static struct hy_str text_at(const json_t *row, const char *key)
{
	const json_t *text = json_object_get(row, key);

	return (struct hy_str){json_string_value(text), json_string_length(text)};
}

enum wording { PLAIN, TIME, SEVERITY_WORD, TOPIC_WORD, STATE_WORD, UNIT_WORD, LADDER_WORD,
	       PERCENT, STEP_WORD, NOTICE_WORD, KIND_WORD, LEVEL_WORD, REVIEW_WORD, COUNT };

struct field {
	const char *title, *key;	/* title "": the value alone */
	enum wording wording;
};

static void add_time(struct hy_str text, struct hy_buf *out)
{
	struct hy_wall at;
	char minute[HY_RFC3339_BYTES];

	if (hy_wall_parse(text, &at))
		hy_buf_add_c(out, hy_cli_minute(at, minute));
	else
		hy_buf_add_c(out, "-");
}

static void add_value(const struct hy_names *names, const json_t *row, const struct field *field,
		      struct hy_buf *out)
{
	struct hy_str text = text_at(row, field->key);

	switch (field->wording) {
	case PLAIN: hy_print_plain(text.n ? text : HY_STR_LIT("-"), out); break;
	case TIME: add_time(text, out); break;
	case SEVERITY_WORD: hy_wording_severity(text, out); break;
	case TOPIC_WORD: hy_names_topic(names, text, out); break;
	case STATE_WORD: hy_wording_state(text, out); break;
	case UNIT_WORD:
		if (text.n)
			hy_names_recipient(names, text, out);
		else
			hy_buf_add_c(out, "-");
		break;
	case LADDER_WORD: hy_wording_ladder(text, out); break;
	case PERCENT:
		hy_buf_addf(out, "%lld%%",
			    (long long)json_integer_value(json_object_get(row, field->key)));
		break;
	case STEP_WORD: hy_wording_step(text, out); break;
	case NOTICE_WORD: hy_wording_notice(text, out); break;
	case KIND_WORD: hy_wording_answer(text, out); break;
	case LEVEL_WORD: hy_wording_level(text, out); break;
	case REVIEW_WORD: hy_wording_review(text, out); break;
	case COUNT:
		hy_buf_addf(out, "%lld",
			    (long long)json_integer_value(json_object_get(row, field->key)));
		break;
	}
}

static const struct field assist_fields[] = {{"", "name", PLAIN}, {"签收 ", "signed_at", TIME},
					     {"材料 ", "contributed_at", TIME}};
static const struct field review_fields[] = {{"", "at", TIME}, {"", "level", LEVEL_WORD},
					     {"", "unit", UNIT_WORD}, {"", "state", REVIEW_WORD},
					     {"请核对：", "findings", PLAIN}, {"意见 ", "note", PLAIN},
					     {"", "kind", KIND_WORD}, {"", "text", PLAIN}};
static const struct field consent_fields[] = {{"", "unit", UNIT_WORD}, {"会签 ", "at", TIME},
					      {"", "note", PLAIN}};
static const struct field promise_fields[] = {{"", "text", PLAIN}, {"应于 ", "due_at", TIME},
					      {"兑现 ", "kept_at", TIME}, {"", "url", PLAIN}};
static const struct field change_fields[] = {{"", "at", TIME}, {"", "actor", UNIT_WORD},
					     {"", "done", PLAIN}, {"", "note", PLAIN}};
static const struct field deadline_fields[] = {{"", "ladder", LADDER_WORD}, {"", "step", PERCENT},
					       {"", "due_at", TIME}, {"提醒 ", "fired_at", TIME},
					       {"停止 ", "stopped_at", TIME}};
static const struct field alert_fields[] = {{"", "detected_at", TIME}, {"", "title", PLAIN},
					    {"", "url", PLAIN}};
static const struct field notice_fields[] = {{"", "changed_at", TIME}, {"", "step", STEP_WORD},
					     {"送 ", "recipient", UNIT_WORD},
					     {"通道 ", "channel", PLAIN}, {"", "state", NOTICE_WORD}};
static const struct field answer_fields[] = {{"", "at", TIME}, {"", "actor", UNIT_WORD},
					     {"", "kind", KIND_WORD}, {"", "url", PLAIN},
					     {"", "text", PLAIN}};
static const struct {
	const char *title, *key;
	const struct field *fields;
	size_t count;
} sections[] = {
	{"协办", "assist", assist_fields, HY_COUNT(assist_fields)},
	{"时限", "deadlines", deadline_fields, HY_COUNT(deadline_fields)},
	{"稿件", "alerts", alert_fields, HY_COUNT(alert_fields)},
	{"通知", "notices", notice_fields, HY_COUNT(notice_fields)},
	{"回应", "answers", answer_fields, HY_COUNT(answer_fields)},
	{"审核", "reviews", review_fields, HY_COUNT(review_fields)},
	{"会商", "consents", consent_fields, HY_COUNT(consent_fields)},
	{"承诺", "promises", promise_fields, HY_COUNT(promise_fields)},
	{"经办", "changes", change_fields, HY_COUNT(change_fields)},
};

static void add_sections(const struct hy_names *names, const json_t *c, struct hy_buf *out)
{
	for (size_t i = 0; i < HY_COUNT(sections); i++) {
		const json_t *list = json_object_get(c, sections[i].key);

		for (size_t k = 0; k < json_array_size(list); k++) {
			hy_buf_add_c(out, sections[i].title);
			for (size_t f = 0; f < sections[i].count; f++) {
				hy_buf_addf(out, "\t%s", sections[i].fields[f].title);
				add_value(names, json_array_get(list, k), &sections[i].fields[f],
					  out);
			}
			hy_buf_add_c(out, "\n");
		}
	}
}

static void print_text(const struct hy_names *names, const json_t *c)
{
	static const struct field lines[] = {
		{"编号", "id", PLAIN},		     {"标题", "title", PLAIN},
		{"网址", "url", PLAIN},		     {"等级", "severity", SEVERITY_WORD},
		{"议题", "topic", TOPIC_WORD},	     {"状态", "state", STATE_WORD},
		{"主办", "lead_name", PLAIN},	     {"督办", "supervisor", UNIT_WORD},
		{"起算", "clock_start", TIME},	     {"发布", "published_at", TIME},
		{"发现", "detected_at", TIME},	     {"派单", "assigned_at", TIME},
		{"签收", "signed_at", TIME},	     {"回应", "answered_at", TIME},
		{"签收时限", "sign_due", TIME},	     {"回应时限", "answer_due", TIME},
		{"规则版本", "rules", PLAIN},	     {"现由", "holder", UNIT_WORD},
		{"下一提醒", "next_at", TIME},	     {"退回次数", "returns", COUNT},
		{"并入", "merged_into", PLAIN},	     {"版本", "version", COUNT}};
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(TEXT_BYTES);
	struct hy_str because = text_at(c, "because"), line;

	for (size_t i = 0; i < HY_COUNT(lines); i++) {
		hy_buf_addf(&out, "%s\t", lines[i].title);
		add_value(names, c, &lines[i], &out);
		hy_buf_add_c(&out, "\n");
	}
	while (hy_str_next(&because, '\n', &line))
		if (line.n) {
			hy_buf_add_c(&out, "理由\t");
			hy_print_plain(line, &out);
			hy_buf_add_c(&out, "\n");
		}
	add_sections(names, c, &out);
	hy_print_text(stdout, &out);
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
		print_text(filter->names, c);
	json_decref(c);
	return err ? failed(&e) : HY_EXIT_OK;
}
