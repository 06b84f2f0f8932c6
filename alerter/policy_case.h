/*
 * A policy's case: reactions that pass its threshold are a matter for its drafter, counted under
 * the policy's topic. While it is open what comes joins it; behind its closing the next one is
 * not before a timespan is over since it was opened, and of reactions that no case had.
 */
#ifndef HY_ALERTER_POLICY_CASE_H
#define HY_ALERTER_POLICY_CASE_H

#include <stdbool.h>

#include "alerter/reaction.h"
#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/rules/policies.h"

/* After hy_reaction_put of a new one. */
enum hy_err hy_policy_case_follow(struct hy_turn *turn, const struct hy_policy *policy,
				  const struct hy_reaction *reaction, bool *out_opened,
				  struct hy_error *e) HY_MUST_CHECK;

#endif
