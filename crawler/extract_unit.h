/*
 * The page as a sequence of units: runs of inline text between block borders and <br>.
 * A unit is what a reader sees as one paragraph, whatever elements it is made of.
 */
#ifndef HY_CRAWLER_EXTRACT_UNIT_H
#define HY_CRAWLER_EXTRACT_UNIT_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "crawler/extract_measure.h"

struct hy_unit {
	uint32_t first, end;	/* nodes [first, end): its texts and the inline elements between */
	uint32_t owner;		/* the nearest block element around it */
	uint32_t width, link_width, stops;
};

struct hy_units {
	struct hy_unit *items;
	size_t count, cap;
};

/* All units with visible text, in page order; release by hy_units_fini. */
void hy_units_find(const struct hy_measure *m, struct hy_units *out);
void hy_units_fini(struct hy_units *units);

/* The index of the first unit that begins at or behind a node. */
size_t hy_units_at(const struct hy_units *units, uint32_t node);

/*
 * Appends the text of nodes [first, end) with white space collapsed to single spaces and
 * none at the ends; hidden parts are left out.
 */
void hy_text_write(const struct hy_measure *m, size_t first, size_t end, struct hy_buf *out);

/* Appends a text the same way: white space and control characters become single spaces. */
void hy_text_add(struct hy_str text, struct hy_buf *out);

#endif
