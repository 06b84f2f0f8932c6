/*
 * Every link of a page that could lead to an article, with what is shown beside it.
 */
#ifndef HY_CRAWLER_LINKS_CANDIDATE_H
#define HY_CRAWLER_LINKS_CANDIDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/time.h"
#include "crawler/extract_unit.h"

struct hy_candidate {
	size_t node;		/* the <a> */
	uint64_t place;		/* equal for links whose places in the page repeat */
	size_t url_at, url_n;	/* in the text of the candidates */
	size_t title_at, title_n;
	unsigned width;		/* of the title */
	struct hy_wall published_at;
	bool aside, on_site, has_number;	/* has_number: a digit in its path */
};

struct hy_candidates {
	struct hy_candidate *items;
	size_t count, cap;
	struct hy_buf text;
};

struct hy_candidate_input {
	const struct hy_measure *m;
	const struct hy_units *units;
	struct hy_str url;	/* of the page, may be empty */
	struct hy_wall now;
};

/* Fills *out in page order; release by hy_candidates_fini. */
void hy_candidates_find(const struct hy_candidate_input *in, struct hy_candidates *out);
void hy_candidates_fini(struct hy_candidates *candidates);

#endif
