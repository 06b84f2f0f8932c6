/*
 * One page fetched by a person's wish, with the manners of the crawler: robots.txt first, our
 * name, checked addresses, limits, a pause between requests, a few redirects of which each is
 * asked for by the same rules. Blocks until it is done; keeps nothing.
 */
#ifndef HY_CRAWLER_POLITE_GET_H
#define HY_CRAWLER_POLITE_GET_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "crawler/crawler_conf.h"

struct hy_polite_page {
	struct hy_buf url;		/* where it was found in the end */
	struct hy_buf body, content_type;
	struct hy_buf sitemaps;		/* of its robots.txt, one a line */
	struct hy_buf reason;		/* Chinese, why there is no body; empty where there is */
	bool is_refused;		/* by robots.txt */
};

/* The caller releases *out by hy_polite_page_fini. Fails only where no fetcher can be made. */
enum hy_err hy_polite_get(const struct hy_crawler_conf *conf, struct hy_str normalised_url,
			  bool allow_private, struct hy_polite_page *out,
			  struct hy_error *e) HY_MUST_CHECK;
void hy_polite_page_fini(struct hy_polite_page *page);

/* Appends how the crawler introduces itself. */
void hy_agent_name(const struct hy_crawler_conf *conf, struct hy_buf *out);

#endif
