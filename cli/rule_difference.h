/*
 * What two rule sets say differently about the same documents: gathered document by document,
 * told by topic with counts and a few examples.
 */
#ifndef HY_CLI_RULE_DIFFERENCE_H
#define HY_CLI_RULE_DIFFERENCE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyzer/scanner.h"
#include "cli/rule_shares.h"
#include "common/base/buf.h"
#include "common/base/map.h"
#include "common/base/str.h"

#define HY_DIFFERENCE_EXAMPLES_MAX 1000

struct hy_difference_group;

struct hy_difference {
	size_t examples_max;		/* kept of each group */
	size_t documents;		/* judged */
	size_t base_fired, changed_fired;	/* documents with any topic */
	size_t newly, lost, first, severity;	/* documents; newly and lost: of all their topics */
	struct hy_difference_group **groups;
	size_t count, cap;
	struct hy_map by_key;
	struct hy_rule_shares shares;
};

void hy_difference_init(struct hy_difference *d, size_t examples_max);
void hy_difference_fini(struct hy_difference *d);

/* One document as both see it. Everything is borrowed for the call. */
struct hy_difference_document {
	const json_t *id;
	struct hy_str title, text;
	const struct hy_scan_result *base, *changed;
};
void hy_difference_add(struct hy_difference *d, const struct hy_difference_document *document);

bool hy_difference_any(const struct hy_difference *d);

/* Both sort the groups: by kind, the largest first. */
void hy_difference_print(struct hy_difference *d, struct hy_buf *out);	/* Chinese */
json_t *hy_difference_json(struct hy_difference *d);			/* the caller's */

#endif
