/*
 * Feeds: RSS 0.9x, 1.0 (RDF) and 2.0, Atom, JSON Feed, sitemaps with the news extension,
 * sitemap indexes and OPML lists, told apart by their content.
 *
 * Every item is kept, with empty texts where a part is missing. Broken XML is read as far
 * as it can be understood. No part of it reaches the network or a file; entities of the
 * document's own making are not expanded. No author is read.
 */
#ifndef HY_CRAWLER_FEED_H
#define HY_CRAWLER_FEED_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"

/*
 * Past the item limit later items are left out and `is_cut` says so; a text past its limit
 * becomes empty, an over-long URL too.
 */
#define HY_FEED_MAX_BYTES ((size_t)16 << 20)
#define HY_FEED_MAX_ITEMS 5000
#define HY_FEED_SITEMAP_MAX_ITEMS 50000	/* sitemaps.org: that many URLs a file */
#define HY_FEED_TITLE_MAX_BYTES 4096
#define HY_FEED_TEXT_MAX_BYTES ((size_t)2 << 20)

#define HY_FEED_KIND_LIST(X) \
	X(RSS, "rss") X(RDF, "rdf") X(ATOM, "atom") X(JSON, "json") X(SITEMAP, "sitemap") \
	X(SITEMAP_INDEX, "sitemap-index") X(OPML, "opml")

enum hy_feed_kind {
#define X(name, text) HY_FEED_##name,
	HY_FEED_KIND_LIST(X)
#undef X
};

/* All texts are valid UTF-8, owned by the feed; p is never NULL. */
struct hy_feed_item {
	struct hy_str url;	/* normalised, or "" */
	struct hy_str title;	/* plain text, white space collapsed */
	struct hy_str summary;	/* plain text, white space collapsed */
	struct hy_str content;	/* full text (content:encoded, Atom content): may hold HTML */
	struct hy_str id;	/* guid or atom:id as given */
	struct hy_wall published_at;	/* else the time of the last change; may be unknown */
};

struct hy_feed {
	enum hy_feed_kind kind;
	struct hy_str title;
	struct hy_feed_item *items;	/* OPML: url is the feed's; sitemap index: a sitemap's */
	size_t count, cap;
	bool is_cut;		/* items past the limit were left out */
};

const char *hy_feed_kind_text(enum hy_feed_kind kind);

/*
 * Reads a feed, gzip-compressed or not. content_type is the HTTP header (may be empty),
 * base_url the address it came from (may be empty: relative links stay empty then, unless
 * the feed names its own address). MALFORMED where the bytes are no feed of any kind, LIMIT
 * where over-long; *out is untouched then.
 */
enum hy_err hy_feed_parse(struct hy_str bytes, struct hy_str content_type,
			  struct hy_str base_url, struct hy_feed *out,
			  struct hy_error *e) HY_MUST_CHECK;
void hy_feed_fini(struct hy_feed *feed);	/* safe on a zeroed struct */

#endif
