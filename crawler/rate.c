#include "crawler/rate.h"

#include <inttypes.h>
#include <math.h>

#include "common/base/mem.h"
#include "crawler/rate_shape.h"

#define HOUR_MS (INT64_C(3600) * 1000)
#define DAY_MS (24 * HOUR_MS)
#define CST_MS (HY_CST_OFFSET_MIN * INT64_C(60000))
#define SPAN_MAX_MS (60 * DAY_MS)	/* of history that is looked at */
#define SLOW_MS (21 * DAY_MS)		/* half-lives */
#define PROFILE_MS (60 * DAY_MS)

/*
 * The prior in items and days. A shape of a half is wide enough for 1 a month as for 1000 a
 * day to be believed after a few items.
 */
#define PRIOR_ITEMS 0.5
#define PRIOR_DAYS 0.1
#define CELL_ITEMS 2.0		/* what the guessed shape weighs in each cell */
#define RECENT_ITEMS 10.0	/* what the long-run rate weighs against the last hours */
#define SILENT_ITEMS 6.0	/* expected and not come: from here on the rate is doubted */

/* What a profile day is measured in, so that the first night counts for little. */
static const double shared_hour[24] = {
	0.28, 0.14, 0.09, 0.07, 0.07, 0.13, 0.47, 0.95, 1.50, 1.95, 2.05, 1.70,
	1.15, 1.05, 1.45, 1.75, 1.90, 1.75, 1.35, 1.10, 1.05, 0.93, 0.70, 0.45,
};
static const double shared_weekday[7] = {1.16, 1.16, 1.16, 1.16, 1.16, 0.62, 0.58};

/* Every number of struct hy_rate but seen_until, in the order of the text. */
#define AT(member) offsetof(struct hy_rate, member)
static const struct {
	size_t offset, count;
} fields[] = {
	{AT(items), 1}, {AT(days), 1}, {AT(recent_items), 1}, {AT(recent_days), 1},
	{AT(silent_days), 1}, {AT(hour_items), 24}, {AT(hour_days), 24},
	{AT(weekday_items), 7}, {AT(weekday_days), 7},
};

#define UNIT 1e6		/* the text holds millionths: 86 ms of a day */
#define VALUE_MAX 1e9

/* ---- the clock ---- */

static int64_t hours_of(struct hy_wall at)
{
	return (at.ms + CST_MS) / HOUR_MS;
}

static size_t hour_of(struct hy_wall at)
{
	return (size_t)(hours_of(at) % 24);
}

static size_t weekday_of(struct hy_wall at)
{
	return (size_t)((hours_of(at) / 24 + 3) % 7);	/* 1970-01-01 was a Thursday */
}

struct hy_wall hy_rate_cell_end(struct hy_wall at)
{
	return (struct hy_wall){(hours_of(at) + 1) * HOUR_MS - CST_MS};
}

static struct hy_wall earlier(struct hy_wall a, struct hy_wall b)
{
	return a.ms < b.ms ? a : b;
}

static double days_between(struct hy_wall from, struct hy_wall until)
{
	return (double)(until.ms - from.ms) / (double)DAY_MS;
}

static double faded(double ms, int64_t half_life_ms)
{
	return exp2(-ms / (double)half_life_ms);
}

/* ---- the profile ---- */

static void normalise(double *cells, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += cells[i];
	for (size_t i = 0; i < count; i++)
		cells[i] *= (double)count / sum;
}

/* A cell borrows from the hours beside it: nobody publishes by the stroke of the hour. */
static double smooth(const double *cells, size_t i)
{
	return (cells[(i + 23) % 24] + 4 * cells[i] + cells[(i + 1) % 24]) / 6;
}

/* A cell departs from the shape of the source's kind as its own items outweigh that. */
static double cell(double shape, double items, double expected)
{
	return shape * (CELL_ITEMS + items) / (CELL_ITEMS + expected);
}

static void read_profile(const struct hy_rate *rate, struct hy_rate_curve *out)
{
	struct hy_rate_seen seen = {.hour_items = rate->hour_items,
				    .weekday_items = rate->weekday_items};
	double per_day = hy_rate_per_day(rate), expected[24];
	struct hy_rate_shape shape;

	for (size_t i = 0; i < 24; i++)
		seen.hour_days[i] = rate->hour_days[i] / shared_hour[i];
	for (size_t i = 0; i < 7; i++)
		seen.weekday_days[i] = rate->weekday_days[i] / shared_weekday[i];
	hy_rate_shape_guess(&seen, &shape);
	for (size_t i = 0; i < 24; i++)
		expected[i] = per_day * seen.hour_days[i] * shape.hour[i];
	for (size_t i = 0; i < 24; i++)
		out->hour[i] = cell(shape.hour[i], smooth(rate->hour_items, i),
				    smooth(expected, i));
	for (size_t i = 0; i < 7; i++)
		out->weekday[i] = cell(shape.weekday[i], rate->weekday_items[i],
				       per_day * seen.weekday_days[i] * shape.weekday[i]);
	normalise(out->hour, 24);
	normalise(out->weekday, 7);
}

static double profile_at(const struct hy_rate_curve *curve, struct hy_wall at)
{
	return curve->hour[hour_of(at)] * curve->weekday[weekday_of(at)];
}

static double profile_days(const struct hy_rate_curve *curve, struct hy_wall from,
			   struct hy_wall until)
{
	double sum = 0;

	while (from.ms < until.ms) {
		struct hy_wall end = earlier(hy_rate_cell_end(from), until);

		sum += profile_at(curve, from) * days_between(from, end);
		from = end;
	}
	return sum;
}

/* ---- learning ---- */

void hy_rate_init(struct hy_rate *rate)
{
	*rate = (struct hy_rate){.seen_until = HY_WALL_NONE};
}

static void scale(double *values, size_t count, double factor)
{
	for (size_t i = 0; i < count; i++)
		values[i] *= factor;
}

static void fade(struct hy_rate *rate, int64_t ms)
{
	double slow = faded((double)ms, SLOW_MS), recent = faded((double)ms, HY_RATE_RECENT_MS);
	double profile = faded((double)ms, PROFILE_MS);

	rate->items *= slow;
	rate->days *= slow;
	rate->recent_items *= recent;
	rate->recent_days *= recent;
	scale(rate->hour_items, 24, profile);
	scale(rate->hour_days, 24, profile);
	scale(rate->weekday_items, 7, profile);
	scale(rate->weekday_days, 7, profile);
}

/* Items at a moment, as of `now`. */
static void add_items(struct hy_rate *rate, struct hy_wall at, struct hy_wall now, double items)
{
	double age_ms = (double)(now.ms - at.ms);

	rate->items += items * faded(age_ms, SLOW_MS);
	rate->recent_items += items * faded(age_ms, HY_RATE_RECENT_MS);
	rate->hour_items[hour_of(at)] += items;
	rate->weekday_items[weekday_of(at)] += items;
}

/* The span was watched, and `loose` items appeared somewhere in it. */
static void add_span(struct hy_rate *rate, const struct hy_rate_curve *curve, struct hy_wall from,
		     struct hy_wall now, double loose)
{
	double whole = profile_days(curve, from, now);

	while (from.ms < now.ms) {
		struct hy_wall end = earlier(hy_rate_cell_end(from), now);
		struct hy_wall middle = {from.ms + (end.ms - from.ms) / 2};
		double days = days_between(from, end), weight = profile_at(curve, from) * days;
		double age_ms = (double)(now.ms - middle.ms);
		size_t hour = hour_of(from), weekday = weekday_of(from);

		rate->days += weight * faded(age_ms, SLOW_MS);
		rate->recent_days += weight * faded(age_ms, HY_RATE_RECENT_MS);
		rate->hour_days[hour] += days * shared_hour[hour] * curve->weekday[weekday];
		rate->weekday_days[weekday] += days * shared_weekday[weekday] * curve->hour[hour];
		if (loose > 0 && whole > 0)
			add_items(rate, middle, now, loose * weight / whole);
		from = end;
	}
}

/* A day without an hour is how many pages write their dates. */
static bool has_hour(struct hy_wall at)
{
	return (at.ms + CST_MS) % DAY_MS != 0;
}

static void watch(struct hy_rate *rate, struct hy_wall from, struct hy_wall now,
		  const struct hy_wall *times, size_t count)
{
	struct hy_rate_curve curve;
	struct hy_wall last = from;
	double loose = 0;

	read_profile(rate, &curve);
	if (hy_wall_known(rate->seen_until))
		fade(rate, now.ms - rate->seen_until.ms);
	for (size_t i = 0; i < count; i++) {
		bool is_believed = hy_wall_known(times[i]) && times[i].ms > from.ms &&
				   times[i].ms <= now.ms;

		if (is_believed && times[i].ms > last.ms)
			last = times[i];
		if (is_believed && has_hour(times[i]))
			add_items(rate, times[i], now, 1);
		else
			loose++;
	}
	add_span(rate, &curve, from, now, loose);
	if (count)
		rate->silent_days = 0;
	rate->silent_days += loose > 0 ? 0 : profile_days(&curve, last, now);
	rate->seen_until = now;
}

void hy_rate_begin(struct hy_rate *rate, struct hy_wall now, const struct hy_wall *times,
		   size_t count)
{
	struct hy_wall from = now, *kept = hy_xcalloc(count ? count : 1, sizeof *kept);
	struct hy_wall limit = hy_wall_add_ms(now, -SPAN_MAX_MS);
	size_t kept_count = 0;

	/* The oldest opens the span; those that are older than any span leave it open. */
	for (size_t i = 0; i < count; i++)
		if (hy_wall_known(times[i]) && times[i].ms < from.ms)
			from = times[i].ms < limit.ms ? limit : times[i];
	for (size_t i = 0; i < count; i++)
		if (hy_wall_known(times[i]) && times[i].ms > from.ms && times[i].ms <= now.ms)
			kept[kept_count++] = times[i];
	hy_rate_init(rate);
	watch(rate, from, now, kept, kept_count);
	free(kept);
}

void hy_rate_observe(struct hy_rate *rate, struct hy_wall now, const struct hy_wall *times,
		     size_t count)
{
	struct hy_wall from = rate->seen_until;

	if (!hy_wall_known(from)) {
		hy_rate_begin(rate, now, times, count);
		return;
	}
	if (now.ms <= from.ms)
		return;
	if (now.ms - from.ms > SPAN_MAX_MS)
		from = hy_wall_add_ms(now, -SPAN_MAX_MS);
	watch(rate, from, now, times, count);
}

/* ---- asking ---- */

double hy_rate_per_day(const struct hy_rate *rate)
{
	return (PRIOR_ITEMS + rate->items) / (PRIOR_DAYS + rate->days);
}

double hy_rate_expected(const struct hy_rate *rate, struct hy_wall from, struct hy_wall until)
{
	int64_t week_ms = 7 * DAY_MS, weeks;
	struct hy_rate_curve curve;

	if (until.ms <= from.ms)
		return 0;
	read_profile(rate, &curve);
	weeks = (until.ms - from.ms) / week_ms;
	until = hy_wall_add_ms(until, -weeks * week_ms);
	return hy_rate_per_day(rate) * (7 * (double)weeks + profile_days(&curve, from, until));
}

int64_t hy_rate_usual_gap_ms(const struct hy_rate *rate, struct hy_wall now)
{
	double wanted = 1 / hy_rate_per_day(rate), weeks = floor(wanted / 7);
	struct hy_rate_curve curve;
	struct hy_wall from = now;

	if (wanted * (double)DAY_MS >= (double)HY_RATE_GAP_MAX_MS)
		return HY_RATE_GAP_MAX_MS;
	read_profile(rate, &curve);
	wanted -= 7 * weeks;
	while (wanted > 0) {
		/* Just before `from`: the cell that ends there, or that it is in. */
		struct hy_wall inside = hy_wall_add_ms(from, -1);
		struct hy_wall start = hy_wall_add_ms(hy_rate_cell_end(inside), -HOUR_MS);
		double profile = profile_at(&curve, inside);
		double days = profile * days_between(start, from);

		if (days >= wanted)
			start.ms = from.ms - (int64_t)(wanted / profile * (double)DAY_MS);
		wanted -= days;
		from = start;
	}
	return (now.ms - from.ms) + (int64_t)weeks * 7 * DAY_MS;
}

void hy_rate_curve(const struct hy_rate *rate, struct hy_wall now, struct hy_rate_curve *out)
{
	double per_day = hy_rate_per_day(rate), silent = per_day * rate->silent_days;
	double recent = (RECENT_ITEMS + rate->recent_items) /
			(RECENT_ITEMS + per_day * rate->recent_days);

	read_profile(rate, out);
	out->at = now;
	/* Doubt grows slowly: real silences (holidays, batches) are longer than chance's. */
	out->per_day = silent > SILENT_ITEMS ? per_day * SILENT_ITEMS / silent : per_day;
	out->excess = recent - 1;
}

double hy_rate_curve_at(const struct hy_rate_curve *curve, struct hy_wall at)
{
	double fading = faded((double)(at.ms - curve->at.ms), HY_RATE_RECENT_MS);

	return curve->per_day * profile_at(curve, at) * (1 + curve->excess * fading);
}

/* ---- as text ---- */

void hy_rate_encode(const struct hy_rate *rate, struct hy_buf *out)
{
	if (!hy_wall_known(rate->seen_until))
		return;
	hy_buf_addf(out, "1 %" PRId64, rate->seen_until.ms);
	for (size_t i = 0; i < HY_COUNT(fields); i++) {
		const double *values = (const double *)(const void *)
				       ((const char *)rate + fields[i].offset);

		for (size_t j = 0; j < fields[i].count; j++)
			hy_buf_addf(out, " %.0f", fmin(values[j], VALUE_MAX) * UNIT);
	}
}

static bool decode_values(struct hy_str text, struct hy_rate *rate)
{
	struct hy_str word;
	int64_t value;

	for (size_t i = 0; i < HY_COUNT(fields); i++) {
		double *values = (double *)(void *)((char *)rate + fields[i].offset);

		for (size_t j = 0; j < fields[i].count; j++) {
			if (!hy_str_next(&text, ' ', &word) ||
			    !hy_str_to_int(word, 0, (int64_t)(VALUE_MAX * UNIT), &value))
				return false;
			values[j] = (double)value / UNIT;
		}
	}
	return !text.n;
}

bool hy_rate_decode(struct hy_str text, struct hy_rate *out)
{
	struct hy_rate rate;
	struct hy_str word;

	hy_rate_init(&rate);
	if (text.n) {
		if (!hy_str_next(&text, ' ', &word) || !hy_str_eq_c(word, "1") ||
		    !hy_str_next(&text, ' ', &word) ||
		    !hy_str_to_int(word, 0, INT64_MAX, &rate.seen_until.ms) ||
		    !decode_values(text, &rate))
			return false;
	}
	*out = rate;
	return true;
}
