/* Ends other than an answer, the ways back from them, and more time. */
#include <stdio.h>
#include <stdlib.h>

#include "alerter/case_act.h"
#include "alerter/deadline.h"
#include "alerter/extension.h"
#include "common/base/mem.h"

#define KEY_BYTES 160

static const char next_dismissal[] =
	"SELECT COALESCE(max(number), 0) + 1 FROM dismissal WHERE case_id = $1";
static const char put_dismissal[] =
	"INSERT INTO dismissal (case_id, number, at, actor, reason) VALUES ($1, $2, $3, $4, $5)";
static const char end_dismissal[] =
	"UPDATE dismissal SET ended_at = $1, ended_by = $2 WHERE case_id = $3 AND number = $4";
static const char get_other[] = "SELECT state, lead FROM case_ WHERE id = $1";
static const char next_merger[] =
	"SELECT COALESCE(max(number), 0) + 1 FROM merger WHERE case_id = $1";
static const char put_merger[] =
	"INSERT INTO merger (case_id, number, at, actor, into_case, state_before, note, undone_note)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, '')";
static const char get_merger[] =
	"SELECT m.number, m.state_before, c.lead FROM merger m JOIN case_ c ON c.id = m.into_case"
	" WHERE m.case_id = $1 AND m.undone_at IS NULL ORDER BY m.number DESC LIMIT 1";
static const char undo_merger[] =
	"UPDATE merger SET undone_at = $1, undone_by = $2, undone_note = $3"
	" WHERE case_id = $4 AND number = $5";
/* Whoever worked on the one assists the other, save its lead. */
static const char bring_assists[] =
	"INSERT INTO assist (case_id, unit, via) SELECT $1, x.unit, $2 FROM (SELECT lead AS unit"
	" FROM case_ WHERE id = $2 UNION SELECT unit FROM assist WHERE case_id = $2"
	" AND ended_at IS NULL) x WHERE x.unit <> (SELECT lead FROM case_ WHERE id = $1)"
	" ON CONFLICT (case_id, unit) DO UPDATE SET ended_at = NULL, via = excluded.via"
	" WHERE assist.ended_at IS NOT NULL";
static const char take_assists_back[] =
	"UPDATE assist SET ended_at = $1 WHERE case_id = $2 AND via = $3 AND ended_at IS NULL";
static const char running_ladder[] =
	"SELECT ladder FROM deadline WHERE case_id = $1 AND step = 100 AND stopped_at IS NULL"
	" AND (ladder = $2 OR ladder LIKE $3) ORDER BY due_at DESC, ladder LIMIT 1";

/* ---- dismissal ---- */

enum hy_err hy_case_act_propose(struct hy_case_act *act, enum hy_err *out_code,
				struct hy_error *e)
{
	struct hy_query *q;
	int64_t number = 0;
	enum hy_err err;

	if (!hy_case_act_has_note(act, "核销理由", out_code))
		return HY_OK;
	err = hy_case_act_number(act, next_dismissal, &number, e);
	if (err)
		return err;
	q = hy_store_query(act->turn->store, put_dismissal);
	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, number);
	hy_query_bind_wall(q, 3, act->turn->now);
	hy_query_bind_text(q, 4, act->actor.text);
	hy_query_bind_text(q, 5, act->said->note);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_case_act_dismiss(struct hy_case_act *act, enum hy_err *out_code,
				struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, end_dismissal);

	(void)out_code;
	hy_query_bind_wall(q, 1, act->turn->now);
	hy_query_bind_text(q, 2, act->actor.text);
	hy_query_bind_c(q, 3, act->facts.id);
	hy_query_bind_int(q, 4, act->facts.proposal);
	return hy_query_run(q, NULL, e);
}

/* ---- merging ---- */

/* The other case's lead, where that case is open; else the reply says why not. */
static enum hy_err find_other(struct hy_case_act *act, enum hy_err *out_code,
			      struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, get_other);
	enum hy_case_state state;
	enum hy_err err;
	bool row;

	if (hy_str_eq_c(act->said->target, act->facts.id)) {
		hy_buf_add_c(act->reply, "事项不能并入自己");
		*out_code = HY_ERR_MALFORMED;
		return HY_OK;
	}
	hy_query_bind_text(q, 1, act->said->target);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	if (!row) {
		hy_buf_addf(act->reply, "没有事项 %.*s，不能并入", HY_STR_ARGS(act->said->target));
		*out_code = HY_ERR_MALFORMED;
		return HY_OK;
	}
	if (!hy_case_state_parse(hy_query_text(q, 0), &state) || !hy_case_state_is_open(state)) {
		hy_buf_addf(act->reply, "事项 %.*s 已结束，不能并入", HY_STR_ARGS(act->said->target));
		*out_code = HY_ERR_CONFLICT;
	}
	act->target = hy_units_get(act->turn->rules->units, hy_query_text(q, 1));
	hy_query_reset(q);
	return HY_OK;
}

static enum hy_err put_merger_row(struct hy_case_act *act, struct hy_error *e)
{
	struct hy_query *q;
	int64_t number = 0;
	enum hy_err err = hy_case_act_number(act, next_merger, &number, e);

	if (err)
		return err;
	q = hy_store_query(act->turn->store, put_merger);
	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_int(q, 2, number);
	hy_query_bind_wall(q, 3, act->turn->now);
	hy_query_bind_text(q, 4, act->actor.text);
	hy_query_bind_text(q, 5, act->said->target);
	hy_query_bind_c(q, 6, hy_case_state_id(act->facts.state));
	hy_query_bind_text(q, 7, act->said->note);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_case_act_merge(struct hy_case_act *act, enum hy_err *out_code,
			      struct hy_error *e)
{
	struct hy_query *q;
	enum hy_err err;

	if (!hy_case_act_has_note(act, "合并理由", out_code))
		return HY_OK;
	err = find_other(act, out_code, e);
	if (err || *out_code)
		return err;
	err = put_merger_row(act, e);
	if (err)
		return err;
	free(act->facts.merged_into);
	act->facts.merged_into = hy_str_dup(act->said->target);
	hy_buf_addf(act->reply, "：%.*s", HY_STR_ARGS(act->said->target));
	q = hy_store_query(act->turn->store, bring_assists);
	hy_query_bind_text(q, 1, act->said->target);
	hy_query_bind_c(q, 2, act->facts.id);
	return hy_query_run(q, NULL, e);
}

static enum hy_err undo(struct hy_case_act *act, int64_t number, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, undo_merger);
	enum hy_err err;

	hy_query_bind_wall(q, 1, act->turn->now);
	hy_query_bind_text(q, 2, act->actor.text);
	hy_query_bind_text(q, 3, act->said->note);
	hy_query_bind_c(q, 4, act->facts.id);
	hy_query_bind_int(q, 5, number);
	err = hy_query_run(q, NULL, e);
	if (err)
		return err;
	q = hy_store_query(act->turn->store, take_assists_back);
	hy_query_bind_wall(q, 1, act->turn->now);
	hy_query_bind_c(q, 2, act->facts.merged_into);
	hy_query_bind_c(q, 3, act->facts.id);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_case_act_unmerge(struct hy_case_act *act, enum hy_err *out_code,
				struct hy_error *e)
{
	struct hy_query *q;
	enum hy_case_state before = HY_CASE_ASSIGNED;
	int64_t number;
	enum hy_err err;
	bool row;

	if (!hy_case_act_has_note(act, "撤销合并的理由", out_code))
		return HY_OK;
	q = hy_store_query(act->turn->store, get_merger);
	hy_query_bind_c(q, 1, act->facts.id);
	err = hy_query_next(q, &row, e);
	if (err || !row || !hy_case_state_parse(hy_query_text(q, 1), &before))
		return err ? err : hy_fail(e, HY_ERR_MALFORMED, "case: its merger is missing");
	number = hy_query_int(q, 0);
	act->target = hy_units_get(act->turn->rules->units, hy_query_text(q, 2));
	hy_query_reset(q);
	err = undo(act, number, e);
	act->to = hy_case_state_before(before);
	free(act->facts.merged_into);
	act->facts.merged_into = NULL;
	return err;
}

/* ---- opening again, more time ---- */

enum hy_err hy_case_act_reopen(struct hy_case_act *act, enum hy_err *out_code,
			       struct hy_error *e)
{
	(void)e;
	if (act->event == HY_CASE_DO_REOPEN)
		(void)hy_case_act_has_note(act, "重新打开的理由", out_code);
	return HY_OK;
}

/* Of a ladder that has parts: the one that is named, or the one that runs. */
static enum hy_err find_part(struct hy_case_act *act, enum hy_ladder ladder, char out[KEY_BYTES],
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, running_ladder);
	char like[KEY_BYTES];
	struct hy_str part = act->said->target;
	enum hy_ladder found;
	enum hy_err err;
	bool row;

	(void)snprintf(like, sizeof like, "%s:%%", hy_ladder_id(ladder));
	hy_query_bind_c(q, 1, act->facts.id);
	hy_query_bind_c(q, 2, hy_ladder_id(ladder));
	hy_query_bind_c(q, 3, like);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	if (row && !part.n)
		(void)hy_ladder_of_key(hy_query_text(q, 0), &found, &part);
	(void)snprintf(out, KEY_BYTES, "%.*s", HY_STR_ARGS(part));
	if (row)
		hy_query_reset(q);
	return HY_OK;
}

enum hy_err hy_case_act_extend(struct hy_case_act *act, enum hy_err *out_code,
			       struct hy_error *e)
{
	struct hy_extension x = {.case_id = hy_str_of(act->facts.id), .until = act->said->due,
				 .reason = act->said->note, .actor = act->actor.text,
				 .approver = act->said->approver};
	char part[KEY_BYTES];
	enum hy_err err;

	if (!hy_ladder_parse(act->said->kind, &x.ladder)) {
		hy_buf_add_c(act->reply, "必须写明延长哪一项时限：");
		for (int i = 0; i < HY_LADDER_COUNT; i++)
			hy_buf_addf(act->reply, "%s%s（%s）", i ? "、" : "",
				    hy_ladder_id((enum hy_ladder)i),
				    hy_ladder_title((enum hy_ladder)i));
		*out_code = HY_ERR_MALFORMED;
		return HY_OK;
	}
	err = find_part(act, x.ladder, part, e);
	x.part = hy_str_of(part);
	return err ? err : hy_deadlines_extend(act->turn, &x, out_code, act->reply, e);
}
