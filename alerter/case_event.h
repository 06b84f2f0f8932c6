/*
 * What the system itself finds out about a case, as events of the same table as officers' acts:
 * VERIFY (the answer was found at its address), VANISH (it is there no more, or is another one),
 * FOLLOW (the matter came up again). Each is one change of the case with its clocks, its span,
 * its notices and its audit entry, in the caller's transaction.
 */
#ifndef HY_ALERTER_CASE_EVENT_H
#define HY_ALERTER_CASE_EVENT_H

#include <stdbool.h>

#include "alerter/case_table.h"
#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/str.h"

struct hy_case_finding {
	struct hy_str case_id;
	enum hy_case_event event;
	struct hy_str note;	/* Chinese, may be empty: what was found; kept with the change, told */
};
/*
 * *out_moved false: the case is in no state in which this means anything (an answer that
 * vanished from a case that was reopened already); nothing was written. MALFORMED where there is
 * no such case.
 */
enum hy_err hy_case_system_event(struct hy_turn *turn, const struct hy_case_finding *finding,
				 bool *out_moved, struct hy_error *e) HY_MUST_CHECK;

#endif
