/* The firing of deadlines: who is told, which card is shown, what happens to a row that fails. */
#include <stdio.h>
#include <stdlib.h>

#include "alerter/alarm.h"
#include "alerter/audit.h"
#include "alerter/case_watch.h"
#include "alerter/deadline.h"
#include "alerter/notice.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/sys/content_id.h"

#define LEADER_PERCENT 80	/* from here on the leader on duty is told, not the officer */
#define STEP_BYTES 192
#define HOLD_FIRST_MS (60LL * 1000)
#define HOLD_MAX_MS (3600LL * 1000)
#define HOLD_DOUBLINGS 6	/* then HOLD_MAX_MS is reached */
#define STUCK_KIND "deadline-stuck"

static const char due_rows[] =
	"SELECT d.case_id, d.ladder, d.step, d.due_at, c.lead, c.supervisor, c.severity, c.title,"
	" k.unit, d.card, d.failures FROM deadline d JOIN case_ c ON c.id = d.case_id"
	" LEFT JOIN clock k ON k.case_id = d.case_id AND k.ladder = d.ladder"
	" WHERE d.fired_at IS NULL AND d.stopped_at IS NULL AND d.due_at <= $1"
	" AND (d.held_until IS NULL OR d.held_until <= $1)"
	" ORDER BY d.due_at, d.case_id, d.ladder, d.step LIMIT 1";
static const char mark_fired[] =
	"UPDATE deadline SET fired_at = $1, held_until = NULL WHERE case_id = $2 AND ladder = $3"
	" AND step = $4 AND fired_at IS NULL AND stopped_at IS NULL";
static const char put_card[] =
	"INSERT INTO card (case_id, ladder, colour, unit, at, due_at)"
	" VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (case_id, ladder, colour) DO NOTHING";
static const char get_failures[] =
	"SELECT failures FROM deadline WHERE case_id = $1 AND ladder = $2 AND step = $3";
static const char hold_row[] =
	"UPDATE deadline SET held_until = $1, failures = failures + 1 WHERE case_id = $2"
	" AND ladder = $3 AND step = $4 AND fired_at IS NULL AND stopped_at IS NULL";

/* A due row, copied out so that other queries may run. */
struct due {
	char *case_id, *key, *lead, *supervisor, *title, *unit, *card;
	enum hy_ladder ladder;
	struct hy_str part;
	int64_t step, failures;
	struct hy_wall at;
	enum hy_severity severity;
};

/* Who hears of a step: who has to act, and whom it goes to when time is up. */
struct audience {
	const struct hy_unit *owner, *above;
};

static void due_fini(struct due *due)
{
	free(due->case_id);
	free(due->key);
	free(due->lead);
	free(due->supervisor);
	free(due->title);
	free(due->unit);
	free(due->card);
}

static void name_row(const struct due *due, struct hy_deadline_row *out)
{
	(void)snprintf(out->case_id, sizeof out->case_id, "%s", due->case_id);
	(void)snprintf(out->ladder, sizeof out->ladder, "%s", due->key);
	out->step = due->step;
}

static void read_due(const struct hy_query *q, struct due *out)
{
	out->case_id = hy_str_dup(hy_query_text(q, 0));
	out->key = hy_str_dup(hy_query_text(q, 1));
	out->step = hy_query_int(q, 2);
	out->at = hy_query_wall(q, 3);
	out->lead = hy_str_dup(hy_query_text(q, 4));
	out->supervisor = hy_str_dup(hy_query_text(q, 5));
	out->severity = (enum hy_severity)hy_query_int(q, 6);
	out->title = hy_str_dup(hy_query_text(q, 7));
	out->unit = hy_str_dup(hy_query_text(q, 8));
	out->card = hy_str_dup(hy_query_text(q, 9));
	out->failures = hy_query_int(q, 10);
}

static enum hy_err next_row(struct hy_turn *turn, struct due *out, bool *out_found,
			    struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, due_rows);
	enum hy_err err;

	hy_query_bind_wall(q, 1, turn->now);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	read_due(q, out);
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err mark(struct hy_turn *turn, const struct due *due, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, mark_fired);

	hy_query_bind_wall(q, 1, turn->now);
	hy_query_bind_c(q, 2, due->case_id);
	hy_query_bind_c(q, 3, due->key);
	hy_query_bind_int(q, 4, due->step);
	return hy_query_run(q, NULL, e);
}

static const char *card_title(const struct due *due)
{
	if (hy_str_eq_c(hy_str_of(due->card), "red"))
		return "，亮红牌";
	return due->card[0] ? "，亮黄牌" : "";
}

static void write_text(const struct due *due, const struct audience *to, struct hy_buf *out)
{
	char at[HY_RFC3339_BYTES];
	const char *ladder = hy_ladder_title(due->ladder);

	hy_buf_addf(out, "【%s】%s %s（%s：%.*s）：", hy_severity_title(due->severity), due->case_id,
		    due->title, due->ladder == HY_LADDER_ASSIST ? "协办" : "主办",
		    HY_STR_ARGS(to->owner->name));
	if (due->step > 100)
		hy_buf_addf(out, "%s时限 %s 已过，所用时间已达时限的 %d%%%s，转%.*s督办", ladder,
			    hy_wall_format_people(due->at, at), (int)due->step, card_title(due),
			    HY_STR_ARGS(to->above->name));
	else if (due->step == 100)
		hy_buf_addf(out, "%s时限 %s 已过%s，%s%.*s%s", ladder,
			    hy_wall_format_people(due->at, at), card_title(due),
			    due->ladder == HY_LADDER_ASSIST ? "已告知主办单位" : "转",
			    HY_STR_ARGS(to->above->name),
			    due->ladder == HY_LADDER_ASSIST ? "" : "督办");
	else
		hy_buf_addf(out, "%s时限已用 %d%%，请尽快%s", ladder, (int)due->step,
			    due->ladder == HY_LADDER_PRESS ? "落实" : ladder);
}

/*
 * Half-way the officer on duty is reminded, late the leader on duty, who is also the one who
 * reviews; at the limit it goes to the supervisor (督办), an assist's to the lead that waits for
 * it. A red card is shown to the supervisor's leader too.
 */
static enum hy_err tell(struct hy_turn *turn, const struct due *due, struct hy_str text,
			const struct audience *to, struct hy_error *e)
{
	char step[STEP_BYTES];
	struct hy_notice_draft draft = {.case_id = hy_str_of(due->case_id), .text = text,
					.severity = due->severity};
	bool to_leader = due->step >= LEADER_PERCENT || due->ladder == HY_LADDER_REVIEW;
	enum hy_err err;

	(void)snprintf(step, sizeof step, "%s-%d", due->key, (int)due->step);
	draft.step = hy_str_of(step);
	err = hy_notice_duty(turn, &draft, to->owner,
			     to_leader ? HY_DUTY_LEADER : HY_DUTY_OFFICER, e);
	if (!err && due->step >= 100 && to->above != to->owner)
		err = hy_notice_duty(turn, &draft, to->above, HY_DUTY_OFFICER, e);
	if (!err && hy_str_eq_c(hy_str_of(due->card), "red"))
		err = hy_notice_duty(turn, &draft, to->above, HY_DUTY_LEADER, e);
	return err;
}

/* A unit that left the rules since: the fallback stands in, so that somebody hears of it. */
static const struct hy_unit *unit_or_fallback(const struct hy_turn *turn, const char *id)
{
	const struct hy_unit *unit = hy_units_get(turn->rules->units, hy_str_of(id));

	return unit ? unit : turn->rules->routes->fallback;
}

static enum hy_err show_card(struct hy_turn *turn, const struct due *due,
			     const struct audience *to, struct hy_error *e)
{
	struct hy_query *q;

	if (!due->card[0])
		return HY_OK;
	q = hy_store_query(turn->store, put_card);
	hy_query_bind_c(q, 1, due->case_id);
	hy_query_bind_c(q, 2, due->key);
	hy_query_bind_c(q, 3, due->card);
	hy_query_bind_text(q, 4, to->owner->id);
	hy_query_bind_wall(q, 5, turn->now);
	hy_query_bind_wall(q, 6, due->at);
	return hy_query_run(q, NULL, e);
}

/* ---- rows that fail ---- */

static struct hy_id alarm_id(const struct hy_deadline_row *row)
{
	char step[32];
	struct hy_str parts[] = {HY_STR_LIT(STUCK_KIND), hy_str_of(row->case_id),
				 hy_str_of(row->ladder), {0}};

	(void)snprintf(step, sizeof step, "%d", (int)row->step);
	parts[3] = hy_str_of(step);
	return hy_id_of(parts, HY_COUNT(parts));
}

static enum hy_err take_alarm(struct hy_turn *turn, const struct hy_deadline_row *row,
			      enum hy_alarm_state state, const char *why, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(2 * HY_LADDER_KEY_BYTES + 1024);
	struct hy_id id = alarm_id(row);
	struct hy_msg_alarm alarm = {.alarm = hy_id_str(&id), .component = HY_STR_LIT("alerter"),
				     .kind = HY_STR_LIT(STUCK_KIND),
				     .subject = hy_str_of(row->case_id),
				     .owner = HY_STR_LIT("office"), .state = state,
				     .since = turn->now, .at = turn->now};
	bool fresh;

	if (state == HY_ALARM_RAISED)
		hy_buf_addf(&text, "事项 %s 的时限提醒（%s，%d%%）发不出去，会再试：%s", row->case_id,
			    row->ladder, (int)row->step, why);
	else
		hy_buf_addf(&text, "事项 %s 的时限提醒（%s，%d%%）已补发", row->case_id, row->ladder,
			    (int)row->step);
	if (hy_buf_err(&text))
		return hy_fail(e, HY_ERR_LIMIT, "deadline: alarm too long");
	alarm.text = hy_buf_str(&text);
	return hy_alarm_take(turn, &alarm, &fresh, e);
}

static enum hy_err read_failures(struct hy_turn *turn, const struct hy_deadline_row *row,
				 int64_t *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, get_failures);
	enum hy_err err;
	bool found;

	hy_query_bind_c(q, 1, row->case_id);
	hy_query_bind_c(q, 2, row->ladder);
	hy_query_bind_int(q, 3, row->step);
	err = hy_query_next(q, &found, e);
	if (err)
		return err;
	*out = found ? hy_query_int(q, 0) : 0;
	hy_query_reset(q);
	return HY_OK;
}

enum hy_err hy_deadlines_hold(struct hy_turn *turn, const struct hy_deadline_row *row,
			      const char *why, struct hy_error *e)
{
	struct hy_query *q;
	int64_t failures, delay_ms;
	enum hy_err err = read_failures(turn, row, &failures, e);

	if (err)
		return err;
	delay_ms = failures < HOLD_DOUBLINGS ? HOLD_FIRST_MS << failures : HOLD_MAX_MS;
	q = hy_store_query(turn->store, hold_row);
	hy_query_bind_wall(q, 1, hy_wall_add_ms(turn->now, delay_ms));
	hy_query_bind_c(q, 2, row->case_id);
	hy_query_bind_c(q, 3, row->ladder);
	hy_query_bind_int(q, 4, row->step);
	err = hy_query_run(q, NULL, e);
	return err ? err : take_alarm(turn, row, HY_ALARM_RAISED, why, e);
}

/* ---- firing ---- */

static enum hy_err write_fired(struct hy_turn *turn, const struct due *due,
			       const struct audience *to, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_NOTICE_TEXT_BYTES);
	struct hy_audit_entry entry = {.at = turn->now, .actor = HY_STR_LIT("system"),
				       .act = HY_STR_LIT("deadline.fire"),
				       .subject = hy_str_of(due->case_id)};
	enum hy_err err;

	write_text(due, to, &text);
	if (hy_buf_err(&text))
		return hy_fail(e, HY_ERR_LIMIT, "deadline: text too long");
	err = tell(turn, due, hy_buf_str(&text), to, e);
	entry.detail = hy_buf_str(&text);
	return err ? err : hy_audit_append(turn, &entry, e);
}

static enum hy_err fire_watch(struct hy_turn *turn, const struct due *due, struct hy_error *e)
{
	struct hy_deadline_row row;
	enum hy_err err = mark(turn, due, e);

	if (!err)
		err = hy_case_watch_fire(turn, hy_str_of(due->case_id), due->step, e);
	name_row(due, &row);
	if (!err && due->failures > 0)
		err = take_alarm(turn, &row, HY_ALARM_CLEARED, "", e);
	return err;
}

static enum hy_err fire(struct hy_turn *turn, struct due *due, struct hy_error *e)
{
	struct hy_deadline_row row;
	struct audience to;
	enum hy_err err;

	if (hy_str_eq_c(hy_str_of(due->key), HY_CASE_WATCH))
		return fire_watch(turn, due, e);
	if (!hy_ladder_of_key(hy_str_of(due->key), &due->ladder, &due->part))
		return hy_fail(e, HY_ERR_MALFORMED, "deadline: unknown ladder \"%s\"", due->key);
	to.owner = unit_or_fallback(turn, due->unit[0] ? due->unit : due->lead);
	to.above = unit_or_fallback(turn, due->ladder == HY_LADDER_ASSIST ? due->lead
									  : due->supervisor);
	err = mark(turn, due, e);
	if (!err)
		err = show_card(turn, due, &to, e);
	if (!err)
		err = write_fired(turn, due, &to, e);
	name_row(due, &row);
	if (!err && due->failures > 0)
		err = take_alarm(turn, &row, HY_ALARM_CLEARED, "", e);
	return err;
}

enum hy_err hy_deadlines_fire(struct hy_turn *turn, size_t limit, size_t *out_fired,
			      struct hy_deadline_row *out_stuck, struct hy_error *e)
{
	size_t fired = 0;
	bool found = true;

	*out_stuck = (struct hy_deadline_row){.step = 0};
	while (found && fired < limit) {
		hy_cleanup(due_fini) struct due due = {0};
		enum hy_err err = next_row(turn, &due, &found, e);

		if (err)
			return err;
		if (found)
			err = fire(turn, &due, e);
		/* What this row could not write must not be taken for the next row's fault. */
		if (found && !err)
			err = hy_store_settle(turn->store, e);
		if (err) {
			name_row(&due, out_stuck);
			return err;
		}
		fired += found;
	}
	*out_fired = fired;
	return HY_OK;
}
