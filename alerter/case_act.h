/*
 * One event on one case, from the row of the table that allows it to the rows it leaves. What an
 * action writes of its own (case_act_*.c) comes first: it may still refuse, then nothing is
 * written. What every action has in common follows: the case's row, clocks, span, change,
 * audit and notices (case_effects.c).
 */
#ifndef HY_ALERTER_CASE_ACT_H
#define HY_ALERTER_CASE_ACT_H

#include "alerter/case_facts.h"
#include "alerter/case_table.h"
#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/msg.h"

#define HY_CASE_UNITS_MAX 64	/* that are told of one act */

struct hy_case_act {
	struct hy_turn *turn;
	struct hy_str id;			/* of the command; empty: the system's */
	const struct hy_msg_command *said;	/* what it carries; empty texts of the system's */
	struct hy_case_actor actor;
	enum hy_case_event event;
	const struct hy_case_move *move;
	enum hy_case_state to;
	struct hy_case_facts facts;		/* as they are, then as they will be */
	const struct hy_unit *former;		/* the lead until now; NULL: stays */
	const struct hy_unit *target;		/* a unit that is told besides the others */
	struct hy_buf *reply;			/* why not; or what there is to add to it */
};

/* What the action writes. *out_code not OK: refused, and the reply says why. */
enum hy_err hy_case_act_write(struct hy_case_act *act, enum hy_err *out_code,
			      struct hy_error *e) HY_MUST_CHECK;

/* The pieces of hy_case_act_write, by whose work it is. */
typedef enum hy_err hy_case_act_fn(struct hy_case_act *act, enum hy_err *out_code,
				   struct hy_error *e);
hy_case_act_fn hy_case_act_return, hy_case_act_rule, hy_case_act_assist, hy_case_act_assist_sign,
	hy_case_act_contribute;							/* _whose.c */
hy_case_act_fn hy_case_act_draft, hy_case_act_submit, hy_case_act_consent, hy_case_act_approve,
	hy_case_act_send_back;							/* _review.c */
hy_case_act_fn hy_case_act_publish, hy_case_act_answer, hy_case_act_promise,
	hy_case_act_keep;							/* _answer.c */
hy_case_act_fn hy_case_act_propose, hy_case_act_dismiss, hy_case_act_merge, hy_case_act_unmerge,
	hy_case_act_extend, hy_case_act_reopen;					/* _end.c */

/* A text that must be there; false with the reply that names what is missing. */
bool hy_case_act_has_note(struct hy_case_act *act, const char *what, enum hy_err *out_code);
/* The unit that said->target names, in force now; NULL with the reply. */
const struct hy_unit *hy_case_act_target(struct hy_case_act *act, const char *what,
					 enum hy_err *out_code);
/* A query whose $1 is the case: the number in its only row. */
enum hy_err hy_case_act_number(struct hy_case_act *act, const char *sql, int64_t *out,
			       struct hy_error *e) HY_MUST_CHECK;

/* A draft that is put before its reviewers; the case's review is it from now on. */
enum hy_err hy_case_review_open(struct hy_case_act *act, int64_t draft, struct hy_error *e)
	HY_MUST_CHECK;
/* Stores a text as the next draft. */
enum hy_err hy_case_draft_put(struct hy_case_act *act, int64_t *out_number, struct hy_error *e)
	HY_MUST_CHECK;
enum hy_err hy_case_reviews_withdraw(struct hy_case_act *act, struct hy_error *e) HY_MUST_CHECK;
/* A known kind of answer; false with the reply. */
bool hy_case_kind_check(struct hy_case_act *act, enum hy_err *out_code);

/* One version of a case, for the record. */
struct hy_case_change {
	struct hy_str case_id;
	int64_t version;
	struct hy_str actor;
	const char *act;		/* "case.sign" */
	enum hy_case_state state;
	struct hy_str done, note;
};
enum hy_err hy_case_change_put(struct hy_turn *turn, const struct hy_case_change *change,
			       struct hy_error *e) HY_MUST_CHECK;

/* What the row's action does to clocks, and who is told. */
enum hy_err hy_case_effects(struct hy_case_act *act, struct hy_error *e) HY_MUST_CHECK;
enum hy_err hy_case_tell(struct hy_case_act *act, struct hy_str text, struct hy_error *e)
	HY_MUST_CHECK;
/* The unit that holds the case as it will be; empty where it ends. */
struct hy_str hy_case_holder(const struct hy_case_act *act);

/*
 * Judges and carries out. act->turn, id, said, actor, event, facts and reply are set. *out_code
 * not OK: refused with a reply, nothing was written.
 */
enum hy_err hy_case_act(struct hy_case_act *act, enum hy_err *out_code, struct hy_error *e)
	HY_MUST_CHECK;

#endif
