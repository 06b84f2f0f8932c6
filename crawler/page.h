/*
 * A parsed page: every element and text in document order in one flat array.
 *
 * libxml2 reads the reduced page (crawler/page_strip.h) and reports events; no tree is
 * built. A node knows its parent and where its subtree ends, so walking a subtree is
 * walking a range. Text and attribute values live in memory of the page, dropped at once.
 */
#ifndef HY_CRAWLER_PAGE_H
#define HY_CRAWLER_PAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "crawler/page_strip.h"
#include "crawler/page_tag.h"

/* The largest real articles seen (WeChat, all styles inline) have 4 MB. */
#define HY_PAGE_MAX_BYTES (16 << 20)
#define HY_PAGE_MAX_NODES 1000000
#define HY_PAGE_MAX_DEPTH 1200

struct hy_page {
	struct hy_node *nodes;
	size_t count, cap;
	struct hy_stripped source;	/* attributes, scripts, memory of texts */
};

/*
 * Fills *out, which the caller releases by hy_page_fini. `html` is valid UTF-8 without NUL
 * and must outlive the page. LIMIT (size, elements, depth) with text in e.
 */
enum hy_err hy_page_parse(struct hy_str html, struct hy_page *out, struct hy_error *e)
	HY_MUST_CHECK;
void hy_page_fini(struct hy_page *page);	/* safe on a zeroed struct */

/* The value, or the empty view with p NULL where the node has no such attribute. */
struct hy_str hy_page_attribute(const struct hy_page *page, size_t node, enum hy_attribute name);

#endif
