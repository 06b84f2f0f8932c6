/*
 * Named lists: what rules call $name. They stand in lists.yaml, in files that it or another file of
 * lists includes, and in those that files of topics include; all share one set of names.
 *
 * Read once, then immutable. Names and nodes live as long as the set.
 */
#ifndef HY_RULES_LISTS_H
#define HY_RULES_LISTS_H

#include <stddef.h>

#include "common/base/str.h"
#include "common/rules/files.h"
#include "common/sys/content_id.h"
#include "common/sys/yaml.h"

#define HY_LISTS_MAX 10000
#define HY_LIST_FILES_MAX 200

struct hy_lists;

struct hy_list {
	struct hy_str name;
	const struct hy_yaml_node *key, *items;
};

/* Files are included from the folder of the rules; NULL: nothing can be included. */
struct hy_lists *hy_lists_new(const char *rules_dir);
void hy_lists_free(struct hy_lists *lists);	/* free(NULL) is legal */

/* Takes a file of lists with what it includes; mistakes become findings. */
void hy_lists_read(struct hy_lists *lists, const struct hy_rules_text *file,
		   struct hy_findings *findings);
/* Takes the files that the value of a key `include` names. */
void hy_lists_include(struct hy_lists *lists, const struct hy_yaml_node *include,
		      struct hy_findings *findings);

size_t hy_lists_count(const struct hy_lists *lists);
const struct hy_list *hy_lists_at(const struct hy_lists *lists, size_t index);
/* The list that the scalar `reference` ("$name") means; NULL with a finding where there is none. */
const struct hy_list *hy_lists_find(const struct hy_lists *lists,
				    const struct hy_yaml_node *reference,
				    struct hy_findings *findings);

/* Content id over names and bytes of the files read. */
struct hy_id hy_lists_version(const struct hy_lists *lists);

#endif
