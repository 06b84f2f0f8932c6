/*
 * Intake: an ALERT becomes part of an event and of a case, in the caller's transaction. The
 * same alert again finds what it became: nothing happens twice (P2). What reacts to policies is kept
 * for their drafters besides; an alert without a topic is that alone, no event and no case.
 */
#ifndef HY_ALERTER_INTAKE_H
#define HY_ALERTER_INTAKE_H

#include <stdbool.h>

#include "alerter/case.h"
#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/content_id.h"
#include "common/sys/msg.h"

struct hy_intake {
	struct hy_id event;		/* empty for a mere reaction, as the case */
	struct hy_case_id case_id;
	bool fresh;		/* this alert opened the case, or is a new reaction */
};

enum hy_err hy_intake_alert(struct hy_turn *turn, struct hy_str alert_id,
			    const struct hy_msg_alert *alert, struct hy_intake *out,
			    struct hy_error *e) HY_MUST_CHECK;

#endif
