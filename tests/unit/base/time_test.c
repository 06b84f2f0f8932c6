#include "common/base/time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <cmocka.h>

#include "common/base/mem.h"

static void test_clocks(void **state)
{
	struct hy_mono a = hy_mono_now(), b = hy_mono_now();
	struct hy_wall w = hy_wall_now();

	(void)state;
	assert_true(b.ns >= a.ns);
	assert_in_range(w.ms / 1000, (uint64_t)time(NULL) - 2, (uint64_t)time(NULL) + 2);
	assert_int_equal(hy_mono_diff_ms(hy_mono_add_ms(a, 1500), a), 1500);
	assert_int_equal(hy_mono_diff_ms(a, hy_mono_add_ms(a, 1500)), -1500);
	assert_true(hy_mono_add_ms(a, INT64_MAX).ns == INT64_MAX);
	assert_true(hy_mono_add_ms((struct hy_mono){-5}, INT64_MIN).ns == INT64_MIN);
	assert_true(hy_wall_known(w));
	assert_false(hy_wall_known(HY_WALL_NONE));
	assert_false(hy_wall_known(hy_wall_add_ms(HY_WALL_NONE, 5)));
	assert_int_equal(hy_wall_add_ms((struct hy_wall){7}, -9).ms, -2);
	assert_true(hy_wall_add_ms(w, INT64_MAX).ms == INT64_MAX);
}

/* Every day of 800 years against the C library, which counts in another way. */
static void test_civil_against_gmtime(void **state)
{
	(void)state;
	for (int64_t day = -146097; day < 146097; day++) {
		time_t seconds = (time_t)(day * 86400 + (day % 86400 + 86400) % 86400);
		struct hy_wall t = {(int64_t)seconds * 1000 + 7}, back = {0};
		struct hy_civil c = hy_civil_of(t, 0);
		struct tm tm;

		assert_non_null(gmtime_r(&seconds, &tm));
		if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 ||
		    c.day != tm.tm_mday || c.hour != tm.tm_hour || c.minute != tm.tm_min ||
		    c.second != tm.tm_sec || c.ms != 7 || c.weekday % 7 != tm.tm_wday)
			fail_msg("day %lld", (long long)day);
		if (!hy_wall_of_civil(&c, 0, &back) || back.ms != t.ms)
			fail_msg("day %lld back", (long long)day);
	}
}

static void test_civil_at_the_ends(void **state)
{
	struct hy_civil c;

	(void)state;
	c = hy_civil_of((struct hy_wall){-1}, 0);
	assert_int_equal(c.year, 1969);
	assert_int_equal(c.ms, 999);
	assert_int_equal(c.second, 59);
	c = hy_civil_of((struct hy_wall){0}, HY_CST_OFFSET_MIN);
	assert_int_equal(c.hour, 8);
	assert_int_equal(c.weekday, 4);
	c = hy_civil_of((struct hy_wall){0}, -1);
	assert_int_equal(c.day, 31);
	/* No overflow, whatever the moment. */
	(void)hy_civil_of((struct hy_wall){INT64_MAX}, HY_CST_OFFSET_MIN);
	(void)hy_civil_of((struct hy_wall){INT64_MIN}, -HY_CST_OFFSET_MIN);
}

static void test_civil_refused(void **state)
{
	static const struct hy_civil rows[] = {
		{.year = 0, .month = 1, .day = 1}, {.year = 10000, .month = 1, .day = 1},
		{.year = 2026, .month = 0, .day = 1}, {.year = 2026, .month = 13, .day = 1},
		{.year = 2026, .month = 1, .day = 0}, {.year = 2026, .month = 1, .day = 32},
		{.year = 2026, .month = 4, .day = 31}, {.year = 2026, .month = 2, .day = 29},
		{.year = 1900, .month = 2, .day = 29}, {.year = 2024, .month = 2, .day = 30},
		{.year = 2026, .month = 1, .day = 1, .hour = 24},
		{.year = 2026, .month = 1, .day = 1, .hour = -1},
		{.year = 2026, .month = 1, .day = 1, .minute = 60},
		{.year = 2026, .month = 1, .day = 1, .second = 61},
		{.year = 2026, .month = 1, .day = 1, .ms = 1000},
		{.year = 2026, .month = 1, .day = 1, .ms = -1},
	};
	static const struct hy_civil good[] = {
		{.year = 2000, .month = 2, .day = 29}, {.year = 2024, .month = 2, .day = 29},
		{.year = 1, .month = 1, .day = 1}, {.year = 9999, .month = 12, .day = 31},
	};
	struct hy_wall out = {4711};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++)
		if (hy_wall_of_civil(&rows[i], 0, &out))
			fail_msg("row %zu accepted", i);
	assert_int_equal(out.ms, 4711);
	for (size_t i = 0; i < HY_COUNT(good); i++)
		assert_true(hy_wall_of_civil(&good[i], 0, &out));
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0}, {"1970-01-01t00:00:00z", 0}, {"1970-01-01 00:00:00Z", 0},
		{"1970-01-01T08:00:00+08:00", 0}, {"1969-12-31T19:00:00-05:00", 0},
		{"1970-01-01T00:00:00.5Z", 500}, {"1970-01-01T00:00:00.123456789Z", 123},
		{"1970-01-01T00:00:00.007Z", 7}, {"1969-12-31T23:59:59.999Z", -1},
		{"1970-01-01T00:00:60Z", 60000}, {"1970-01-01T00:00:00-00:00", 0},
		{"2026-11-23T09:00:00+08:00", INT64_C(1795395600000)},
		{"1970-01-01T05:45:00+05:45", 0},
	};
	static const char *const bad[] = {
		"", "2026", "2026-11-23", "2026-11-23T09:00:00", "2026-11-23T09:00+08:00",
		"2026-11-23T09:00:00+0800", "2026-11-23T09:00:00+08", "2026-11-23T09:00:00.Z",
		"2026-11-23T09:00:00Z ", " 2026-11-23T09:00:00Z", "2026-11-23T24:00:00Z",
		"2026-13-23T09:00:00Z", "2026-02-30T09:00:00Z", "0000-01-01T00:00:00Z",
		"2026-11-23T09:00:00+24:00", "2026-11-23T09:00:00+08:60", "-026-11-23T09:00:00Z",
		"2026-1-23T09:00:00Z", "2026/11/23T09:00:00Z", "2026-11-23T-9:00:00Z",
		"2026-11-23T09:00:61Z", "20266-11-23T09:00:00Z", "2026-11-23T09:00:00,5Z",
		"2026-11-23T09:00:00 08:00", "2026-11-23_09:00:00Z",
	};
	struct hy_wall out;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		out.ms = 4711;
		if (!hy_wall_parse(hy_str_of(rows[i].text), &out) || out.ms != rows[i].ms)
			fail_msg("%s gave %lld", rows[i].text, (long long)out.ms);
	}
	out.ms = 4711;
	for (size_t i = 0; i < HY_COUNT(bad); i++)
		if (hy_wall_parse(hy_str_of(bad[i]), &out))
			fail_msg("%s accepted", bad[i]);
	assert_int_equal(out.ms, 4711);
}

static void test_format(void **state)
{
	static const struct {
		int64_t ms;
		const char *text;
	} rows[] = {
		{0, "1970-01-01T08:00:00+08:00"}, {999, "1970-01-01T08:00:00+08:00"},
		{-1, "1970-01-01T07:59:59+08:00"}, {INT64_C(1795395600000), "2026-11-23T09:00:00+08:00"},
		{INT64_MIN, ""}, {INT64_MIN + 1, ""}, {INT64_MAX, ""},
		{INT64_C(253402271999999), "9999-12-31T23:59:59+08:00"}, {INT64_C(253402272000000), ""},
	};
	char out[HY_RFC3339_BYTES];
	struct hy_wall back;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		assert_string_equal(hy_wall_format((struct hy_wall){rows[i].ms}, out), rows[i].text);
		assert_int_equal(hy_wall_parse(hy_str_of(out), &back), rows[i].text[0] != '\0');
	}
}

static void test_format_for_people(void **state)
{
	char out[HY_RFC3339_BYTES];

	(void)state;
	assert_string_equal(hy_wall_format_people((struct hy_wall){INT64_C(1795395600000)}, out),
			    "11月23日 09:00");
	assert_string_equal(hy_wall_format_people((struct hy_wall){-1}, out), "1月1日 07:59");
	assert_string_equal(hy_wall_format_people(HY_WALL_NONE, out), "—");
}

static void test_iso_weeks(void **state)
{
	static const struct {
		const char *day;
		int year, week;
	} rows[] = {
		{"2026-11-23", 2026, 48}, {"2026-11-22", 2026, 47}, {"2026-01-01", 2026, 1},
		{"2025-12-29", 2026, 1}, {"2025-12-28", 2025, 52}, {"2027-01-01", 2026, 53},
		{"2027-01-03", 2026, 53}, {"2027-01-04", 2027, 1}, {"2021-01-03", 2020, 53},
		{"2016-01-01", 2015, 53}, {"2024-12-30", 2025, 1},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		static const char *const hours[] = {"00:00:00", "23:59:59"};

		for (size_t h = 0; h < 2; h++) {
			char text[40];
			struct hy_wall t, monday;
			int year, week;

			(void)snprintf(text, sizeof text, "%sT%s+08:00", rows[i].day, hours[h]);
			assert_true(hy_wall_parse(hy_str_of(text), &t));
			hy_wall_iso_week(t, &year, &week);
			assert_int_equal(year, rows[i].year);
			assert_int_equal(week, rows[i].week);
			assert_true(hy_wall_of_iso_week(year, week, &monday));
			assert_true(monday.ms <= t.ms && t.ms - monday.ms < INT64_C(7) * 86400000);
			assert_int_equal(hy_civil_of(monday, HY_CST_OFFSET_MIN).weekday, 1);
			assert_int_equal(hy_civil_of(monday, HY_CST_OFFSET_MIN).hour, 0);
		}
	}
}

static void test_iso_weeks_refused(void **state)
{
	struct hy_wall out = {4711};

	(void)state;
	assert_false(hy_wall_of_iso_week(2026, 0, &out));
	assert_false(hy_wall_of_iso_week(2026, 54, &out));
	assert_false(hy_wall_of_iso_week(2025, 53, &out));
	assert_false(hy_wall_of_iso_week(0, 1, &out));
	assert_false(hy_wall_of_iso_week(9999, 1, &out));
	assert_int_equal(out.ms, 4711);
	assert_true(hy_wall_of_iso_week(2026, 53, &out));
}

static void test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"0s", 0}, {"250ms", 250}, {"90s", 90000}, {"5m", 300000}, {"48h", 172800000},
		{"7d", 604800000}, {"007d", 604800000}, {"9223372036854775807ms", INT64_MAX},
		{"106751991167d", INT64_C(106751991167) * 86400000},
	};
	static const char *const bad[] = {
		"", "s", "ms", "5", "-5s", "+5s", "5 s", " 5s", "5s ", "5S", "1.5h", "5ss", "5sm", "5w",
		"106751991168d", "9223372036854775808ms", "9223372036854775807s",
	};
	int64_t out;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		out = 4711;
		if (!hy_duration_parse(hy_str_of(rows[i].text), &out) || out != rows[i].ms)
			fail_msg("%s gave %lld", rows[i].text, (long long)out);
	}
	out = 4711;
	for (size_t i = 0; i < HY_COUNT(bad); i++)
		if (hy_duration_parse(hy_str_of(bad[i]), &out))
			fail_msg("%s accepted", bad[i]);
	assert_int_equal(out, 4711);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clocks),
		cmocka_unit_test(test_civil_against_gmtime),
		cmocka_unit_test(test_civil_at_the_ends),
		cmocka_unit_test(test_civil_refused),
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_format),
		cmocka_unit_test(test_format_for_people),
		cmocka_unit_test(test_iso_weeks),
		cmocka_unit_test(test_iso_weeks_refused),
		cmocka_unit_test(test_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
