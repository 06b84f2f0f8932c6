/*
 * Places in a document, with their evidence. A unique name is evidence by itself. An ambiguous one
 * (高新区, 孙村) is ours only where a word of its place's `needs` stands in the document, where a
 * unique name of the district does, or where the source is about the district; and never right
 * behind the name of another place (成都高新区). A place that is no longer valid stands for the
 * nearest valid place above it.
 */
#ifndef HY_ANALYZER_PLACE_FINDER_H
#define HY_ANALYZER_PLACE_FINDER_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/atoms.h"
#include "analyzer/evidence.h"
#include "common/rules/places.h"

struct hy_place_finder;

/* Adds the names to the atoms before they are sealed. The places live longer. */
struct hy_place_finder *hy_place_finder_new(const struct hy_places *places, struct hy_atoms *atoms,
					    struct hy_findings *findings);
void hy_place_finder_free(struct hy_place_finder *finder);

struct hy_found_place {
	const struct hy_place *place;	/* valid at the time asked for */
	const struct hy_place *named;	/* the one whose name was found; may be no longer valid */
	enum hy_field field;
	uint32_t start, end;		/* folded; the first good occurrence, title before body */
	size_t count;			/* good occurrences */
};

struct hy_found_places {
	struct hy_found_place *items;
	size_t count, cap;
};

/*
 * Replaces what *out held: each place once, in the title first, then by count, then as in the
 * file. `region` is the source's place id or "".
 */
void hy_place_finder_find(const struct hy_place_finder *finder, const struct hy_evidence *evidence,
			  struct hy_str region, struct hy_wall at, struct hy_found_places *out);

/* True where region is the id of one of our places. */
bool hy_place_finder_is_ours(const struct hy_place_finder *finder, struct hy_str region);

#endif
