/*
 * Proof that a rule set sends every concern to exactly one unit, and that somebody is on duty
 * there: it is run before any set is loaded (P3) and by `huiying check`.
 *
 * It enumerates topic × place (and none of each) × severity at every moment at which a row, a
 * unit, a topic or a place begins or ends to hold, and each roster minute by minute of its shifts.
 * Topics that no row and no owner tells apart are one case, places likewise, which keeps the
 * enumeration small without leaving a cell out.
 */
#ifndef HY_ALERTER_PROOF_H
#define HY_ALERTER_PROOF_H

#include "alerter/rule_file.h"
#include "alerter/rule_set.h"
#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/yaml.h"

#define HY_PROOF_ROUTES_DAYS 400	/* ahead, so that a known reform is seen a year before */
#define HY_PROOF_ROSTER_DAYS 35

/* Adds a finding for every hole, contradiction and row without effect. */
void hy_proof_run(const struct hy_rule_set *rules, struct hy_wall from,
		  struct hy_findings *findings);

/*
 * The part about units that end while a parent, a place, a row or a severity still refers to
 * them, at the moments at which something may change; called by hy_proof_run.
 */
void hy_proof_units(const struct hy_rule_set *rules, const struct hy_moments *moments,
		    struct hy_findings *findings);

/* The part about plans and presets; called by hy_proof_run. */
void hy_proof_duty(const struct hy_rule_set *rules, struct hy_wall from,
		   struct hy_findings *findings);

/* Adds a finding for every gap of a roster within HY_PROOF_ROSTER_DAYS. */
void hy_proof_gaps(const struct hy_rule_set *rules, struct hy_wall from,
		   struct hy_findings *findings);

/*
 * The whole check of a rules folder as the alerter reads it: loads and proves. OK where there
 * was nothing to find, MALFORMED where findings were added.
 */
enum hy_err hy_alerter_check(const char *dir, struct hy_findings *findings) HY_MUST_CHECK;
enum hy_err hy_alerter_check_at(const char *dir, struct hy_wall from,
				struct hy_findings *findings) HY_MUST_CHECK;

/* Loads and proves; *out only where there was no finding. */
enum hy_err hy_rule_set_load_proved(const char *dir, struct hy_wall from,
				    struct hy_findings *findings, struct hy_rule_set **out)
	HY_MUST_CHECK;

/*
 * The same at a start, when nothing is in force: what time alone has opened stops no alerter,
 * which would leave everybody untold in place of one post. A gap in a roster, or a unit that
 * comes to its end in a set that was sound when it was written, are told by an alarm
 * (duty_watch.h); an empty step falls through, and the fallback takes what nobody claims.
 */
enum hy_err hy_rule_set_load_again(const char *dir, struct hy_wall from,
				   struct hy_findings *findings, struct hy_rule_set **out)
	HY_MUST_CHECK;

#endif
