#include "analyzer/wake.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define RARE_BYTES 9	/* three Chinese characters: longer is not rarer enough to matter */

/* Literals gathered for one group, or "any document" where a pattern has none. */
struct literals {
	uint32_t *items;
	size_t count, cap;
	bool everything;
};

struct pair {
	uint32_t literal, rule;
};

struct pairs {
	struct pair *items;
	size_t count, cap;
};

static void add_literal(struct literals *set, uint32_t literal)
{
	set->items = hy_grow(set->items, &set->cap, set->count + 1, sizeof *set->items);
	set->items[set->count++] = literal;
}

static void add_group(struct literals *set, const struct hy_atoms *atoms,
		      const struct hy_group *group)
{
	for (size_t i = 0; i < group->count; i++) {
		const struct hy_atom *atom = &atoms->items[group->items[i].atom];

		if (!atom->is_pattern) {
			add_literal(set, atom->number);
			continue;
		}
		const struct hy_rule_pattern *pattern = &atoms->patterns[atom->number];
		if (pattern->gate_count == 0)
			set->everything = true;
		for (size_t j = 0; j < pattern->gate_count; j++)
			add_literal(set, pattern->gates[j]);
	}
}

static size_t shortest(const struct literals *set, const struct hy_atoms *atoms)
{
	size_t n = set->everything ? 0 : RARE_BYTES;

	for (size_t i = 0; i < set->count; i++)
		if (atoms->strings[set->items[i]].n < n)
			n = atoms->strings[set->items[i]].n;
	return n;
}

/* What a condition asks for, a set for each group: it holds only where each has a hit. */
struct asked {
	struct literals *items;
	size_t count, cap;
};

/* The next set, empty; sets keep their memory from rule to rule. */
static struct literals *next_set(struct asked *asked)
{
	if (asked->count == asked->cap) {
		size_t before = asked->cap;

		asked->items = hy_grow(asked->items, &asked->cap, asked->count + 1,
				       sizeof *asked->items);
		memset(asked->items + before, 0, (asked->cap - before) * sizeof *asked->items);
	}
	struct literals *set = &asked->items[asked->count++];

	set->count = 0;
	set->everything = false;
	return set;
}

static void free_asked(struct asked *asked)
{
	for (size_t i = 0; i < asked->cap; i++)
		free(asked->items[i].items);
	free(asked->items);
}

static bool is_rarer(const struct literals *a, const struct literals *b,
		     const struct hy_atoms *atoms)
{
	size_t x = shortest(a, atoms), y = shortest(b, atoms);

	return x > y || (x == y && a->count < b->count);
}

/* `any` and `near` are one choice; of a pair either side will do, so the rarer one. */
static void add_choice(const struct hy_condition *condition, const struct hy_atoms *atoms,
		       struct literals *set)
{
	struct literals a = {0}, b = {0};

	add_group(set, atoms, &condition->any);
	for (size_t i = 0; i < condition->near_count; i++) {
		a.count = b.count = 0;
		a.everything = b.everything = false;
		add_group(&a, atoms, &condition->near[i].a);
		add_group(&b, atoms, &condition->near[i].b);
		const struct literals *side = is_rarer(&b, &a, atoms) ? &b : &a;

		for (size_t j = 0; j < side->count; j++)
			add_literal(set, side->items[j]);
		set->everything = set->everything || side->everything;
	}
	free(a.items);
	free(b.items);
}

static void gather(const struct hy_condition *condition, const struct hy_atoms *atoms,
		   struct asked *out)
{
	out->count = 0;
	for (size_t i = 0; i < condition->all_count; i++)
		add_group(next_set(out), atoms, &condition->all[i]);
	if (condition->any.count || condition->near_count)
		add_choice(condition, atoms, next_set(out));
}

static size_t rarest(const struct asked *asked, const struct hy_atoms *atoms)
{
	size_t best = 0;

	for (size_t i = 1; i < asked->count; i++)
		if (is_rarer(&asked->items[i], &asked->items[best], atoms))
			best = i;
	return best;
}

/* Numbers one after another. */
struct numbers {
	uint32_t *items;
	size_t count, cap;
};

static void add_number(struct numbers *numbers, size_t number)
{
	numbers->items = hy_grow(numbers->items, &numbers->cap, numbers->count + 1,
				 sizeof *numbers->items);
	numbers->items[numbers->count++] = (uint32_t)number;
}

/* All sets but the one that sets the rule off and those that any document may satisfy. */
static void add_needs(struct numbers *needs, const struct asked *asked, size_t but)
{
	for (size_t i = 0; i < asked->count; i++) {
		const struct literals *set = &asked->items[i];

		if (i == but || set->everything)
			continue;
		add_number(needs, set->count);
		for (size_t j = 0; j < set->count; j++)
			add_number(needs, set->items[j]);
	}
}

static void add_rule(struct hy_ruleset *ruleset, uint32_t rule, const struct literals *set,
		     struct pairs *pairs)
{
	if (set->everything) {
		ruleset->always[ruleset->always_count++] = rule;
		return;
	}
	for (size_t i = 0; i < set->count; i++) {
		pairs->items = hy_grow(pairs->items, &pairs->cap, pairs->count + 1,
				       sizeof *pairs->items);
		pairs->items[pairs->count++] = (struct pair){set->items[i], rule};
	}
}

/* Sorted by literal by counting. */
static void place_pairs(struct hy_ruleset *ruleset, const struct pairs *pairs)
{
	size_t literals = ruleset->atoms.string_count;
	uint32_t *from = hy_xcalloc(literals + 2, sizeof *from);

	/* Counted one place up, summed, and then moved on while filling: from[l] ends as l's begin. */
	for (size_t i = 0; i < pairs->count; i++)
		from[pairs->items[i].literal + 2]++;
	for (size_t i = 2; i < literals + 2; i++)
		from[i] += from[i - 1];
	ruleset->wake = hy_xcalloc(pairs->count + 1, sizeof *ruleset->wake);
	for (size_t i = 0; i < pairs->count; i++)
		ruleset->wake[from[pairs->items[i].literal + 1]++] = pairs->items[i].rule;
	ruleset->wake_from = from;
}

void hy_wake_build(struct hy_ruleset *ruleset)
{
	struct asked asked = {0};
	struct pairs pairs = {0};
	struct numbers needs = {0};

	size_t count = ruleset->count + ruleset->policy_count;

	ruleset->always = hy_xcalloc(count + 1, sizeof *ruleset->always);
	ruleset->need_from = hy_xcalloc(count + 1, sizeof *ruleset->need_from);
	for (size_t i = 0; i < count; i++) {
		gather(&ruleset->rules[i].match, &ruleset->atoms, &asked);
		size_t first = rarest(&asked, &ruleset->atoms);

		add_rule(ruleset, (uint32_t)i, &asked.items[first], &pairs);
		add_needs(&needs, &asked, first);
		ruleset->need_from[i + 1] = (uint32_t)needs.count;
	}
	place_pairs(ruleset, &pairs);
	ruleset->need = needs.items;
	free_asked(&asked);
	free(pairs.items);
}

static bool any_present(const uint32_t *literals, uint32_t count, const struct hy_evidence *ev)
{
	for (uint32_t i = 0; i < count; i++)
		if (hy_evidence_has(ev, literals[i]))
			return true;
	return false;
}

bool hy_wake_can_hold(const struct hy_ruleset *ruleset, uint32_t rule,
		      const struct hy_evidence *evidence)
{
	uint32_t end = ruleset->need_from[rule + 1];

	for (uint32_t at = ruleset->need_from[rule]; at < end; at += 1 + ruleset->need[at])
		if (!any_present(ruleset->need + at + 1, ruleset->need[at], evidence))
			return false;
	return true;
}
