#include "analyzer/condition.h"

#include <stdlib.h>

#include "common/base/mem.h"

#define LIST_DEPTH_MAX 8
#define GROUPS_MAX 100

static const char *const item_keys[] = {"term", "weight", "fields", NULL};
static const char *const near_keys[] = {"a", "b", "within", "ordered", "weight", NULL};

/* What an item gets from what it stands in. */
struct setting {
	int32_t weight;
	uint8_t fields;
	unsigned depth;
};

static bool read_items(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
		       struct setting setting, struct hy_group *out);

/* ---- items ---- */

static bool add_text(const struct hy_condition_reader *r, struct hy_str text,
		     const struct hy_yaml_node *node, struct setting setting, struct hy_group *out)
{
	struct hy_item item = {.weight = setting.weight, .fields = setting.fields};

	if (!hy_atoms_add_text(r->atoms, text, node, r->findings, &item.atom))
		return false;
	const struct hy_atom *atom = &r->atoms->items[item.atom];

	item.literal = atom->is_pattern ? HY_NO_LITERAL : atom->number;
	if (out->count == HY_ITEMS_MAX) {
		hy_yaml_finding(node, r->findings, "一组超过 %d 项", HY_ITEMS_MAX);
		return false;
	}
	size_t cap = out->cap;

	out->items = hy_grow(out->items, &out->cap, out->count + 1, sizeof *out->items);
	out->nodes = hy_grow(out->nodes, &cap, out->count + 1, sizeof(const struct hy_yaml_node *));
	out->nodes[out->count] = node;
	out->items[out->count++] = item;
	return true;
}

static bool add_item(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
		     struct setting setting, struct hy_group *out)
{
	return add_text(r, hy_yaml_text(node), node, setting, out);
}

const struct hy_yaml_node *hy_condition_list(const struct hy_condition_reader *reader,
					     const struct hy_yaml_node *reference,
					     unsigned *depth)
{
	const struct hy_list *list = hy_lists_find(reader->lists, reference, reader->findings);

	if (!list)
		return NULL;
	if (*depth == LIST_DEPTH_MAX) {
		hy_yaml_finding(reference, reader->findings,
				"名单 $%.*s 互相引用成环，或套了 %d 层以上", HY_STR_ARGS(list->name),
				LIST_DEPTH_MAX);
		return NULL;
	}
	++*depth;
	return list->items;
}

static bool read_list(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
		      struct setting setting, struct hy_group *out)
{
	const struct hy_yaml_node *items = hy_condition_list(r, node, &setting.depth);

	return items && read_items(r, items, setting, out);
}

static bool read_field(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
		       uint8_t *fields)
{
	struct hy_str name = hy_yaml_text(node);

	for (int field = 0; field < HY_FIELD_COUNT; field++) {
		if (!hy_str_eq_c(name, hy_field_name((enum hy_field)field)))
			continue;
		*fields |= HY_FIELD_BIT(field);
		return true;
	}
	if (hy_str_eq_c(name, "lead")) {
		*fields |= HY_FIELD_LEAD_BIT;
		r->atoms->reads_lead = true;
		return true;
	}
	hy_yaml_finding(node, r->findings,
			"fields 只能是 title（标题）、lead（导语）、body（正文）");
	return false;
}

static bool read_fields(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
			uint8_t *out)
{
	uint8_t fields = 0;

	if (!hy_yaml_is_sequence(node)) {
		if (!read_field(r, node, &fields))
			return false;
	}
	for (size_t i = 0; hy_yaml_is_sequence(node) && i < hy_yaml_count(node); i++)
		if (!read_field(r, hy_yaml_item(node, i), &fields))
			return false;
	if (fields == 0) {
		hy_yaml_finding(node, r->findings, "fields 是空的");
		return false;
	}
	if (fields & HY_FIELD_LEAD_BIT && fields & HY_FIELD_BIT(HY_FIELD_BODY)) {
		hy_yaml_finding(node, r->findings, "body（正文）已经包含 lead（导语），只写其中一个");
		return false;
	}
	*out = fields;
	return true;
}

static bool read_weight(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
			int32_t *weight)
{
	int64_t value = *weight;

	if (!hy_yaml_get(node, "weight"))
		return true;
	if (!hy_yaml_read_int(node, "weight", 1, HY_WEIGHT_MAX, r->findings, &value))
		return false;
	*weight = (int32_t)value;
	return true;
}

/* {term: …, weight: …, fields: […]} */
static bool read_item_mapping(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
			      struct setting setting, struct hy_group *out)
{
	const struct hy_yaml_node *term = hy_yaml_get(node, "term");
	const struct hy_yaml_node *fields = hy_yaml_get(node, "fields");

	if (!hy_yaml_known_keys(node, item_keys, r->findings))
		return false;
	if (!term) {
		hy_yaml_finding(node, r->findings, "缺少 term（词、/模式/ 或 $名单）");
		return false;
	}
	return read_weight(r, node, &setting.weight) &&
	       (!fields || read_fields(r, fields, &setting.fields)) &&
	       read_items(r, term, setting, out);
}

/*
 * A term, /pattern/, $list, a mapping, or a list of these; how deep lists stand in lists is bounded
 * by the reader of YAML. Goes on after a finding.
 */
static bool read_items(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
		       struct setting setting, struct hy_group *out)
{
	bool good = true;

	if (hy_yaml_is_mapping(node))
		return read_item_mapping(r, node, setting, out);
	if (hy_yaml_is_scalar(node)) {
		struct hy_str text = hy_yaml_text(node);

		return text.n > 1 && text.p[0] == '$' ? read_list(r, node, setting, out)
						      : add_item(r, node, setting, out);
	}
	for (size_t i = 0; i < hy_yaml_count(node); i++)
		good = read_items(r, hy_yaml_item(node, i), setting, out) && good;
	return good;
}

bool hy_group_read(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
		   struct hy_group *out)
{
	const struct setting preset = {.weight = 1, .fields = HY_FIELDS_ALL};

	if (!read_items(r, node, preset, out))
		return false;
	if (out->count > 0)
		return true;
	hy_yaml_finding(node, r->findings, "这里是空的");
	return false;
}

bool hy_group_add(const struct hy_condition_reader *r, struct hy_str text,
		  const struct hy_yaml_node *node, struct hy_group *out)
{
	return add_text(r, text, node, (struct setting){.weight = 1, .fields = HY_FIELDS_ALL}, out);
}

/* ---- all, near ---- */

static bool read_all(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
		     struct hy_condition *out)
{
	bool listed = hy_yaml_is_sequence(node), good = true;
	size_t count = listed ? hy_yaml_count(node) : 1;

	if (count == 0 || count > GROUPS_MAX) {
		hy_yaml_finding(node, r->findings, "all 应有 1 到 %d 项", GROUPS_MAX);
		return false;
	}
	out->all = hy_xcalloc(count, sizeof *out->all);
	out->all_count = count;
	for (size_t i = 0; i < count; i++)
		good = hy_group_read(r, listed ? hy_yaml_item(node, i) : node, &out->all[i]) && good;
	return good;
}

static bool read_pair(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
		      struct hy_near *out)
{
	int64_t within = 0;

	out->weight = 1;
	if (!hy_yaml_is_mapping(node) || !hy_yaml_get(node, "a") || !hy_yaml_get(node, "b") ||
	    !hy_yaml_get(node, "within")) {
		hy_yaml_finding(node, r->findings, "near 应写成 {a: […], b: […], within: 字数}");
		return false;
	}
	bool good = hy_yaml_known_keys(node, near_keys, r->findings);
	good = hy_yaml_read_int(node, "within", 1, HY_NEAR_MAX, r->findings, &within) && good;
	if (hy_yaml_get(node, "ordered"))
		good = hy_yaml_read_bool(node, "ordered", r->findings, &out->ordered) && good;
	good = read_weight(r, node, &out->weight) && good;
	good = hy_group_read(r, hy_yaml_get(node, "a"), &out->a) && good;
	good = hy_group_read(r, hy_yaml_get(node, "b"), &out->b) && good;
	out->within = (uint32_t)within;
	return good;
}

static bool read_near(const struct hy_condition_reader *r, const struct hy_yaml_node *node,
		      struct hy_condition *out)
{
	bool listed = hy_yaml_is_sequence(node), good = true;
	size_t count = listed ? hy_yaml_count(node) : 1;

	if (count == 0 || count > GROUPS_MAX) {
		hy_yaml_finding(node, r->findings, "near 应有 1 到 %d 项", GROUPS_MAX);
		return false;
	}
	out->near = hy_xcalloc(count, sizeof *out->near);
	out->near_count = count;
	for (size_t i = 0; i < count; i++)
		good = read_pair(r, listed ? hy_yaml_item(node, i) : node, &out->near[i]) && good;
	return good;
}

bool hy_condition_read(const struct hy_condition_reader *reader, const struct hy_yaml_node *node,
		       struct hy_condition *out)
{
	const struct hy_yaml_node *any = hy_yaml_get(node, "any");
	const struct hy_yaml_node *all = hy_yaml_get(node, "all");
	const struct hy_yaml_node *none = hy_yaml_get(node, "none");
	const struct hy_yaml_node *near = hy_yaml_get(node, "near");
	bool good = true;

	if (any)
		good = hy_group_read(reader, any, &out->any) && good;
	if (all)
		good = read_all(reader, all, out) && good;
	if (none)
		good = hy_group_read(reader, none, &out->none) && good;
	if (near)
		good = read_near(reader, near, out) && good;
	return good;
}

bool hy_condition_asks(const struct hy_condition *condition)
{
	return condition->any.count || condition->all_count || condition->near_count;
}

void hy_group_fini(struct hy_group *group)
{
	free(group->items);
	free(group->nodes);
	*group = (struct hy_group){0};
}

void hy_condition_fini(struct hy_condition *condition)
{
	hy_group_fini(&condition->any);
	hy_group_fini(&condition->none);
	for (size_t i = 0; i < condition->all_count; i++)
		hy_group_fini(&condition->all[i]);
	for (size_t i = 0; i < condition->near_count; i++) {
		hy_group_fini(&condition->near[i].a);
		hy_group_fini(&condition->near[i].b);
	}
	free(condition->all);
	free(condition->near);
	*condition = (struct hy_condition){0};
}
