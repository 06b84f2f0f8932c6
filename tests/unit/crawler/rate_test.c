/* What is believed of a source's rate after what was seen of it. */
#include "crawler/rate.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Monday 2026-11-02 00:00 +08:00. */
static const struct hy_wall monday = {INT64_C(1793548800000)};

static struct hy_wall at(int64_t ms)
{
	return hy_wall_add_ms(monday, ms);
}

#define assert_near(value, low, high) \
	do { \
		double near_ = (value); \
		if (!(near_ >= (low) && near_ <= (high))) \
			fail_msg("%s is %g, not in %g..%g", #value, near_, (double)(low), \
				 (double)(high)); \
	} while (0)

/* Read every `step` for `days`; items come at the hours that the function says. */
static void live(struct hy_rate *rate, int days, int64_t step,
		 int (*items_at)(int64_t hour_of_week))
{
	for (int64_t now = step; now <= days * DAY; now += step) {
		struct hy_wall times[200];
		size_t count = 0;

		for (int64_t hour = (now - step) / HOUR; hour < now / HOUR; hour++)
			for (int i = 0; i < items_at(hour % 168); i++)
				times[count++] = at(hour * HOUR + (i + 1) * MINUTE);
		hy_rate_observe(rate, at(now), times, count);
	}
}

static int hourly(int64_t hour)
{
	(void)hour;
	return 1;
}

static int at_eight(int64_t hour)
{
	return hour % 24 == 8 ? 6 : 0;
}

static int on_sunday(int64_t hour)
{
	return hour / 24 == 6 ? 2 : 0;
}

static int never(int64_t hour)
{
	(void)hour;
	return 0;
}

static void a_new_source_is_taken_for_an_average_one(void **state)
{
	struct hy_rate rate;

	(void)state;
	hy_rate_init(&rate);
	assert_near(hy_rate_per_day(&rate), 4.9, 5.1);
	hy_rate_begin(&rate, at(10 * HOUR), NULL, 0);
	assert_near(hy_rate_per_day(&rate), 4.9, 5.1);
	/* By day a few hours; the night is not counted for much. */
	assert_near((double)hy_rate_usual_gap_ms(&rate, at(18 * HOUR)), 2 * HOUR, 4 * HOUR);
	assert_true(hy_rate_usual_gap_ms(&rate, at(DAY + 7 * HOUR)) > 8 * HOUR);
}

static void the_first_reading_is_a_history(void **state)
{
	struct hy_wall times[50];
	struct hy_rate rate;

	(void)state;
	/* Fifty items, one a day up to now. */
	for (int i = 0; i < 50; i++)
		times[i] = at(10 * HOUR - i * DAY);
	hy_rate_begin(&rate, at(10 * HOUR), times, 50);
	assert_near(hy_rate_per_day(&rate), 0.8, 1.2);
	/* Fifty within the hours of one day: their hours were seen, the others not. */
	for (int i = 0; i < 50; i++)
		times[i] = at(16 * HOUR - i * 5 * MINUTE);
	hy_rate_begin(&rate, at(16 * HOUR), times, 50);
	assert_near(hy_rate_per_day(&rate), 120, 220);
	/* Unknown and future times say nothing. */
	times[0] = HY_WALL_NONE;
	times[1] = at(20 * HOUR);
	hy_rate_begin(&rate, at(10 * HOUR), times, 2);
	assert_near(hy_rate_per_day(&rate), 4.9, 5.1);
}

static void a_steady_rate_is_learned(void **state)
{
	struct hy_rate rate;
	struct hy_rate_curve curve;

	(void)state;
	hy_rate_init(&rate);
	live(&rate, 28, HOUR, hourly);
	assert_near(hy_rate_per_day(&rate), 21, 26);
	hy_rate_curve(&rate, at(28 * DAY), &curve);
	for (int64_t hour = 0; hour < 168; hour++)
		assert_near(curve.hour[hour % 24] * curve.weekday[hour / 24], 0.5, 1.5);
}

static void hours_and_weekdays_are_learned(void **state)
{
	struct hy_rate rate;
	struct hy_rate_curve curve;

	(void)state;
	hy_rate_init(&rate);
	live(&rate, 28, HOUR, at_eight);
	hy_rate_curve(&rate, at(28 * DAY), &curve);
	assert_near(hy_rate_per_day(&rate), 5, 7.5);
	assert_true(curve.hour[8] > 5 && curve.hour[8] > 1.5 * curve.hour[7]);
	assert_true(curve.hour[16] < 0.4);

	hy_rate_init(&rate);
	live(&rate, 28, HOUR, on_sunday);
	hy_rate_curve(&rate, at(28 * DAY), &curve);
	assert_true(curve.weekday[6] > 4);
	assert_true(curve.weekday[0] < 0.4);
	/* One gap before Saturday's end is most of a week, before Sunday's end hours. */
	assert_true(hy_rate_usual_gap_ms(&rate, at(34 * DAY)) > DAY);
	assert_true(hy_rate_usual_gap_ms(&rate, at(35 * DAY)) < 6 * HOUR);
}

static void a_gap_is_the_span_of_one_item(void **state)
{
	static const double days_per_item[] = {0.002, 0.05, 1, 3, 20};
	struct hy_rate rate;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(days_per_item); i++) {
		hy_rate_init(&rate);
		rate.items = 1000;
		rate.days = 1000 * days_per_item[i];
		for (int64_t hour = 0; hour < 168; hour += 13) {
			struct hy_wall now = at(100 * DAY + hour * HOUR + 7 * MINUTE);
			int64_t gap = hy_rate_usual_gap_ms(&rate, now);

			assert_near(hy_rate_expected(&rate, hy_wall_add_ms(now, -gap), now), 0.999,
				    1.001);
		}
	}
	rate.items = 0;
	rate.days = 1000;
	assert_int_equal(hy_rate_usual_gap_ms(&rate, monday), HY_RATE_GAP_MAX_MS);
	assert_near(hy_rate_expected(&rate, at(5), at(4)), 0, 0);
}

static void a_burst_raises_what_is_expected_and_fades(void **state)
{
	struct hy_rate rate;
	struct hy_rate_curve calm, burst;
	struct hy_wall times[12], now = at(28 * DAY + 2 * HOUR);

	(void)state;
	hy_rate_init(&rate);
	live(&rate, 28, HOUR, hourly);
	hy_rate_observe(&rate, hy_wall_add_ms(now, -HOUR), NULL, 0);
	hy_rate_curve(&rate, now, &calm);
	for (int i = 0; i < 12; i++)
		times[i] = hy_wall_add_ms(now, -i * MINUTE);
	hy_rate_observe(&rate, now, times, 12);
	hy_rate_curve(&rate, now, &burst);
	assert_true(hy_rate_curve_at(&burst, now) > 2 * hy_rate_curve_at(&calm, now));
	now = hy_wall_add_ms(now, 8 * HY_RATE_RECENT_MS);
	assert_near(hy_rate_curve_at(&burst, now) / hy_rate_curve_at(&calm, now), 0.9, 1.5);
}

static void a_silence_is_doubted_before_it_is_forgotten(void **state)
{
	struct hy_rate rate;
	struct hy_rate_curve curve;
	double usual;

	(void)state;
	hy_rate_init(&rate);
	live(&rate, 28, HOUR, hourly);
	usual = hy_rate_per_day(&rate);
	for (int64_t hour = 1; hour <= 72; hour++)
		hy_rate_observe(&rate, at(28 * DAY + hour * HOUR), NULL, 0);
	hy_rate_curve(&rate, at(31 * DAY), &curve);
	assert_true(hy_rate_per_day(&rate) > 0.7 * usual);
	assert_true(hy_rate_expected(&rate, at(28 * DAY), at(31 * DAY)) > 3);
	assert_true(hy_rate_curve_at(&curve, at(31 * DAY)) < 0.1 * usual);
	/* One new item and it is believed again. */
	hy_rate_observe(&rate, at(31 * DAY + HOUR), &(struct hy_wall){at(31 * DAY + 9).ms}, 1);
	hy_rate_curve(&rate, at(31 * DAY + HOUR), &curve);
	assert_true(curve.per_day > 0.6 * usual);
	live(&rate, 1, HOUR, never);	/* a clock set back changes nothing */
	assert_true(rate.seen_until.ms == at(31 * DAY + HOUR).ms);
}

static void items_without_times_are_spread_over_the_span(void **state)
{
	struct hy_rate rate;
	struct hy_wall unknown[24];

	(void)state;
	for (int i = 0; i < 24; i++)
		unknown[i] = i % 2 ? HY_WALL_NONE : at(-DAY);	/* or older than the span */
	hy_rate_begin(&rate, monday, NULL, 0);
	for (int64_t day = 1; day <= 28; day++)
		hy_rate_observe(&rate, at(day * DAY), unknown, 24);
	assert_near(hy_rate_per_day(&rate), 22, 26);
	assert_true(rate.hour_items[10] > 3 * rate.hour_items[3]);
	/* A date at midnight has no hour. */
	hy_rate_begin(&rate, at(-HOUR), NULL, 0);
	hy_rate_observe(&rate, at(HOUR), &monday, 1);
	assert_near(rate.hour_items[0], 0.1, 0.6);
}

static void the_text_round_trips(void **state)
{
	static const char *const bad[] = {"2 1", "1", "1 5 7", "x", "1 -5", " "};
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_RATE_TEXT_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf again = HY_BUF(HY_RATE_TEXT_BYTES);
	struct hy_rate rate, back;

	(void)state;
	hy_rate_init(&rate);
	hy_rate_encode(&rate, &text);
	assert_int_equal(hy_buf_str(&text).n, 0);
	assert_true(hy_rate_decode(hy_buf_str(&text), &back));
	assert_false(hy_wall_known(back.seen_until));
	live(&rate, 28, HOUR, hourly);
	hy_rate_encode(&rate, &text);
	assert_int_equal(hy_buf_err(&text), HY_OK);
	assert_true(hy_rate_decode(hy_buf_str(&text), &back));
	assert_true(fabs(hy_rate_per_day(&back) - hy_rate_per_day(&rate)) < 0.001);
	hy_rate_encode(&back, &again);
	assert_true(hy_str_eq(hy_buf_str(&text), hy_buf_str(&again)));
	for (size_t i = 0; i < HY_COUNT(bad); i++)
		assert_false(hy_rate_decode(hy_str_of(bad[i]), &back));
	hy_buf_add_c(&again, " 1");
	assert_false(hy_rate_decode(hy_buf_str(&again), &back));
	/* The largest there can be still fits. */
	memset(rate.hour_items, 0, sizeof rate.hour_items);
	for (int i = 0; i < 24; i++)
		rate.hour_items[i] = rate.hour_days[i] = 1e300;
	hy_buf_clear(&text);
	hy_rate_encode(&rate, &text);
	assert_int_equal(hy_buf_err(&text), HY_OK);
	assert_true(hy_rate_decode(hy_buf_str(&text), &back));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_new_source_is_taken_for_an_average_one),
		cmocka_unit_test(the_first_reading_is_a_history),
		cmocka_unit_test(a_steady_rate_is_learned),
		cmocka_unit_test(hours_and_weekdays_are_learned),
		cmocka_unit_test(a_gap_is_the_span_of_one_item),
		cmocka_unit_test(a_burst_raises_what_is_expected_and_fades),
		cmocka_unit_test(a_silence_is_doubted_before_it_is_forgotten),
		cmocka_unit_test(items_without_times_are_spread_over_the_span),
		cmocka_unit_test(the_text_round_trips),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
