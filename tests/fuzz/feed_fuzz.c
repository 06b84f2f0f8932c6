/* The bytes of a feed; every text of what is read must be UTF-8 and within its limit. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "common/base/utf8.h"
#include "crawler/feed.h"
#include "crawler/url.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct hy_str text, size_t max_bytes)
{
	if (!text.p || text.n > max_bytes || !hy_utf8_valid(text.p, text.n))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_str bytes = {(const char *)data, size};
	struct hy_feed feed;

	if (hy_feed_parse(bytes, (struct hy_str){0}, HY_STR_LIT("http://example.cn/a/b"), &feed,
			  NULL))
		return 0;
	check(feed.title, HY_FEED_TITLE_MAX_BYTES);
	for (size_t i = 0; i < feed.count; i++) {
		check(feed.items[i].url, HY_URL_MAX_BYTES);
		check(feed.items[i].title, HY_FEED_TITLE_MAX_BYTES);
		check(feed.items[i].summary, HY_FEED_TEXT_MAX_BYTES);
		check(feed.items[i].content, HY_FEED_TEXT_MAX_BYTES);
		check(feed.items[i].id, HY_FEED_TITLE_MAX_BYTES);
	}
	hy_feed_fini(&feed);
	return 0;
}
