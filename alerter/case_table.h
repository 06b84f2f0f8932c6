/*
 * What may happen to a case, as one table: {state, event, who may, guard, action, next}. The
 * table is the specification: commands are judged and carried out by it, the tests walk all of
 * it, and the model that SPIN checks is written from it.
 *
 * The first row that fits decides. An event is a command of an officer or something that the
 * system finds out. Signing is possible after an answer too: whoever answers at once has still
 * taken the case over only when he says so, and the ladders stop each by its own act (P4).
 */
#ifndef HY_ALERTER_CASE_TABLE_H
#define HY_ALERTER_CASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"
#include "common/sys/msg.h"

#define HY_CASE_STATE_LIST(X) \
	X(ASSIGNED, "assigned", "已派单，待签收") \
	X(SIGNED, "signed", "已签收，待回应") \
	X(DRAFTING, "drafting", "拟稿中") \
	X(REVIEW, "review", "审核中") \
	X(ANSWERED, "answered", "已回应") \
	X(VERIFIED, "verified", "已核验，待办结") \
	X(CLOSED, "closed", "已办结") \
	X(RETURNED, "returned", "已退回，待裁定") \
	X(RULED, "ruled", "已裁定，待签收") \
	X(MERGED, "merged", "已并入其他事项") \
	X(DISMISSED, "dismissed", "已核销") \
	X(REOPENED, "reopened", "重新打开，待签收")

enum hy_case_state {
#define X(name, id, title) HY_CASE_##name,
	HY_CASE_STATE_LIST(X)
#undef X
	HY_CASE_STATE_COUNT,
	HY_CASE_SAME = HY_CASE_STATE_COUNT,	/* as `to` of a move: stays */
	HY_CASE_BEFORE				/* the state it was merged in */
};
const char *hy_case_state_id(enum hy_case_state state);
const char *hy_case_state_title(enum hy_case_state state);	/* Chinese */
bool hy_case_state_parse(struct hy_str s, enum hy_case_state *out);
/* Somebody still has to do something; the others have ended, and may be opened again. */
bool hy_case_state_is_open(enum hy_case_state state);
bool hy_case_state_is_answered(enum hy_case_state state);	/* answered or verified */
/* Where an undone merger leads back to: open reviews do not outlive it. */
enum hy_case_state hy_case_state_before(enum hy_case_state merged_in);
/* For statements: states of cases that still wait for their answer; that have ended. */
#define HY_CASE_UNANSWERED \
	"('assigned', 'signed', 'drafting', 'review', 'returned', 'ruled', 'reopened')"
#define HY_CASE_ENDED "('closed', 'merged', 'dismissed')"

/* Commands, by the same names, and what the system finds out. */
enum hy_case_event {
#define X(name, id) HY_CASE_DO_##name,
	HY_COMMAND_LIST(X)
#undef X
	HY_CASE_DO_VERIFY,	/* the answer was found at its address */
	HY_CASE_DO_VANISH,	/* it is there no more, or is another one */
	HY_CASE_DO_FOLLOW,	/* the matter came up again */
	HY_CASE_EVENT_COUNT
};
static inline enum hy_case_event hy_case_event_of(enum hy_command command)
{
	return (enum hy_case_event)command;
}
const char *hy_case_event_id(enum hy_case_event event);		/* "send-back" */
const char *hy_case_event_title(enum hy_case_event event);	/* 退回修改 */

/* Who somebody is to a case; one may be several. */
#define HY_CASE_ROLE_LIST(X) \
	X(LEAD, "主办单位") \
	X(LEADER, "主办单位带班领导") \
	X(ASSIST, "协办单位") \
	X(OFFICE, "综合协调单位") \
	X(SUPERVISOR, "督办单位或上级") \
	X(REVIEWER, "审核人") \
	X(SYSTEM, "系统")
enum hy_case_role_number {
#define X(name, title) HY_CASE_ROLE_##name,
	HY_CASE_ROLE_LIST(X)
#undef X
	HY_CASE_ROLE_COUNT
};
/* As bits, which is how they are used. */
enum hy_case_role {
#define X(name, title) HY_CASE_##name##_MAY = 1 << HY_CASE_ROLE_##name,
	HY_CASE_ROLE_LIST(X)
#undef X
};
const char *hy_case_role_title(enum hy_case_role_number role);

/* What else must hold; `why not` is told to who asked. */
#define HY_CASE_GUARD_LIST(X) \
	X(NONE, "") \
	X(UNSIGNED, "已签收过") \
	X(RETURNABLE, "已裁定过或退回次数已满，不得再退回") \
	X(LEAD_GONE, "主办单位仍在，未经退回不能改派") \
	X(APPROVED, "尚未审核通过") \
	X(MORE_CONSENTS, "没有待审核的稿件") \
	X(LAST_CONSENT, "没有待审核的稿件") \
	X(REVIEWING, "没有待审核的稿件") \
	X(UNREVIEWED, "须先拟稿送审（draft、submit），审核通过后发布") \
	X(PROMISES_OPEN, "没有未兑现的承诺") \
	X(PROMISES_KEPT, "还有未兑现的承诺") \
	X(CLOSABLE, "还有未兑现的承诺或未审核的回应") \
	X(UNPROPOSED, "已有人提出核销，须由另一人确认；有未兑现的承诺时不能核销") \
	X(PROPOSED, "没有另一人提出的核销")
enum hy_case_guard {
#define X(name, why) HY_CASE_IF_##name,
	HY_CASE_GUARD_LIST(X)
#undef X
	HY_CASE_GUARD_COUNT
};
const char *hy_case_guard_why(enum hy_case_guard guard);

/* What is done to the clocks of the case and to who holds it. */
enum hy_case_effect {
	HY_CASE_STOP_SIGN = 1 << 0,
	HY_CASE_STOP_ANSWER = 1 << 1,		/* and what the assists were to bring to it */
	HY_CASE_STOP_REVIEW = 1 << 2,
	HY_CASE_STOP_PRESS = 1 << 3,
	HY_CASE_STOP_ALL = 1 << 4,
	HY_CASE_SUSPEND = 1 << 5,		/* stops all, to go on as it was after RESUME */
	HY_CASE_RESUME = 1 << 6,
	HY_CASE_NEW_ROUND = 1 << 7,		/* what starts from here on is of another round */
	HY_CASE_START_SIGN = 1 << 8,
	HY_CASE_START_ANSWER = 1 << 9,
	HY_CASE_START_CLOSE = 1 << 10,
	HY_CASE_START_WATCH = 1 << 11,		/* the daily reminder that never ends before the case */
	HY_CASE_START_REVIEW = 1 << 12,
	HY_CASE_END_REVIEWS = 1 << 13,		/* open ones are withdrawn */
	HY_CASE_TO_OFFICE = 1 << 14,		/* the office is reminded of what runs */
	HY_CASE_TO_LEAD = 1 << 15,
};

/* Who is told, besides who acted. */
enum hy_case_audience {
	HY_CASE_TELL_LEAD = 1 << 0,
	HY_CASE_TELL_FORMER = 1 << 1,		/* who was the lead before */
	HY_CASE_TELL_OFFICE = 1 << 2,
	HY_CASE_TELL_SUPERVISOR = 1 << 3,
	HY_CASE_TELL_ASSISTS = 1 << 4,
	HY_CASE_TELL_REVIEWERS = 1 << 5,
	HY_CASE_TELL_TARGET = 1 << 6,		/* the unit, or the other case's lead, that it names */
};

/* id, what is said to have happened, effects, audience */
#define HY_CASE_ACTION_LIST(X) \
	X(SIGN, "sign", "已签收", HY_CASE_STOP_SIGN, 0) \
	X(ASSIST_SIGN, "assist-sign", "已由协办单位签收", 0, 0) \
	X(CONTRIBUTE, "contribute", "已收到协办材料", 0, HY_CASE_TELL_LEAD) \
	X(RETURN, "return", "已退回，待裁定", HY_CASE_TO_OFFICE, \
	  HY_CASE_TELL_OFFICE | HY_CASE_TELL_SUPERVISOR) \
	X(RULE, "rule", "已裁定", \
	  HY_CASE_STOP_SIGN | HY_CASE_END_REVIEWS | HY_CASE_NEW_ROUND | HY_CASE_START_SIGN | \
		  HY_CASE_TO_LEAD, \
	  HY_CASE_TELL_LEAD | HY_CASE_TELL_FORMER | HY_CASE_TELL_ASSISTS) \
	X(ASSIST, "assist", "已增加协办单位", 0, HY_CASE_TELL_TARGET | HY_CASE_TELL_LEAD) \
	X(DRAFT, "draft", "已存拟稿", 0, 0) \
	X(RECALL, "recall", "已撤回送审稿并存新稿", HY_CASE_STOP_REVIEW | HY_CASE_END_REVIEWS, 0) \
	X(SUBMIT, "submit", "已送审", HY_CASE_START_REVIEW, HY_CASE_TELL_REVIEWERS) \
	X(CONSENT, "consent", "已会签", 0, HY_CASE_TELL_LEAD) \
	X(APPROVE, "approve", "已审核通过", HY_CASE_STOP_REVIEW, HY_CASE_TELL_LEAD) \
	X(SEND_BACK, "send-back", "已退回修改", HY_CASE_STOP_REVIEW | HY_CASE_END_REVIEWS, \
	  HY_CASE_TELL_LEAD) \
	X(OBJECT, "object", "审核不同意已发布的回应，须重新回应", \
	  HY_CASE_STOP_REVIEW | HY_CASE_END_REVIEWS | HY_CASE_STOP_SIGN | HY_CASE_NEW_ROUND | \
		  HY_CASE_START_SIGN | HY_CASE_START_ANSWER, \
	  HY_CASE_TELL_LEAD | HY_CASE_TELL_SUPERVISOR) \
	X(PUBLISH, "publish", "已记录回应", HY_CASE_STOP_ANSWER, HY_CASE_TELL_ASSISTS) \
	X(ANSWER, "answer", "已记录回应", HY_CASE_STOP_ANSWER | HY_CASE_START_REVIEW, \
	  HY_CASE_TELL_REVIEWERS | HY_CASE_TELL_ASSISTS) \
	X(PRESS, "press", "已记录新闻发布会", HY_CASE_STOP_PRESS, HY_CASE_TELL_SUPERVISOR) \
	X(PROMISE, "promise", "已登记承诺", 0, HY_CASE_TELL_SUPERVISOR) \
	X(KEEP, "kept", "已记录承诺兑现", 0, HY_CASE_TELL_SUPERVISOR) \
	X(VERIFY, "verify", "回应已核验", 0, HY_CASE_TELL_LEAD) \
	X(CLOSE, "close", "已办结", HY_CASE_STOP_ALL, HY_CASE_TELL_SUPERVISOR | HY_CASE_TELL_ASSISTS) \
	X(PROPOSE, "propose", "已提出核销，待另一人确认", 0, HY_CASE_TELL_OFFICE | HY_CASE_TELL_LEAD) \
	X(DISMISS, "dismiss", "已核销", HY_CASE_STOP_ALL | HY_CASE_END_REVIEWS, \
	  HY_CASE_TELL_LEAD | HY_CASE_TELL_ASSISTS | HY_CASE_TELL_SUPERVISOR) \
	X(MERGE, "merge", "已并入其他事项", HY_CASE_SUSPEND | HY_CASE_END_REVIEWS, \
	  HY_CASE_TELL_LEAD | HY_CASE_TELL_ASSISTS | HY_CASE_TELL_TARGET) \
	X(UNMERGE, "unmerge", "已撤销合并", HY_CASE_RESUME, \
	  HY_CASE_TELL_LEAD | HY_CASE_TELL_ASSISTS | HY_CASE_TELL_TARGET) \
	X(REOPEN, "reopen", "已重新打开", \
	  HY_CASE_STOP_SIGN | HY_CASE_STOP_REVIEW | HY_CASE_END_REVIEWS | HY_CASE_NEW_ROUND | \
		  HY_CASE_START_SIGN | HY_CASE_START_ANSWER, \
	  HY_CASE_TELL_LEAD | HY_CASE_TELL_ASSISTS | HY_CASE_TELL_SUPERVISOR) \
	X(REVIVE, "revive", "已重新打开", \
	  HY_CASE_NEW_ROUND | HY_CASE_START_SIGN | HY_CASE_START_ANSWER | HY_CASE_START_CLOSE | \
		  HY_CASE_START_WATCH, \
	  HY_CASE_TELL_LEAD | HY_CASE_TELL_ASSISTS | HY_CASE_TELL_SUPERVISOR) \
	X(EXTEND, "extend", "", 0, 0)
enum hy_case_action {
#define X(name, id, done, effects, audience) HY_CASE_ACT_##name,
	HY_CASE_ACTION_LIST(X)
#undef X
	HY_CASE_ACTION_COUNT
};
struct hy_case_action_row {
	const char *name;	/* "SEND_BACK" */
	const char *act;	/* "case.send-back", in the audit */
	const char *done;
	unsigned effects, audience;
};
const struct hy_case_action_row *hy_case_action(enum hy_case_action action);

struct hy_case_move {
	unsigned from;			/* bits 1 << state */
	enum hy_case_event event;
	unsigned who;			/* enum hy_case_role; any of them */
	enum hy_case_guard guard;
	enum hy_case_action action;
	enum hy_case_state to;		/* or SAME, BEFORE */
};

extern const struct hy_case_move hy_case_moves[];
extern const size_t hy_case_move_count;

/* Whether a guard holds; the caller's knowledge of the case. */
typedef bool hy_case_holds_fn(const void *context, enum hy_case_guard guard);

/* What somebody's event does in a state, or why it does nothing. */
struct hy_case_verdict {
	const struct hy_case_move *move;	/* NULL: refused */
	unsigned could;				/* refused by role: who could; else 0 */
	enum hy_case_guard missing;		/* refused by a guard: which; else NONE */
};
struct hy_case_verdict hy_case_judge(enum hy_case_state state, enum hy_case_event event,
				     unsigned roles, hy_case_holds_fn *holds,
				     const void *context);

#endif
