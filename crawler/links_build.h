/* Links while they are gathered one by one: each address once, at most HY_LINKS_MAX. */
#ifndef HY_CRAWLER_LINKS_BUILD_H
#define HY_CRAWLER_LINKS_BUILD_H

#include "common/base/buf.h"
#include "common/base/map.h"
#include "crawler/links.h"

struct hy_links_build {
	struct hy_buf text;
	struct hy_map seen;
	struct hy_links_place {
		size_t url_at, url_n, title_at, title_n;
		struct hy_wall published_at;
	} *places;
	size_t count, cap;
};

void hy_links_build_init(struct hy_links_build *b);
/* An empty or known address adds nothing. */
void hy_links_build_add(struct hy_links_build *b, struct hy_str url, struct hy_str title,
			struct hy_wall published_at);
/* Moves what was gathered to *out and releases the rest. */
void hy_links_build_end(struct hy_links_build *b, struct hy_links *out);

#endif
