#include "crawler/feed.h"

#include <libdeflate.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/charset.h"
#include "crawler/feed_build.h"
#include "crawler/url.h"

const char *hy_feed_kind_text(enum hy_feed_kind kind)
{
	static const char *const texts[] = {
#define X(name, text) [HY_FEED_##name] = text,
		HY_FEED_KIND_LIST(X)
#undef X
	};

	return texts[kind];
}

void hy_feed_fini(struct hy_feed *feed)
{
	for (size_t i = 0; i < feed->count; i++) {
		struct hy_feed_item *item = &feed->items[i];
		const struct hy_str *texts[] = {&item->url, &item->title, &item->summary,
						&item->content, &item->id};

		for (size_t j = 0; j < HY_COUNT(texts); j++)
			free((char *)(uintptr_t)texts[j]->p);
	}
	free((char *)(uintptr_t)feed->title.p);
	free(feed->items);
	*feed = (struct hy_feed){0};
}

static bool is_gzip(struct hy_str bytes)
{
	return hy_str_starts(bytes, HY_STR_LIT("\x1f\x8b"));
}

/* Sitemaps are often files ending in .gz, which no Content-Encoding header names. */
static enum hy_err gunzip(struct hy_str bytes, struct hy_buf *out, struct hy_error *e)
{
	struct libdeflate_decompressor *d = libdeflate_alloc_decompressor();
	enum libdeflate_result result;
	size_t room = HY_FEED_MAX_BYTES / 64, n = 0;

	hy_assert(d != NULL);
	/* The size that gzip states is its word only, so the room grows by what is needed. */
	do {
		char *to;

		room = room < HY_FEED_MAX_BYTES / 2 ? room * 2 : HY_FEED_MAX_BYTES;
		to = hy_buf_reserve(out, room);
		hy_assert(to != NULL);
		result = libdeflate_gzip_decompress(d, bytes.p, bytes.n, to, room, &n);
	} while (result == LIBDEFLATE_INSUFFICIENT_SPACE && room < HY_FEED_MAX_BYTES);
	libdeflate_free_decompressor(d);
	if (result == LIBDEFLATE_INSUFFICIENT_SPACE)
		return hy_fail(e, HY_ERR_LIMIT, "feed is larger than %zu bytes unpacked",
			       HY_FEED_MAX_BYTES);
	if (result != LIBDEFLATE_SUCCESS)
		return hy_fail(e, HY_ERR_MALFORMED, "broken gzip data");
	hy_buf_commit(out, n);
	return HY_OK;
}

/* The first character decides: JSON begins with a brace, XML has a tag somewhere. */
static enum hy_err read_text(struct hy_str text, struct hy_feed_build *b, struct hy_error *e)
{
	struct hy_str trimmed = hy_str_trim(text);

	if (trimmed.n == 0)
		return hy_fail(e, HY_ERR_MALFORMED, "empty feed");
	if (trimmed.p[0] == '{')
		return hy_feed_json_read(trimmed, b, e);
	if (hy_str_starts_nocase(trimmed, HY_STR_LIT("http")))
		return hy_feed_lines_read(trimmed, b, e);
	return hy_feed_xml_read(text, b, e);
}

enum hy_err hy_feed_parse(struct hy_str bytes, struct hy_str content_type, struct hy_str base_url,
			  struct hy_feed *out, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf unpacked = HY_BUF(HY_FEED_MAX_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(3 * HY_FEED_MAX_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf base = HY_BUF(HY_URL_MAX_BYTES);
	struct hy_feed_build b = {.max_items = HY_FEED_MAX_ITEMS};
	const char *charset;
	enum hy_err err = HY_OK;

	/* An address we do not understand is as good as none. */
	if (base_url.n && hy_url_normalise(base_url, &base))
		hy_buf_clear(&base);
	b.base_url = hy_buf_str(&base);
	if (is_gzip(bytes)) {
		err = gunzip(bytes, &unpacked, e);
		bytes = hy_buf_str(&unpacked);
	}
	if (!err && bytes.n > HY_FEED_MAX_BYTES)
		err = hy_fail(e, HY_ERR_LIMIT, "feed is larger than %zu bytes", HY_FEED_MAX_BYTES);
	if (!err && hy_charset_to_utf8(bytes, content_type, &text, &charset))
		err = hy_fail(e, HY_ERR_LIMIT, "feed is too large as UTF-8");
	if (!err)
		err = read_text(hy_buf_str(&text), &b, e);
	if (err) {
		hy_feed_fini(&b.feed);
		return err;
	}
	*out = b.feed;
	return HY_OK;
}
