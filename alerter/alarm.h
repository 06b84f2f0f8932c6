/*
 * Alarms: what the other daemons report of their own works (a source fell silent, a pattern is
 * at its limit). Each raising is kept, told once to those on duty in the unit that answers for
 * it, and audited; a clearing ends it. Alarms become no case: nobody owes the public an answer.
 */
#ifndef HY_ALERTER_ALARM_H
#define HY_ALERTER_ALARM_H

#include <stdbool.h>

#include "alerter/turn.h"
#include "alerter/units.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/sys/msg.h"

/* The step of an alarm's notice and of the event that tells its end; see channels.yaml. */
#define HY_ALARM_STEP_RAISED "alarm"
#define HY_ALARM_STEP_CLEARED "alarm-cleared"

/*
 * Who answers for `owner`: the unit of that id, the holder of that role, the holder of the
 * office's role, the fallback of the routes. Never NULL.
 */
const struct hy_unit *hy_alarm_unit(const struct hy_rule_set *rules, struct hy_str owner,
				    struct hy_wall at);

/* How long an alarm of a sender that keeps nothing stays open without being repeated. */
#define HY_ALARM_LAPSE_MS (24 * 3600LL * 1000)

/*
 * Takes an ALARM in the caller's transaction. The same one again changes nothing: *out_fresh is
 * false then. A clearing that overtook its raising ends it before it began: nobody is told.
 *
 * Analyzers keep nothing and may be several: theirs are one alarm for a kind and a subject,
 * whatever its id. A raising while it is open prolongs it, a clearing ends it, and so does
 * hy_alarms_lapse.
 */
enum hy_err hy_alarm_take(struct hy_turn *turn, const struct hy_msg_alarm *alarm,
			  bool *out_fresh, struct hy_error *e) HY_MUST_CHECK;

/* Ends what was not repeated for HY_ALARM_LAPSE_MS, in the caller's transaction. */
enum hy_err hy_alarms_lapse(struct hy_turn *turn, struct hy_error *e) HY_MUST_CHECK;

/* The sentence that people read, of a raising or a clearing. */
void hy_alarm_text(const struct hy_msg_alarm *alarm, struct hy_buf *out);

#endif
