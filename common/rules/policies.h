/*
 * Policies: documents of the administration whose reception is watched (rules/policies/, every
 * *.yaml by name): what they are called, who drafted them (谁起草谁解读), what a reaction looks like
 * and how many make a case. A folder without policies/ watches none.
 *
 * Strings and nodes are borrowed from the set and live as long as it does. What `names`, `words`
 * and `official` hold is compiled by the analyzer. The keys are described in rules/README.md.
 */
#ifndef HY_RULES_POLICIES_H
#define HY_RULES_POLICIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/rules/files.h"
#include "common/rules/topics.h"
#include "common/sys/content_id.h"
#include "common/sys/severity.h"
#include "common/sys/yaml.h"

#define HY_POLICIES_MAX 2000
#define HY_POLICY_FILES_MAX 500
#define HY_POLICY_NAMES_MAX 100
#define HY_POLICY_URLS_MAX 20		/* of its interpretations */
#define HY_POLICY_NAME_CHARACTERS 4	/* a shorter name stands anywhere */
#define HY_POLICY_THRESHOLD_MAX 10000
#define HY_POLICY_DIGEST_MAX_MS (INT64_C(31) * 86400000)
#define HY_POLICY_SPAN_MAX_MS (INT64_C(90) * 86400000)

struct hy_policy {
	struct hy_str id;		/* "youth-talent" */
	struct hy_str title;		/* as it is published */
	struct hy_str number;		/* 文号, or "" */
	struct hy_str drafter;		/* a unit or a role: units.yaml says which */
	const struct hy_topic *topic;	/* what its case is counted under */
	enum hy_severity severity;	/* of its case */
	struct hy_str url;		/* where its text stands */
	struct hy_str interpretations[HY_POLICY_URLS_MAX];	/* where it is explained (解读) */
	size_t interpretation_count;
	struct hy_wall published;
	struct hy_wall valid_from, valid_to;	/* watched; half-open; HY_WALL_NONE: no bound */
	int64_t threshold, span_ms;	/* so many reactions within so long are a case */
	int64_t digest_ms;		/* reactions are gathered so long, then told to the drafter */
	const struct hy_yaml_node *node;
};

struct hy_policies;

/*
 * Reads the folder of the rules; the topics live longer. Mistakes become findings and that policy
 * is left out; compare findings->count. Fails (IO, LIMIT) only where policies/ is not readable.
 */
enum hy_err hy_policies_load(const char *rules_dir, const struct hy_topics *topics,
			     struct hy_findings *findings, struct hy_policies **out,
			     struct hy_error *e) HY_MUST_CHECK;
/* The same for files in memory. */
struct hy_policies *hy_policies_parse(const struct hy_rules_text *files, size_t count,
				      const struct hy_topics *topics,
				      struct hy_findings *findings);
void hy_policies_free(struct hy_policies *policies);	/* free(NULL) is legal */

size_t hy_policies_count(const struct hy_policies *policies);
const struct hy_policy *hy_policies_at(const struct hy_policies *policies, size_t index);
const struct hy_policy *hy_policies_get(const struct hy_policies *policies, struct hy_str id);
/* The id nearest to one that nobody has, or "". */
struct hy_str hy_policies_nearest(const struct hy_policies *policies, struct hy_str id);

/* Whether the address is that of the policy itself or of its interpretation. */
bool hy_policy_is_release(const struct hy_policy *policy, struct hy_str url);

/* Content id over names and bytes of all files read. */
struct hy_id hy_policies_version(const struct hy_policies *policies);

#endif
