/*
 * Lint: what stands in rules without effect. Nothing of it is wrong, so nothing refuses a set for
 * it; `huiying check` tells it as advice ("提醒").
 *
 * Told are: the same term twice in a group, however it is spelled; a term that another of its
 * group stands in, where only whether the group has a hit counts; a term that holds one of the
 * topic's `none`; a step of `raise` that raises nothing; a space beside Chinese in a pattern; a
 * topic that is past; a list that nobody names.
 */
#ifndef HY_ANALYZER_LINT_H
#define HY_ANALYZER_LINT_H

#include "analyzer/ruleset.h"
#include "common/base/time.h"
#include "common/sys/yaml.h"

/* `at`: the moment that topics may be past at. */
void hy_lint(const struct hy_ruleset *ruleset, struct hy_wall at, struct hy_findings *advice);

/* What is wrong in lists that nobody names: nothing else reads them. */
void hy_lint_unused_lists(const struct hy_ruleset *ruleset, struct hy_findings *findings);

/* Sources that topics name and sources.yaml of the folder does not have. */
void hy_lint_sources(const struct hy_ruleset *ruleset, const char *rules_dir,
		     struct hy_findings *findings);

#endif
