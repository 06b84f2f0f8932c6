/* Asks one condition of the evidence of one document, and gathers the hits that made it hold. */
#ifndef HY_ANALYZER_EVALUATE_H
#define HY_ANALYZER_EVALUATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/condition.h"
#include "analyzer/evidence.h"

/* Occurrences that are shown of one atom in one field. */
#define HY_MARKS_PER_ATOM 20

/* A hit to be shown: which atom, where (folded). */
struct hy_mark {
	uint32_t atom, start, end;
	enum hy_field field;
};

struct hy_marks {
	struct hy_mark *items;
	size_t count, cap;
};

/* Whether the item has a hit where it is sought. */
bool hy_item_has_hit(const struct hy_item *item, struct hy_evidence *evidence);

/*
 * True where the condition holds; *out_score is then the sum of weights, and the hits are
 * appended to *marks (of `near` the first pair that stands close enough). Where it does
 * not hold, *marks is as it was.
 */
bool hy_evaluate(const struct hy_condition *condition, struct hy_evidence *evidence,
		 int64_t *out_score, struct hy_marks *marks);

#endif
