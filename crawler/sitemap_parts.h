/*
 * The sitemaps that a source's sitemap index lists: which of them changed since they were
 * read. The index says when each changed; one of which it does not say so is read again after
 * some hours. They are read one a request, the one that changed last first, a bounded number
 * after each reading of the index; what is left over follows after the next.
 *
 * All functions write inside the caller's transaction and can be repeated.
 */
#ifndef HY_CRAWLER_SITEMAP_PARTS_H
#define HY_CRAWLER_SITEMAP_PARTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/store.h"

#define HY_SITEMAP_PARTS_MAX 1000	/* of an index, those that changed last */
#define HY_SITEMAP_PARTS_PER_POLL 10

struct hy_sitemap_part {
	char *url;			/* normalised */
	struct hy_wall changed_at;	/* HY_WALL_NONE where the index does not say */
};

struct hy_sitemap_visit {
	struct hy_str source;
	struct hy_str url;		/* of the response */
	struct hy_wall now;
	struct hy_wall oldest;		/* parts unchanged since then are not read; or unknown */
	const struct hy_sitemap_part *parts;	/* where it was an index */
	size_t part_count;
	bool is_index;
	bool is_failed;
	bool is_unread;			/* the part on its way was not read, or not to its end */
	bool is_last;			/* none is to be chosen: enough for now */
};

/*
 * Takes in what a visit of the source brought, and chooses the part that is visited next into
 * *next, which stays empty where none is due.
 */
enum hy_err hy_sitemap_parts_visited(struct hy_store *store, const struct hy_sitemap_visit *visit,
				     struct hy_buf *next, struct hy_error *e) HY_MUST_CHECK;

#endif
