/*
 * Drill (演练): a synthetic month of a district through the real intake, routing, clocks, roster and
 * notices, on a clock of its own and in a store of its own that is gone afterwards. Nothing leaves
 * the process: a notice counts as delivered when it is written.
 *
 * How a concern begins and how long people take for it depends on the seed and on its number
 * alone, so that two rule folders can be tried on the same month.
 */
#ifndef HY_CLI_DRILL_H
#define HY_CLI_DRILL_H

#include <stddef.h>
#include <stdint.h>

#include "alerter/ledger.h"
#include "alerter/rule_set.h"
#include "common/base/err.h"
#include "common/base/time.h"

struct hy_drill_plan {
	struct hy_wall from, until;
	double concerns_a_day;
	int64_t sign_ms, answer_ms;	/* what half of the units need less than, for one of 一般 */
	uint64_t seed;
};

struct hy_drill;

/* Plays the whole plan; rules are borrowed for the drill's life. */
enum hy_err hy_drill_play(const struct hy_drill_plan *plan, const struct hy_rule_set *rules,
			  struct hy_drill **out, struct hy_error *e) HY_MUST_CHECK;
void hy_drill_free(struct hy_drill *drill);		/* free(NULL) is legal */

/* What it left, to be read. */
struct hy_store *hy_drill_store(struct hy_drill *drill);

/* The concerns in the order in which they began. */
size_t hy_drill_concerns(const struct hy_drill *drill);
struct hy_drill_outcome {
	struct hy_str title;
	const struct hy_unit *lead;
	struct hy_case_id case_id;
	struct hy_wall at;
	bool signed_late, answered_late;	/* or still not, past the limit */
	bool joined;				/* the case of an earlier concern */
};
enum hy_err hy_drill_outcome(struct hy_drill *drill, size_t number, struct hy_drill_outcome *out,
			     struct hy_error *e) HY_MUST_CHECK;

/* Commands that were refused: an officer came too late, or a drill's fault. */
size_t hy_drill_refused(const struct hy_drill *drill);

#endif
