/* JSON Feed 1.0 and 1.1 (jsonfeed.org). */
#include <jansson.h>
#include <stdio.h>

#include "common/base/mem.h"
#include "crawler/feed_build.h"
#include "crawler/feed_text.h"
#include "crawler/feed_time.h"

static struct hy_str member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);

	if (!json_is_string(value))
		return (struct hy_str){"", 0};
	return (struct hy_str){json_string_value(value), json_string_length(value)};
}

/* Version 1.0 allowed ids that are numbers. */
static void set_id(struct hy_str *field, const json_t *object)
{
	const json_t *id = json_object_get(object, "id");
	char number[32];

	(void)snprintf(number, sizeof number, "%lld", (long long)json_integer_value(id));
	hy_feed_build_text(field, json_is_integer(id) ? hy_str_of(number) : member(object, "id"),
			   HY_FEED_TITLE_MAX_BYTES);
}

static void set_plain(struct hy_str *field, struct hy_str value, size_t max)
{
	hy_cleanup(hy_buf_fini) struct hy_buf plain = {0};

	hy_buf_init(&plain, max);
	hy_buf_add_str(&plain, value);
	if (hy_buf_err(&plain))
		return;
	hy_feed_text_collapse(&plain);
	hy_feed_build_text(field, hy_buf_str(&plain), max);
}

static void read_item(const json_t *object, struct hy_feed_build *b)
{
	static const char *const links[] = {"url", "external_url", "id"};
	static const char *const times[] = {"date_published", "date_modified"};
	struct hy_feed_item *item = hy_feed_build_item(b);
	struct hy_str content;

	if (!item)
		return;
	for (size_t i = 0; i < HY_COUNT(links) && item->url.n == 0; i++) {
		struct hy_str link = member(object, links[i]);

		/* An id counts as address only where it is a whole one. */
		hy_feed_build_url(&item->url, i == 2 ? (struct hy_str){0} : b->base_url, link);
	}
	set_plain(&item->title, member(object, "title"), HY_FEED_TITLE_MAX_BYTES);
	set_id(&item->id, object);
	set_plain(&item->summary, member(object, "summary"), HY_FEED_TEXT_MAX_BYTES);
	content = member(object, "content_html");
	if (content.n == 0)
		content = member(object, "content_text");
	hy_feed_build_text(&item->content, content, HY_FEED_TEXT_MAX_BYTES);
	for (size_t i = 0; i < HY_COUNT(times) && !hy_wall_known(item->published_at); i++)
		(void)hy_feed_time_parse(member(object, times[i]), b->default_offset_min,
					 &item->published_at);
}

enum hy_err hy_feed_json_read(struct hy_str text, struct hy_feed_build *b, struct hy_error *e)
{
	json_error_t error;
	json_t *root = json_loadb(text.p, text.n, JSON_ALLOW_NUL, &error), *items, *object;
	struct hy_str title;
	size_t i;

	if (!root)
		return hy_fail(e, HY_ERR_MALFORMED, "not JSON: %s, line %d", error.text, error.line);
	items = json_object_get(root, "items");
	if (!json_is_array(items)) {
		json_decref(root);
		return hy_fail(e, HY_ERR_MALFORMED, "JSON, but no JSON Feed: no list \"items\"");
	}
	b->feed.kind = HY_FEED_JSON;
	hy_feed_build_text(&b->feed.title, (struct hy_str){0}, 0);
	title = member(root, "title");
	set_plain(&b->feed.title, title, HY_FEED_TITLE_MAX_BYTES);
	if (b->base_url.n == 0)
		b->base_url = member(root, "home_page_url");
	hy_feed_build_zone(b, member(root, "language"), title);
	json_array_foreach(items, i, object) {
		read_item(object, b);
		if (b->feed.is_cut)
			break;
	}
	json_decref(root);
	return HY_OK;
}
