/*
 * YAML files that people edit, read by libfyaml: every value knows where it stands, and every
 * mistake becomes a finding "file:line:column: message" (Chinese: officers read them) instead
 * of the first one ending the read.
 */
#ifndef HY_SYS_YAML_H
#define HY_SYS_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"

#define HY_YAML_FILE_BYTES (16u << 20)
#define HY_YAML_FINDINGS_MAX 500

/* Where findings are gathered; one for a whole check. */
struct hy_findings {
	struct hy_buf text;	/* lines */
	size_t count;		/* also of those beyond the limit, which are not kept */
};
void hy_findings_init(struct hy_findings *f);
void hy_findings_fini(struct hy_findings *f);

struct hy_yaml;			/* a file */
struct hy_yaml_node;		/* a value in it; borrowed, lives as long as the file */

/*
 * Reads a file. Not readable: IO; a syntax error: MALFORMED with a finding; duplicate keys are
 * findings. `name` is how findings call the file (NULL: the path).
 */
enum hy_err hy_yaml_open(const char *path, const char *name, struct hy_findings *findings,
			 struct hy_yaml **out) HY_MUST_CHECK;
enum hy_err hy_yaml_parse(struct hy_str text, const char *name, struct hy_findings *findings,
			  struct hy_yaml **out) HY_MUST_CHECK;
void hy_yaml_free(struct hy_yaml *file);
const struct hy_yaml_node *hy_yaml_root(const struct hy_yaml *file);	/* NULL: empty file */

/* Adds a finding at a node's place. */
void hy_yaml_finding(const struct hy_yaml_node *at, struct hy_findings *findings, const char *fmt,
		     ...) HY_PRINTF(3, 4);
/* "file:line:column" of a node; for messages that name a second place. */
void hy_yaml_place(const struct hy_yaml_node *node, struct hy_buf *out);
int hy_yaml_line(const struct hy_yaml_node *node);	/* from 1 */

bool hy_yaml_is_mapping(const struct hy_yaml_node *node);
bool hy_yaml_is_sequence(const struct hy_yaml_node *node);
bool hy_yaml_is_scalar(const struct hy_yaml_node *node);

/* Sequence: count and item; mapping: count and pair, in file order. */
size_t hy_yaml_count(const struct hy_yaml_node *node);
const struct hy_yaml_node *hy_yaml_item(const struct hy_yaml_node *sequence, size_t index);
void hy_yaml_pair(const struct hy_yaml_node *mapping, size_t index,
		  const struct hy_yaml_node **out_key, const struct hy_yaml_node **out_value);
const struct hy_yaml_node *hy_yaml_get(const struct hy_yaml_node *mapping, const char *key);
struct hy_str hy_yaml_text(const struct hy_yaml_node *scalar);	/* "" if not a scalar */

/* Every key of the mapping must be one of `keys` (NULL-terminated); else a finding each, with
 * the nearest known key as a suggestion. */
bool hy_yaml_known_keys(const struct hy_yaml_node *mapping, const char *const *keys,
			struct hy_findings *findings);

/*
 * Typed reads of mapping[key]. Missing: if `required` a finding at the mapping, else *out is
 * untouched; true only where a good value was stored.
 */
bool hy_yaml_read_text(const struct hy_yaml_node *mapping, const char *key, bool required,
		       struct hy_findings *findings, struct hy_str *out);
bool hy_yaml_read_int(const struct hy_yaml_node *mapping, const char *key, int64_t min, int64_t max,
		      struct hy_findings *findings, int64_t *out);
bool hy_yaml_read_bool(const struct hy_yaml_node *mapping, const char *key,
		       struct hy_findings *findings, bool *out);
bool hy_yaml_read_duration(const struct hy_yaml_node *mapping, const char *key, int64_t min_ms,
			   int64_t max_ms, struct hy_findings *findings, int64_t *out_ms);
/* "2026-11-23" (start of the day, +08:00) or RFC 3339. */
bool hy_yaml_read_wall(const struct hy_yaml_node *mapping, const char *key,
		       struct hy_findings *findings, struct hy_wall *out);

#endif
