#include "common/base/time.h"

#include <stdio.h>
#include <time.h>

#include "common/base/err.h"
#include "common/base/mem.h"

#define MS_PER_DAY INT64_C(86400000)

struct hy_mono hy_mono_now(void)
{
	struct timespec ts;

	hy_assert(clock_gettime(CLOCK_MONOTONIC, &ts) == 0);
	return (struct hy_mono){(int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec};
}

/* "For ever", however it was written, ends at the end of the range. */
static int64_t add_or_end(int64_t a, int64_t b)
{
	int64_t sum;

	if (!__builtin_add_overflow(a, b, &sum))
		return sum;
	return b < 0 ? INT64_MIN : INT64_MAX;
}

struct hy_mono hy_mono_add_ms(struct hy_mono t, int64_t ms)
{
	int64_t ns;

	if (__builtin_mul_overflow(ms, 1000000, &ns))
		ns = ms < 0 ? INT64_MIN : INT64_MAX;
	return (struct hy_mono){add_or_end(t.ns, ns)};
}

int64_t hy_mono_diff_ms(struct hy_mono later, struct hy_mono earlier)
{
	return (later.ns - earlier.ns) / 1000000;
}

struct hy_wall hy_wall_now(void)
{
	struct timespec ts;

	hy_assert(clock_gettime(CLOCK_REALTIME, &ts) == 0);
	return (struct hy_wall){(int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000};
}

bool hy_wall_known(struct hy_wall t)
{
	return t.ms != HY_WALL_NONE.ms;
}

struct hy_wall hy_wall_add_ms(struct hy_wall t, int64_t ms)
{
	return hy_wall_known(t) ? (struct hy_wall){add_or_end(t.ms, ms)} : t;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Days since 1970-01-01 of a proleptic Gregorian date (H. Hinnant, "chrono-compatible
 * low-level date algorithms"): years start in March, so the leap day is the last one. */
static int64_t days_of_date(int year, int month, int day)
{
	int64_t y = year - (month <= 2);
	int64_t era = floor_div(y, 400);
	int64_t yoe = y - era * 400;
	int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void date_of_days(int64_t days, struct hy_civil *out)
{
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;

	out->day = (int)(doy - (153 * mp + 2) / 5 + 1);
	out->month = (int)(mp < 10 ? mp + 3 : mp - 9);
	out->year = (int)(yoe + era * 400 + (out->month <= 2));
	out->weekday = (int)((days % 7 + 7 + 3) % 7) + 1;	/* day 0 was a Thursday */
}

struct hy_civil hy_civil_of(struct hy_wall t, int offset_min)
{
	int64_t local, days, ms;
	struct hy_civil c = {0};

	/* At the ends of the range, some 292 million years away, the offset is left out. */
	if (__builtin_add_overflow(t.ms, (int64_t)offset_min * 60000, &local))
		local = t.ms;
	days = floor_div(local, MS_PER_DAY);
	ms = local % MS_PER_DAY;
	if (ms < 0)
		ms += MS_PER_DAY;
	date_of_days(days, &c);
	c.hour = (int)(ms / 3600000);
	c.minute = (int)(ms / 60000 % 60);
	c.second = (int)(ms / 1000 % 60);
	c.ms = (int)(ms % 1000);
	return c;
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leap);
}

bool hy_wall_of_civil(const struct hy_civil *c, int offset_min, struct hy_wall *out)
{
	int64_t minutes;

	if (c->year < 1 || c->year > 9999 || c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > days_in_month(c->year, c->month))
		return false;
	if (c->hour < 0 || c->hour > 23 || c->minute < 0 || c->minute > 59 || c->second < 0 ||
	    c->second > 60 || c->ms < 0 || c->ms > 999)
		return false;
	minutes = c->hour * 60 + c->minute - offset_min;
	out->ms = days_of_date(c->year, c->month, c->day) * MS_PER_DAY + minutes * 60000 +
		  (int64_t)c->second * 1000 + c->ms;
	return true;
}

void hy_wall_iso_week(struct hy_wall t, int *out_year, int *out_week)
{
	struct hy_civil c = hy_civil_of(t, HY_CST_OFFSET_MIN);
	int64_t days = days_of_date(c.year, c.month, c.day);
	/* The week belongs to the year of its Thursday. */
	int64_t thursday = days - c.weekday + 4;

	date_of_days(thursday, &c);
	*out_year = c.year;
	*out_week = (int)((thursday - days_of_date(c.year, 1, 1)) / 7) + 1;
}

bool hy_wall_of_iso_week(int year, int week, struct hy_wall *out)
{
	struct hy_civil fourth = {0};
	struct hy_wall monday;
	int64_t days;
	int y, w;

	if (year < 1 || year > 9998 || week < 1 || week > 53)
		return false;
	days = days_of_date(year, 1, 4);	/* always in week 1 */
	date_of_days(days, &fourth);
	days += (week - 1) * 7 - (fourth.weekday - 1);
	monday.ms = days * MS_PER_DAY - (int64_t)HY_CST_OFFSET_MIN * 60000;
	hy_wall_iso_week(monday, &y, &w);
	if (y != year || w != week)
		return false;
	*out = monday;
	return true;
}

const char *hy_wall_format(struct hy_wall t, char out[HY_RFC3339_BYTES])
{
	struct hy_civil c;

	out[0] = '\0';
	if (!hy_wall_known(t))
		return out;
	c = hy_civil_of(t, HY_CST_OFFSET_MIN);
	if (c.year < 1 || c.year > 9999)
		return out;
	(void)snprintf(out, HY_RFC3339_BYTES, "%04u-%02u-%02uT%02u:%02u:%02u+08:00",
		       (unsigned)c.year % 10000, (unsigned)c.month % 100, (unsigned)c.day % 100,
		       (unsigned)c.hour % 100, (unsigned)c.minute % 100, (unsigned)c.second % 100);
	return out;
}

const char *hy_wall_format_people(struct hy_wall t, char out[HY_RFC3339_BYTES])
{
	struct hy_civil c;

	(void)snprintf(out, HY_RFC3339_BYTES, "—");
	if (!hy_wall_known(t))
		return out;
	c = hy_civil_of(t, HY_CST_OFFSET_MIN);
	(void)snprintf(out, HY_RFC3339_BYTES, "%u月%u日 %02u:%02u", (unsigned)c.month % 100,
		       (unsigned)c.day % 100, (unsigned)c.hour % 100, (unsigned)c.minute % 100);
	return out;
}

/* Reads exactly n digits at *at and moves on. */
static bool digits(struct hy_str s, size_t *at, size_t n, int *out)
{
	int64_t value;

	if (*at + n > s.n || s.p[*at] == '-' ||
	    !hy_str_to_int(hy_str_sub(s, *at, n), 0, 9999, &value))
		return false;
	*out = (int)value;
	*at += n;
	return true;
}

static bool literal(struct hy_str s, size_t *at, const char *allowed)
{
	if (*at >= s.n)
		return false;
	for (const char *c = allowed; *c; c++)
		if (s.p[*at] == *c) {
			(*at)++;
			return true;
		}
	return false;
}

static bool fraction(struct hy_str s, size_t *at, int *out_ms)
{
	int ms = 0, scale = 100, seen = 0;

	if (*at >= s.n || s.p[*at] != '.')
		return true;
	for ((*at)++; *at < s.n && s.p[*at] >= '0' && s.p[*at] <= '9'; (*at)++, seen++) {
		ms += (s.p[*at] - '0') * scale;
		scale /= 10;
	}
	*out_ms = ms;
	return seen > 0;
}

static bool offset(struct hy_str s, size_t *at, int *out_min)
{
	int hours, minutes, sign;

	if (*at >= s.n)
		return false;
	if (literal(s, at, "Zz")) {
		*out_min = 0;
		return true;
	}
	sign = s.p[*at] == '-' ? -1 : 1;
	if (!literal(s, at, "+-") || !digits(s, at, 2, &hours) || !literal(s, at, ":") ||
	    !digits(s, at, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*out_min = sign * (hours * 60 + minutes);
	return true;
}

bool hy_wall_parse(struct hy_str s, struct hy_wall *out)
{
	struct hy_civil c = {0};
	size_t at = 0;
	int offset_min = 0;

	if (!digits(s, &at, 4, &c.year) || !literal(s, &at, "-") || !digits(s, &at, 2, &c.month) ||
	    !literal(s, &at, "-") || !digits(s, &at, 2, &c.day) || !literal(s, &at, "Tt "))
		return false;
	if (!digits(s, &at, 2, &c.hour) || !literal(s, &at, ":") ||
	    !digits(s, &at, 2, &c.minute) || !literal(s, &at, ":") ||
	    !digits(s, &at, 2, &c.second) || !fraction(s, &at, &c.ms))
		return false;
	return offset(s, &at, &offset_min) && at == s.n && hy_wall_of_civil(&c, offset_min, out);
}

bool hy_duration_parse(struct hy_str s, int64_t *out_ms)
{
	static const struct {
		const char *unit;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", MS_PER_DAY}};
	int64_t value;

	for (size_t i = 0; i < HY_COUNT(units); i++) {
		struct hy_str unit = hy_str_of(units[i].unit);

		if (!hy_str_ends(s, unit))
			continue;
		if (hy_str_to_int(hy_str_sub(s, 0, s.n - unit.n), 0, INT64_MAX / units[i].ms,
				  &value)) {
			*out_ms = value * units[i].ms;
			return true;
		}
	}
	return false;
}
