/*
 * Reading an XML tree as feeds mean it: namespaces by what they are for, names in any case,
 * text without markup, xml:base. Works on the tree that feed_xml.c has parsed, whose depth
 * is bounded by HY_FEED_DEPTH_MAX.
 */
#ifndef HY_CRAWLER_FEED_NODE_H
#define HY_CRAWLER_FEED_NODE_H

#include <libxml/tree.h>
#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/str.h"

enum hy_feed_space {
	HY_SPACE_CORE,		/* the format's own: none, RSS's, Atom's, sitemaps', the root's */
	HY_SPACE_DC,		/* Dublin Core elements */
	HY_SPACE_DCTERMS,
	HY_SPACE_CONTENT,	/* RSS 1.0 content module */
	HY_SPACE_MEDIA,
	HY_SPACE_ITUNES,
	HY_SPACE_NEWS,		/* Google's news sitemaps */
	HY_SPACE_FEEDBURNER,
	HY_SPACE_XHTML,
	HY_SPACE_OTHER,
};

enum hy_feed_space hy_feed_node_space(const xmlNode *node);
/* The name without prefix, borrowed. */
struct hy_str hy_feed_node_name(const xmlNode *node);
bool hy_feed_node_is(const xmlNode *node, enum hy_feed_space space, const char *name);

/* The next element from `node` on among its siblings, or NULL. */
const xmlNode *hy_feed_node_element(const xmlNode *node);
/* The first child element of that name, or NULL. */
const xmlNode *hy_feed_node_child(const xmlNode *node, enum hy_feed_space space,
				  const char *name);

/* An attribute's value by its name without prefix, in any case, borrowed; empty where absent. */
struct hy_str hy_feed_node_attribute(const xmlNode *node, const char *name);

/* Appends all text inside, markup left out; out fails where that is endless. */
void hy_feed_node_add_text(const xmlNode *node, struct hy_buf *out);
/* Appends what is inside as XML; out fails where it is too much. */
void hy_feed_node_add_inner_xml(const xmlNode *node, struct hy_buf *out);
bool hy_feed_node_has_elements(const xmlNode *node);

/* Appends the base address of relative links at the node: document_base and each xml:base. */
void hy_feed_node_add_base(const xmlNode *node, struct hy_str document_base, struct hy_buf *out);

#endif
