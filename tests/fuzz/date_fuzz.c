/*
 * One text, read as what a page shows, what a feed writes and as an address. What is found must
 * lie within the text, the search must get on, and every moment must be one that prints and
 * reads back as itself.
 */
#include <stddef.h>
#include <stdint.h>

#include "common/base/mem.h"
#include "common/base/time.h"
#include "crawler/feed_time.h"
#include "crawler/publish_time.h"
#include "crawler/time_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(struct hy_wall at)
{
	char text[HY_RFC3339_BYTES];
	struct hy_wall again;

	hy_assert(hy_wall_parse(hy_str_of(hy_wall_format(at, text)), &again));
	hy_assert(at.ms - again.ms >= 0 && at.ms - again.ms < 1000);
}

static void check_page_times(struct hy_str text, struct hy_wall now)
{
	struct hy_time_text found;

	for (size_t from = 0; hy_time_text_find(text, from, now, &found); from = found.end) {
		hy_assert(found.start >= from && found.start < found.end && found.end <= text.n);
		check(found.at);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hy_str text = {(const char *)data, size};
	struct hy_wall now = {1795395600000}, at;

	check_page_times(text, now);
	check_page_times(text, HY_WALL_NONE);
	if (hy_time_text_is_month_day(text, now, &at))
		check(at);
	if (hy_feed_time_parse(text, 480, &at))
		check(at);
	if (hy_publish_time_of_url(text, &at))
		check(at);
	return 0;
}
