#include "analyzer/lint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/base/suggest.h"
#include "common/base/utf8.h"

#define GROUP_MAX 1000		/* larger ones are not compared item by item */
#define SAID_MAX 10000
#define PATH_BYTES 4096
#define ADVICE "提醒："

struct lint {
	const struct hy_ruleset *ruleset;
	struct hy_findings *advice;
	struct hy_map said;	/* pairs of nodes: a list is read wherever it is named */
};

static bool is_new(struct lint *l, const struct hy_yaml_node *a, const struct hy_yaml_node *b)
{
	const struct hy_yaml_node *pair[] = {a, b};
	struct hy_str key = {(const char *)pair, sizeof pair};

	return !hy_map_get(&l->said, key) && hy_map_set(&l->said, key, l) == HY_OK;
}

/* ---- terms of one group ---- */

/* Whether an item with fields `a` has a hit wherever one of the same text with `b` has. */
static bool covers_fields(uint8_t a, uint8_t b)
{
	if (a & HY_FIELD_BIT(HY_FIELD_BODY))
		a |= HY_FIELD_LEAD_BIT;
	return (b & ~a) == 0;
}

static bool same_atom(const struct hy_atoms *atoms, const struct hy_item *a, const struct hy_item *b)
{
	const struct hy_atom *x = &atoms->items[a->atom], *y = &atoms->items[b->atom];

	return x->is_pattern == y->is_pattern && x->number == y->number;
}

static struct hy_str string_of(const struct hy_atoms *atoms, const struct hy_item *item)
{
	return item->literal == HY_NO_LITERAL ? (struct hy_str){0} : atoms->strings[item->literal];
}

/* Whether what `outer` finds always holds what `inner` finds, in a place where it counts. */
static bool stands_in(const struct hy_atoms *atoms, const struct hy_item *inner,
		      const struct hy_item *outer)
{
	struct hy_str x = string_of(atoms, inner), y = string_of(atoms, outer);

	return x.n > 0 && y.n > x.n && covers_fields(inner->fields, outer->fields) &&
	       hy_str_find(y, x, 0) != SIZE_MAX;
}

static struct hy_str written(const struct lint *l, const struct hy_item *item)
{
	return l->ruleset->atoms.items[item->atom].written;
}

static void say_pair(struct lint *l, const struct hy_group *group, size_t i, size_t other,
		     const char *what)
{
	if (!is_new(l, group->nodes[i], group->nodes[other]))
		return;
	hy_cleanup(hy_buf_fini) struct hy_buf place = HY_BUF(PATH_BYTES * 2);

	hy_yaml_place(group->nodes[other], &place);
	hy_yaml_finding(group->nodes[i], l->advice, ADVICE "“%.*s”%s“%.*s”（%.*s）",
			HY_STR_ARGS(written(l, &group->items[i])), what,
			HY_STR_ARGS(written(l, &group->items[other])),
			HY_STR_ARGS(hy_buf_str(&place)));
}

/* The weight matters where the best item counts; it must not be the covered one's. */
static bool is_covered(const struct lint *l, const struct hy_group *group, size_t i, size_t by)
{
	return group->items[by].weight >= group->items[i].weight &&
	       stands_in(&l->ruleset->atoms, &group->items[by], &group->items[i]);
}

/* `only_whether`: of the group nothing counts but whether it has a hit, or its best one. */
static void lint_group(struct lint *l, const struct hy_group *group, bool only_whether)
{
	const struct hy_atoms *atoms = &l->ruleset->atoms;

	for (size_t i = 0; i < group->count && group->count <= GROUP_MAX; i++) {
		bool told = false;

		for (size_t j = 0; j < group->count && !told; j++) {
			bool twin = j < i && same_atom(atoms, &group->items[i], &group->items[j]) &&
				    (covers_fields(group->items[j].fields, group->items[i].fields) ||
				     covers_fields(group->items[i].fields, group->items[j].fields));

			told = twin || (only_whether && j != i && is_covered(l, group, i, j));
			if (twin)
				say_pair(l, group, i, j, "重复，前面已有");
			else if (told)
				say_pair(l, group, i, j, "多余，凡有它必有");
		}
	}
}

static void say_blocked(const struct lint *l, const struct hy_yaml_node *node,
			const struct hy_item *item, const struct hy_item *stop)
{
	hy_yaml_finding(node, l->advice, ADVICE "“%.*s”永远不起作用：其中有排除词“%.*s”",
			HY_STR_ARGS(written(l, item)), HY_STR_ARGS(written(l, stop)));
}

/* A term that holds one of `none` can never make the condition hold. */
static void lint_blocked(struct lint *l, const struct hy_group *group,
			 const struct hy_group *none)
{
	const struct hy_atoms *atoms = &l->ruleset->atoms;

	for (size_t i = 0; i < group->count && group->count <= GROUP_MAX; i++) {
		for (size_t j = 0; j < none->count && none->count <= GROUP_MAX; j++) {
			const struct hy_item *item = &group->items[i], *stop = &none->items[j];

			if (!stands_in(atoms, stop, item) &&
			    !(same_atom(atoms, stop, item) &&
			      covers_fields(stop->fields, item->fields)))
				continue;
			if (!is_new(l, group->nodes[i], none->nodes[j]))
				break;
			say_blocked(l, group->nodes[i], item, stop);
			break;
		}
	}
}

static void lint_condition(struct lint *l, const struct hy_condition *c)
{
	lint_group(l, &c->any, false);
	lint_group(l, &c->none, true);
	lint_blocked(l, &c->any, &c->none);
	for (size_t i = 0; i < c->all_count; i++) {
		lint_group(l, &c->all[i], true);
		lint_blocked(l, &c->all[i], &c->none);
	}
	for (size_t i = 0; i < c->near_count; i++) {
		lint_group(l, &c->near[i].a, false);
		lint_group(l, &c->near[i].b, false);
		lint_blocked(l, &c->near[i].a, &c->none);
		lint_blocked(l, &c->near[i].b, &c->none);
	}
}

/* ---- topics ---- */

static void lint_rule(struct lint *l, const struct hy_rule *rule)
{
	const struct hy_yaml_node *raise = hy_yaml_get(rule->topic->node, "raise");

	lint_condition(l, &rule->match);
	for (size_t i = 0; i < rule->raise_count; i++) {
		const struct hy_yaml_node *step =
			hy_yaml_is_sequence(raise) ? hy_yaml_item(raise, i) : raise;

		lint_condition(l, &rule->raises[i].condition);
		if (rule->raises[i].severity <= rule->topic->severity)
			hy_yaml_finding(step, l->advice,
					ADVICE "raise 的这一步不起作用：不高于议题本来的级别（%s）",
					hy_severity_title(rule->topic->severity));
	}
}

static void lint_past(const struct lint *l, struct hy_wall at)
{
	const struct hy_topics *topics = l->ruleset->topics;

	for (size_t i = 0; i < hy_topics_count(topics); i++) {
		const struct hy_topic *topic = hy_topics_at(topics, i);

		if (hy_wall_known(topic->valid_to) && topic->valid_to.ms <= at.ms)
			hy_yaml_finding(hy_yaml_get(topic->node, "valid_to"), l->advice,
					ADVICE "议题 %.*s 已经过期，不再命中", HY_STR_ARGS(topic->id));
	}
}

/* ---- patterns ---- */

static bool is_han_before(struct hy_str text, size_t at)
{
	size_t from = at ? hy_utf8_floor(text.p, text.n, at - 1) : 0;
	uint32_t rune;

	return at > 0 && hy_utf8_decode(text.p + from, at - from, &rune) && hy_rune_is_han(rune);
}

static bool is_han_behind(struct hy_str text, size_t at)
{
	uint32_t rune;

	return at < text.n && hy_utf8_decode(text.p + at, text.n - at, &rune) && hy_rune_is_han(rune);
}

/* Folding leaves no space beside Chinese; one that may be missing does no harm. */
static bool has_lost_space(struct hy_str text)
{
	bool in_class = false;

	for (size_t i = 0; i < text.n; i++) {
		bool escaped = i > 0 && text.p[i - 1] == '\\';

		if (!escaped && (text.p[i] == '[' || text.p[i] == ']'))
			in_class = text.p[i] == '[';
		if (text.p[i] == ' ' && !in_class &&
		    !(i + 1 < text.n && strchr("?*{", text.p[i + 1])) &&
		    (is_han_before(text, i) || is_han_behind(text, i + 1)))
			return true;
	}
	return false;
}

/* Han characters are no word characters here, so that none begins or ends at \b between two. */
static bool has_han_boundary(struct hy_str text)
{
	for (size_t i = 0; i + 1 < text.n; i++) {
		if (text.p[i] != '\\')
			continue;
		if (text.p[i + 1] == 'b' && (is_han_before(text, i) || is_han_behind(text, i + 2)))
			return true;
		i++;
	}
	return false;
}

static void lint_pattern(const struct lint *l, const struct hy_rule_pattern *pattern)
{
	if (has_lost_space(pattern->written))
		hy_yaml_finding(pattern->node, l->advice, ADVICE "模式里汉字旁的空格永远配不上："
				"比较之前空格已经去掉，请删去");
	if (has_han_boundary(pattern->written))
		hy_yaml_finding(pattern->node, l->advice, ADVICE "汉字旁的 \\b 只配得上紧挨字母或数字的汉字，"
				"汉字之间没有词的边界，请删去");
}

/* ---- lists ---- */

static void name_lists(const struct lint *l, const struct hy_yaml_node *node, struct hy_map *named);

static void name_list(const struct lint *l, struct hy_str name, struct hy_map *named)
{
	const struct hy_lists *lists = hy_topics_lists(l->ruleset->topics);

	for (size_t i = 0; i < hy_lists_count(lists); i++) {
		const struct hy_list *list = hy_lists_at(lists, i);
		union {
			const struct hy_list *list;
			void *value;
		} kept = {list};

		if (!hy_str_eq(list->name, name) || hy_map_get(named, name))
			continue;
		if (hy_map_set(named, name, kept.value) == HY_OK)
			name_lists(l, list->items, named);
	}
}

/* Every "$name" that stands anywhere in a value. */
static void name_lists(const struct lint *l, const struct hy_yaml_node *node, struct hy_map *named)
{
	struct hy_str text = hy_yaml_text(node);

	if (text.n > 1 && text.p[0] == '$')
		name_list(l, hy_str_sub(text, 1, text.n), named);
	for (size_t i = 0; i < hy_yaml_count(node); i++) {
		const struct hy_yaml_node *key, *value;

		if (hy_yaml_is_sequence(node))
			value = hy_yaml_item(node, i);
		else
			hy_yaml_pair(node, i, &key, &value);
		name_lists(l, value, named);
	}
}

static void named_lists(const struct lint *l, struct hy_map *out)
{
	const struct hy_topics *topics = l->ruleset->topics;
	const struct hy_policies *policies = l->ruleset->policies;

	hy_map_init(out, HY_LISTS_MAX);
	for (size_t i = 0; i < hy_topics_count(topics); i++)
		name_lists(l, hy_topics_at(topics, i)->node, out);
	for (size_t i = 0; i < hy_topics_sector_count(topics); i++)
		name_lists(l, hy_topics_sector_at(topics, i)->node, out);
	for (size_t i = 0; i < (policies ? hy_policies_count(policies) : 0); i++)
		name_lists(l, hy_policies_at(policies, i)->node, out);
	if (l->ruleset->outlets && l->ruleset->outlets->media)
		name_lists(l, l->ruleset->outlets->media, out);
}

static void lint_lists(const struct lint *l)
{
	const struct hy_lists *lists = hy_topics_lists(l->ruleset->topics);
	struct hy_map named;

	named_lists(l, &named);
	for (size_t i = 0; i < hy_lists_count(lists); i++) {
		const struct hy_list *list = hy_lists_at(lists, i);

		if (!hy_map_get(&named, list->name))
			hy_yaml_finding(list->key, l->advice, ADVICE "名单 %.*s 没有哪里用到",
					HY_STR_ARGS(list->name));
	}
	hy_map_fini(&named);
}

void hy_lint_unused_lists(const struct hy_ruleset *ruleset, struct hy_findings *findings)
{
	const struct lint l = {.ruleset = ruleset, .advice = findings};
	const struct hy_lists *lists = hy_topics_lists(ruleset->topics);
	struct hy_atoms atoms;
	struct hy_map named;

	hy_atoms_init(&atoms, ruleset->atoms.table);
	named_lists(&l, &named);
	for (size_t i = 0; i < hy_lists_count(lists); i++) {
		const struct hy_condition_reader reader = {&atoms, lists, findings};
		const struct hy_list *list = hy_lists_at(lists, i);
		struct hy_group group = {0};

		if (!hy_map_get(&named, list->name))
			(void)hy_group_read(&reader, list->items, &group);
		hy_group_fini(&group);
	}
	hy_map_fini(&named);
	hy_atoms_fini(&atoms);
}

void hy_lint(const struct hy_ruleset *ruleset, struct hy_wall at, struct hy_findings *advice)
{
	struct lint l = {.ruleset = ruleset, .advice = advice};

	hy_map_init(&l.said, SAID_MAX);
	for (size_t i = 0; i < ruleset->count; i++)
		lint_rule(&l, &ruleset->rules[i]);
	for (size_t i = 0; i < ruleset->sectors.count; i++)
		lint_group(&l, &ruleset->sectors.groups[i], false);
	for (size_t i = 0; i < ruleset->atoms.pattern_count; i++)
		lint_pattern(&l, &ruleset->atoms.patterns[i]);
	lint_past(&l, at);
	lint_lists(&l);
	hy_map_fini(&l.said);
}

/* ---- sources ---- */

static void check_source(const struct hy_yaml_node *sources, const struct hy_origin_name *name,
			 struct hy_findings *findings)
{
	struct hy_suggest near = hy_suggest_for(name->glob);

	for (size_t i = 0; i < hy_yaml_count(sources); i++) {
		struct hy_str id = hy_yaml_text(hy_yaml_get(hy_yaml_item(sources, i), "id"));

		if (hy_str_glob(name->glob, id))
			return;
		hy_suggest_offer(&near, id);
	}
	if (near.best.n)
		hy_yaml_finding(name->node, findings,
				"sources.yaml 里没有来源符合“%.*s”，是否想写“%.*s”？",
				HY_STR_ARGS(name->glob), HY_STR_ARGS(near.best));
	else
		hy_yaml_finding(name->node, findings, "sources.yaml 里没有来源符合“%.*s”",
				HY_STR_ARGS(name->glob));
}

static void check_names(const struct hy_yaml_node *sources, const struct hy_origin_names *names,
			struct hy_findings *findings)
{
	for (size_t i = 0; i < names->count; i++)
		check_source(sources, &names->items[i], findings);
}

void hy_lint_sources(const struct hy_ruleset *ruleset, const char *rules_dir,
		     struct hy_findings *findings)
{
	hy_cleanup(hy_buf_fini) struct hy_buf path = HY_BUF(PATH_BYTES);
	struct hy_findings theirs;	/* mistakes in that file are told by who reads it */
	struct hy_yaml *file = NULL;
	const struct hy_yaml_node *sources = NULL;

	hy_buf_addf(&path, "%s/sources.yaml", rules_dir);
	if (hy_buf_err(&path) || access(path.p, F_OK))
		return;
	hy_findings_init(&theirs);
	if (hy_yaml_open(path.p, NULL, &theirs, &file) == HY_OK && hy_yaml_root(file))
		sources = hy_yaml_get(hy_yaml_root(file), "sources");
	for (size_t i = 0; sources && hy_yaml_is_sequence(sources) && i < ruleset->count; i++) {
		const struct hy_origin *origin = ruleset->rules[i].origin;

		if (!origin)
			continue;
		check_names(sources, &origin->only.sources, findings);
		check_names(sources, &origin->never.sources, findings);
	}
	if (sources && hy_yaml_is_sequence(sources))
		check_names(sources, &ruleset->mainstream.sources, findings);
	hy_yaml_free(file);
	hy_findings_fini(&theirs);
}
