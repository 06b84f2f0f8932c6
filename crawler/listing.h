/*
 * Listing: what a source's response lists, whatever its form (feed, sitemap, HTML list), as
 * addresses with masked titles, ready for the frontier.
 */
#ifndef HY_CRAWLER_LISTING_H
#define HY_CRAWLER_LISTING_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/time.h"
#include "crawler/fetch.h"
#include "crawler/sitemap_parts.h"
#include "crawler/sources.h"

struct hy_listing_item {
	char *url, *title;		/* normalised; masked */
	struct hy_wall published_at;
};

struct hy_listing {
	struct hy_listing_item *items;
	size_t count, cap;
	size_t seen;		/* entries, with those too old or without a usable address */
	struct hy_sitemap_part *parts;	/* of a sitemap index: those that changed last, */
	size_t part_count, part_cap;	/* at most HY_SITEMAP_PARTS_MAX */
	bool is_index;
	bool is_blocked;	/* a captcha or login wall instead of a listing */
	const char *problem;	/* Chinese, constant, where it could not be read; else NULL */
	const char *note;	/* the same where it was read, but not as sources.yaml says */
};

struct hy_listing_terms {
	enum hy_source_kind kind;
	const struct hy_source_xpath *xpath;	/* or NULL */
	const char *url;	/* of the response */
	struct hy_wall now;
	struct hy_wall oldest;	/* items that say they are older are left out; unknown: none */
};

/* Never fails: see problem. hy_listing_fini releases it. */
void hy_listing_read(const struct hy_listing_terms *terms, const struct hy_fetch_result *response,
		     struct hy_listing *out);
void hy_listing_fini(struct hy_listing *listing);	/* safe on a zeroed struct */

#endif
