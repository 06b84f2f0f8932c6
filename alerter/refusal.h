/*
 * Refusals: an alert, an alarm or a tally that can never be stored must neither hold up those behind it
 * nor be lost in silence. Its sender is told that it was refused for good; here every refusal is
 * an entry of the audit, and the office is told by one alarm that stays open while refusals go
 * on and ends after a day without.
 */
#ifndef HY_ALERTER_REFUSAL_H
#define HY_ALERTER_REFUSAL_H

#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/msg.h"

#define HY_REFUSAL_KIND "refused"	/* of the alarm; alarm.c ends it by silence */

/* Within a transaction of its own. The same message again changes nothing. */
enum hy_err hy_refusal_take(struct hy_turn *turn, const struct hy_msg *message,
			    struct hy_str reason, struct hy_error *e) HY_MUST_CHECK;

#endif
