/*
 * The articles that a list page links to.
 *
 * The main list is found by its form: links whose places in the page repeat, with texts as
 * long as headlines, on the page's own registrable domain. Navigation, tags, paging and
 * advertisement links are left out. Addresses are resolved against <base> and the page.
 * Lists of WeChat articles are read by their known forms, see wechat_list.h.
 */
#ifndef HY_CRAWLER_LINKS_H
#define HY_CRAWLER_LINKS_H

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "crawler/extract.h"

#define HY_LINKS_MAX 2000

/* Views stay valid until hy_links_fini. */
struct hy_link {
	struct hy_str url;		/* absolute, without fragment */
	struct hy_str title;
	struct hy_wall published_at;	/* as shown beside the link, or HY_WALL_NONE */
};

struct hy_links {
	struct hy_link *items;	/* in page order, no address twice */
	size_t count;
	char *storage;		/* owns the views */
};

/*
 * Fills *out; the caller releases it by hy_links_fini. Without in->url, only absolute links
 * are found. A page without a list gives count 0. Fails with LIMIT as hy_article_extract.
 */
enum hy_err hy_links_find(const struct hy_extract_input *in, struct hy_links *out,
			  struct hy_error *e) HY_MUST_CHECK;
void hy_links_fini(struct hy_links *links);	/* safe on a zeroed struct */

#endif
