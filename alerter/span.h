/*
 * Spans: which unit held a case in which state from when to when, without a break from the start
 * of its clock to its end. A return never stops the clock: what was used up is charged to the
 * unit that held the case, and these rows are the account.
 *
 * Whoever moves a case calls hy_span_turn in the same transaction, with the unit that holds it
 * from now on and the state's id; at the end of a case with an empty unit.
 */
#ifndef HY_ALERTER_SPAN_H
#define HY_ALERTER_SPAN_H

#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"

/* A new case: from the clock's start to now nobody held it, from now on the lead does. */
enum hy_err hy_span_open(struct hy_turn *turn, struct hy_str case_id, struct hy_str lead,
			 struct hy_wall clock_start, struct hy_error *e) HY_MUST_CHECK;

/*
 * Ends the span that goes on and begins another; nothing where unit and state are the same. An
 * empty unit only ends it. Never backwards: where the system's clock was set back, a span is
 * empty rather than negative.
 */
enum hy_err hy_span_turn(struct hy_turn *turn, struct hy_str case_id, struct hy_str unit,
			 struct hy_str state, struct hy_error *e) HY_MUST_CHECK;

#endif
