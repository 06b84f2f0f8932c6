#include "cli/case_explain.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/deadline.h"
#include "cli/clock_print.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "cli/wording.h"
#include "common/base/buf.h"
#include "common/base/mem.h"

#define WORD_BYTES 512
#define MINUTE_MS 60000
#define VERSION_SHOWN 12	/* digits: enough to tell versions apart */

/* A column of a query: t text, n number, w moment. */
struct column {
	const char *name;
	char kind;
};

#define COLUMNS_MAX 12
static const struct section {
	const char *name, *sql;
	struct column columns[COLUMNS_MAX];
} sections[] = {
	{"case",
	 "SELECT id, title, state, lead_name, clock_start, published_at, detected_at, assigned_at,"
	 " route, rules, (SELECT max(r.number) FROM v_rules r WHERE r.version = c.rules"
	 " AND r.at <= c.assigned_at) FROM v_case c WHERE id = $1",
	 {{"id", 't'}, {"title", 't'}, {"state", 't'}, {"lead_name", 't'}, {"clock_start", 'w'},
	  {"published_at", 'w'}, {"detected_at", 'w'}, {"assigned_at", 'w'}, {"route", 't'},
	  {"rules", 't'}, {"rules_number", 'n'}}},
	{"spans",
	 "SELECT unit, unit_name, state, from_at, to_at FROM v_span WHERE case_id = $1"
	 " ORDER BY number",
	 {{"unit", 't'}, {"unit_name", 't'}, {"state", 't'}, {"from", 'w'}, {"to", 'w'}}},
	{"clocks",
	 "SELECT ladder, unit, preset, title, basis, measure, start_at, due_at, open_calendar"
	 " FROM v_clock WHERE case_id = $1 ORDER BY due_at, ladder",
	 {{"ladder", 't'}, {"unit", 't'}, {"preset", 't'}, {"title", 't'}, {"basis", 't'},
	  {"measure", 't'}, {"start", 'w'}, {"due", 'w'}, {"open_calendar", 'n'}}},
	{"steps",
	 "SELECT ladder, step, due_at, fired_at, stopped_at FROM v_deadline WHERE case_id = $1"
	 " ORDER BY ladder, step",
	 {{"ladder", 't'}, {"percent", 'n'}, {"at", 'w'}, {"fired_at", 'w'}, {"stopped_at", 'w'}}},
	{"extensions",
	 "SELECT ladder, at, due_before, due_after, actor, approver, reason FROM v_extension"
	 " WHERE case_id = $1 ORDER BY due_after",
	 {{"ladder", 't'}, {"at", 'w'}, {"due_before", 'w'}, {"due_after", 'w'}, {"actor", 't'},
	  {"approver", 't'}, {"reason", 't'}}},
	{"cards",
	 "SELECT ladder, colour, unit, unit_name, at FROM v_card WHERE case_id = $1 ORDER BY at",
	 {{"ladder", 't'}, {"colour", 't'}, {"unit", 't'}, {"unit_name", 't'}, {"at", 'w'}}},
};

/* ---- reading ---- */

static json_t *value_of(const struct hy_query *q, int i, char kind)
{
	char at[HY_RFC3339_BYTES];
	struct hy_str text;

	if (kind == 'n')
		return json_integer(hy_query_int(q, i));
	if (kind == 'w')
		return hy_query_is_null(q, i) ? json_null()
					      : json_string(hy_wall_format(hy_query_wall(q, i), at));
	text = hy_query_text(q, i);
	return json_stringn(text.p ? text.p : "", text.n);
}

static enum hy_err read_section(struct hy_store *store, const struct section *section,
				const char *case_id, json_t *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, section->sql);
	bool row = true;

	hy_query_bind_c(q, 1, case_id);
	while (row) {
		enum hy_err err = hy_query_next(q, &row, e);
		json_t *entry;

		if (err)
			return err;
		if (!row)
			break;
		entry = json_object();
		for (int i = 0; i < COLUMNS_MAX && section->columns[i].name; i++)
			json_object_set_new(entry, section->columns[i].name,
					    value_of(q, i, section->columns[i].kind));
		json_array_append_new(out, entry);
	}
	return HY_OK;
}

static const char *text_at(const json_t *entry, const char *key)
{
	const char *text = json_string_value(json_object_get(entry, key));

	return text ? text : "";
}

static struct hy_wall moment_at(const json_t *entry, const char *key)
{
	struct hy_wall at;

	return hy_wall_parse(hy_str_of(text_at(entry, key)), &at) ? at : HY_WALL_NONE;
}

/* The measure that was counted in, over the calendar of the rules as they are now. */
static bool counted_in(const json_t *clock, const struct hy_rule_set *rules,
		       struct hy_preset *out)
{
	for (int i = 0; rules && i < HY_MEASURE_COUNT; i++) {
		if (strcmp(text_at(clock, "measure"), hy_measure_id((enum hy_measure)i)) == 0) {
			*out = (struct hy_preset){.measure = (enum hy_measure)i,
						  .set = rules->presets};
			return true;
		}
	}
	return false;
}

static void add_skipped(json_t *all, const struct hy_rule_set *rules)
{
	json_t *clock;
	size_t i;

	json_array_foreach(json_object_get(all, "clocks"), i, clock) {
		struct hy_preset preset;

		if (counted_in(clock, rules, &preset))
			json_object_set_new(clock, "skipped",
					    hy_cli_json_skipped(&preset, moment_at(clock, "start"),
								moment_at(clock, "due")));
	}
}

/* ---- for people ---- */

static void print_length(struct hy_wall from, struct hy_wall to)
{
	int64_t minutes = (to.ms - from.ms) / MINUTE_MS;

	if (minutes >= 60)
		(void)printf("%" PRId64 "小时", minutes / 60);
	(void)printf("%" PRId64 "分", minutes % 60);
}

static const char *worded(void (*word)(struct hy_str id, struct hy_buf *out), const char *id,
			  struct hy_buf *buf)
{
	hy_buf_clear(buf);
	word(hy_str_of(id), buf);
	hy_buf_add_char(buf, '\0');
	return hy_buf_err(buf) ? id : buf->p;
}

static void print_spans(const json_t *all, struct hy_wall now)
{
	hy_cleanup(hy_buf_fini) struct hy_buf buf = HY_BUF(WORD_BYTES);
	const json_t *span;
	size_t i;

	(void)printf("经过（时限不因签收、退回而停止，用去的时间记在当时持有的单位名下）\n");
	json_array_foreach(json_object_get(all, "spans"), i, span) {
		struct hy_wall from = moment_at(span, "from"), to = moment_at(span, "to");
		bool held = text_at(span, "unit")[0] != '\0';
		const char *name = text_at(span, "unit_name");

		(void)printf("  %s 至 %s  %s  %s  ", text_at(span, "from"),
			     hy_wall_known(to) ? text_at(span, "to") : "现在",
			     held ? (name[0] ? name : text_at(span, "unit")) : "系统",
			     held ? worded(hy_wording_state, text_at(span, "state"), &buf)
				  : "发现至派单");
		print_length(from, hy_wall_known(to) ? to : now);
		(void)printf("\n");
	}
}

/* What each unit used up, in the order in which they first held the case. */
static void print_charged(const json_t *all, struct hy_wall now)
{
	const json_t *spans = json_object_get(all, "spans"), *span, *other;
	size_t i, k;

	json_array_foreach(spans, i, span) {
		const char *unit = text_at(span, "unit"), *name = text_at(span, "unit_name");
		struct hy_wall sum = {0};
		bool told = !unit[0];

		json_array_foreach(spans, k, other) {
			struct hy_wall to = moment_at(other, "to");

			if (strcmp(unit, text_at(other, "unit")) != 0)
				continue;
			told |= k < i;
			sum.ms += (hy_wall_known(to) ? to : now).ms - moment_at(other, "from").ms;
		}
		if (told)
			continue;
		(void)printf("  合计 %s ", name[0] ? name : unit);
		print_length((struct hy_wall){0}, sum);
		(void)printf("\n");
	}
}

static void print_steps(const json_t *all, const char *ladder)
{
	const json_t *step;
	size_t i;

	json_array_foreach(json_object_get(all, "steps"), i, step) {
		int percent = (int)json_integer_value(json_object_get(step, "percent"));
		const char *fired = text_at(step, "fired_at"), *stopped = text_at(step, "stopped_at");

		if (strcmp(text_at(step, "ladder"), ladder) != 0)
			continue;
		(void)printf("    %s %d%% %s", percent < 100 ? "提醒" : percent == 100 ? "到期" : "超期",
			     percent, text_at(step, "at"));
		if (fired[0])
			(void)printf("，已于 %s 发出", fired);
		else if (stopped[0])
			(void)printf("，%s 停止计时，不再发出", stopped);
		(void)printf("\n");
	}
}

static void print_extensions(const json_t *all, const char *ladder)
{
	const json_t *x;
	size_t i;

	json_array_foreach(json_object_get(all, "extensions"), i, x) {
		if (strcmp(text_at(x, "ladder"), ladder) == 0)
			(void)printf("    延期 %s：由 %s 到 %s；申请 %s，批准 %s；理由 %s\n", text_at(x, "at"),
				     text_at(x, "due_before"), text_at(x, "due_after"),
				     text_at(x, "actor"), text_at(x, "approver"),
				     text_at(x, "reason"));
	}
}

static void print_cards(const json_t *all, const char *ladder)
{
	const json_t *card;
	size_t i;

	json_array_foreach(json_object_get(all, "cards"), i, card) {
		if (strcmp(text_at(card, "ladder"), ladder) == 0)
			(void)printf("    %s %s：%s\n",
				     strcmp(text_at(card, "colour"), "red") == 0 ? "红牌" : "黄牌",
				     text_at(card, "at"), text_at(card, "unit_name"));
	}
}

static void print_clock(const json_t *all, const json_t *clock, const struct hy_rule_set *rules)
{
	hy_cleanup(hy_buf_fini) struct hy_buf buf = HY_BUF(WORD_BYTES);
	const char *ladder = text_at(clock, "ladder"), *basis = text_at(clock, "basis");
	struct hy_preset preset;

	(void)printf("时限 %s：%s（%s）\n", worded(hy_wording_ladder, ladder, &buf),
		     text_at(clock, "title"), text_at(clock, "preset"));
	(void)printf("    依据 %s\n", basis[0] ? basis : "（未记）");
	(void)printf("    起点 %s\n", text_at(clock, "start"));
	if (counted_in(clock, rules, &preset)) {
		(void)printf("    计算 %s%s\n", hy_measure_title(preset.measure),
			     preset.measure == HY_MEASURE_NATURAL ? "，没有扣除的时段" : "");
		hy_cli_print_skipped(&preset, moment_at(clock, "start"), moment_at(clock, "due"),
				     "    ");
	} else {
		(void)printf("    计算 %s\n", text_at(clock, "measure"));
	}
	if (json_integer_value(json_object_get(clock, "open_calendar")) != 0)
		(void)printf("    注意 日历未定：有的年份还没有放假安排，该年按星期推算，公布后会重算\n");
	print_extensions(all, ladder);
	print_steps(all, ladder);
	print_cards(all, ladder);
}

/* Which rules sent it there. Of those before versions were kept only the name is known. */
static void print_rules(const json_t *found)
{
	json_int_t number = json_integer_value(json_object_get(found, "rules_number"));

	(void)printf("派单依据 %s，规则版本 %.*s", text_at(found, "route"), VERSION_SHOWN,
		     text_at(found, "rules"));
	if (number)
		(void)printf("，第 %lld 版（huiying routes history %lld）\n", (long long)number,
			     (long long)number);
	else
		(void)printf("（没有存档）\n");
}

static void print_text(const json_t *all, const struct hy_rule_set *rules, struct hy_wall now)
{
	const json_t *found = json_array_get(json_object_get(all, "case"), 0), *clock;
	hy_cleanup(hy_buf_fini) struct hy_buf buf = HY_BUF(WORD_BYTES);
	const char *published = text_at(found, "published_at");
	size_t i;

	(void)printf("事项 %s %s\n", text_at(found, "id"), text_at(found, "title"));
	(void)printf("状态 %s，主办 %s\n", worded(hy_wording_state, text_at(found, "state"), &buf),
		     text_at(found, "lead_name"));
	(void)printf("起点 %s（发布 %s，发现 %s，派单 %s）\n", text_at(found, "clock_start"),
		     published[0] ? published : "未知", text_at(found, "detected_at"),
		     text_at(found, "assigned_at"));
	print_rules(found);
	print_spans(all, now);
	print_charged(all, now);
	json_array_foreach(json_object_get(all, "clocks"), i, clock)
		print_clock(all, clock, rules);
}

static void print_json(json_t *all)
{
	char *text;

	json_object_set(all, "case", json_array_get(json_object_get(all, "case"), 0));
	text = json_dumps(all, JSON_COMPACT);
	(void)printf("%s\n", text ? text : "{}");
	free(text);
}

int hy_cli_case_explain(struct hy_store *store, const struct hy_rule_set *rules,
			const char *case_id, bool json)
{
	json_t *all = json_object();
	struct hy_error e = {0};
	enum hy_err err = HY_OK;
	int code = HY_EXIT_OK;

	for (size_t i = 0; i < HY_COUNT(sections) && !err; i++) {
		json_t *list = json_array();

		json_object_set_new(all, sections[i].name, list);
		err = read_section(store, &sections[i], case_id, list, &e);
	}
	if (err) {
		(void)fprintf(stderr, "读不出事项 %s：%s\n", case_id, e.text);
		code = HY_EXIT_FAILURE;
	} else if (json_array_size(json_object_get(all, "case")) == 0) {
		(void)fprintf(stderr, "没有事项 %s\n", case_id);
		code = HY_EXIT_FAILURE;
	} else {
		add_skipped(all, rules);
		if (json)
			print_json(all);
		else
			print_text(all, rules, hy_wall_now());
	}
	json_decref(all);
	return code;
}
