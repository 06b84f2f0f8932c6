/*
 * The rule set in use and its scanner, and the change to another one: a new set is compiled and
 * proved by its samples beside the old one, and takes over whole or not at all.
 */
#ifndef HY_ANALYZER_RULES_HOLDER_H
#define HY_ANALYZER_RULES_HOLDER_H

#include <stdint.h>

#include "analyzer/ruleset.h"
#include "analyzer/scanner.h"
#include "common/base/log.h"

/* A pattern reaches its limit far more often than anyone can read about it. */
#define HY_LIMITED_SHOWN 20

struct hy_rules_holder {
	const struct hy_log *log;
	struct hy_fold_table *table;
	struct hy_ruleset *ruleset;
	struct hy_scanner *scanner;
	uint64_t *limited;		/* per pattern: documents in which it reached a limit */
	uint64_t limited_total;		/* since start, over all sets */
	uint64_t reloads, refused;
	int64_t load_ms, swap_ms;	/* of the set in use: until it was proved; to take it over */
	size_t findings;		/* of the last set that was refused; 0 after a good one */
};

/* Zeroed but for the log; nothing is loaded yet. */
void hy_rules_holder_init(struct hy_rules_holder *holder, const struct hy_log *log);
void hy_rules_holder_fini(struct hy_rules_holder *holder);

/* Loads the folder and takes it over. On failure each finding is logged and the old set stays. */
enum hy_err hy_rules_holder_load(struct hy_rules_holder *holder, const char *rules_dir,
				 struct hy_error *e) HY_MUST_CHECK;

/* Counts and, the first time and at each tenfold, logs the patterns that reached a limit. */
void hy_rules_holder_count_limited(struct hy_rules_holder *holder,
				   const struct hy_scan_result *result);

#endif
