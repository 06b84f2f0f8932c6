/* Of which kind a source is taken to be after what was seen of it. */
#include "crawler/rate_shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/base/mem.h"

/* Watched for four whole weeks. */
static struct hy_rate_shape guess(const double *hour_items, const double *weekday_items)
{
	struct hy_rate_seen seen = {.hour_items = hour_items, .weekday_items = weekday_items};
	struct hy_rate_shape shape;

	for (size_t i = 0; i < 24; i++)
		seen.hour_days[i] = 28.0 / 24;
	for (size_t i = 0; i < 7; i++)
		seen.weekday_days[i] = 4;
	hy_rate_shape_guess(&seen, &shape);
	return shape;
}

static double mean(const double *cells, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += cells[i] / (double)count;
	return sum;
}

static void assert_is_shape(const struct hy_rate_shape *shape)
{
	assert_true(mean(shape->hour, 24) > 0.9999 && mean(shape->hour, 24) < 1.0001);
	assert_true(mean(shape->weekday, 7) > 0.9999 && mean(shape->weekday, 7) < 1.0001);
	for (size_t i = 0; i < 24; i++)
		assert_true(shape->hour[i] > 0);
}

static void nothing_seen_is_a_little_of_each(void **state)
{
	double none[24] = {0};
	struct hy_rate_shape shape = guess(none, none);

	(void)state;
	assert_is_shape(&shape);
	assert_true(shape.hour[10] > 3 * shape.hour[3]);
	assert_true(shape.weekday[6] > 0.3 && shape.weekday[6] < shape.weekday[0]);
}

static void a_dozen_items_tell_the_kind(void **state)
{
	double office[24] = {[9] = 4, [10] = 4, [15] = 2, [16] = 2};
	double evening[24] = {[19] = 3, [20] = 3, [21] = 4, [22] = 2};
	double working[7] = {3, 3, 2, 2, 2}, all_week[7] = {2, 2, 1, 2, 1, 2, 2};
	struct hy_rate_shape shape = guess(office, working);

	(void)state;
	assert_is_shape(&shape);
	assert_true(shape.hour[3] < 0.06 && shape.weekday[6] < 0.3);
	shape = guess(evening, all_week);
	assert_is_shape(&shape);
	assert_true(shape.hour[21] > 2.5 && shape.hour[9] < 1 && shape.weekday[6] > 0.9);
}

static void what_was_not_watched_says_nothing(void **state)
{
	/* All items came in the evening, which is when it was watched. */
	double items[24] = {[19] = 4, [20] = 4, [21] = 4}, none[7] = {0};
	struct hy_rate_seen seen = {.hour_items = items, .weekday_items = none};
	struct hy_rate_shape whole = guess(items, none), shape;

	(void)state;
	for (size_t i = 19; i < 22; i++)
		seen.hour_days[i] = 1;
	hy_rate_shape_guess(&seen, &shape);
	assert_is_shape(&shape);
	assert_true(shape.hour[10] > 1.5 * whole.hour[10]);
}

static void a_flood_stays_finite(void **state)
{
	double items[24], days[7];

	(void)state;
	for (size_t i = 0; i < 24; i++)
		items[i] = i == 4 ? 1e9 : 1e8;
	for (size_t i = 0; i < 7; i++)
		days[i] = 1e9;
	struct hy_rate_shape shape = guess(items, days);

	assert_is_shape(&shape);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_seen_is_a_little_of_each),
		cmocka_unit_test(a_dozen_items_tell_the_kind),
		cmocka_unit_test(what_was_not_watched_says_nothing),
		cmocka_unit_test(a_flood_stays_finite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
