/*
 * What the alerter's rule files have in common: a file in the rules folder, lists of entries
 * with an id, validity spans, and references to entries of other files. Mistakes become
 * findings with file:line:column; a reader goes on past them and the caller counts.
 */
#ifndef HY_ALERTER_RULE_FILE_H
#define HY_ALERTER_RULE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/severity.h"
#include "common/sys/yaml.h"

#define HY_RULE_ENTRIES_MAX 4096	/* entries of one list */
#define HY_RULE_PATH_BYTES 4096

/* When an entry holds: from inclusive, to exclusive; HY_WALL_NONE is open. */
struct hy_validity {
	struct hy_wall from, to;
};
bool hy_validity_covers(const struct hy_validity *v, struct hy_wall at);
bool hy_validity_overlap(const struct hy_validity *a, const struct hy_validity *b);
bool hy_validity_within(const struct hy_validity *inner, const struct hy_validity *outer);
/* Keys valid_from and valid_to; a span that ends before it begins is a finding. */
void hy_validity_read(const struct hy_yaml_node *entry, struct hy_findings *findings,
		      struct hy_validity *out);

/* The moments at which an answer may change, in order and without doubles. */
struct hy_moments {
	struct hy_wall *item;
	size_t count, cap;
};
void hy_moments_fini(struct hy_moments *m);
/* Kept only within [from, to); beyond HY_RULE_ENTRIES_MAX moments it is dropped: false. */
bool hy_moments_add(struct hy_moments *m, struct hy_wall at, struct hy_wall from,
		    struct hy_wall to);
bool hy_moments_add_validity(struct hy_moments *m, const struct hy_validity *v,
			     struct hy_wall from, struct hy_wall to);

/*
 * Opens dir/name; findings call it by `name`. A file that is missing, unreadable or no mapping
 * at its top is a finding and a failure. *out is owned by the caller (hy_yaml_free).
 */
enum hy_err hy_rule_file_open(const char *dir, const char *name, struct hy_findings *findings,
			      struct hy_yaml **out) HY_MUST_CHECK;

/* The sequence under root[key], checked for kind and length; NULL with a finding if bad. */
const struct hy_yaml_node *hy_rule_list(const struct hy_yaml *file, const char *key,
					struct hy_findings *findings);

/* entry["id"]: 1-64 of a-z 0-9 . - _; anything else is a finding and gives "". */
struct hy_str hy_rule_id(const struct hy_yaml_node *entry, struct hy_findings *findings);

/* A scalar or a sequence of scalars as items; 0 where the key is missing. */
size_t hy_rule_word_count(const struct hy_yaml_node *entry, const char *key);
struct hy_str hy_rule_word(const struct hy_yaml_node *entry, const char *key, size_t index,
			   const struct hy_yaml_node **out_at);

/* entry[key] as a set of severities (bit 1 << severity); all of them where missing. */
unsigned hy_rule_severities(const struct hy_yaml_node *entry, const char *key,
			    struct hy_findings *findings);
#define HY_RULE_ALL_SEVERITIES ((1u << HY_SEVERITY_COUNT) - 1)

#endif
