/*
 * Time as two types that do not mix: monotonic for intervals, wall for facts.
 *
 * Text form is RFC 3339 with offset; the product prints China Standard Time (+08:00, no
 * daylight saving since 1991), the legal time of every deadline here.
 */
#ifndef HY_BASE_TIME_H
#define HY_BASE_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/str.h"

struct hy_mono {
	int64_t ns;
};

struct hy_wall {
	int64_t ms;	/* since 1970-01-01T00:00:00Z; HY_WALL_NONE.ms where unknown */
};

#define HY_WALL_NONE ((struct hy_wall){INT64_MIN})
#define HY_CST_OFFSET_MIN 480
#define HY_RFC3339_BYTES 32

/* Broken-down local time at a fixed offset. */
struct hy_civil {
	int year, month, day;		/* month 1-12, day 1-31 */
	int hour, minute, second, ms;
	int weekday;			/* 1 Monday ... 7 Sunday (ISO 8601) */
};

struct hy_mono hy_mono_now(void);
struct hy_mono hy_mono_add_ms(struct hy_mono t, int64_t ms);
int64_t hy_mono_diff_ms(struct hy_mono later, struct hy_mono earlier);

struct hy_wall hy_wall_now(void);
bool hy_wall_known(struct hy_wall t);
struct hy_wall hy_wall_add_ms(struct hy_wall t, int64_t ms);

struct hy_civil hy_civil_of(struct hy_wall t, int offset_min);
/* Out-of-range fields are refused: false leaves *out untouched. Seconds up to 60. */
bool hy_wall_of_civil(const struct hy_civil *c, int offset_min, struct hy_wall *out);

/* ISO 8601 week of the China-time date: year and week number. */
void hy_wall_iso_week(struct hy_wall t, int *out_year, int *out_week);
/* Monday 00:00 (+08:00) of an ISO week; false where the year has no such week. */
bool hy_wall_of_iso_week(int year, int week, struct hy_wall *out);

/* "2026-11-23T09:00:00+08:00"; "" where unknown. Milliseconds are dropped. Returns out. */
const char *hy_wall_format(struct hy_wall t, char out[HY_RFC3339_BYTES]);

/* "11月23日 09:00", for sentences that people read; "—" where unknown. Returns out. */
const char *hy_wall_format_people(struct hy_wall t, char out[HY_RFC3339_BYTES]);

/* The whole view must be an RFC 3339 date-time with offset. */
bool hy_wall_parse(struct hy_str s, struct hy_wall *out);

/* "90s", "5m", "48h", "7d" or a plain number of milliseconds with "ms"; whole view. */
bool hy_duration_parse(struct hy_str s, int64_t *out_ms);

#endif
