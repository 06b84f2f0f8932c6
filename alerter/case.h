/*
 * Cases: an event that somebody must answer, with exactly one lead unit (P3). Opening and every
 * command are one transaction with their assists, deadlines, notices and audit entries.
 */
#ifndef HY_ALERTER_CASE_H
#define HY_ALERTER_CASE_H

#include <stdbool.h>

#include "alerter/case_table.h"
#include "alerter/event.h"
#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/content_id.h"
#include "common/sys/msg.h"

#define HY_CASE_ID_BYTES 32	/* "2026-000123" and a NUL */

struct hy_case_id {
	char text[HY_CASE_ID_BYTES];
};

/* What the case of an event has so far. */
struct hy_case_present {
	bool found;
	struct hy_case_id id;
	enum hy_case_state state;
	struct hy_wall closed_at;	/* unknown while it is open */
	enum hy_severity severity;
	const struct hy_unit *lead;	/* of the rules in force: the fallback for one that is gone */
};
/*
 * The case of an event: the open one, else the latest; one that was merged is looked up where it
 * went. Nothing found where it has none.
 */
enum hy_err hy_case_of_event(struct hy_turn *turn, const struct hy_id *event,
			     struct hy_case_present *out, struct hy_error *e) HY_MUST_CHECK;

/* Routes the alert and opens the event's case. CONFLICT where it has one. */
enum hy_err hy_case_open(struct hy_turn *turn, const struct hy_msg_alert *alert,
			 const struct hy_id *event, struct hy_case_id *out, struct hy_error *e)
	HY_MUST_CHECK;

/*
 * One alert more on a case. One that was answered comes up again where the alert is graver, one
 * that has ended where the alert was published after that (FOLLOW of case_table.h). A graver one
 * raises the severity: the supervisor of the new severity is told and the clocks tighten, counted
 * from that alert; none is ever loosened.
 */
enum hy_err hy_case_add_alert(struct hy_turn *turn, const struct hy_msg_alert *alert,
			      const struct hy_case_present *present, struct hy_error *e)
	HY_MUST_CHECK;

#endif
