#include "crawler/feed_build.h"

#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/url.h"

struct hy_feed_item *hy_feed_build_item(struct hy_feed_build *b)
{
	struct hy_feed *feed = &b->feed;
	struct hy_feed_item *item;

	if (feed->count >= b->max_items) {
		feed->is_cut = true;
		return NULL;
	}
	feed->items = hy_grow(feed->items, &feed->cap, feed->count + 1, sizeof *feed->items);
	item = &feed->items[feed->count++];
	*item = (struct hy_feed_item){.published_at = HY_WALL_NONE};
	hy_feed_build_text(&item->url, (struct hy_str){0}, 0);
	hy_feed_build_text(&item->title, (struct hy_str){0}, 0);
	hy_feed_build_text(&item->summary, (struct hy_str){0}, 0);
	hy_feed_build_text(&item->content, (struct hy_str){0}, 0);
	hy_feed_build_text(&item->id, (struct hy_str){0}, 0);
	return item;
}

void hy_feed_build_text(struct hy_str *field, struct hy_str value, size_t max_bytes)
{
	char *copy;

	if (value.n > max_bytes)
		value.n = 0;
	copy = hy_xstrndup(value.n ? value.p : "", value.n);
	/* JSON can say U+0000, which no store takes as text. */
	for (size_t i = 0; i < value.n; i++)
		if (copy[i] == '\0')
			copy[i] = ' ';
	free((char *)(uintptr_t)field->p);	/* owned by the feed, lent to readers as const */
	*field = (struct hy_str){copy, value.n};
}

void hy_feed_build_url(struct hy_str *field, struct hy_str base, struct hy_str ref)
{
	hy_cleanup(hy_buf_fini) struct hy_buf url = HY_BUF(HY_URL_MAX_BYTES);

	/* A link that cannot be followed is a missing part, the item stays. */
	if (ref.n && hy_url_resolve(base, ref, &url))
		hy_buf_clear(&url);
	hy_feed_build_text(field, hy_buf_str(&url), HY_URL_MAX_BYTES);
}

static bool has_han(struct hy_str text)
{
	for (size_t i = 0; i < text.n;) {
		uint32_t rune;
		size_t n = hy_utf8_decode(text.p + i, text.n - i, &rune);

		if (n && hy_rune_is_han(rune))
			return true;
		i += n ? n : 1;
	}
	return false;
}

void hy_feed_build_zone(struct hy_feed_build *b, struct hy_str language, struct hy_str title)
{
	struct hy_str host = hy_url_host(b->base_url);
	bool is_chinese;

	if (language.n)
		is_chinese = hy_str_starts_nocase(language, HY_STR_LIT("zh"));
	else
		is_chinese = hy_str_ends(host, HY_STR_LIT(".cn")) || has_han(title);
	b->default_offset_min = is_chinese ? HY_CST_OFFSET_MIN : 0;
}
