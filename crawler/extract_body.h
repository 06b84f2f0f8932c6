/*
 * Which nodes of a page are the main text.
 *
 * Paragraphs vote for the elements around them, as in Readability; the winner is widened
 * while its surroundings hold more text of the same quality, then cleaned of what is no
 * text: navigation, recommendations, sharing, captions, bylines, legal lines.
 */
#ifndef HY_CRAWLER_EXTRACT_BODY_H
#define HY_CRAWLER_EXTRACT_BODY_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/str.h"
#include "crawler/extract_title.h"
#include "crawler/extract_unit.h"

struct hy_body {
	uint8_t *keep;		/* per node: 1 where its text belongs to the body */
	size_t root;		/* the element that holds it, HY_PAGE_NO_NODE where none */
};

/* Fills *out; release by hy_body_fini. `title` is left out of the text where repeated. */
void hy_body_find(const struct hy_measure *m, const struct hy_units *units,
		  const struct hy_title *title, struct hy_body *out);
void hy_body_fini(struct hy_body *body);

/* Takes everything in one element, cleaned only of what is hidden. */
void hy_body_take(const struct hy_measure *m, size_t node, struct hy_body *out);

/* Appends the kept text as paragraphs separated by \n, white space collapsed. */
void hy_body_write(const struct hy_measure *m, const struct hy_units *units,
		   const struct hy_body *body, struct hy_buf *out);

#endif
