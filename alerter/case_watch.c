#include "alerter/case_watch.h"

#include <stdio.h>

#include "alerter/audit.h"
#include "alerter/case_facts.h"
#include "alerter/notice.h"
#include "common/base/mem.h"

#define DAY_MS (24LL * 3600 * 1000)
#define STEP_BYTES 64

static const char last_row[] =
	"SELECT COALESCE(max(d.step), 0), (SELECT max(o.due_at) FROM deadline o"
	" WHERE o.case_id = $1 AND o.fired_at IS NULL AND o.stopped_at IS NULL)"
	" FROM deadline d WHERE d.case_id = $1 AND d.ladder = 'watch'";
static const char put_row[] =
	"INSERT INTO deadline (case_id, ladder, step, preset, due_at)"
	" VALUES ($1, 'watch', $2, 'watch', $3)";
static const char get_case[] =
	"SELECT c.title, c.state, c.severity, c.lead, c.supervisor, (SELECT s.unit FROM span s"
	" WHERE s.case_id = c.id AND s.to_at IS NULL ORDER BY s.number DESC LIMIT 1)"
	" FROM case_ c WHERE c.id = $1";

static enum hy_err put(struct hy_turn *turn, struct hy_str case_id, int64_t step,
		       struct hy_wall due, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, put_row);

	hy_query_bind_text(q, 1, case_id);
	hy_query_bind_int(q, 2, step);
	hy_query_bind_wall(q, 3, due);
	return hy_query_later(q, e);
}

enum hy_err hy_case_watch_open(struct hy_turn *turn, struct hy_str case_id, struct hy_wall last,
			       struct hy_error *e)
{
	return put(turn, case_id, 1, hy_wall_add_ms(last, DAY_MS), e);
}

enum hy_err hy_case_watch_start(struct hy_turn *turn, struct hy_str case_id, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, last_row);
	struct hy_wall last = turn->now;
	int64_t step = 0;
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, case_id);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	if (row) {
		struct hy_wall due = hy_query_wall(q, 1);

		step = hy_query_int(q, 0);
		if (hy_wall_known(due) && due.ms > last.ms)
			last = due;
		hy_query_reset(q);
	}
	return put(turn, case_id, step + 1, hy_wall_add_ms(last, DAY_MS), e);
}

/* What the reminder is about and who hears it. */
struct watched {
	const struct hy_unit *holder, *above;
	enum hy_severity severity;
	struct hy_buf text;
};

static void watched_fini(struct watched *w)
{
	hy_buf_fini(&w->text);
}

static const struct hy_unit *unit_at(const struct hy_turn *turn, const struct hy_query *q,
				     int column)
{
	const struct hy_unit *unit = hy_units_get(turn->rules->units, hy_query_text(q, column));

	return unit ? unit : turn->rules->routes->fallback;
}

static enum hy_err read_watched(struct hy_turn *turn, struct hy_str case_id, struct watched *w,
				struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, get_case);
	enum hy_case_state state;
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, case_id);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err ? err : hy_fail(e, HY_ERR_MALFORMED, "watch: no case");
	w->severity = (enum hy_severity)hy_query_int(q, 2);
	w->holder = unit_at(turn, q, hy_query_text(q, 5).n ? 5 : 3);
	w->above = unit_at(turn, q, 4);
	hy_buf_addf(&w->text, "【%s】%.*s %.*s：各项时限均已过，事项仍未办结（%s，由%.*s办理），请尽快办理",
		    hy_severity_title(w->severity), HY_STR_ARGS(case_id),
		    HY_STR_ARGS(hy_query_text(q, 0)),
		    hy_case_state_parse(hy_query_text(q, 1), &state) ? hy_case_state_title(state)
								     : "办理中",
		    HY_STR_ARGS(w->holder->name));
	hy_query_reset(q);
	return hy_buf_err(&w->text) ? hy_fail(e, HY_ERR_LIMIT, "watch: text too long") : HY_OK;
}

enum hy_err hy_case_watch_fire(struct hy_turn *turn, struct hy_str case_id, int64_t step,
			       struct hy_error *e)
{
	hy_cleanup(watched_fini) struct watched w = {.text = HY_BUF(HY_NOTICE_TEXT_BYTES)};
	char name[STEP_BYTES];
	struct hy_notice_draft draft = {.case_id = case_id};
	struct hy_audit_entry entry = {.at = turn->now, .actor = HY_STR_LIT(HY_CASE_SYSTEM),
				       .act = HY_STR_LIT("deadline.fire"), .subject = case_id};
	enum hy_err err = read_watched(turn, case_id, &w, e);

	if (err)
		return err;
	(void)snprintf(name, sizeof name, HY_CASE_WATCH "-%lld", (long long)step);
	draft.step = hy_str_of(name);
	draft.text = hy_buf_str(&w.text);
	draft.severity = w.severity;
	err = hy_notice_duty(turn, &draft, w.holder, HY_DUTY_LEADER, e);
	if (!err && w.above != w.holder)
		err = hy_notice_duty(turn, &draft, w.above, HY_DUTY_OFFICER, e);
	entry.detail = draft.text;
	if (!err)
		err = hy_audit_append(turn, &entry, e);
	return err ? err : put(turn, case_id, step + 1, hy_wall_add_ms(turn->now, DAY_MS), e);
}
