/*
 * HTML of the ordinary sites: articles in four layouts, lists, with what surrounds the text on
 * real pages (navigation, sharing, related and hot items, comments, footers, scripts, styles).
 * All append UTF-8; the charset is applied afterwards.
 */
#ifndef SIM_PAGE_H
#define SIM_PAGE_H

#include "common/base/buf.h"
#include "tests/web/site.h"
#include "tests/web/story.h"

/* The story of a document as it stands `now_ms` after the start. */
void sim_page_story(const struct sim_world *w, uint32_t document, int64_t now_ms,
		    struct sim_story *out);
/* Its title alone. */
void sim_page_title(const struct sim_world *w, uint32_t document, int64_t now_ms,
		    struct hy_buf *out);

void sim_page_article(const struct sim_world *w, uint32_t document, int64_t now_ms,
		      struct hy_buf *out);
/* Page 1 is the newest; the caller has checked that `page` exists. */
void sim_page_list(const struct sim_world *w, uint32_t site, uint32_t page, int64_t now_ms,
		   struct hy_buf *out);
void sim_page_robots(const struct sim_world *w, uint32_t site, struct hy_buf *out);
/* True where the robots.txt of an ordinary site disallows the path. */
bool sim_page_is_disallowed(struct hy_str path);

#endif
