#include "cli/drill_result.h"

#include <inttypes.h>

#include "cli/text_table.h"
#include "common/base/mem.h"

#define LATE_SHOWN 20
#define POSTS_SHOWN 15
#define CELL_BYTES 512

/* Columns of the queries become keys of the objects, in order. */
struct question {
	const char *key, *sql;
	const char *columns[8];
};

#define LATE(ladder) \
	"(SELECT count(*) FROM deadline d WHERE d.case_id = c.id AND d.ladder = '" ladder "'" \
	" AND d.step = 100 AND d.fired_at IS NOT NULL)"

static const struct question questions[] = {
	{"units",
	 "SELECT u.id, u.name, count(*), sum(" LATE("sign") "), sum(" LATE("answer") "),"
	 " sum(CASE WHEN c.answered_at IS NULL THEN 1 ELSE 0 END),"
	 " avg((c.signed_at - c.assigned_at) / 60000), avg((c.answered_at - c.clock_start) / 60000)"
	 " FROM case_ c JOIN unit u ON u.id = c.lead GROUP BY u.id, u.name"
	 " ORDER BY count(*) DESC, u.id",
	 {"unit", "name", "cases", "signed_late", "answered_late", "unanswered", "sign_minutes",
	  "answer_minutes"}},
	/* Hours of China time; a night is 22 to 6. */
	{"posts",
	 "SELECT recipient, count(*),"
	 " sum(CASE WHEN (created_at / 3600000 + 8) % 24 NOT BETWEEN 6 AND 21 THEN 1 ELSE 0 END)"
	 " FROM notice GROUP BY recipient ORDER BY count(*) DESC, recipient",
	 {"recipient", "notices", "at_night"}},
	{"alarms",
	 "SELECT kind, subject, text FROM alarm ORDER BY raised_at, kind, subject",
	 {"kind", "subject", "text"}},
};

static json_t *value_of(const struct hy_query *q, int column, bool is_text)
{
	struct hy_str text = hy_query_text(q, column);

	return is_text ? json_stringn(text.p ? text.p : "", text.n)
		       : json_integer(hy_query_int(q, column));
}

/* The first columns of each question are words, the rest numbers. */
static size_t words_of(const struct question *question)
{
	return question == &questions[0] ? 2 : question == &questions[1] ? 1 : 3;
}

static enum hy_err ask(struct hy_drill *drill, const struct question *question, json_t *into,
		       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(hy_drill_store(drill), question->sql);
	json_t *list = json_array();
	enum hy_err err;
	bool row;

	while (!(err = hy_query_next(q, &row, e)) && row) {
		json_t *item = json_object();

		for (int i = 0; i < (int)HY_COUNT(question->columns) && question->columns[i]; i++)
			json_object_set_new(item, question->columns[i],
					    value_of(q, i, (size_t)i < words_of(question)));
		json_array_append_new(list, item);
	}
	hy_query_reset(q);
	json_object_set_new(into, question->key, list);
	return err;
}

static json_t *json_of(struct hy_str s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

static json_t *outcome_json(const struct hy_drill_outcome *o)
{
	char at[HY_RFC3339_BYTES];

	return json_pack("{s:s, s:s, s:o, s:o, s:o, s:b, s:b}", "case", o->case_id.text, "at",
			 hy_wall_format(o->at, at), "title", json_of(o->title), "lead",
			 json_of(o->lead->id), "lead_name", json_of(o->lead->name), "signed_late",
			 o->signed_late, "answered_late", o->answered_late);
}

enum hy_err hy_drill_result(struct hy_drill *drill, json_t **out, struct hy_error *e)
{
	json_t *result = json_object(), *late = json_array();
	size_t joined = 0;
	enum hy_err err = HY_OK;

	json_object_set_new(result, "drill", json_true());
	for (size_t i = 0; i < hy_drill_concerns(drill) && !err; i++) {
		struct hy_drill_outcome o;

		err = hy_drill_outcome(drill, i, &o, e);
		if (err)
			break;
		joined += o.joined;
		if (!o.joined && (o.signed_late || o.answered_late))
			json_array_append_new(late, outcome_json(&o));
	}
	json_object_set_new(result, "concerns",
			    json_integer((json_int_t)hy_drill_concerns(drill)));
	json_object_set_new(result, "joined", json_integer((json_int_t)joined));
	json_object_set_new(result, "refused",
			    json_integer((json_int_t)hy_drill_refused(drill)));
	json_object_set_new(result, "late", late);
	for (size_t i = 0; i < HY_COUNT(questions) && !err; i++)
		err = ask(drill, &questions[i], result, e);
	if (err) {
		json_decref(result);
		return err;
	}
	*out = result;
	return HY_OK;
}

enum hy_err hy_drill_compare(struct hy_drill *now, struct hy_drill *then, json_t **out,
			     struct hy_error *e)
{
	json_t *list = json_array();
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < hy_drill_concerns(now) && i < hy_drill_concerns(then); i++) {
		struct hy_drill_outcome a, b;

		err = hy_drill_outcome(now, i, &a, e);
		if (!err)
			err = hy_drill_outcome(then, i, &b, e);
		if (err)
			break;
		if (a.joined || (hy_str_eq(a.lead->id, b.lead->id) &&
				 a.signed_late == b.signed_late &&
				 a.answered_late == b.answered_late))
			continue;
		json_array_append_new(list, json_pack("{s:o, s:o}", "now", outcome_json(&a), "then",
						      outcome_json(&b)));
	}
	if (err) {
		json_decref(list);
		return err;
	}
	*out = list;
	return HY_OK;
}

/* ---- for people --------------------------------------------------------------------------- */

static struct hy_str text_of(const json_t *item, const char *key)
{
	return hy_str_of(json_string_value(json_object_get(item, key)));
}

static int64_t number_of(const json_t *item, const char *key)
{
	return json_integer_value(json_object_get(item, key));
}

static void add_number(struct hy_text_table *table, int64_t n)
{
	char cell[CELL_BYTES];

	(void)snprintf(cell, sizeof cell, "%" PRId64, n);
	hy_text_table_add(table, hy_str_of(cell));
}

static void add_minutes(struct hy_text_table *table, int64_t minutes)
{
	char cell[CELL_BYTES];

	if (minutes < 120)
		(void)snprintf(cell, sizeof cell, "%" PRId64 " 分钟", minutes);
	else
		(void)snprintf(cell, sizeof cell, "%.1f 小时", (double)minutes / 60);
	hy_text_table_add(table, hy_str_of(cell));
}

static void write_units(const json_t *result, struct hy_buf *out)
{
	static const char *const titles[] = {"单位",	 "主办",   "签收超时", "回应超时",
					     "期末未答", "平均签收", "平均回应"};
	struct hy_text_table table;
	const json_t *item;
	size_t i;

	hy_text_table_init(&table, titles, HY_COUNT(titles));
	json_array_foreach(json_object_get(result, "units"), i, item) {
		hy_text_table_add(&table, text_of(item, "name"));
		add_number(&table, number_of(item, "cases"));
		add_number(&table, number_of(item, "signed_late"));
		add_number(&table, number_of(item, "answered_late"));
		add_number(&table, number_of(item, "unanswered"));
		add_minutes(&table, number_of(item, "sign_minutes"));
		add_minutes(&table, number_of(item, "answer_minutes"));
	}
	hy_text_table_write(&table, out);
	hy_text_table_fini(&table);
}

static void write_posts(const json_t *result, struct hy_buf *out)
{
	static const char *const titles[] = {"岗位", "通知", "其中夜间（22 时至 6 时）"};
	struct hy_text_table table;
	const json_t *item;
	size_t i;

	hy_buf_add_c(out, "\n收到通知最多的岗位\n");
	hy_text_table_init(&table, titles, HY_COUNT(titles));
	json_array_foreach(json_object_get(result, "posts"), i, item) {
		if (i == POSTS_SHOWN)
			break;
		hy_text_table_add(&table, text_of(item, "recipient"));
		add_number(&table, number_of(item, "notices"));
		add_number(&table, number_of(item, "at_night"));
	}
	hy_text_table_write(&table, out);
	hy_text_table_fini(&table);
}

static const char *lateness(const json_t *item)
{
	bool sign = json_is_true(json_object_get(item, "signed_late"));
	bool answer = json_is_true(json_object_get(item, "answered_late"));

	if (sign && answer)
		return "签收、回应都超时";
	return sign ? "签收超时" : answer ? "回应超时" : "按期";
}

static void write_late(const json_t *result, struct hy_buf *out)
{
	const json_t *list = json_object_get(result, "late"), *item;
	size_t i;

	hy_buf_addf(out, "\n超时的案件 %zu 件%s\n", json_array_size(list),
		    json_array_size(list) > LATE_SHOWN ? "，最早的如下（全部见 -o json）" : "");
	json_array_foreach(list, i, item) {
		if (i == LATE_SHOWN)
			break;
		hy_buf_addf(out, "  %.16s %s %s：主办 %s，%s\n", text_of(item, "at").p,
			    text_of(item, "case").p, text_of(item, "title").p,
			    text_of(item, "lead_name").p, lateness(item));
	}
}

static void write_alarms(const json_t *result, struct hy_buf *out)
{
	const json_t *list = json_object_get(result, "alarms"), *item;
	size_t i;

	if (json_array_size(list))
		hy_buf_addf(out, "\n期间的告警 %zu 条\n", json_array_size(list));
	json_array_foreach(list, i, item)
		hy_buf_addf(out, "  %s\n", text_of(item, "text").p);
}

void hy_drill_result_write(const json_t *result, struct hy_buf *out)
{
	int64_t concerns = number_of(result, "concerns"), joined = number_of(result, "joined");

	hy_buf_addf(out, "%" PRId64 " 件报道和来信，成案 %" PRId64 " 件（其余 %" PRId64
		    " 件是转载，并入已有的案件）",
		    concerns, concerns - joined, joined);
	if (number_of(result, "refused"))
		hy_buf_addf(out, "；%" PRId64 " 个操作未被接受", number_of(result, "refused"));
	hy_buf_add_c(out, "\n\n");
	write_units(result, out);
	write_late(result, out);
	write_posts(result, out);
	write_alarms(result, out);
}

void hy_drill_compare_write(const json_t *differences, struct hy_buf *out)
{
	const json_t *item;
	size_t i;

	hy_buf_addf(out, "\n换成对照规则后结果不同的案件 %zu 件\n", json_array_size(differences));
	json_array_foreach(differences, i, item) {
		const json_t *now = json_object_get(item, "now"), *then = json_object_get(item, "then");

		hy_buf_addf(out, "  %.16s %s：主办 %s，%s → 主办 %s，%s\n", text_of(now, "at").p,
			    text_of(now, "title").p, text_of(now, "lead_name").p, lateness(now),
			    text_of(then, "lead_name").p, lateness(then));
	}
}
