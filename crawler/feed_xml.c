/* Finds which kind of feed an XML text is, parses it, and walks it for items. */
#include "crawler/feed_xml.h"

#include <libxml/parser.h>
#include <string.h>

#include "common/base/mem.h"
#include "crawler/feed_node.h"
#include "crawler/feed_repair.h"

/* Web servers put warnings and blank lines before the feed, not books. */
#define PREAMBLE_MAX_BYTES ((size_t)64 * 1024)

struct root {
	const char *name;
	enum hy_feed_kind kind;
	const char *item, *other_item;
	void (*read)(const xmlNode *node, struct hy_feed_build *b);
	size_t max_items;
};

static const struct root roots[] = {
	{"rss", HY_FEED_RSS, "item", "entry", hy_feed_xml_item, HY_FEED_MAX_ITEMS},
	{"rdf", HY_FEED_RDF, "item", "entry", hy_feed_xml_item, HY_FEED_MAX_ITEMS},
	{"channel", HY_FEED_RSS, "item", "entry", hy_feed_xml_item, HY_FEED_MAX_ITEMS},
	{"feed", HY_FEED_ATOM, "entry", "item", hy_feed_xml_item, HY_FEED_MAX_ITEMS},
	{"entry", HY_FEED_ATOM, "entry", "item", hy_feed_xml_item, HY_FEED_MAX_ITEMS},
	{"urlset", HY_FEED_SITEMAP, "url", NULL, hy_feed_xml_place, HY_FEED_SITEMAP_MAX_ITEMS},
	{"sitemapindex", HY_FEED_SITEMAP_INDEX, "sitemap", NULL, hy_feed_xml_place,
	 HY_FEED_SITEMAP_MAX_ITEMS},
	{"opml", HY_FEED_OPML, "outline", NULL, hy_feed_xml_outline, HY_FEED_MAX_ITEMS},
};

/* The row of the tag name at the start of s (behind '<'), or NULL. */
static const struct root *root_of(struct hy_str s)
{
	size_t n = 0, from = 0;

	while (n < s.n && !strchr(" \t\r\n/>", s.p[n])) {
		if (s.p[n] == ':')
			from = n + 1;
		n++;
	}
	for (size_t i = 0; i < HY_COUNT(roots); i++)
		if (hy_str_eq_nocase(hy_str_sub(s, from, n - from), hy_str_of(roots[i].name)))
			return &roots[i];
	return NULL;
}

/* The offset of the first tag that a feed begins with, or SIZE_MAX. */
static size_t find_root(struct hy_str text, const struct root **out_root)
{
	size_t at = 0;

	while ((at = hy_str_find(text, HY_STR_LIT("<"), at)) != SIZE_MAX &&
	       at < PREAMBLE_MAX_BYTES) {
		const struct root *root = root_of(hy_str_sub(text, at + 1, 64));

		if (root) {
			*out_root = root;
			return at;
		}
		if (hy_str_starts(hy_str_sub(text, at, 4), HY_STR_LIT("<!--")))
			at = hy_str_find(text, HY_STR_LIT("-->"), at);
		else if (hy_str_starts_nocase(hy_str_sub(text, at, 5), HY_STR_LIT("<html")))
			return SIZE_MAX;
		if (at == SIZE_MAX)
			return SIZE_MAX;
		at++;
	}
	return SIZE_MAX;
}

static bool is_item(const xmlNode *node, const struct root *root)
{
	enum hy_feed_space space = hy_feed_node_space(node);
	struct hy_str name = hy_feed_node_name(node);

	if (space != HY_SPACE_CORE)
		return false;
	return hy_str_eq_nocase(name, hy_str_of(root->item)) ||
	       (root->other_item && hy_str_eq_nocase(name, hy_str_of(root->other_item)));
}

/* Depth is bounded by the repair. Items may stand in items where an end tag was lost. */
static void walk(const xmlNode *node, const struct root *root, struct hy_feed_build *b)
{
	for (; node && !b->feed.is_cut; node = hy_feed_node_element(node->next)) {
		if (is_item(node, root))
			root->read(node, b);
		walk(hy_feed_node_element(node->children), root, b);
	}
}

/* The feed's own address: Atom's link to itself. */
static struct hy_str self_link(const xmlNode *head)
{
	const xmlNode *node = hy_feed_node_child(head, HY_SPACE_CORE, "link");

	for (; node; node = hy_feed_node_element(node->next))
		if (hy_feed_node_is(node, HY_SPACE_CORE, "link") &&
		    hy_str_eq_nocase(hy_feed_node_attribute(node, "rel"), HY_STR_LIT("self")))
			return hy_feed_node_attribute(node, "href");
	return (struct hy_str){0};
}

/*
 * An address for relative links where the caller gave none: the feed's own, else that of the
 * page that RSS names, else that of a sitemap's first entry. `text` is what it stands in.
 */
static struct hy_str own_base(const xmlNode *top, const xmlNode *head, struct hy_buf *text)
{
	struct hy_str self = self_link(head);
	const xmlNode *entry = hy_feed_node_element(top->children);
	const xmlNode *link = hy_feed_node_child(head, HY_SPACE_CORE, "link");

	if (self.n)
		return self;
	if (!link && entry)
		link = hy_feed_node_child(entry, HY_SPACE_CORE, "loc");
	if (link)
		hy_feed_node_add_text(link, text);
	return hy_buf_err(text) ? (struct hy_str){0} : hy_str_trim(hy_buf_str(text));
}

static struct hy_str language_of(const xmlNode *top, const xmlNode *head, struct hy_buf *text)
{
	const xmlNode *node = hy_feed_node_child(head, HY_SPACE_CORE, "language");

	if (!node)
		node = hy_feed_node_child(head, HY_SPACE_DC, "language");
	if (!node)
		return hy_feed_node_attribute(top, "lang");
	hy_feed_node_add_text(node, text);
	return hy_buf_err(text) ? (struct hy_str){0} : hy_str_trim(hy_buf_str(text));
}

/* What the items need to know of the whole. */
static void read_head(const xmlNode *top, struct hy_feed_build *b, struct hy_buf *base)
{
	const xmlNode *channel = hy_feed_node_child(top, HY_SPACE_CORE, "channel");
	const xmlNode *head = channel ? channel : top;
	const xmlNode *title = hy_feed_node_child(head, HY_SPACE_CORE, "title");
	hy_cleanup(hy_buf_fini) struct hy_buf language = HY_BUF(HY_FEED_TITLE_MAX_BYTES);

	hy_feed_build_text(&b->feed.title, (struct hy_str){0}, 0);
	if (title)
		hy_feed_xml_plain(title, b->feed.kind, HY_FEED_TITLE_MAX_BYTES, &b->feed.title);
	if (b->base_url.n == 0)
		b->base_url = own_base(top, head, base);
	hy_feed_build_zone(b, language_of(top, head, &language), b->feed.title);
}

static xmlDoc *parse(struct hy_str text)
{
	const int options = XML_PARSE_RECOVER | XML_PARSE_NONET | XML_PARSE_NOERROR |
			    XML_PARSE_NOWARNING | XML_PARSE_NOCDATA | XML_PARSE_COMPACT;

	return xmlReadMemory(text.p, (int)text.n, NULL, "UTF-8", options);
}

enum hy_err hy_feed_xml_read(struct hy_str text, struct hy_feed_build *b, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf repaired = HY_BUF(6 * HY_FEED_MAX_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf base = HY_BUF(HY_FEED_TITLE_MAX_BYTES);
	const struct root *root = NULL;
	size_t from = find_root(text, &root);
	const xmlNode *top;
	xmlDoc *doc;

	/* Escapes grow the text: at worst each quote becomes six bytes. */
	if (from == SIZE_MAX)
		return hy_fail(e, HY_ERR_MALFORMED, "not a feed: no element of any known format");
	if (hy_feed_repair(hy_str_sub(text, from, text.n), &repaired))
		return hy_fail(e, HY_ERR_LIMIT, "feed is too large");
	doc = parse(hy_buf_str(&repaired));
	top = doc ? xmlDocGetRootElement(doc) : NULL;
	if (!top) {
		xmlFreeDoc(doc);
		return hy_fail(e, HY_ERR_MALFORMED, "not a feed: no XML element can be read");
	}
	b->feed.kind = root->kind;
	b->max_items = root->max_items;
	read_head(top, b, &base);
	walk(top, root, b);
	xmlFreeDoc(doc);
	b->base_url = (struct hy_str){0};	/* may have stood in the tree */
	return HY_OK;
}
