#include "alerter/case_act.h"

#include "alerter/audit.h"
#include "alerter/case_event.h"
#include "alerter/span.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define TOLD_NOTE_BYTES 600

static const char put_case[] =
	"UPDATE case_ SET state = $1, version = version + 1, lead = $2, supervisor = $3,"
	" round = $4, returns = $5, signed_at = $6, answered_at = $7, ruled_at = $8,"
	" verified_at = $9, closed_at = $10, merged_into = $11 WHERE id = $12 AND version = $13";
static const char put_change[] =
	"INSERT INTO case_change (case_id, version, at, actor, act, state, done, note)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
static const char give_up_proposal[] =
	"UPDATE dismissal SET ended_at = $1, ended_by = '' WHERE case_id = $2"
	" AND ended_at IS NULL";

static hy_case_act_fn *const writers[HY_CASE_ACTION_COUNT] = {
	[HY_CASE_ACT_ASSIST_SIGN] = hy_case_act_assist_sign,
	[HY_CASE_ACT_CONTRIBUTE] = hy_case_act_contribute,
	[HY_CASE_ACT_RETURN] = hy_case_act_return,
	[HY_CASE_ACT_RULE] = hy_case_act_rule,
	[HY_CASE_ACT_ASSIST] = hy_case_act_assist,
	[HY_CASE_ACT_DRAFT] = hy_case_act_draft,
	[HY_CASE_ACT_RECALL] = hy_case_act_draft,
	[HY_CASE_ACT_SUBMIT] = hy_case_act_submit,
	[HY_CASE_ACT_CONSENT] = hy_case_act_consent,
	[HY_CASE_ACT_APPROVE] = hy_case_act_approve,
	[HY_CASE_ACT_SEND_BACK] = hy_case_act_send_back,
	[HY_CASE_ACT_OBJECT] = hy_case_act_send_back,
	[HY_CASE_ACT_PUBLISH] = hy_case_act_publish,
	[HY_CASE_ACT_ANSWER] = hy_case_act_answer,
	[HY_CASE_ACT_PROMISE] = hy_case_act_promise,
	[HY_CASE_ACT_KEEP] = hy_case_act_keep,
	[HY_CASE_ACT_PROPOSE] = hy_case_act_propose,
	[HY_CASE_ACT_DISMISS] = hy_case_act_dismiss,
	[HY_CASE_ACT_MERGE] = hy_case_act_merge,
	[HY_CASE_ACT_UNMERGE] = hy_case_act_unmerge,
	[HY_CASE_ACT_REOPEN] = hy_case_act_reopen,
	[HY_CASE_ACT_REVIVE] = hy_case_act_reopen,
	[HY_CASE_ACT_EXTEND] = hy_case_act_extend,
};

/* ---- what the actions share ---- */

bool hy_case_act_has_note(struct hy_case_act *act, const char *what, enum hy_err *out_code)
{
	if (hy_str_trim(act->said->note).n)
		return true;
	hy_buf_addf(act->reply, "必须写明%s", what);
	*out_code = HY_ERR_MALFORMED;
	return false;
}

const struct hy_unit *hy_case_act_target(struct hy_case_act *act, const char *what,
					 enum hy_err *out_code)
{
	const struct hy_unit *unit = hy_units_get(act->turn->rules->units, act->said->target);

	if (unit && hy_validity_covers(&unit->valid, act->turn->now))
		return unit;
	if (!act->said->target.n)
		hy_buf_addf(act->reply, "必须写明%s", what);
	else
		hy_buf_addf(act->reply, "没有单位“%.*s”，%s应为在用的单位",
			    HY_STR_ARGS(act->said->target), what);
	*out_code = HY_ERR_MALFORMED;
	return NULL;
}

enum hy_err hy_case_act_number(struct hy_case_act *act, const char *sql, int64_t *out,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, sql);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, act->facts.id);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = row ? hy_query_int(q, 0) : 0;
	hy_query_reset(q);
	return HY_OK;
}

enum hy_err hy_case_act_write(struct hy_case_act *act, enum hy_err *out_code,
			      struct hy_error *e)
{
	hy_case_act_fn *write = writers[act->move->action];

	return write ? write(act, out_code, e) : HY_OK;
}

struct hy_str hy_case_holder(const struct hy_case_act *act)
{
	if (!hy_case_state_is_open(act->to))
		return (struct hy_str){0};
	if (act->to == HY_CASE_RETURNED)
		return hy_case_office(act->turn)->id;
	if (act->to == HY_CASE_REVIEW && act->facts.review.open)
		return hy_str_of(act->facts.review.unit);
	return hy_str_of(act->facts.lead);
}

/* ---- carrying out ---- */

static void settle_moments(struct hy_case_act *act)
{
	struct hy_case_facts *f = &act->facts;
	struct hy_wall now = act->turn->now;

	if (act->move->action == HY_CASE_ACT_SIGN)
		f->signed_at = now;
	if (act->to == HY_CASE_ANSWERED && !hy_wall_known(f->answered_at))
		f->answered_at = now;
	if (act->to != f->state)
		f->verified_at = act->to == HY_CASE_VERIFIED ? now
			       : act->to == HY_CASE_CLOSED   ? f->verified_at
							     : HY_WALL_NONE;
	if (hy_case_state_is_open(act->to))
		f->closed_at = HY_WALL_NONE;
	else if (act->to != HY_CASE_MERGED)
		f->closed_at = now;
	if (hy_case_action(act->move->action)->effects & HY_CASE_NEW_ROUND) {
		f->round++;
		f->signed_at = HY_WALL_NONE;
	}
}

static void bind_or_null(struct hy_query *q, int parameter, const char *text)
{
	hy_query_bind_c(q, parameter, text && *text ? text : NULL);
}

static enum hy_err update_case(const struct hy_case_act *act, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(act->turn->store, put_case);
	const struct hy_case_facts *f = &act->facts;
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_c(q, 1, hy_case_state_id(act->to));
	hy_query_bind_c(q, 2, f->lead);
	bind_or_null(q, 3, f->supervisor);
	hy_query_bind_int(q, 4, f->round);
	hy_query_bind_int(q, 5, f->returns);
	hy_query_bind_wall(q, 6, f->signed_at);
	hy_query_bind_wall(q, 7, f->answered_at);
	hy_query_bind_wall(q, 8, f->ruled_at);
	hy_query_bind_wall(q, 9, f->verified_at);
	hy_query_bind_wall(q, 10, f->closed_at);
	bind_or_null(q, 11, f->merged_into);
	hy_query_bind_c(q, 12, f->id);
	hy_query_bind_int(q, 13, f->version);
	err = hy_query_run(q, &changed, e);
	if (!err && changed != 1)
		return hy_fail(e, HY_ERR_UNAVAILABLE, "case %s changed meanwhile", f->id);
	return err;
}

enum hy_err hy_case_change_put(struct hy_turn *turn, const struct hy_case_change *change,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, put_change);

	hy_query_bind_text(q, 1, change->case_id);
	hy_query_bind_int(q, 2, change->version);
	hy_query_bind_wall(q, 3, turn->now);
	hy_query_bind_text(q, 4, change->actor);
	hy_query_bind_c(q, 5, change->act);
	hy_query_bind_c(q, 6, hy_case_state_id(change->state));
	hy_query_bind_text(q, 7, change->done);
	hy_query_bind_text(q, 8, change->note);
	return hy_query_run(q, NULL, e);
}

static enum hy_err put_record(const struct hy_case_act *act, struct hy_str done,
			      struct hy_error *e)
{
	const struct hy_case_action_row *action = hy_case_action(act->move->action);
	const struct hy_msg_command *said = act->said;
	struct hy_case_change change = {.case_id = hy_str_of(act->facts.id),
					.version = act->facts.version + 1,
					.actor = act->actor.text, .act = action->act,
					.state = act->to, .done = done, .note = said->note};
	hy_cleanup(hy_buf_fini) struct hy_buf detail = HY_BUF(HY_AUDIT_DETAIL_BYTES);
	struct hy_audit_entry entry = {.at = act->turn->now, .actor = act->actor.text,
				       .act = hy_str_of(action->act), .subject = change.case_id};
	const struct hy_str parts[] = {said->kind, said->target, said->url, said->promise,
				       said->note};
	enum hy_err err = hy_case_change_put(act->turn, &change, e);

	hy_buf_add_str(&detail, done);
	for (size_t i = 0; i < HY_COUNT(parts); i++)
		if (parts[i].n)
			hy_buf_addf(&detail, "\n%.*s", HY_STR_ARGS(parts[i]));
	if (hy_buf_err(&detail))
		return hy_fail(e, HY_ERR_LIMIT, "case: text too long");
	entry.detail = hy_buf_str(&detail);
	/* extension.c has written what was granted. */
	if (err || act->move->action == HY_CASE_ACT_EXTEND)
		return err;
	return hy_audit_append(act->turn, &entry, e);
}

/* Whoever goes on with a case has given up the proposal to dismiss it. */
static enum hy_err end_proposal(const struct hy_case_act *act, struct hy_error *e)
{
	struct hy_query *q;

	if (!act->facts.proposal || act->to == act->facts.state ||
	    act->move->action == HY_CASE_ACT_DISMISS)
		return HY_OK;
	q = hy_store_query(act->turn->store, give_up_proposal);
	hy_query_bind_wall(q, 1, act->turn->now);
	hy_query_bind_c(q, 2, act->facts.id);
	return hy_query_run(q, NULL, e);
}

static void write_told(const struct hy_case_act *act, struct hy_str done, struct hy_buf *out)
{
	struct hy_str note = hy_str_trim(act->said->note);
	size_t shown = hy_utf8_floor(note.p, note.n, note.n < TOLD_NOTE_BYTES ? note.n
									      : TOLD_NOTE_BYTES);

	hy_buf_addf(out, "【%s】%s %s：%.*s（%.*s）", hy_severity_title(act->facts.severity),
		    act->facts.id, act->facts.title, HY_STR_ARGS(done),
		    HY_STR_ARGS(act->actor.text));
	if (act->target)
		hy_buf_addf(out, "；涉及 %.*s", HY_STR_ARGS(act->target->name));
	if (note.n)
		hy_buf_addf(out, "：%.*s%s", (int)shown, note.p, shown < note.n ? "……" : "");
}

static enum hy_err carry_out(struct hy_case_act *act, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf told = HY_BUF(HY_MSG_NOTE_BYTES);
	struct hy_str done = hy_str_of(hy_case_action(act->move->action)->done);
	enum hy_err err;

	settle_moments(act);
	if (!done.n)
		done = hy_buf_str(act->reply);
	err = update_case(act, e);
	if (!err)
		err = end_proposal(act, e);
	if (!err)
		err = hy_case_effects(act, e);
	if (!err)
		err = hy_span_turn(act->turn, hy_str_of(act->facts.id), hy_case_holder(act),
				   hy_str_of(hy_case_state_id(act->to)), e);
	if (!err)
		err = put_record(act, done, e);
	write_told(act, done, &told);
	if (!err && hy_buf_err(&told))
		err = hy_fail(e, HY_ERR_LIMIT, "case: notice too long");
	return err ? err : hy_case_tell(act, hy_buf_str(&told), e);
}

/* ---- judging ---- */

static void say_roles(unsigned could, struct hy_buf *out)
{
	bool first = true;

	for (int i = 0; i < HY_CASE_ROLE_COUNT; i++) {
		if (!(could & (1u << i)))
			continue;
		hy_buf_addf(out, "%s%s", first ? "" : "、",
			    hy_case_role_title((enum hy_case_role_number)i));
		first = false;
	}
}

static enum hy_err refuse(struct hy_case_act *act, const struct hy_case_verdict *verdict)
{
	const struct hy_case_facts *f = &act->facts;
	const char *title = hy_case_event_title(act->event);

	if (verdict->could) {
		hy_buf_addf(act->reply, "事项 %s 由 %s 主办，%.*s 不能%s（可由", f->id, f->lead,
			    HY_STR_ARGS(act->actor.text), title);
		say_roles(verdict->could, act->reply);
		hy_buf_add_c(act->reply, "办理）");
		return HY_ERR_DENIED;
	}
	if (verdict->missing)
		hy_buf_addf(act->reply, "事项 %s 不能%s：%s", f->id, title,
			    hy_case_guard_why(verdict->missing));
	else
		hy_buf_addf(act->reply, "事项 %s 的状态是“%s”，不能%s", f->id,
			    hy_case_state_title(f->state), title);
	return HY_ERR_CONFLICT;
}

enum hy_err hy_case_act(struct hy_case_act *act, enum hy_err *out_code, struct hy_error *e)
{
	struct hy_case_view view = {act->turn, &act->facts, &act->actor};
	bool system = hy_str_eq_c(act->actor.text, HY_CASE_SYSTEM) && act->id.n == 0;
	unsigned roles = system ? HY_CASE_SYSTEM_MAY
				: hy_case_roles(act->turn, &act->facts, &act->actor);
	struct hy_case_verdict verdict =
		hy_case_judge(act->facts.state, act->event, roles, hy_case_holds, &view);
	enum hy_err err;

	*out_code = HY_OK;
	if (!verdict.move) {
		*out_code = refuse(act, &verdict);
		return HY_OK;
	}
	act->move = verdict.move;
	act->to = act->move->to < HY_CASE_STATE_COUNT ? act->move->to : act->facts.state;
	err = hy_case_act_write(act, out_code, e);
	return err || *out_code ? err : carry_out(act, e);
}

enum hy_err hy_case_system_event(struct hy_turn *turn, const struct hy_case_finding *finding,
				 bool *out_moved, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf reply = HY_BUF(HY_MSG_REPLY_BYTES);
	struct hy_msg_command said = {.case_id = finding->case_id, .note = finding->note,
				      .due = HY_WALL_NONE};
	struct hy_case_act act = {.turn = turn, .said = &said, .event = finding->event,
				  .reply = &reply,
				  .actor = hy_case_actor_of(HY_STR_LIT(HY_CASE_SYSTEM))};
	enum hy_err code = HY_OK, err;

	err = hy_case_facts_read(turn, finding->case_id, &act.actor, &act.facts, e);
	if (!err && !act.facts.id)
		err = hy_fail(e, HY_ERR_MALFORMED, "no case %.*s", HY_STR_ARGS(finding->case_id));
	if (!err)
		err = hy_case_act(&act, &code, e);
	hy_case_facts_fini(&act.facts);
	if (!err)
		*out_moved = code == HY_OK;
	return err;
}
