/* A rules folder ready to judge documents with, for the verbs that judge. */
#ifndef HY_CLI_SCAN_RULES_H
#define HY_CLI_SCAN_RULES_H

#include <stddef.h>

#include "analyzer/fold_table.h"
#include "analyzer/ruleset.h"
#include "analyzer/scanner.h"
#include "common/base/err.h"

struct hy_scan_rules {
	struct hy_fold_table *table;
	struct hy_ruleset *ruleset;
	struct hy_scanner *scanner;
};

/*
 * Rules that do not compile judge nothing: half of them would be a silent failure. Findings go
 * to standard error, MALFORMED then. `out` is zeroed by the caller and ends with
 * hy_scan_rules_unload whether loading went well or not.
 */
enum hy_err hy_scan_rules_load(const char *dir, struct hy_scan_rules *out, struct hy_error *e)
	HY_MUST_CHECK;
void hy_scan_rules_unload(struct hy_scan_rules *rules);

/* Names on standard error the patterns that gave up on a document: "huiying VERB: FILE:LINE: …". */
void hy_scan_rules_warn_limited(const struct hy_scan_rules *rules,
				const struct hy_scan_result *result, const char *verb,
				const char *path, size_t line);

#endif
