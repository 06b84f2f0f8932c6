#include "alerter/deadline.h"

#include <stdio.h>
#include <stdlib.h>

#include "alerter/audit.h"
#include "alerter/notice.h"
#include "common/base/buf.h"
#include "common/base/mem.h"

#define LEADER_PERCENT 80	/* from here on the leader on duty is told, not the officer */

static const char put_deadline[] =
	"INSERT INTO deadline (case_id, ladder, step, preset, due_at) VALUES ($1, $2, $3, $4, $5)"
	" ON CONFLICT (case_id, ladder, step) DO UPDATE SET due_at = excluded.due_at,"
	" preset = excluded.preset"
	" WHERE deadline.fired_at IS NULL AND deadline.stopped_at IS NULL"
	" AND deadline.due_at > excluded.due_at";
static const char stop_ladder[] =
	"UPDATE deadline SET stopped_at = $1 WHERE case_id = $2 AND ladder = $3"
	" AND stopped_at IS NULL";
static const char due_rows[] =
	"SELECT d.case_id, d.ladder, d.step, d.due_at, c.lead, c.supervisor, c.severity, c.title"
	" FROM deadline d JOIN case_ c ON c.id = d.case_id"
	" WHERE d.fired_at IS NULL AND d.stopped_at IS NULL AND d.due_at <= $1"
	" ORDER BY d.due_at, d.case_id, d.ladder, d.step LIMIT 1";
static const char mark_fired[] =
	"UPDATE deadline SET fired_at = $1 WHERE case_id = $2 AND ladder = $3 AND step = $4"
	" AND fired_at IS NULL AND stopped_at IS NULL";
static const char next_due[] =
	"SELECT min(due_at) FROM deadline WHERE fired_at IS NULL AND stopped_at IS NULL";
static const char ladder_stopped[] =
	"SELECT count(*) FROM deadline WHERE case_id = $1 AND ladder = $2"
	" AND stopped_at IS NOT NULL";

/* Who hears of a step. */
struct audience {
	const struct hy_unit *lead, *supervisor;
};

/* A due row, copied out so that other queries may run. */
struct due {
	char *case_id, *lead, *supervisor, *title;
	enum hy_ladder ladder;
	int step;
	struct hy_wall at;
	enum hy_severity severity;
};

static enum hy_err add_ladder(struct hy_turn *turn, struct hy_str case_id,
			      const struct hy_preset *preset, struct hy_wall start,
			      struct hy_error *e)
{
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < preset->step_count && !err; i++) {
		struct hy_query *q = hy_store_query(turn->store, put_deadline);

		hy_query_bind_text(q, 1, case_id);
		hy_query_bind_c(q, 2, hy_ladder_id(preset->ladder));
		hy_query_bind_int(q, 3, preset->steps[i]);
		hy_query_bind_text(q, 4, preset->id);
		hy_query_bind_wall(q, 5, hy_preset_due(preset, start, preset->steps[i]));
		err = hy_query_run(q, NULL, e);
	}
	return err;
}

enum hy_err hy_deadlines_add(struct hy_turn *turn, struct hy_str case_id,
			     const struct hy_preset_use *use, struct hy_wall start,
			     struct hy_error *e)
{
	enum hy_err err = HY_OK;

	for (int i = 0; i < HY_LADDER_COUNT && !err; i++) {
		if (use->ladder[i] && hy_ladder_opens((enum hy_ladder)i))
			err = add_ladder(turn, case_id, use->ladder[i], start, e);
	}
	return err;
}

static enum hy_err is_stopped(struct hy_turn *turn, struct hy_str case_id, enum hy_ladder ladder,
			      bool *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, ladder_stopped);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, case_id);
	hy_query_bind_c(q, 2, hy_ladder_id(ladder));
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = row && hy_query_int(q, 0) > 0;
	hy_query_reset(q);
	return HY_OK;
}

enum hy_err hy_deadlines_tighten(struct hy_turn *turn, struct hy_str case_id,
				 const struct hy_preset_use *use, struct hy_wall start,
				 struct hy_error *e)
{
	enum hy_err err = HY_OK;

	for (int i = 0; i < HY_LADDER_COUNT && !err; i++) {
		bool stopped = false;

		if (!use->ladder[i] || !hy_ladder_opens((enum hy_ladder)i))
			continue;
		err = is_stopped(turn, case_id, (enum hy_ladder)i, &stopped, e);
		if (!err && !stopped)
			err = add_ladder(turn, case_id, use->ladder[i], start, e);
	}
	return err;
}

enum hy_err hy_deadlines_stop(struct hy_turn *turn, struct hy_str case_id, enum hy_ladder ladder,
			      struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, stop_ladder);

	hy_query_bind_wall(q, 1, turn->now);
	hy_query_bind_text(q, 2, case_id);
	hy_query_bind_c(q, 3, hy_ladder_id(ladder));
	return hy_query_run(q, NULL, e);
}

static bool parse_ladder(struct hy_str s, enum hy_ladder *out)
{
	for (int i = 0; i < HY_LADDER_COUNT; i++) {
		if (hy_str_eq_c(s, hy_ladder_id((enum hy_ladder)i))) {
			*out = (enum hy_ladder)i;
			return true;
		}
	}
	return false;
}

static enum hy_err read_due(const struct hy_query *q, struct due *out, struct hy_error *e)
{
	if (!parse_ladder(hy_query_text(q, 1), &out->ladder))
		return hy_fail(e, HY_ERR_MALFORMED, "deadline: unknown ladder in the store");
	out->case_id = hy_str_dup(hy_query_text(q, 0));
	out->lead = hy_str_dup(hy_query_text(q, 4));
	out->supervisor = hy_str_dup(hy_query_text(q, 5));
	out->title = hy_str_dup(hy_query_text(q, 7));
	out->step = (int)hy_query_int(q, 2);
	out->at = hy_query_wall(q, 3);
	out->severity = (enum hy_severity)hy_query_int(q, 6);
	return HY_OK;
}

static void due_fini(struct due *due)
{
	free(due->case_id);
	free(due->lead);
	free(due->supervisor);
	free(due->title);
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
	err = read_due(q, out, e);
	hy_query_reset(q);
	return err;
}

static enum hy_err mark(struct hy_turn *turn, const struct due *due, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, mark_fired);

	hy_query_bind_wall(q, 1, turn->now);
	hy_query_bind_c(q, 2, due->case_id);
	hy_query_bind_c(q, 3, hy_ladder_id(due->ladder));
	hy_query_bind_int(q, 4, due->step);
	return hy_query_run(q, NULL, e);
}

static void write_text(const struct due *due, const struct audience *to, struct hy_buf *out)
{
	char at[HY_RFC3339_BYTES];
	const char *ladder = hy_ladder_title(due->ladder);

	hy_buf_addf(out, "【%s】%s %s（主办：%.*s）：", hy_severity_title(due->severity), due->case_id,
		    due->title, HY_STR_ARGS(to->lead->name));
	if (due->step == 100)
		hy_buf_addf(out, "%s时限 %s 已过，转%.*s督办", ladder,
			    hy_wall_format_people(due->at, at), HY_STR_ARGS(to->supervisor->name));
	else
		hy_buf_addf(out, "%s时限已用 %d%%，请尽快%s", ladder, due->step,
			    due->ladder == HY_LADDER_PRESS ? "落实" : ladder);
}

/*
 * Half-way the officer on duty is reminded, late the leader on duty; at the limit it goes to
 * the supervisor (督办), and the lead's leader hears of it.
 */
static enum hy_err tell(struct hy_turn *turn, const struct due *due, struct hy_str text,
			const struct audience *to, struct hy_error *e)
{
	char step[32];
	struct hy_notice_draft draft = {.case_id = hy_str_of(due->case_id), .text = text,
					.severity = due->severity};
	enum hy_err err;

	(void)snprintf(step, sizeof step, "%s-%d", hy_ladder_id(due->ladder), due->step);
	draft.step = hy_str_of(step);
	err = hy_notice_duty(turn, &draft, to->lead,
			     due->step >= LEADER_PERCENT ? HY_DUTY_LEADER : HY_DUTY_OFFICER, e);
	if (!err && due->step == 100 && to->supervisor != to->lead)
		err = hy_notice_duty(turn, &draft, to->supervisor, HY_DUTY_OFFICER, e);
	return err;
}

/* A unit that left the rules since: the fallback stands in, so that somebody hears of it. */
static const struct hy_unit *unit_or_fallback(const struct hy_turn *turn, const char *id)
{
	const struct hy_unit *unit = hy_units_get(turn->rules->units, hy_str_of(id));

	return unit ? unit : turn->rules->routes->fallback;
}

static enum hy_err fire(struct hy_turn *turn, const struct due *due, struct hy_error *e)
{
	struct audience to = {unit_or_fallback(turn, due->lead),
			      unit_or_fallback(turn, due->supervisor)};
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_NOTICE_TEXT_BYTES);
	struct hy_audit_entry entry = {.at = turn->now, .actor = HY_STR_LIT("system"),
				       .act = HY_STR_LIT("deadline.fire"),
				       .subject = hy_str_of(due->case_id)};
	enum hy_err err = mark(turn, due, e);

	write_text(due, &to, &text);
	if (hy_buf_err(&text))
		return hy_fail(e, HY_ERR_LIMIT, "deadline: text too long");
	if (!err)
		err = tell(turn, due, hy_buf_str(&text), &to, e);
	entry.detail = hy_buf_str(&text);
	return err ? err : hy_audit_append(turn->store, &entry, e);
}

enum hy_err hy_deadlines_fire(struct hy_turn *turn, size_t limit, size_t *out_fired,
			      struct hy_error *e)
{
	size_t fired = 0;
	bool found = true;

	while (found && fired < limit) {
		hy_cleanup(due_fini) struct due due = {0};
		enum hy_err err = next_row(turn, &due, &found, e);

		if (!err && found)
			err = fire(turn, &due, e);
		if (err)
			return err;
		fired += found;
	}
	*out_fired = fired;
	return HY_OK;
}

enum hy_err hy_deadlines_next(struct hy_store *store, struct hy_wall *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, next_due);
	enum hy_err err;
	bool row;

	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = row ? hy_query_wall(q, 0) : HY_WALL_NONE;
	hy_query_reset(q);
	return HY_OK;
}
