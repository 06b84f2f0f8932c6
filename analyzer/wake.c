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

/* Keeps the better of the two in *best; the other's memory stays with *other for the next use. */
static void keep_rarer(struct literals *best, struct literals *other, bool first,
		       const struct hy_atoms *atoms)
{
	size_t a = shortest(best, atoms), b = shortest(other, atoms);

	if (first || b > a || (b == a && other->count < best->count)) {
		struct literals swap = *best;

		*best = *other;
		*other = swap;
	}
	other->count = 0;
	other->everything = false;
}

/* The rarest set of literals without which the condition cannot hold. */
static void find_literals(const struct hy_condition *condition, const struct hy_atoms *atoms,
			  struct literals *best, struct literals *spare)
{
	bool first = true;

	best->count = spare->count = 0;
	best->everything = spare->everything = false;
	for (size_t i = 0; i < condition->all_count; i++) {
		add_group(spare, atoms, &condition->all[i]);
		keep_rarer(best, spare, first, atoms);
		first = false;
	}
	if (condition->any.count == 0 && condition->near_count == 0)
		return;
	struct literals side = {0}, other = {0};

	add_group(spare, atoms, &condition->any);
	for (size_t i = 0; i < condition->near_count; i++) {
		add_group(&side, atoms, &condition->near[i].a);
		add_group(&other, atoms, &condition->near[i].b);
		keep_rarer(&side, &other, false, atoms);
		for (size_t j = 0; j < side.count; j++)
			add_literal(spare, side.items[j]);
		spare->everything = spare->everything || side.everything;
		side.count = 0;
		side.everything = false;
	}
	free(side.items);
	free(other.items);
	keep_rarer(best, spare, first, atoms);
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
	struct literals best = {0}, spare = {0};
	struct pairs pairs = {0};

	ruleset->always = hy_xcalloc(ruleset->count + 1, sizeof *ruleset->always);
	for (size_t i = 0; i < ruleset->count; i++) {
		find_literals(&ruleset->rules[i].match, &ruleset->atoms, &best, &spare);
		add_rule(ruleset, (uint32_t)i, &best, &pairs);
	}
	place_pairs(ruleset, &pairs);
	free(best.items);
	free(spare.items);
	free(pairs.items);
}
