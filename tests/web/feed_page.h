/* RSS 2.0, Atom (RFC 4287), sitemaps and JSON Feed 1.1 of a source. All append UTF-8. */
#ifndef SIM_FEED_PAGE_H
#define SIM_FEED_PAGE_H

#include "common/base/buf.h"
#include "tests/web/site.h"

struct sim_feed {
	const struct sim_world *world;
	uint32_t source;
	struct hy_str name;
	int64_t now_ms;
};

void sim_feed_rss(const struct sim_feed *f, struct hy_buf *out);
void sim_feed_atom(const struct sim_feed *f, struct hy_buf *out);
void sim_feed_sitemap(const struct sim_feed *f, struct hy_buf *out);
void sim_feed_json(const struct sim_feed *f, struct hy_buf *out);

#endif
