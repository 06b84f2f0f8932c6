/* Items of RSS 0.9x to 2.0, RDF and Atom 0.3 and 1.0: one table of what may hold what. */
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/feed_node.h"
#include "crawler/feed_text.h"
#include "crawler/feed_time.h"
#include "crawler/feed_xml.h"
#include "crawler/url.h"

enum field { TITLE, LINK, ID, TIME, SUMMARY, CONTENT, FIELD_COUNT };

#define RANK_NONE 100

/* Where several elements offer the same, the lowest rank wins, then the first. */
struct part {
	enum hy_feed_space space;
	const char *name;
	enum field field;
	int rank;
};

static const struct part parts[] = {
	{HY_SPACE_CORE, "title", TITLE, 0},
	{HY_SPACE_DC, "title", TITLE, 1},
	{HY_SPACE_DCTERMS, "title", TITLE, 1},
	{HY_SPACE_ITUNES, "title", TITLE, 2},
	{HY_SPACE_MEDIA, "title", TITLE, 3},
	{HY_SPACE_CORE, "link", LINK, 0},
	{HY_SPACE_FEEDBURNER, "origLink", LINK, 4},
	{HY_SPACE_CORE, "guid", ID, 0},
	{HY_SPACE_CORE, "id", ID, 0},
	{HY_SPACE_DC, "identifier", ID, 1},
	{HY_SPACE_CORE, "pubDate", TIME, 0},
	{HY_SPACE_CORE, "published", TIME, 0},
	{HY_SPACE_CORE, "issued", TIME, 1},
	{HY_SPACE_DCTERMS, "issued", TIME, 1},
	{HY_SPACE_DC, "date", TIME, 2},
	{HY_SPACE_CORE, "date", TIME, 3},
	{HY_SPACE_CORE, "created", TIME, 3},
	{HY_SPACE_DCTERMS, "created", TIME, 3},
	{HY_SPACE_CORE, "updated", TIME, 4},
	{HY_SPACE_CORE, "modified", TIME, 4},
	{HY_SPACE_DCTERMS, "modified", TIME, 5},
	{HY_SPACE_CORE, "description", SUMMARY, 0},
	{HY_SPACE_CORE, "summary", SUMMARY, 0},
	{HY_SPACE_DC, "description", SUMMARY, 1},
	{HY_SPACE_DCTERMS, "abstract", SUMMARY, 1},
	{HY_SPACE_ITUNES, "summary", SUMMARY, 2},
	{HY_SPACE_MEDIA, "description", SUMMARY, 3},
	{HY_SPACE_CONTENT, "encoded", CONTENT, 0},
	{HY_SPACE_CORE, "content", CONTENT, 0},
	{HY_SPACE_CORE, "fullitem", CONTENT, 1},
	{HY_SPACE_XHTML, "body", CONTENT, 1},
	{HY_SPACE_XHTML, "div", CONTENT, 2},
};

struct item_reader {
	struct hy_feed_build *build;
	struct hy_feed_item *item;
	int rank[FIELD_COUNT];	/* of what the field holds */
};

static bool is_type(struct hy_str type, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hy_str_eq_nocase(type, hy_str_of(names[i])))
			return true;
	return false;
}

static bool is_base64(struct hy_str type, struct hy_str mode)
{
	if (hy_str_eq_nocase(mode, HY_STR_LIT("base64")))
		return true;
	/* RFC 4287, 4.1.3.3: any other media type is base64. */
	return mode.n == 0 && hy_str_find(type, HY_STR_LIT("/"), 0) != SIZE_MAX &&
	       !hy_str_starts_nocase(type, HY_STR_LIT("text/")) &&
	       !hy_str_ends(type, HY_STR_LIT("xml"));
}

/* Appends the construct's text as it is meant to be read by *out_is_html's rules. */
static void add_construct(const xmlNode *node, bool guess, struct hy_buf *out, bool *out_is_html)
{
	static const char *const html[] = {"html", "text/html", "application/xhtml+xml", "xhtml"};
	static const char *const plain[] = {"text", "text/plain"};
	struct hy_str type = hy_str_trim(hy_feed_node_attribute(node, "type"));
	struct hy_str mode = hy_str_trim(hy_feed_node_attribute(node, "mode"));
	size_t start = out->n;

	if (hy_feed_node_has_elements(node)) {
		*out_is_html = false;
		hy_feed_node_add_text(node, out);
		return;
	}
	hy_feed_node_add_text(node, out);
	if (is_base64(type, mode)) {
		hy_cleanup(hy_buf_fini) struct hy_buf decoded = HY_BUF(HY_FEED_TEXT_MAX_BYTES);

		guess = true;
		if (hy_feed_text_add_base64(&decoded, hy_str_sub(hy_buf_str(out), start, out->n))) {
			hy_buf_truncate(out, start);
			hy_utf8_repair(out, decoded.p, decoded.n);
		}
	}
	*out_is_html = is_type(type, html, HY_COUNT(html));
	if (!*out_is_html && !is_type(type, plain, HY_COUNT(plain)) && guess)
		*out_is_html = hy_feed_text_is_html(hy_buf_str(out));
}

void hy_feed_xml_plain(const xmlNode *node, enum hy_feed_kind kind, size_t max_bytes,
		       struct hy_str *field)
{
	hy_cleanup(hy_buf_fini) struct hy_buf raw = HY_BUF(HY_FEED_TEXT_MAX_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf plain = HY_BUF(HY_FEED_TEXT_MAX_BYTES);
	bool is_html = false;

	/* RSS has never said whether its texts are HTML; Atom's are plain unless they say so. */
	add_construct(node, kind != HY_FEED_ATOM, &raw, &is_html);
	if (is_html)
		hy_feed_text_add_html(&plain, hy_buf_str(&raw));
	else
		hy_buf_add_str(&plain, hy_buf_str(&raw));
	if (hy_buf_err(&raw) || hy_buf_err(&plain))
		return;
	hy_feed_text_collapse(&plain);
	hy_feed_build_text(field, hy_buf_str(&plain), max_bytes);
}

static void set_content(struct item_reader *r, const xmlNode *node)
{
	hy_cleanup(hy_buf_fini) struct hy_buf raw = HY_BUF(HY_FEED_TEXT_MAX_BYTES);
	bool is_html;

	if (hy_feed_node_has_elements(node))
		hy_feed_node_add_inner_xml(node, &raw);
	else
		add_construct(node, false, &raw, &is_html);
	if (hy_buf_err(&raw) == HY_OK)
		hy_feed_build_text(&r->item->content, hy_str_trim(hy_buf_str(&raw)),
				   HY_FEED_TEXT_MAX_BYTES);
}

static void set_url(struct item_reader *r, const xmlNode *node, struct hy_str ref)
{
	hy_cleanup(hy_buf_fini) struct hy_buf base = HY_BUF(2 * HY_URL_MAX_BYTES);

	hy_feed_node_add_base(node, r->build->base_url, &base);
	hy_feed_build_url(&r->item->url, hy_buf_str(&base), hy_str_trim(ref));
}

/* How well a link element serves as the item's address by its attributes, -1 not at all. */
static int link_rank(const xmlNode *node)
{
	struct hy_str rel = hy_str_trim(hy_feed_node_attribute(node, "rel"));
	struct hy_str type = hy_str_trim(hy_feed_node_attribute(node, "type"));
	bool is_page = type.n == 0 || hy_str_starts_nocase(type, HY_STR_LIT("text/html")) ||
		       hy_str_starts_nocase(type, HY_STR_LIT("application/xhtml"));

	if (rel.n && !hy_str_eq_nocase(rel, HY_STR_LIT("alternate")) &&
	    !hy_str_eq_nocase(rel, HY_STR_LIT("http://www.iana.org/assignments/relation/alternate")))
		return -1;
	return is_page ? 0 : 2;
}

static void read_link(struct item_reader *r, const xmlNode *node, int rank)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_FEED_TITLE_MAX_BYTES);
	int by_attributes = link_rank(node);
	struct hy_str ref;

	hy_feed_node_add_text(node, &text);
	if (by_attributes < 0 || hy_buf_err(&text))
		return;
	ref = hy_str_trim(hy_buf_str(&text));
	/* RSS writes the address as text, Atom as an attribute; an RSS item may have both. */
	if (ref.n == 0) {
		ref = hy_feed_node_attribute(node, "href");
		rank++;
	}
	rank += by_attributes;
	if (ref.n == 0 || rank >= r->rank[LINK])
		return;
	set_url(r, node, ref);
	if (r->item->url.n)
		r->rank[LINK] = rank;
}

static bool is_permanent_link(const xmlNode *node, struct hy_str id)
{
	struct hy_str claim = hy_str_trim(hy_feed_node_attribute(node, "isPermaLink"));

	return hy_str_eq_nocase(hy_feed_node_name(node), HY_STR_LIT("guid")) &&
	       !hy_str_eq_nocase(claim, HY_STR_LIT("false")) &&
	       hy_str_starts_nocase(id, HY_STR_LIT("http"));
}

static void read_id(struct item_reader *r, const xmlNode *node)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_FEED_TITLE_MAX_BYTES);
	struct hy_str id;

	hy_feed_node_add_text(node, &text);
	if (hy_buf_err(&text))
		return;
	id = hy_str_trim(hy_buf_str(&text));
	hy_feed_build_text(&r->item->id, id, HY_FEED_TITLE_MAX_BYTES);
	if (is_permanent_link(node, id) && r->rank[LINK] > 3) {
		set_url(r, node, id);
		r->rank[LINK] = r->item->url.n ? 3 : r->rank[LINK];
	}
}

static bool read_time(struct item_reader *r, const xmlNode *node)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_FEED_TITLE_MAX_BYTES);

	hy_feed_node_add_text(node, &text);
	return !hy_buf_err(&text) &&
	       hy_feed_time_parse(hy_buf_str(&text), r->build->default_offset_min,
				  &r->item->published_at);
}

static void read_part(struct item_reader *r, const xmlNode *node, const struct part *part)
{
	enum hy_feed_kind kind = r->build->feed.kind;
	struct hy_str *text = NULL;

	if (part->field == LINK) {
		read_link(r, node, part->rank);
		return;
	}
	/* Of two times of the same name the later line is the correction. */
	if (part->rank >= r->rank[part->field] + (part->field == TIME))
		return;
	switch (part->field) {
	case TITLE:
		text = &r->item->title;
		hy_feed_xml_plain(node, kind, HY_FEED_TITLE_MAX_BYTES, text);
		break;
	case SUMMARY:
		text = &r->item->summary;
		hy_feed_xml_plain(node, kind, HY_FEED_TEXT_MAX_BYTES, text);
		break;
	case CONTENT:
		text = &r->item->content;
		set_content(r, node);
		break;
	case ID:
		text = &r->item->id;
		read_id(r, node);
		break;
	case TIME:
		if (!read_time(r, node))
			return;
		break;
	case LINK:
	case FIELD_COUNT:
		break;
	}
	if (!text || text->n)
		r->rank[part->field] = part->rank;
}

static const struct part *find_part(const xmlNode *node)
{
	struct hy_str name = hy_feed_node_name(node);
	enum hy_feed_space space = hy_feed_node_space(node);

	for (size_t i = 0; i < HY_COUNT(parts); i++)
		if (parts[i].space == space && hy_str_eq_nocase(name, hy_str_of(parts[i].name)))
			return &parts[i];
	return NULL;
}

/*
 * What attributes say where no element does: RDF's and CDF's address of the item, the place
 * of Atom's content, CDF's time.
 */
static void read_attributes(struct item_reader *r, const xmlNode *node)
{
	const xmlNode *content = hy_feed_node_child(node, HY_SPACE_CORE, "content");

	if (r->item->url.n == 0)
		set_url(r, node, hy_feed_node_attribute(node, "about"));
	if (r->item->url.n == 0)
		set_url(r, node, hy_feed_node_attribute(node, "href"));
	if (r->item->url.n == 0 && content)
		set_url(r, content, hy_feed_node_attribute(content, "src"));
	if (r->rank[TIME] == RANK_NONE)
		(void)hy_feed_time_parse(hy_feed_node_attribute(node, "lastmod"),
					 r->build->default_offset_min, &r->item->published_at);
}

void hy_feed_xml_item(const xmlNode *node, struct hy_feed_build *b)
{
	struct item_reader r = {.build = b, .item = hy_feed_build_item(b)};
	const xmlNode *child = hy_feed_node_element(node->children);

	if (!r.item)
		return;
	for (size_t i = 0; i < FIELD_COUNT; i++)
		r.rank[i] = RANK_NONE;
	for (; child; child = hy_feed_node_element(child->next)) {
		const struct part *part = find_part(child);

		if (part)
			read_part(&r, child, part);
	}
	read_attributes(&r, node);
}
