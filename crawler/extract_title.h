/*
 * The headline of an article: the heading that <title> repeats, or what is left of <title>
 * without the site's name.
 */
#ifndef HY_CRAWLER_EXTRACT_TITLE_H
#define HY_CRAWLER_EXTRACT_TITLE_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "crawler/extract_unit.h"

struct hy_title {
	struct hy_buf text;
	size_t node;		/* where it stands in the page, HY_PAGE_NO_NODE where only in <head> */
	bool confirmed;		/* heading and <title> agree: a page about one thing */
};

/* Release by hy_title_fini. The text is empty where the page has none. */
void hy_title_find(const struct hy_measure *m, struct hy_title *out);

/*
 * Where no heading was confirmed: takes the line shortly before the body that <title>
 * repeats, or else the last heading there.
 */
void hy_title_look_before(const struct hy_measure *m, const struct hy_units *units, size_t body,
			  struct hy_title *title);

/* Whether two headlines differ in case, white space and punctuation only. */
bool hy_title_same(struct hy_str a, struct hy_str b);

void hy_title_fini(struct hy_title *title);

/* The content of the first <meta> whose name, property or itemprop is `name`, or empty. */
struct hy_str hy_meta_find(const struct hy_page *page, const char *name);

/* "Headline_Channel_Site" to "Headline"; a view into `title`. */
struct hy_str hy_title_without_site(struct hy_str title);

#endif
