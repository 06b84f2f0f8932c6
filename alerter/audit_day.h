/*
 * The audit's day: once a day the head of the chain is told to people, so that what is rewritten
 * in the store afterwards differs from what they hold (`huiying audit verify --head`). Before
 * it is told, what was written since the last one is looked through, and the last one is
 * compared with what stands in the chain now; a break is an alarm. Then what is older than it
 * has to be kept is pruned.
 */
#ifndef HY_ALERTER_AUDIT_DAY_H
#define HY_ALERTER_AUDIT_DAY_H

#include <stdbool.h>
#include <stdint.h>

#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/str.h"

#define HY_AUDIT_STEP_HEAD "audit-head"	/* the step of its notice; see channels.yaml */
#define HY_AUDIT_KIND_BROKEN "audit-broken"	/* of the alarm; alarm.c ends it by silence */

struct hy_audit_rules {
	struct hy_str receiver;		/* a unit or a role; unknown: the office */
	int64_t keep_days;
};

/*
 * One piece of the day's work, in the caller's transaction; *out_done once all of it was done,
 * also on an earlier call or by an alerter before this one. Nothing is told twice.
 */
enum hy_err hy_audit_day(struct hy_turn *turn, const struct hy_audit_rules *rules,
			 bool *out_done, struct hy_error *e) HY_MUST_CHECK;

#endif
