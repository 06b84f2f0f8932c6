/*
 * Scenarios: documents at a fixed time, and what rules must make of them: topics, severity,
 * places, lead, who assists, supervisor, deadlines. Judged and routed by the code of the daemons.
 * The file is described in rules/README.md.
 */
#ifndef HY_CLI_RULE_SCENARIOS_H
#define HY_CLI_RULE_SCENARIOS_H

#include <stddef.h>

#include "alerter/rule_set.h"
#include "cli/scan_rules.h"
#include "common/base/err.h"
#include "common/sys/yaml.h"

/*
 * Plays the scenarios of a file. What is written wrong or comes out otherwise is a finding at the
 * expectation, with the reason. *out_count: how many were played. IO: not readable.
 */
enum hy_err hy_rule_scenarios_play(const char *path, const struct hy_scan_rules *scan,
				   const struct hy_rule_set *rules, struct hy_findings *findings,
				   size_t *out_count) HY_MUST_CHECK;

#endif
