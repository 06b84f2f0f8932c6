/*
 * Which rules a document can set off at all: for each rule the literals of which one must be
 * there. Of all groups that a condition cannot do without, the one with the rarest literals is
 * taken (the longest, then the fewest).
 */
#ifndef HY_ANALYZER_WAKE_H
#define HY_ANALYZER_WAKE_H

#include "analyzer/ruleset.h"

/* Fills wake_from, wake and always of a set whose rules and atoms are complete. */
void hy_wake_build(struct hy_ruleset *ruleset);

#endif
