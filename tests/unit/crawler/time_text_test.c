#include "crawler/time_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

/* 2026-11-23T09:00:00+08:00, a Monday */
static const struct hy_wall now = {1795395600000};

struct sample {
	const char *text, *time;	/* "" where none is to be found */
	enum hy_precision precision;
};

static const struct sample samples[] = {
	{"2021年8月12日 09:30", "2021-08-12T09:30:00+08:00", HY_PRECISION_MINUTE},
	{"2021年08月12日09时30分", "2021-08-12T09:30:00+08:00", HY_PRECISION_MINUTE},
	{"发布时间：2021-08-12 09:30:15 来源", "2021-08-12T09:30:15+08:00", HY_PRECISION_SECOND},
	{"2021/8/12 9:05", "2021-08-12T09:05:00+08:00", HY_PRECISION_MINUTE},
	{"2021.08.12", "2021-08-12T00:00:00+08:00", HY_PRECISION_DAY},
	{"2021年8月12日 星期四 下午3:05", "2021-08-12T15:05:00+08:00", HY_PRECISION_MINUTE},
	{"2021年8月12日", "2021-08-12T00:00:00+08:00", HY_PRECISION_DAY},
	{"2021-08-12T01:30:00Z", "2021-08-12T09:30:00+08:00", HY_PRECISION_SECOND},
	{"2021-08-12T09:30:00.123+08:00", "2021-08-12T09:30:00+08:00", HY_PRECISION_SECOND},
	{"2021-08-12T01:30:00+0000", "2021-08-12T09:30:00+08:00", HY_PRECISION_SECOND},
	{"2021-08-12 00:00:00", "2021-08-12T00:00:00+08:00", HY_PRECISION_DAY},
	{"8月12日 09:30", "2026-08-12T09:30:00+08:00", HY_PRECISION_MINUTE},
	{"12月1日", "2025-12-01T00:00:00+08:00", HY_PRECISION_DAY},
	{"08-12 09:30", "2026-08-12T09:30:00+08:00", HY_PRECISION_MINUTE},
	{"12-31 23:59", "2025-12-31T23:59:00+08:00", HY_PRECISION_MINUTE},
	{"3小时前", "2026-11-23T06:00:00+08:00", HY_PRECISION_ABOUT},
	{"15 分钟前", "2026-11-23T08:45:00+08:00", HY_PRECISION_ABOUT},
	{"2天前", "2026-11-21T09:00:00+08:00", HY_PRECISION_DAY},
	{"刚刚", "2026-11-23T09:00:00+08:00", HY_PRECISION_ABOUT},
	{"昨天 09:30", "2026-11-22T09:30:00+08:00", HY_PRECISION_MINUTE},
	{"今天08:05", "2026-11-23T08:05:00+08:00", HY_PRECISION_MINUTE},
	{"前天", "2026-11-21T00:00:00+08:00", HY_PRECISION_DAY},
	{"Aug 12, 2021 9:30 pm", "2021-08-12T21:30:00+08:00", HY_PRECISION_MINUTE},
	{"12.08.2021, 21:30 Uhr", "2021-08-12T21:30:00+08:00", HY_PRECISION_MINUTE},
	{"12. Oktober 2021", "2021-10-12T00:00:00+08:00", HY_PRECISION_DAY},
	{"3 décembre 2021", "2021-12-03T00:00:00+08:00", HY_PRECISION_DAY},
	{"25/08/2021", "2021-08-25T00:00:00+08:00", HY_PRECISION_DAY},
	{"08/09/2021", "", HY_PRECISION_DAY},
	{"August 12th, 2021", "2021-08-12T00:00:00+08:00", HY_PRECISION_DAY},
	{"Posted 12 August 2021 at 12:05 am", "2021-08-12T00:05:00+08:00", HY_PRECISION_MINUTE},
	/* no dates */
	{"08-12", "", 0},
	{"版本 1.2.3", "", 0},
	{"比分 12-10", "", 0},
	{"2021-13-12 09:30", "", 0},
	{"2021-02-30", "", 0},
	{"电话 0531-88881234", "", 0},
	{"10.1.2021.5", "", 0},
	{"may 12 people", "", 0},
	{"3小时后", "", 0},
	{"", "", 0},
};

static void finds_dates(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(samples); i++) {
		struct hy_time_text found = {.at = HY_WALL_NONE};
		char text[HY_RFC3339_BYTES];
		bool any = hy_time_text_find(hy_str_of(samples[i].text), 0, now, &found);

		hy_wall_format(found.at, text);
		if (strcmp(text, samples[i].time) != 0)
			print_error("%s\n", samples[i].text);
		assert_string_equal(text, samples[i].time);
		assert_int_equal(any, samples[i].time[0] != '\0');
		if (any)
			assert_int_equal(found.precision, samples[i].precision);
	}
}

static void tells_where_it_stands(void **state)
{
	struct hy_time_text found;

	(void)state;
	assert_true(hy_time_text_find(HY_STR_LIT("a 2021-08-12 09:30 b 2021-08-13"), 0, now,
				      &found));
	assert_int_equal(found.start, 2);
	assert_int_equal(found.end, 18);
	assert_true(hy_time_text_find(HY_STR_LIT("a 2021-08-12 09:30 b 2021-08-13"), found.end, now,
				      &found));
	assert_int_equal(found.start, 21);
	assert_false(found.zoned);
	assert_true(hy_time_text_find(HY_STR_LIT("2021-08-12T09:30:00Z"), 0, now, &found));
	assert_true(found.zoned);
}

static void without_now_nothing_relative_is_found(void **state)
{
	struct hy_time_text found;

	(void)state;
	assert_false(hy_time_text_find(HY_STR_LIT("3小时前 昨天 8月12日"), 0, HY_WALL_NONE,
				       &found));
	assert_true(hy_time_text_find(HY_STR_LIT("昨天 2021-08-12"), 0, HY_WALL_NONE, &found));
}

static void reads_month_and_day_of_lists(void **state)
{
	static const struct {
		const char *text, *time;
	} forms[] = {
		{"08-12", "2026-08-12T00:00:00+08:00"}, {"[8/12]", "2026-08-12T00:00:00+08:00"},
		{"（12.01）", "2025-12-01T00:00:00+08:00"}, {"08-12 x", ""}, {"13-01", ""}, {"08", ""},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(forms); i++) {
		struct hy_wall at = HY_WALL_NONE;
		char text[HY_RFC3339_BYTES];

		(void)hy_time_text_is_month_day(hy_str_of(forms[i].text), now, &at);
		assert_string_equal(hy_wall_format(at, text), forms[i].time);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_dates),
		cmocka_unit_test(tells_where_it_stands),
		cmocka_unit_test(without_now_nothing_relative_is_found),
		cmocka_unit_test(reads_month_and_day_of_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
