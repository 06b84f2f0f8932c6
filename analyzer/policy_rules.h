/*
 * Policies as rules: a document is a reaction to a policy where it names it (title, 文号, alias)
 * and says one of its words; what is official by its title is none. They are compiled, woken and
 * evaluated like topics, stand behind them in the set, and never among the topics of a result.
 */
#ifndef HY_ANALYZER_POLICY_RULES_H
#define HY_ANALYZER_POLICY_RULES_H

#include "analyzer/condition.h"
#include "analyzer/ruleset.h"

/* The groups of such a rule's `all`. */
enum hy_policy_group {
	HY_POLICY_GROUP_NAMES,
	HY_POLICY_GROUP_WORDS,
	HY_POLICY_GROUPS
};

struct hy_policy_rules;		/* what the rules of policies own */

/* Compiles the set's policies behind its topics; there is room. What has findings is left out. */
void hy_policy_rules_add(struct hy_ruleset *ruleset, const struct hy_condition_reader *reader);
void hy_policy_rules_free(struct hy_policy_rules *rules);	/* free(NULL) is legal */

#endif
