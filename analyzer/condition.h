/*
 * A condition of a rule (`match`, or a step of `raise`) in compiled form.
 *
 * It holds where every group of `all` has a hit, no item of `none` has one, and, if there are
 * any, at least one item of `any` or one pair of `near` has. Its score is the sum of the weights
 * of what hit: each item of `any` once, each group of `all` once (its best item), each pair once;
 * double where it stands in the title.
 */
#ifndef HY_ANALYZER_CONDITION_H
#define HY_ANALYZER_CONDITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/atoms.h"
#include "common/rules/lists.h"
#include "common/sys/msg.h"
#include "common/sys/yaml.h"

#define HY_NEAR_MAX 200		/* characters */
#define HY_WEIGHT_MAX 1000
#define HY_ITEMS_MAX 5000	/* of one group, lists written out */

#define HY_FIELD_BIT(field) ((uint8_t)(1u << (field)))
#define HY_FIELDS_ALL ((uint8_t)(HY_FIELD_BIT(HY_FIELD_COUNT) - 1))
#define HY_FIELD_LEAD_BIT HY_FIELD_BIT(HY_FIELD_COUNT)	/* the body's lead: lead.h */

#define HY_NO_LITERAL UINT32_MAX

struct hy_item {
	uint32_t atom;
	uint32_t literal;	/* the atom's, or HY_NO_LITERAL for a pattern */
	int32_t weight;
	uint8_t fields;		/* HY_FIELD_BIT of those it is sought in, HY_FIELD_LEAD_BIT */
};

struct hy_group {
	struct hy_item *items;
	const struct hy_yaml_node **nodes;	/* where each stands; apart, for nobody matches by it */
	size_t count, cap;			/* of both */
};

struct hy_near {
	struct hy_group a, b;
	uint32_t within;	/* characters between the two, at most */
	int32_t weight;
	bool ordered;		/* a before b */
};

struct hy_condition {
	struct hy_group any, none;
	struct hy_group *all;
	size_t all_count;
	struct hy_near *near;
	size_t near_count;
};

/* What items are read into and with. */
struct hy_condition_reader {
	struct hy_atoms *atoms;
	const struct hy_lists *lists;
	struct hy_findings *findings;
};

/*
 * Reads the keys any, all, none, near of a mapping. False where a finding was made; *out must be
 * freed by hy_condition_fini in either case and is zeroed by the caller.
 */
bool hy_condition_read(const struct hy_condition_reader *reader, const struct hy_yaml_node *node,
		       struct hy_condition *out);
/*
 * The items of the list that "$name" means, one deeper in lists than *depth, which is raised.
 * NULL with a finding where there is no such list, or where lists name each other in a circle.
 */
const struct hy_yaml_node *hy_condition_list(const struct hy_condition_reader *reader,
					     const struct hy_yaml_node *reference,
					     unsigned *depth);
/* One group of items; false where a finding was made. The group is freed by its owner. */
bool hy_group_read(const struct hy_condition_reader *reader, const struct hy_yaml_node *node,
		   struct hy_group *out);
/* One item more, sought in every field: `text` as made of what stands at `node`. */
bool hy_group_add(const struct hy_condition_reader *reader, struct hy_str text,
		  const struct hy_yaml_node *node, struct hy_group *out);
void hy_group_fini(struct hy_group *group);
void hy_condition_fini(struct hy_condition *condition);

/* False where only `none` (or nothing at all) is asked for: such a condition has no meaning. */
bool hy_condition_asks(const struct hy_condition *condition);

#endif
