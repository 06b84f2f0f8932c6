#include "analyzer/place_finder.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

struct name {
	uint32_t literal;
	bool unique;
};

struct entry {
	const struct hy_place *place;
	struct name *names;
	size_t name_count;
	uint32_t *needs;
	size_t need_count;
};

struct hy_place_finder {
	const struct hy_places *places;
	struct entry *entries;
	size_t count;
	struct hy_str *elsewhere;	/* folded, owned */
	size_t elsewhere_count;
};

/* ---- building ---- */

static void add_entry(struct hy_place_finder *finder, const struct hy_place *place,
		      struct hy_atoms *atoms, struct hy_findings *findings)
{
	struct entry *entry = &finder->entries[finder->count++];

	entry->place = place;
	entry->names = hy_xcalloc(place->name_count, sizeof *entry->names);
	entry->needs = hy_xcalloc(place->need_count + 1, sizeof *entry->needs);
	for (size_t i = 0; i < place->name_count; i++) {
		const struct hy_place_name *name = &place->names[i];
		struct name *to = &entry->names[entry->name_count];

		to->unique = name->unique;
		if (hy_atoms_add_literal(atoms, name->text, name->node, findings, &to->literal))
			entry->name_count++;
	}
	for (size_t i = 0; i < place->need_count; i++)
		if (hy_atoms_add_literal(atoms, place->needs[i], place->node, findings,
					 &entry->needs[entry->need_count]))
			entry->need_count++;
}

static void add_elsewhere(struct hy_place_finder *finder, const struct hy_atoms *atoms)
{
	const struct hy_str *names;
	size_t count = hy_places_elsewhere(finder->places, &names);
	struct hy_folded folded;

	hy_folded_init(&folded);
	finder->elsewhere = hy_xcalloc(count + 1, sizeof *finder->elsewhere);
	for (size_t i = 0; i < count; i++)
		if (hy_fold(atoms->table, names[i], &folded) == HY_OK && folded.n)
			finder->elsewhere[finder->elsewhere_count++] = (struct hy_str){
				hy_xstrndup(folded.text, folded.n), folded.n};
	hy_folded_fini(&folded);
}

struct hy_place_finder *hy_place_finder_new(const struct hy_places *places, struct hy_atoms *atoms,
					    struct hy_findings *findings)
{
	struct hy_place_finder *finder = hy_xcalloc(1, sizeof *finder);
	size_t count = hy_places_count(places);

	finder->places = places;
	finder->entries = hy_xcalloc(count + 1, sizeof *finder->entries);
	for (size_t i = 0; i < count; i++)
		add_entry(finder, hy_places_at(places, i), atoms, findings);
	add_elsewhere(finder, atoms);
	return finder;
}

void hy_place_finder_free(struct hy_place_finder *finder)
{
	if (!finder)
		return;
	for (size_t i = 0; i < finder->count; i++) {
		free(finder->entries[i].names);
		free(finder->entries[i].needs);
	}
	for (size_t i = 0; i < finder->elsewhere_count; i++)
		free(hy_take(&finder->elsewhere[i].p));
	free(finder->elsewhere);
	free(finder->entries);
	free(finder);
}

/* ---- finding ---- */

static bool ends_with(const char *text, size_t n, struct hy_str word)
{
	/* The last byte first: it alone says "no" nearly always. */
	return word.n <= n && text[n - 1] == word.p[word.n - 1] &&
	       memcmp(text + n - word.n, word.p, word.n) == 0;
}

/* Another place's name (with 市 or 省 or without) stands right before. */
static bool is_elsewhere(const struct hy_place_finder *finder, const struct hy_folded *folded,
			 size_t start)
{
	static const struct hy_str ranks[] = {{"", 0}, {"市", 3}, {"省", 3}};

	for (size_t r = 0; r < HY_COUNT(ranks); r++) {
		if (ranks[r].n && !ends_with(folded->text, start, ranks[r]))
			continue;
		size_t n = start - ranks[r].n;
		for (size_t i = 0; i < finder->elsewhere_count; i++)
			if (ends_with(folded->text, n, finder->elsewhere[i]))
				return true;
	}
	return false;
}

static bool needs_met(const struct entry *entry, const struct hy_evidence *ev)
{
	for (size_t i = 0; i < entry->need_count; i++)
		if (hy_evidence_has(ev, entry->needs[i]))
			return true;
	return false;
}

static bool any_unique(const struct hy_place_finder *finder, const struct hy_evidence *ev)
{
	for (size_t i = 0; i < finder->count; i++)
		for (size_t j = 0; j < finder->entries[i].name_count; j++)
			if (finder->entries[i].names[j].unique &&
			    hy_evidence_has(ev, finder->entries[i].names[j].literal))
				return true;
	return false;
}

/* Adds the good occurrences of one name in one field to *found. */
static void look_in(const struct hy_place_finder *finder, const struct hy_evidence *ev,
		    const struct name *name, enum hy_field field, struct hy_found_place *found)
{
	struct hy_chain chain = hy_evidence_literal(ev, name->literal, field);

	for (uint32_t at = chain.first; at != HY_NO_HIT; at = ev->hits[at].next) {
		const struct hy_hit *hit = &ev->hits[at];

		if (!name->unique && is_elsewhere(finder, &ev->fields[field], hit->start))
			continue;
		bool first = found->count == 0 || field < found->field ||
			     (field == found->field && hit->start < found->start);
		if (first) {
			found->field = field;
			found->start = hit->start;
			found->end = hit->end;
		}
		found->count++;
	}
}

static const struct hy_place *valid_place(const struct hy_places *places,
					  const struct hy_place *place, struct hy_wall at)
{
	while (place && !hy_place_valid_at(place, at))
		place = hy_places_get(places, place->parent);
	return place;
}

/* A place that stands for two names counts for both. */
static void add_found(struct hy_found_places *out, const struct hy_found_place *found)
{
	for (size_t i = 0; i < out->count; i++) {
		struct hy_found_place *other = &out->items[i];

		if (other->place != found->place)
			continue;
		other->count += found->count;
		if (found->field < other->field) {
			size_t count = other->count;

			*other = *found;
			other->count = count;
		}
		return;
	}
	out->items = hy_grow(out->items, &out->cap, out->count + 1, sizeof *out->items);
	out->items[out->count++] = *found;
}

/* Insertion keeps the file's order among equals; there are few. */
static void sort_found(struct hy_found_places *out)
{
	for (size_t i = 1; i < out->count; i++) {
		struct hy_found_place item = out->items[i];
		size_t at = i;

		while (at > 0 && (item.field < out->items[at - 1].field ||
				  (item.field == out->items[at - 1].field &&
				   item.count > out->items[at - 1].count))) {
			out->items[at] = out->items[at - 1];
			at--;
		}
		out->items[at] = item;
	}
}

void hy_place_finder_find(const struct hy_place_finder *finder, const struct hy_evidence *evidence,
			  struct hy_str region, struct hy_wall at, struct hy_found_places *out)
{
	bool ours = hy_place_finder_is_ours(finder, region) || any_unique(finder, evidence);

	out->count = 0;
	for (size_t i = 0; i < finder->count; i++) {
		const struct entry *entry = &finder->entries[i];
		struct hy_found_place found = {.named = entry->place};

		for (size_t j = 0; j < entry->name_count; j++) {
			const struct name *name = &entry->names[j];

			if (!hy_evidence_has(evidence, name->literal))
				continue;
			if (!name->unique && !(ours || needs_met(entry, evidence)))
				continue;
			look_in(finder, evidence, name, HY_FIELD_TITLE, &found);
			look_in(finder, evidence, name, HY_FIELD_BODY, &found);
		}
		if (found.count == 0)
			continue;
		found.place = valid_place(finder->places, entry->place, at);
		if (found.place)
			add_found(out, &found);
	}
	sort_found(out);
}

bool hy_place_finder_is_ours(const struct hy_place_finder *finder, struct hy_str region)
{
	return region.n > 0 && hy_places_get(finder->places, region) != NULL;
}
