/*
 * The tree behind hy_yaml; private to common/sys/yaml*.c. Nodes and their text live in the
 * file's memory blocks and are freed with it. An alias is a second pointer to the anchored
 * node, so the tree is a graph without cycles; `weight` is the node count with every alias
 * written out, and is limited.
 */
#ifndef HY_SYS_YAML_TREE_H
#define HY_SYS_YAML_TREE_H

#include "common/sys/yaml.h"

#define HY_YAML_WEIGHT_MAX 1000000
#define HY_YAML_DEPTH_MAX 48
#define HY_YAML_ANCHORS_MAX 1000

enum hy_yaml_kind { HY_YAML_SCALAR, HY_YAML_SEQUENCE, HY_YAML_MAPPING };

struct hy_yaml_node {
	const struct hy_yaml *file;
	enum hy_yaml_kind kind;
	int line, column;	/* from 1; column in characters */
	struct hy_str text;	/* scalar */
	struct hy_yaml_node **children;	/* sequence: items; mapping: key, value, key, value */
	size_t child_count;
	size_t weight;
};

struct hy_yaml_block;

struct hy_yaml {
	char *name;
	struct hy_yaml_block *blocks;
	struct hy_yaml_node *root;
};

/* Memory of the file's life, zeroed and aligned for any type. */
void *hy_yaml_alloc(struct hy_yaml *file, size_t n);
/* Builds file->root from the text; MALFORMED with findings where that is not possible. */
enum hy_err hy_yaml_build(struct hy_yaml *file, struct hy_str text,
			  struct hy_findings *findings) HY_MUST_CHECK;
/* Adds the finding "name:line:column: message"; control characters become spaces. */
void hy_findings_add(struct hy_findings *f, const char *name, int line, int column,
		     const char *message);

#endif
