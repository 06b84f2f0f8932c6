/* Lists of addresses: sitemaps (sitemaps.org, with Google's news extension) and OPML. */
#include "common/base/mem.h"
#include "crawler/feed_node.h"
#include "crawler/feed_text.h"
#include "crawler/feed_time.h"
#include "crawler/feed_xml.h"
#include "crawler/url.h"

/* The trimmed text of a child, or empty; `text` is what it stands in. */
static struct hy_str child_text(const xmlNode *node, enum hy_feed_space space, const char *name,
				struct hy_buf *text)
{
	const xmlNode *child = node ? hy_feed_node_child(node, space, name) : NULL;

	hy_buf_clear(text);
	if (child)
		hy_feed_node_add_text(child, text);
	return hy_buf_err(text) ? (struct hy_str){0} : hy_str_trim(hy_buf_str(text));
}

void hy_feed_xml_place(const xmlNode *node, struct hy_feed_build *b)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_FEED_TITLE_MAX_BYTES);
	const xmlNode *news = hy_feed_node_child(node, HY_SPACE_NEWS, "news");
	const xmlNode *title = news ? hy_feed_node_child(news, HY_SPACE_NEWS, "title") : NULL;
	struct hy_feed_item *item = hy_feed_build_item(b);
	struct hy_str time, address;

	if (!item)
		return;
	address = child_text(node, HY_SPACE_CORE, "loc", &text);
	if (address.n == 0 && !hy_feed_node_has_elements(node)) {
		/* Some index files leave the inner element out. */
		hy_feed_node_add_text(node, &text);
		address = hy_buf_err(&text) ? address : hy_str_trim(hy_buf_str(&text));
	}
	hy_feed_build_url(&item->url, b->base_url, address);
	if (title)
		hy_feed_xml_plain(title, HY_FEED_SITEMAP, HY_FEED_TITLE_MAX_BYTES, &item->title);
	time = child_text(news, HY_SPACE_NEWS, "publication_date", &text);
	if (time.n == 0 ||
	    !hy_feed_time_parse(time, b->default_offset_min, &item->published_at)) {
		time = child_text(node, HY_SPACE_CORE, "lastmod", &text);
		(void)hy_feed_time_parse(time, b->default_offset_min, &item->published_at);
	}
}

void hy_feed_xml_outline(const xmlNode *node, struct hy_feed_build *b)
{
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(HY_FEED_TITLE_MAX_BYTES);
	struct hy_str feed = hy_str_trim(hy_feed_node_attribute(node, "xmlUrl"));
	struct hy_str name = hy_feed_node_attribute(node, "title");
	struct hy_feed_item *item;

	if (feed.n == 0)
		return;
	item = hy_feed_build_item(b);
	if (!item)
		return;
	if (hy_str_trim(name).n == 0)
		name = hy_feed_node_attribute(node, "text");
	hy_buf_add_str(&title, name);
	if (hy_buf_err(&title) == HY_OK) {
		hy_feed_text_collapse(&title);
		hy_feed_build_text(&item->title, hy_buf_str(&title), HY_FEED_TITLE_MAX_BYTES);
	}
	hy_feed_build_url(&item->url, b->base_url, feed);
}

enum hy_err hy_feed_lines_read(struct hy_str text, struct hy_feed_build *b, struct hy_error *e)
{
	struct hy_str line, rest = text;

	b->feed.kind = HY_FEED_SITEMAP;
	b->max_items = HY_FEED_SITEMAP_MAX_ITEMS;
	hy_feed_build_text(&b->feed.title, (struct hy_str){0}, 0);
	while (!b->feed.is_cut && hy_str_next(&rest, '\n', &line)) {
		struct hy_feed_item *item;

		line = hy_str_trim(line);
		if (line.n == 0)
			continue;
		item = hy_feed_build_item(b);
		if (item)
			hy_feed_build_url(&item->url, (struct hy_str){0}, line);
		if (item && item->url.n == 0)
			return hy_fail(e, HY_ERR_MALFORMED, "neither XML nor a list of addresses");
	}
	return HY_OK;
}
