#include "alerter/case_table.h"

#include "common/base/mem.h"

#define IN(name) (1u << HY_CASE_##name)
#define UNANSWERED \
	(IN(ASSIGNED) | IN(SIGNED) | IN(DRAFTING) | IN(REVIEW) | IN(RETURNED) | IN(RULED) | \
	 IN(REOPENED))
#define DONE (IN(ANSWERED) | IN(VERIFIED))
#define OPEN (UNANSWERED | DONE)
#define MAY(name) HY_CASE_##name##_MAY
#define ABOVE (MAY(OFFICE) | MAY(SUPERVISOR))

#define MOVE(from, event, who, guard, action, to) \
	{from, HY_CASE_DO_##event, who, HY_CASE_IF_##guard, HY_CASE_ACT_##action, HY_CASE_##to},

const struct hy_case_move hy_case_moves[] = {
	/* Taking over. */
	MOVE(IN(ASSIGNED) | IN(RULED) | IN(REOPENED), SIGN, MAY(LEAD), NONE, SIGN, SIGNED)
	MOVE(DONE, SIGN, MAY(LEAD), UNSIGNED, SIGN, SAME)
	MOVE(OPEN, SIGN, MAY(ASSIST), NONE, ASSIST_SIGN, SAME)
	MOVE(OPEN, CONTRIBUTE, MAY(ASSIST), NONE, CONTRIBUTE, SAME)

	/* Whose it is. A ruling is final; who was abolished cannot return a case. */
	MOVE(IN(ASSIGNED) | IN(SIGNED), RETURN, MAY(LEAD), RETURNABLE, RETURN, RETURNED)
	MOVE(IN(RETURNED), RULE, ABOVE, NONE, RULE, RULED)
	MOVE(UNANSWERED & ~IN(RETURNED), RULE, ABOVE, LEAD_GONE, RULE, RULED)
	MOVE(UNANSWERED, ASSIST, ABOVE, NONE, ASSIST, SAME)

	/* The answer: drafted, reviewed, published; or published first and reviewed then. */
	MOVE(IN(SIGNED) | IN(DRAFTING), DRAFT, MAY(LEAD), NONE, DRAFT, DRAFTING)
	MOVE(IN(REVIEW), DRAFT, MAY(LEAD), NONE, RECALL, DRAFTING)
	MOVE(IN(DRAFTING), SUBMIT, MAY(LEAD), NONE, SUBMIT, REVIEW)
	MOVE(IN(REVIEW) | DONE, APPROVE, MAY(REVIEWER), MORE_CONSENTS, CONSENT, SAME)
	MOVE(IN(REVIEW) | DONE, APPROVE, MAY(REVIEWER), LAST_CONSENT, APPROVE, SAME)
	MOVE(IN(REVIEW), SEND_BACK, MAY(REVIEWER), REVIEWING, SEND_BACK, DRAFTING)
	MOVE(DONE, SEND_BACK, MAY(REVIEWER), REVIEWING, OBJECT, REOPENED)
	MOVE(IN(REVIEW), PUBLISH, MAY(LEAD), APPROVED, PUBLISH, ANSWERED)
	MOVE(OPEN & ~(IN(REVIEW) | IN(RETURNED)), ANSWER, MAY(LEAD), UNREVIEWED, ANSWER, ANSWERED)
	MOVE(OPEN, PRESS, MAY(LEAD), NONE, PRESS, SAME)
	MOVE(DONE, PROMISE, MAY(LEAD), NONE, PROMISE, SAME)
	MOVE(OPEN, KEPT, MAY(LEAD), PROMISES_OPEN, KEEP, SAME)

	/* Only what was found at its public address is closed (P7). */
	MOVE(IN(ANSWERED), VERIFY, MAY(SYSTEM), NONE, VERIFY, VERIFIED)
	MOVE(IN(VERIFIED), CLOSE, MAY(LEAD) | MAY(OFFICE), CLOSABLE, CLOSE, CLOSED)

	/* Other ends, and back from them. Nobody dismisses alone. */
	MOVE(UNANSWERED, DISMISS, MAY(LEADER) | MAY(OFFICE), PROPOSED, DISMISS, DISMISSED)
	MOVE(UNANSWERED, DISMISS, MAY(LEAD) | MAY(OFFICE), UNPROPOSED, PROPOSE, SAME)
	MOVE(UNANSWERED, MERGE, ABOVE, PROMISES_KEPT, MERGE, MERGED)
	MOVE(IN(MERGED), UNMERGE, ABOVE, NONE, UNMERGE, BEFORE)
	MOVE(DONE, REOPEN, MAY(LEAD) | ABOVE, NONE, REOPEN, REOPENED)
	MOVE(IN(CLOSED) | IN(DISMISSED), REOPEN, MAY(LEAD) | ABOVE, NONE, REVIVE, REOPENED)
	MOVE(DONE, VANISH, MAY(SYSTEM), NONE, REOPEN, REOPENED)
	MOVE(IN(CLOSED), VANISH, MAY(SYSTEM), NONE, REVIVE, REOPENED)
	MOVE(DONE, FOLLOW, MAY(SYSTEM), NONE, REOPEN, REOPENED)
	MOVE(IN(CLOSED) | IN(DISMISSED), FOLLOW, MAY(SYSTEM), NONE, REVIVE, REOPENED)

	/* More time. */
	MOVE(OPEN, EXTEND, MAY(LEAD), NONE, EXTEND, SAME)
};
const size_t hy_case_move_count = HY_COUNT(hy_case_moves);

static const struct {
	const char *id, *title;
} states[] = {
#define X(name, id, title) {id, title},
	HY_CASE_STATE_LIST(X)
#undef X
};

static const char *const event_titles[HY_CASE_EVENT_COUNT] = {
	[HY_CASE_DO_SIGN] = "签收", [HY_CASE_DO_RETURN] = "退回", [HY_CASE_DO_RULE] = "裁定",
	[HY_CASE_DO_ASSIST] = "增加协办", [HY_CASE_DO_CONTRIBUTE] = "提交协办材料",
	[HY_CASE_DO_DRAFT] = "拟稿", [HY_CASE_DO_SUBMIT] = "送审", [HY_CASE_DO_APPROVE] = "审核通过",
	[HY_CASE_DO_SEND_BACK] = "退回修改", [HY_CASE_DO_PUBLISH] = "发布", [HY_CASE_DO_ANSWER] = "回应",
	[HY_CASE_DO_PRESS] = "登记发布会", [HY_CASE_DO_PROMISE] = "登记承诺",
	[HY_CASE_DO_KEPT] = "登记承诺兑现", [HY_CASE_DO_CLOSE] = "办结", [HY_CASE_DO_DISMISS] = "核销",
	[HY_CASE_DO_MERGE] = "合并", [HY_CASE_DO_UNMERGE] = "撤销合并", [HY_CASE_DO_REOPEN] = "重新打开",
	[HY_CASE_DO_EXTEND] = "延期", [HY_CASE_DO_HANDOVER] = "交班",
	[HY_CASE_DO_HANDOVER_SIGN] = "接班", [HY_CASE_DO_REPLAY] = "重发通知",
	[HY_CASE_DO_VERIFY] = "核验",
	[HY_CASE_DO_VANISH] = "回应失效", [HY_CASE_DO_FOLLOW] = "再次出现",
};

static const char *const event_ids[HY_CASE_EVENT_COUNT] = {
#define X(name, id) [HY_CASE_DO_##name] = id,
	HY_COMMAND_LIST(X)
#undef X
	[HY_CASE_DO_VERIFY] = "verify", [HY_CASE_DO_VANISH] = "vanish", [HY_CASE_DO_FOLLOW] = "follow",
};

static const char *const roles[] = {
#define X(name, title) title,
	HY_CASE_ROLE_LIST(X)
#undef X
};

static const char *const guards[] = {
#define X(name, why) why,
	HY_CASE_GUARD_LIST(X)
#undef X
};

static const struct hy_case_action_row actions[] = {
#define X(name, id, done, effects, audience) {#name, "case." id, done, effects, audience},
	HY_CASE_ACTION_LIST(X)
#undef X
};

const char *hy_case_state_id(enum hy_case_state state)
{
	return states[state].id;
}

const char *hy_case_state_title(enum hy_case_state state)
{
	return states[state].title;
}

bool hy_case_state_parse(struct hy_str s, enum hy_case_state *out)
{
	for (size_t i = 0; i < HY_COUNT(states); i++) {
		if (hy_str_eq_c(s, states[i].id)) {
			*out = (enum hy_case_state)i;
			return true;
		}
	}
	return false;
}

bool hy_case_state_is_open(enum hy_case_state state)
{
	return (1u << state) & OPEN;
}

bool hy_case_state_is_answered(enum hy_case_state state)
{
	return (1u << state) & DONE;
}

enum hy_case_state hy_case_state_before(enum hy_case_state merged_in)
{
	return merged_in == HY_CASE_REVIEW ? HY_CASE_DRAFTING : merged_in;
}

const char *hy_case_event_id(enum hy_case_event event)
{
	return event_ids[event];
}

const char *hy_case_event_title(enum hy_case_event event)
{
	return event_titles[event];
}

const char *hy_case_role_title(enum hy_case_role_number role)
{
	return roles[role];
}

const char *hy_case_guard_why(enum hy_case_guard guard)
{
	return guards[guard];
}

const struct hy_case_action_row *hy_case_action(enum hy_case_action action)
{
	return &actions[action];
}

struct hy_case_verdict hy_case_judge(enum hy_case_state state, enum hy_case_event event,
				     unsigned who, hy_case_holds_fn *holds, const void *context)
{
	struct hy_case_verdict verdict = {.move = NULL};

	for (size_t i = 0; i < hy_case_move_count; i++) {
		const struct hy_case_move *move = &hy_case_moves[i];

		if (!(move->from & (1u << state)) || move->event != event)
			continue;
		if (!(move->who & who)) {
			verdict.could |= move->who;
		} else if (move->guard == HY_CASE_IF_NONE || holds(context, move->guard)) {
			return (struct hy_case_verdict){.move = move};
		} else {
			verdict.missing = move->guard;
		}
	}
	/* Whoever may do that at another time is told of the state, not that he may not. */
	for (size_t i = 0; i < hy_case_move_count; i++)
		if (hy_case_moves[i].event == event && (hy_case_moves[i].who & who))
			verdict.could = 0;
	return verdict;
}
