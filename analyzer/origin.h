/*
 * Origin: which sources and outlets a topic is limited to (the key `sources` of a topic).
 *
 * Sources are globs over the ids of sources.yaml; outlets are globs over the publisher's name as
 * the page gives it, compared folded. What comes from nobody knows where (a file on the command
 * line, a sample that names no source) is not held back.
 */
#ifndef HY_ANALYZER_ORIGIN_H
#define HY_ANALYZER_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/condition.h"
#include "common/base/str.h"
#include "common/sys/yaml.h"

#define HY_ORIGIN_MAX 1000	/* names of one kind */

struct hy_origin_name {
	struct hy_str glob;			/* an outlet's: folded; owned */
	const struct hy_yaml_node *node;	/* where it stands */
};

struct hy_origin_names {
	struct hy_origin_name *items;
	size_t count, cap;
};

struct hy_origin_list {
	bool given;
	struct hy_origin_names sources, outlets;
};

struct hy_origin {
	struct hy_origin_list only, never;
};

/*
 * Reads the value of `sources`. False where a finding was made; *out is zeroed by the caller and
 * freed by hy_origin_fini in either case.
 */
bool hy_origin_read(const struct hy_condition_reader *reader, const struct hy_yaml_node *node,
		    struct hy_origin *out);
void hy_origin_fini(struct hy_origin *origin);

/* One list of either: {source: …, outlet: …}, or source ids alone; zeroed and freed likewise. */
bool hy_origin_list_read(const struct hy_condition_reader *reader, const struct hy_yaml_node *node,
			 struct hy_origin_list *out);
void hy_origin_list_fini(struct hy_origin_list *list);
/* By the outlet where the document names one, else by the source. */
bool hy_origin_list_names(const struct hy_origin_list *list, struct hy_str source,
			  struct hy_str outlet);

/* Both as the document gives them, the outlet folded; either may be empty. */
bool hy_origin_allows(const struct hy_origin *origin, struct hy_str source, struct hy_str outlet);

#endif
