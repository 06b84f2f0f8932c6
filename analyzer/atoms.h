/*
 * Atoms: every distinct term and pattern of a rule set, and the strings that the literal filter
 * looks for on their behalf. Built while rules are read, then sealed and read-only.
 */
#ifndef HY_ANALYZER_ATOMS_H
#define HY_ANALYZER_ATOMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/fold.h"
#include "analyzer/literals.h"
#include "analyzer/pattern.h"
#include "common/base/map.h"
#include "common/base/str.h"
#include "common/sys/yaml.h"

#define HY_LITERALS_MAX 1000000
#define HY_TERM_BYTES 300

struct hy_atom {
	struct hy_str written;	/* as in the rule file; borrowed from it */
	bool is_pattern;
	uint32_t number;	/* of the literal or the pattern */
};

struct hy_rule_pattern {
	struct hy_pattern *pattern;
	struct hy_str written;
	const struct hy_yaml_node *node;	/* where it stands first */
	/* Literals of which one stands in every match; none: the pattern runs on everything. */
	uint32_t *gates;
	size_t gate_count;
	size_t longest;		/* characters, or HY_SHAPE_UNBOUNDED */
};

struct hy_atoms {
	const struct hy_fold_table *table;
	struct hy_folded folded;	/* for folding terms */
	struct hy_atom *items;
	size_t count, cap;
	struct hy_map by_text;		/* written -> position in items */
	struct hy_str *strings;		/* the literals, folded, owned */
	size_t string_count, string_cap;
	struct hy_map by_string;
	struct hy_rule_pattern *patterns;
	size_t pattern_count, pattern_cap;
	struct hy_literals *literals;	/* after sealing */
	bool reads_lead;		/* some item is sought in the lead only */
};

void hy_atoms_init(struct hy_atoms *atoms, const struct hy_fold_table *table);
void hy_atoms_fini(struct hy_atoms *atoms);

/*
 * The atom of a term, or of a pattern between slashes, as written at `node`; the same text gives
 * the same atom. False with a finding where it is not a usable one.
 */
bool hy_atoms_add(struct hy_atoms *atoms, const struct hy_yaml_node *node,
		  struct hy_findings *findings, uint32_t *out_atom);

/* The same for a text that is made of what stands at `node`; it lives as long as the atoms. */
bool hy_atoms_add_text(struct hy_atoms *atoms, struct hy_str text,
		       const struct hy_yaml_node *node, struct hy_findings *findings,
		       uint32_t *out_atom);

/* The literal of a text after folding (a place's name); false with a finding where it is empty. */
bool hy_atoms_add_literal(struct hy_atoms *atoms, struct hy_str text,
			  const struct hy_yaml_node *node, struct hy_findings *findings,
			  uint32_t *out_literal);

/* Builds the filter; nothing is added afterwards. */
void hy_atoms_seal(struct hy_atoms *atoms);

#endif
