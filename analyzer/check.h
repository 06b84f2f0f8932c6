/*
 * Checks a rules folder as the analyzer would use it: everything is compiled, and every topic's
 * samples are judged. Mistakes become findings, "file:line:column: message" in Chinese.
 */
#ifndef HY_ANALYZER_CHECK_H
#define HY_ANALYZER_CHECK_H

#include "analyzer/ruleset.h"
#include "common/base/err.h"
#include "common/sys/yaml.h"

#define HY_SAMPLES_MAX 1000	/* of one topic, of one kind */

/*
 * MALFORMED where findings were made; a folder that cannot be read is one, too. What stands in a
 * good set without effect (lint.h), as of `at`, is added to *advice.
 */
enum hy_err hy_analyzer_check(const char *rules_dir, struct hy_wall at,
			      struct hy_findings *findings, struct hy_findings *advice) HY_MUST_CHECK;

/*
 * Loads a set that may be used: MALFORMED (and no set) where compiling or the samples made a
 * finding, else as hy_ruleset_load.
 */
enum hy_err hy_ruleset_load_checked(const char *rules_dir, const struct hy_fold_table *table,
				    struct hy_findings *findings, struct hy_ruleset **out,
				    struct hy_error *e) HY_MUST_CHECK;

/* A pattern that matches whatever stands there (`.{4}`) is a finding: it says nothing. */
void hy_check_patterns(const struct hy_ruleset *ruleset, struct hy_findings *findings);

/* A threshold that the sum of all weights does not reach is one: the topic can never hold. */
void hy_check_thresholds(const struct hy_ruleset *ruleset, struct hy_findings *findings);

/* Judges the samples of every rule of the set; what does not come out as told is a finding. */
void hy_check_samples(const struct hy_ruleset *ruleset, struct hy_findings *findings);

#endif
