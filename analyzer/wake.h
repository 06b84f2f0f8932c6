/*
 * Which rules a document can set off at all: for each rule the literals of which one must be
 * there. Of all groups that a condition cannot do without, the one with the rarest literals is
 * taken (the longest, then the fewest).
 */
#ifndef HY_ANALYZER_WAKE_H
#define HY_ANALYZER_WAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "analyzer/evidence.h"
#include "analyzer/ruleset.h"

/* Fills wake_from, wake, always, need_from and need of a set whose rules and atoms are complete. */
void hy_wake_build(struct hy_ruleset *ruleset);

/* False where a rule that was set off cannot hold, for a group of it has nothing at all. */
bool hy_wake_can_hold(const struct hy_ruleset *ruleset, uint32_t rule,
		      const struct hy_evidence *evidence);

#endif
