/*
 * Rule set: topics and places compiled for matching. Immutable once loaded and shared by any
 * number of scanners; a reload loads another one beside it.
 */
#ifndef HY_ANALYZER_RULESET_H
#define HY_ANALYZER_RULESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/atoms.h"
#include "analyzer/condition.h"
#include "analyzer/fold.h"
#include "analyzer/origin.h"
#include "analyzer/place_finder.h"
#include "analyzer/sector_words.h"
#include "common/base/err.h"
#include "common/rules/outlets.h"
#include "common/rules/places.h"
#include "common/rules/policies.h"
#include "common/rules/topics.h"
#include "common/sys/yaml.h"

#define HY_THRESHOLD_MAX 10000
#define HY_RAISES_MAX 20

/* A step of severity: where its condition holds, the severity is at least this. */
struct hy_raise {
	struct hy_condition condition;
	enum hy_severity severity;
};

struct hy_rule {
	const struct hy_topic *topic;
	const struct hy_policy *policy;	/* what it is the rule of (policy_rules.h), or NULL */
	struct hy_condition match;
	struct hy_origin *origin;	/* NULL: wherever it comes from */
	int64_t threshold;
	struct hy_raise *raises;
	size_t raise_count;
};

struct hy_ruleset {
	struct hy_topics *topics;
	struct hy_places *places;
	struct hy_policies *policies;	/* NULL: none */
	struct hy_outlets *outlets;	/* NULL: none */
	struct hy_origin_list mainstream;	/* compiled of those */
	struct hy_fold_table *table;	/* with the set's spelling variants; NULL: has none */
	struct hy_atoms atoms;
	struct hy_place_finder *finder;
	struct hy_sector_words sectors;
	struct hy_rule *rules;		/* those that compiled, in the order of the files */
	size_t count;			/* of topics; */
	size_t policy_count;		/* behind them so many of policies */
	struct hy_policy_rules *policy_rules;	/* what those own; or NULL */
	/* literal -> rules that it can set off: wake[wake_from[literal] .. wake_from[literal+1]) */
	uint32_t *wake_from, *wake;
	/*
	 * What a rule that was set off needs besides, at least: groups of literals, each a count and
	 * so many literals of which one must stand in the document.
	 */
	uint32_t *need_from, *need;
	/* Rules with a pattern that has no literal: looked at for every document. */
	uint32_t *always;
	size_t always_count;
	struct hy_id version;		/* content id over all files read */
};

/*
 * Reads and compiles the folder of the rules. Mistakes become findings and their topics are left
 * out, so who needs a whole set compares findings->count before and after. Fails (IO, LIMIT) only
 * where there is nothing to read. The table lives longer than the set; how the set folds,
 * variants included, is atoms.table.
 */
enum hy_err hy_ruleset_load(const char *rules_dir, const struct hy_fold_table *table,
			    struct hy_findings *findings, struct hy_ruleset **out,
			    struct hy_error *e) HY_MUST_CHECK;
/* What has been read of a folder. */
struct hy_rule_files {
	struct hy_topics *topics;
	struct hy_places *places;
	struct hy_policies *policies;	/* may be NULL */
	struct hy_outlets *outlets;	/* likewise */
};
/* Compiles it; what has been read passes to the set. */
struct hy_ruleset *hy_ruleset_compile_all(const struct hy_rule_files *files,
					  const struct hy_fold_table *table,
					  struct hy_findings *findings);
/* The same of topics and places alone. */
struct hy_ruleset *hy_ruleset_compile(struct hy_topics *topics, struct hy_places *places,
				      const struct hy_fold_table *table,
				      struct hy_findings *findings);
void hy_ruleset_free(struct hy_ruleset *ruleset);	/* free(NULL) is legal */

#endif
