/*
 * A feed while it is read: the formats' readers add items here, and the limits and the
 * choices that all formats share are kept in one place.
 */
#ifndef HY_CRAWLER_FEED_BUILD_H
#define HY_CRAWLER_FEED_BUILD_H

#include "common/base/str.h"
#include "crawler/feed.h"

struct hy_feed_build {
	struct hy_feed feed;
	struct hy_str base_url;		/* borrowed; empty where unknown */
	size_t max_items;
	int default_offset_min;		/* of times that name no zone */
};

/* An empty item, or NULL past the limit (the feed is marked as cut). */
struct hy_feed_item *hy_feed_build_item(struct hy_feed_build *b);

/* Puts a copy into the field, "" where longer than max_bytes. Frees what stood there. */
void hy_feed_build_text(struct hy_str *field, struct hy_str value, size_t max_bytes);

/* Puts the URL that `ref` means at `base` into the field; "" where it means none. */
void hy_feed_build_url(struct hy_str *field, struct hy_str base, struct hy_str ref);

/*
 * Times without zone are China time where the feed is Chinese by its language, its host or
 * its title, and UTC elsewhere.
 */
void hy_feed_build_zone(struct hy_feed_build *b, struct hy_str language, struct hy_str title);

/* Readers of one format each. The text is UTF-8. MALFORMED where it is none of theirs. */
enum hy_err hy_feed_json_read(struct hy_str text, struct hy_feed_build *b, struct hy_error *e)
	HY_MUST_CHECK;
enum hy_err hy_feed_xml_read(struct hy_str text, struct hy_feed_build *b, struct hy_error *e)
	HY_MUST_CHECK;
/* A sitemap as plain text, one address a line (sitemaps.org). */
enum hy_err hy_feed_lines_read(struct hy_str text, struct hy_feed_build *b, struct hy_error *e)
	HY_MUST_CHECK;

#endif
