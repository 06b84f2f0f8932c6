/*
 * Dates and times as pages show them to Chinese, English and other European readers.
 *
 * 2021年8月12日 09:30, 2021-08-12T09:30:00+08:00, 8月12日 09:30, 08-12 09:30, 昨天 09:30,
 * 3小时前, Aug 12, 2021 9:30 am, 12.08.2021, 12. Oktober 2021. Without a zone China Standard Time is meant.
 */
#ifndef HY_CRAWLER_TIME_TEXT_H
#define HY_CRAWLER_TIME_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"
#include "common/base/time.h"

enum hy_precision {
	HY_PRECISION_DAY,	/* time of day unknown: midnight */
	HY_PRECISION_ABOUT,	/* "3 hours ago" */
	HY_PRECISION_MINUTE,
	HY_PRECISION_SECOND,
};

struct hy_time_text {
	struct hy_wall at;
	enum hy_precision precision;
	bool zoned;		/* the text names its zone */
	bool year_guessed;	/* the last such day before now */
	size_t start, end;	/* where in the text, bytes */
};

/*
 * The first date at or behind `from`; false where there is none. `now` resolves what is
 * relative; where it is unknown, relative times and dates without a year are not found.
 */
bool hy_time_text_find(struct hy_str text, size_t from, struct hy_wall now,
		       struct hy_time_text *out);

/*
 * The whole text is a month and day, as list pages show them beside a headline: "08-12",
 * "[8/12]", "(08.12)"; too weak a form to be looked for in running text.
 */
bool hy_time_text_is_month_day(struct hy_str text, struct hy_wall now, struct hy_wall *out);

#endif
