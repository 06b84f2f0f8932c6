/*
 * Sizes of every part of a page, so that any subtree is weighed in constant time.
 *
 * Width counts visible characters: one for letters, two for Han characters, none for white
 * space; so that one threshold serves Chinese and English. Hidden parts have no width.
 */
#ifndef HY_CRAWLER_EXTRACT_MEASURE_H
#define HY_CRAWLER_EXTRACT_MEASURE_H

#include <stdbool.h>
#include <stdint.h>

#include "crawler/page.h"

/* Sums over the nodes before an index; one more entry than nodes. */
struct hy_sum {
	uint32_t width;
	uint32_t link_width;	/* in <a href> */
	uint32_t stops;		/* sentence punctuation */
	uint32_t links;
};

struct hy_measure {
	const struct hy_page *page;	/* borrowed */
	struct hy_sum *sums;
	uint16_t *hints;		/* per node, enum hy_hint */
};

/* The caller releases by hy_measure_fini; the page must outlive the measure. */
void hy_measure_init(struct hy_measure *m, const struct hy_page *page);
void hy_measure_fini(struct hy_measure *m);

/* Of the subtree of a node. */
static inline struct hy_sum hy_measure_of(const struct hy_measure *m, size_t node)
{
	const struct hy_sum *from = &m->sums[node], *to = &m->sums[m->page->nodes[node].end];

	return (struct hy_sum){to->width - from->width, to->link_width - from->link_width,
			       to->stops - from->stops, to->links - from->links};
}

/* Of one piece of text. */
struct hy_sum hy_measure_text(struct hy_str text);

#endif
