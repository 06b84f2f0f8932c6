/* The readers of one element each, which feed_xml.c calls while it walks the tree. */
#ifndef HY_CRAWLER_FEED_XML_H
#define HY_CRAWLER_FEED_XML_H

#include <libxml/tree.h>

#include "common/base/str.h"
#include "crawler/feed_build.h"

/* RSS, RDF and Atom: an item or entry. */
void hy_feed_xml_item(const xmlNode *node, struct hy_feed_build *b);
/* Sitemaps: a url or sitemap. */
void hy_feed_xml_place(const xmlNode *node, struct hy_feed_build *b);
/* OPML: an outline; one without a feed's address is a folder and adds nothing. */
void hy_feed_xml_outline(const xmlNode *node, struct hy_feed_build *b);

/* The plain text of a title or summary as its type, or a guess where it has none, says. */
void hy_feed_xml_plain(const xmlNode *node, enum hy_feed_kind kind, size_t max_bytes,
		       struct hy_str *field);

#endif
