/*
 * Times as feeds and sitemaps write them: RFC 822 and 2822, RFC 3339, W3CDTF, and the forms
 * that are wrong but common ("2026年11月23日 09:00", asctime, month names of other languages).
 */
#ifndef HY_CRAWLER_FEED_TIME_H
#define HY_CRAWLER_FEED_TIME_H

#include <stdbool.h>

#include "common/base/str.h"
#include "common/base/time.h"

/*
 * The moment that a text means; false leaves *out untouched. default_offset_min counts
 * where the text names no zone. A date alone is its midnight.
 */
bool hy_feed_time_parse(struct hy_str text, int default_offset_min, struct hy_wall *out);

#endif
