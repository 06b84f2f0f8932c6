/*
 * Ledger: the store of the active alerter and everything that is written to it, transaction by
 * transaction. Above it are messages and timers, below it the modules that write one thing.
 *
 * Each function below is one transaction of its own. After OK the work is durable and the
 * notices that became due are in the turn that the caller reads by hy_ledger_turn. After any
 * failure nothing was written, save UNCERTAIN, where the same call again finds out.
 */
#ifndef HY_ALERTER_LEDGER_H
#define HY_ALERTER_LEDGER_H

#include <stddef.h>
#include <stdint.h>

#include "alerter/audit_day.h"
#include "alerter/case_event.h"
#include "alerter/intake.h"
#include "alerter/rule_set.h"
#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/sys/msg.h"
#include "common/sys/store.h"

struct hy_ledger;

/*
 * Opens the store and takes the lock that makes this alerter the active one. CONFLICT while
 * another is; then, and after every other failure, try again later.
 */
enum hy_err hy_ledger_open(const char *url, int64_t timeout_ms, struct hy_ledger **out,
			   struct hy_error *e) HY_MUST_CHECK;
void hy_ledger_free(struct hy_ledger *ledger);

struct hy_store *hy_ledger_store(struct hy_ledger *ledger);
/* From here on the ledger's moment in place of the system's, until it is set again: for drills. */
void hy_ledger_set_now(struct hy_ledger *ledger, struct hy_wall now);
/* What the last transaction left to be done; valid until the next one. */
const struct hy_turn *hy_ledger_turn(const struct hy_ledger *ledger);

/*
 * Puts these rules in force: their units are in the store before any case may name them, their
 * texts before any case may name their version (rule_version.h), topics that changed are counted
 * anew (traffic.h), and limits that waited for a
 * year's holidays are counted again.
 */
enum hy_err hy_ledger_set_rules(struct hy_ledger *ledger, const struct hy_rule_set *rules,
				struct hy_error *e) HY_MUST_CHECK;

/* Once, before anything is sent: what was being sent when the last alerter ended. */
enum hy_err hy_ledger_recover(struct hy_ledger *ledger, int64_t *out_uncertain,
			      struct hy_error *e) HY_MUST_CHECK;

struct hy_ledger_alert {
	const struct hy_msg *message;	/* an ALERT */
	struct hy_intake result;
};
/* All or none. */
enum hy_err hy_ledger_alerts(struct hy_ledger *ledger, struct hy_ledger_alert *alerts,
			     size_t count, struct hy_error *e) HY_MUST_CHECK;

enum hy_err hy_ledger_command(struct hy_ledger *ledger, const struct hy_msg *message,
			      enum hy_err *out_code, struct hy_buf *out_text, struct hy_error *e)
	HY_MUST_CHECK;

/* What the system found out about a case; see case_event.h. */
enum hy_err hy_ledger_case_event(struct hy_ledger *ledger, const struct hy_case_finding *finding,
				 bool *out_moved, struct hy_error *e) HY_MUST_CHECK;

/* An ALARM; *out_fresh false where it was known. */
enum hy_err hy_ledger_alarm(struct hy_ledger *ledger, const struct hy_msg *message,
			    bool *out_fresh, struct hy_error *e) HY_MUST_CHECK;

/* A TALLY, and the alarms that come of it (traffic_alarm.h); *out_fresh false where it was known. */
enum hy_err hy_ledger_tally(struct hy_ledger *ledger, const struct hy_msg *message,
			    bool *out_fresh, struct hy_error *e) HY_MUST_CHECK;

/* Keeps that an ALERT, an ALARM or a TALLY was refused for good; see refusal.h. */
enum hy_err hy_ledger_refuse(struct hy_ledger *ledger, const struct hy_msg *message,
			     const char *reason, struct hy_error *e) HY_MUST_CHECK;

/* One piece of the audit's day, see audit_day.h; *out_done once there is none left today. */
enum hy_err hy_ledger_audit(struct hy_ledger *ledger, const struct hy_audit_rules *rules,
			    bool *out_done, struct hy_error *e) HY_MUST_CHECK;

/*
 * Fires at most `limit` due deadlines. One that cannot be fired is put off with an alarm in place
 * of all of them failing: *out_fired is 0 then, and the next call fires the others. Tells the
 * digests that are due, too (policy_digest.h).
 */
enum hy_err hy_ledger_fire(struct hy_ledger *ledger, size_t limit, size_t *out_fired,
			   struct hy_error *e) HY_MUST_CHECK;

/* Looks for what the rules in force will lack; see duty_watch.h. */
enum hy_err hy_ledger_watch(struct hy_ledger *ledger, struct hy_error *e) HY_MUST_CHECK;

/* Tells that the system's clock was set; see clock_watch.h. */
enum hy_err hy_ledger_clock_step(struct hy_ledger *ledger, int64_t step_ms, struct hy_error *e)
	HY_MUST_CHECK;

struct hy_ledger_figures {
	int64_t cases_open, cases_overdue, alerts, events;
	int64_t notices_waiting, notices_uncertain, alarms_open;
};
enum hy_err hy_ledger_figures(struct hy_ledger *ledger, struct hy_ledger_figures *out,
			      struct hy_error *e) HY_MUST_CHECK;

#endif
