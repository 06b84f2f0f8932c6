#include "crawler/feed_node.h"

#include <string.h>

#include "common/base/mem.h"
#include "crawler/url.h"

/*
 * Nodes of one text. Elements that were never closed nest, and each would be read again
 * with what it holds; no article has so many.
 */
#define NODES_MAX 50000

struct space_name {
	const char *address;	/* namespaces that begin so */
	const char *prefix;	/* the usual one, for documents that forgot to declare it */
	enum hy_feed_space space;
};

static const struct space_name space_names[] = {
	{"http://purl.org/dc/elements/", "dc", HY_SPACE_DC},
	{"http://purl.org/dc/terms/", "dcterms", HY_SPACE_DCTERMS},
	{"http://purl.org/rss/1.0/modules/content/", "content", HY_SPACE_CONTENT},
	{"http://purl.org/rss/1.0/modules/", NULL, HY_SPACE_OTHER},
	{"http://search.yahoo.com/mrss", "media", HY_SPACE_MEDIA},
	{"http://www.itunes.com/", "itunes", HY_SPACE_ITUNES},
	{"http://www.google.com/schemas/sitemap-news/", "news", HY_SPACE_NEWS},
	{"http://rssnamespace.org/feedburner/", "feedburner", HY_SPACE_FEEDBURNER},
	{"http://www.w3.org/1999/xhtml", "xhtml", HY_SPACE_XHTML},
	{"http://www.w3.org/2005/Atom", "atom", HY_SPACE_CORE},
	{"http://purl.org/atom/ns", NULL, HY_SPACE_CORE},
	{"http://purl.org/rss/1.0/", "rss", HY_SPACE_CORE},
	{"http://purl.org/net/rss1.1", NULL, HY_SPACE_CORE},
	{"http://my.netscape.com/", NULL, HY_SPACE_CORE},
	{"http://channel.netscape.com/", NULL, HY_SPACE_CORE},
	{"http://backend.userland.com/", NULL, HY_SPACE_CORE},
	{"http://blogs.law.harvard.edu/tech/rss", NULL, HY_SPACE_CORE},
	{"http://www.rssboard.org/", NULL, HY_SPACE_CORE},
	{"http://www.sitemaps.org/", NULL, HY_SPACE_CORE},
	{"https://www.sitemaps.org/", NULL, HY_SPACE_CORE},
	{"http://www.google.com/schemas/sitemap/", NULL, HY_SPACE_CORE},
	{"http://opml.org/", NULL, HY_SPACE_CORE},
};

/* Tags that part words when the markup around them goes. */
static const char *const block_names[] = {"br", "p", "div", "li", "td", "th", "tr", "h1", "h2",
					  "h3", "h4", "dt", "dd", "pre", "blockquote"};

static struct hy_str str_of(const xmlChar *s)
{
	return hy_str_of((const char *)s);
}

static enum hy_feed_space space_of_address(const xmlNode *node)
{
	const xmlNode *root = xmlDocGetRootElement(node->doc);
	struct hy_str address = str_of(node->ns->href);

	for (size_t i = 0; i < HY_COUNT(space_names); i++)
		if (hy_str_starts_nocase(address, hy_str_of(space_names[i].address)))
			return space_names[i].space;
	/* A feed in a namespace that nobody knows is still a feed. */
	return root->ns && xmlStrEqual(root->ns->href, node->ns->href) ? HY_SPACE_CORE
								       : HY_SPACE_OTHER;
}

enum hy_feed_space hy_feed_node_space(const xmlNode *node)
{
	struct hy_str name = str_of(node->name);
	size_t colon = hy_str_find(name, HY_STR_LIT(":"), 0);

	if (node->ns && node->ns->href)
		return space_of_address(node);
	if (colon == SIZE_MAX)
		return HY_SPACE_CORE;
	for (size_t i = 0; i < HY_COUNT(space_names); i++)
		if (space_names[i].prefix &&
		    hy_str_eq_nocase(hy_str_sub(name, 0, colon), hy_str_of(space_names[i].prefix)))
			return space_names[i].space;
	return HY_SPACE_OTHER;
}

static struct hy_str local_name(struct hy_str name)
{
	size_t colon = hy_str_find(name, HY_STR_LIT(":"), 0);

	return colon == SIZE_MAX ? name : hy_str_sub(name, colon + 1, name.n);
}

struct hy_str hy_feed_node_name(const xmlNode *node)
{
	return local_name(str_of(node->name));
}

bool hy_feed_node_is(const xmlNode *node, enum hy_feed_space space, const char *name)
{
	return hy_str_eq_nocase(hy_feed_node_name(node), hy_str_of(name)) &&
	       hy_feed_node_space(node) == space;
}

const xmlNode *hy_feed_node_element(const xmlNode *node)
{
	while (node && node->type != XML_ELEMENT_NODE)
		node = node->next;
	return node;
}

const xmlNode *hy_feed_node_child(const xmlNode *node, enum hy_feed_space space,
				  const char *name)
{
	const xmlNode *child = hy_feed_node_element(node->children);

	while (child && !hy_feed_node_is(child, space, name))
		child = hy_feed_node_element(child->next);
	return child;
}

struct hy_str hy_feed_node_attribute(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->properties; a; a = a->next) {
		if (!hy_str_eq_nocase(local_name(str_of(a->name)), hy_str_of(name)))
			continue;
		/* Without entities of its own a value is one text node. */
		return a->children ? str_of(a->children->content) : (struct hy_str){0};
	}
	return (struct hy_str){0};
}

static bool is_text(const xmlNode *node)
{
	return node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE;
}

static bool is_block(const xmlNode *node)
{
	for (size_t i = 0; i < HY_COUNT(block_names); i++)
		if (hy_str_eq_nocase(hy_feed_node_name(node), hy_str_of(block_names[i])))
			return true;
	return false;
}

static void add_text(const xmlNode *node, struct hy_buf *out, size_t *nodes_left)
{
	for (const xmlNode *child = node->children; child && *nodes_left; child = child->next) {
		(*nodes_left)--;
		if (is_text(child))
			hy_buf_add_str(out, str_of(child->content));
		if (child->type != XML_ELEMENT_NODE)
			continue;
		if (is_block(child))
			hy_buf_add_char(out, ' ');
		add_text(child, out, nodes_left);
	}
}

void hy_feed_node_add_text(const xmlNode *node, struct hy_buf *out)
{
	size_t nodes_left = NODES_MAX;

	add_text(node, out, &nodes_left);
	if (nodes_left == 0 && !out->err)
		out->err = HY_ERR_LIMIT;
}

/* Takes what is inside off both budgets; false where it does not fit. */
static bool fits(const xmlNode *node, size_t *nodes_left, size_t *bytes_left)
{
	for (const xmlNode *child = node->children; child; child = child->next) {
		size_t n = is_text(child) ? str_of(child->content).n : 0;

		if (*nodes_left == 0 || n > *bytes_left)
			return false;
		(*nodes_left)--;
		*bytes_left -= n;
		if (child->type == XML_ELEMENT_NODE && !fits(child, nodes_left, bytes_left))
			return false;
	}
	return true;
}

void hy_feed_node_add_inner_xml(const xmlNode *node, struct hy_buf *out)
{
	size_t nodes_left = NODES_MAX, bytes_left = out->max - out->n;
	xmlBuffer *buffer;

	if (!fits(node, &nodes_left, &bytes_left)) {
		out->err = HY_ERR_LIMIT;
		return;
	}
	buffer = xmlBufferCreate();
	hy_assert(buffer != NULL);
	for (xmlNode *child = node->children; child; child = child->next)
		(void)xmlNodeDump(buffer, node->doc, child, 0, 0);
	hy_buf_add_str(out, str_of(xmlBufferContent(buffer)));
	xmlBufferFree(buffer);
}

bool hy_feed_node_has_elements(const xmlNode *node)
{
	return hy_feed_node_element(node->children) != NULL;
}

void hy_feed_node_add_base(const xmlNode *node, struct hy_str document_base, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf outer = HY_BUF(HY_URL_MAX_BYTES);
	struct hy_str own;

	if (!node || node->type != XML_ELEMENT_NODE) {
		hy_buf_add_str(out, document_base);
		return;
	}
	own = hy_feed_node_attribute(node, "base");
	if (own.n == 0) {
		hy_feed_node_add_base(node->parent, document_base, out);
		return;
	}
	hy_feed_node_add_base(node->parent, document_base, &outer);
	/* A base that cannot be read is as good as absent. */
	if (hy_url_resolve(hy_buf_str(&outer), own, out))
		hy_buf_add_str(out, hy_buf_str(&outer));
}
