/*
 * Versions of the rules: each set that was put in force, its texts, and in words what it changed.
 * A case names the version that routed it; so who was to answer, by which words of which file,
 * can be shown years after. A text is kept once, whatever number of versions it is part of.
 *
 * Read by v_rules (number, at, version, previous, change; number counts from 1 as they came into
 * force) and v_rule_text (version, name, text; the name "" has the version in words).
 */
#ifndef HY_ALERTER_RULE_VERSION_H
#define HY_ALERTER_RULE_VERSION_H

#include "alerter/turn.h"
#include "common/base/err.h"

/*
 * Keeps the turn's rules as the ones in force, with an entry in the audit, in the caller's
 * transaction. Nothing where they are in force already.
 */
enum hy_err hy_rule_version_put(struct hy_turn *turn, struct hy_error *e) HY_MUST_CHECK;

#endif
