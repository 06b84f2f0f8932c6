/* The clock of one host, turned by hand. */
#include "crawler/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/base/mem.h"

static const struct hy_mono start = {INT64_C(1000000000000)};

static struct hy_mono after(int64_t ms)
{
	return hy_mono_add_ms(start, ms);
}

static int64_t ready_in_ms(const struct hy_pace *pace)
{
	return hy_mono_diff_ms(hy_pace_ready_at(pace), start);
}

static void delay_counts_from_the_end_of_a_request(void **state)
{
	struct hy_pace pace;

	(void)state;
	hy_pace_init(&pace, start);
	assert_int_equal(ready_in_ms(&pace), 0);
	hy_pace_ended(&pace, after(400), 1000);
	assert_int_equal(ready_in_ms(&pace), 1400);
	/* A shorter delay of another source does not bring the next request forward. */
	hy_pace_ended(&pace, after(500), 10);
	assert_int_equal(ready_in_ms(&pace), 1400);
}

static void pauses_double_until_all_is_well(void **state)
{
	struct hy_pace pace;

	(void)state;
	hy_pace_init(&pace, start);
	assert_int_equal(hy_pace_pause(&pace, start, 60000, -1), 60000);
	assert_true(hy_pace_is_paused(&pace, after(59999)));
	assert_false(hy_pace_is_paused(&pace, after(60000)));
	assert_int_equal(hy_pace_pause(&pace, after(60000), 60000, -1), 120000);
	assert_int_equal(hy_pace_pause(&pace, after(180000), 60000, -1), 240000);
	hy_pace_went_well(&pace);
	assert_int_equal(hy_pace_pause(&pace, after(600000), 60000, -1), 60000);
}

static void the_host_says_how_long(void **state)
{
	struct hy_pace pace;

	(void)state;
	hy_pace_init(&pace, start);
	assert_int_equal(hy_pace_pause(&pace, start, 60000, 5000), 5000);
	/* Nothing shortens a pause, nothing exceeds a day. */
	assert_int_equal(hy_pace_pause(&pace, start, 60000, 1000), 5000);
	assert_int_equal(hy_pace_pause(&pace, start, 60000, INT64_C(1) << 60), HY_PAUSE_MAX_MS);
	assert_int_equal(ready_in_ms(&pace), HY_PAUSE_MAX_MS);
}

static void backoff_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(hy_backoff_ms(100, -1, 1000), 100);
	assert_int_equal(hy_backoff_ms(100, 0, 1000), 100);
	assert_int_equal(hy_backoff_ms(100, 3, 1000), 800);
	assert_int_equal(hy_backoff_ms(100, 4, 1000), 1000);
	assert_int_equal(hy_backoff_ms(100, INT64_MAX, 1000), 1000);
	assert_int_equal(hy_backoff_ms(5000, 0, 1000), 1000);
}

static void retry_after_in_both_forms(void **state)
{
	static const struct {
		const char *value;
		int64_t expected_ms;	/* -1: not understood */
	} values[] = {
		{"120", 120000}, {" 0 ", 0}, {"Mon, 23 Nov 2026 01:00:30 GMT", 30000},
		{"Mon, 23 Nov 2026 00:59:00 GMT", 0}, {"", -1}, {"soon", -1}, {"-5", -1},
		{"1.5", -1}, {"99999999999999999999", -1},
	};
	struct hy_wall now;

	(void)state;
	assert_true(hy_wall_parse(HY_STR_LIT("2026-11-23T09:00:00+08:00"), &now));
	for (size_t i = 0; i < HY_COUNT(values); i++) {
		int64_t ms = -1;
		bool ok = hy_retry_after_parse(hy_str_of(values[i].value), now, &ms);

		if (ok != (values[i].expected_ms >= 0) || ms != values[i].expected_ms)
			fail_msg("\"%s\": %d, %lld ms", values[i].value, ok, (long long)ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delay_counts_from_the_end_of_a_request),
		cmocka_unit_test(pauses_double_until_all_is_well),
		cmocka_unit_test(the_host_says_how_long),
		cmocka_unit_test(backoff_is_bounded),
		cmocka_unit_test(retry_after_in_both_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
