/* Working days and business hours against a table counted by hand, and against each minute. */
#include "alerter/calendar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "alerter/presets.h"
#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

#define HOUR_MS (3600LL * 1000)
#define MINUTE_MS (60LL * 1000)

static const struct hy_office_hours hours = {
	{{17 * HOUR_MS / 2, 12 * HOUR_MS}, {27 * HOUR_MS / 2, 35 * HOUR_MS / 2}}, 2};

static struct hy_wall at_time(const char *text)
{
	char full[40];
	struct hy_wall at;

	(void)snprintf(full, sizeof full, "%s+08:00", text);
	if (!hy_wall_parse(hy_str_of(full), &at))
		fail_msg("bad time %s", text);
	return at;
}

static struct hy_calendar *load(const char *dir, size_t wanted_findings, char *out_text)
{
	struct hy_findings findings;
	struct hy_calendar *calendar = NULL;

	hy_findings_init(&findings);
	assert_int_equal(hy_calendar_load(dir, &findings, &calendar), HY_OK);
	if (out_text)
		(void)snprintf(out_text, 4096, "%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	if (findings.count != wanted_findings)
		fail_msg("%zu findings:\n%.*s", findings.count,
			 HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	return calendar;
}

/* Counted on paper from the notices of 2024 and 2025. */
static const struct {
	const char *start;
	int days;
	const char *due;
	bool certain;
} days[] = {
	/* An ordinary week, and a start on a week-end: the day of the start never counts. */
	{"2026-11-23T09:00:00", 1, "2026-11-24T17:30:00", true},
	{"2026-11-23T00:00:00", 7, "2026-12-02T17:30:00", true},
	{"2026-11-23T23:59:59", 7, "2026-12-02T17:30:00", true},
	{"2026-11-21T00:00:00", 7, "2026-12-01T17:30:00", true},
	/* 国庆 2026: 1-7 October off, Sunday 20 September and Saturday 10 October worked. */
	{"2026-09-24T10:00:00", 7, "2026-10-12T17:30:00", true},
	{"2026-09-30T17:30:00", 7, "2026-10-15T17:30:00", true},
	{"2026-09-30T17:30:00", 1, "2026-10-08T17:30:00", true},
	{"2026-09-18T12:00:00", 1, "2026-09-20T17:30:00", true},
	{"2026-09-20T00:00:00", 7, "2026-09-30T17:30:00", true},
	{"2026-10-03T12:00:00", 3, "2026-10-10T17:30:00", true},
	{"2026-10-09T12:00:00", 1, "2026-10-10T17:30:00", true},
	{"2026-10-10T12:00:00", 1, "2026-10-12T17:30:00", true},
	/* 春节 2026: 15-23 February off, Saturdays 14 and 28 worked; into the next month. */
	{"2026-02-13T16:00:00", 7, "2026-03-02T17:30:00", true},
	{"2026-02-13T16:00:00", 1, "2026-02-14T17:30:00", true},
	{"2026-02-14T16:00:00", 1, "2026-02-24T17:30:00", true},
	{"2026-02-27T16:00:00", 2, "2026-03-02T17:30:00", true},
	/* 劳动节, 端午. */
	{"2026-04-30T09:00:00", 3, "2026-05-08T17:30:00", true},
	{"2026-05-08T09:00:00", 1, "2026-05-09T17:30:00", true},
	{"2026-06-18T09:00:00", 1, "2026-06-22T17:30:00", true},
	/* Over the end of a year: Sunday 4 January 2026 is worked. */
	{"2025-12-29T23:59:59", 7, "2026-01-08T17:30:00", true},
	{"2025-09-27T08:00:00", 4, "2025-10-09T17:30:00", true},
	/* Into a year whose notice is not there, and one with no file at all: a leap day. */
	{"2026-12-30T09:00:00", 7, "2027-01-11T17:30:00", false},
	{"2027-02-04T09:00:00", 1, "2027-02-09T17:30:00", false},
	{"2028-02-25T09:00:00", 7, "2028-03-07T17:30:00", false},
};

static void days_equal_the_table(void **state)
{
	struct hy_calendar *calendar = load("rules", 0, NULL);

	(void)state;
	for (size_t i = 0; i < HY_COUNT(days); i++) {
		struct hy_wall start = at_time(days[i].start);
		struct hy_wall due = hy_calendar_add_days(calendar, &hours, start, days[i].days);
		char text[HY_RFC3339_BYTES];

		if (due.ms != at_time(days[i].due).ms)
			fail_msg("%s + %d: %s", days[i].start, days[i].days,
				 hy_wall_format(due, text));
		if (hy_calendar_certain(calendar, start, due) != days[i].certain)
			fail_msg("%s + %d: certainty", days[i].start, days[i].days);
	}
	hy_calendar_free(calendar);
}

static const struct {
	const char *start;
	int minutes;
	const char *due;
} office[] = {
	{"2026-11-23T09:00:00", 60, "2026-11-23T10:00:00"},
	{"2026-11-23T11:30:00", 60, "2026-11-23T14:00:00"},
	{"2026-11-23T12:15:00", 480, "2026-11-24T14:00:00"},
	{"2026-11-23T17:30:00", 480, "2026-11-25T09:00:00"},
	{"2026-11-23T08:30:00", 450, "2026-11-23T17:30:00"},
	{"2026-09-30T16:30:00", 480, "2026-10-08T17:00:00"},
	{"2026-02-14T08:00:00", 480, "2026-02-24T09:00:00"},
	{"2026-02-20T12:00:00", 480, "2026-02-25T09:00:00"},
	{"2025-12-31T17:29:00", 2, "2026-01-04T08:31:00"},
};

static void business_hours_equal_the_table(void **state)
{
	struct hy_calendar *calendar = load("rules", 0, NULL);

	(void)state;
	for (size_t i = 0; i < HY_COUNT(office); i++) {
		struct hy_wall due = hy_calendar_add_office(calendar, &hours,
							    at_time(office[i].start),
							    office[i].minutes * MINUTE_MS);
		char text[HY_RFC3339_BYTES];

		if (due.ms != at_time(office[i].due).ms)
			fail_msg("%s + %d min: %s", office[i].start, office[i].minutes,
				 hy_wall_format(due, text));
	}
	hy_calendar_free(calendar);
}

/* Whether business goes on in the minute that begins at `at`, said in another way. */
static bool open_at(const struct hy_calendar *calendar, struct hy_wall at)
{
	struct hy_day day = hy_calendar_day(calendar, at);
	struct hy_civil c = hy_civil_of(at, HY_CST_OFFSET_MIN);
	int minute = c.hour * 60 + c.minute;

	return hy_day_is_working(&day) &&
	       ((minute >= 510 && minute < 720) || (minute >= 810 && minute < 1050));
}

static void business_hours_agree_with_every_minute(void **state)
{
	struct hy_calendar *calendar = load("rules", 0, NULL);
	struct hy_wall start = at_time("2026-09-18T15:10:00");
	int64_t passed = 0;

	(void)state;
	for (int i = 0; i < 30 * 24 * 60; i++) {
		struct hy_wall at = hy_wall_add_ms(start, i * MINUTE_MS);

		assert_int_equal(hy_calendar_office_between(calendar, &hours, start, at), passed);
		if (open_at(calendar, at)) {
			passed += MINUTE_MS;
			assert_int_equal(hy_calendar_add_office(calendar, &hours, start, passed).ms,
					 at.ms + MINUTE_MS);
		}
	}
	assert_int_equal(hy_calendar_office_between(calendar, &hours, start,
						    hy_wall_add_ms(start, -MINUTE_MS)),
			 0);
	hy_calendar_free(calendar);
}

static void runs_say_what_was_left_out(void **state)
{
	static const struct {
		const char *from, *to;
		enum hy_day_kind kind;
		const char *holiday;
	} wanted[] = {
		{"2026-09-19T00:00:00", "2026-09-20T00:00:00", HY_DAY_WEEKEND, ""},
		{"2026-09-20T00:00:00", "2026-09-21T00:00:00", HY_DAY_MADE_UP, "国庆节"},
		{"2026-09-25T00:00:00", "2026-09-28T00:00:00", HY_DAY_HOLIDAY, "中秋节"},
		{"2026-10-01T00:00:00", "2026-10-08T00:00:00", HY_DAY_HOLIDAY, "国庆节"},
		{"2026-10-10T00:00:00", "2026-10-11T00:00:00", HY_DAY_MADE_UP, "国庆节"},
		{"2026-10-11T00:00:00", "2026-10-12T00:00:00", HY_DAY_WEEKEND, ""},
	};
	struct hy_calendar *calendar = load("rules", 0, NULL);
	struct hy_wall cursor = at_time("2026-09-18T15:00:00");
	struct hy_day_run run;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(wanted); i++) {
		assert_true(hy_calendar_next_run(calendar, &cursor, at_time("2026-10-16T09:00:00"),
						 &run));
		assert_int_equal(run.from.ms, at_time(wanted[i].from).ms);
		assert_int_equal(run.to.ms, at_time(wanted[i].to).ms);
		assert_int_equal(run.day.kind, wanted[i].kind);
		assert_true(run.day.certain && hy_str_eq_c(run.day.holiday, wanted[i].holiday));
	}
	assert_false(hy_calendar_next_run(calendar, &cursor, at_time("2026-10-16T09:00:00"), &run));
	hy_calendar_free(calendar);
}

static void a_missing_year_is_told_in_time(void **state)
{
	static const struct {
		const char *at;
		int year;
		enum hy_calendar_state what;
	} wanted[] = {
		{"2025-09-30T23:59:59", 0, HY_CALENDAR_PUBLISHED},
		{"2025-12-31T23:59:59", 0, HY_CALENDAR_PUBLISHED},
		{"2026-11-30T23:59:59", 0, HY_CALENDAR_PUBLISHED},
		{"2026-12-01T00:00:00", 2027, HY_CALENDAR_PROVISIONAL},
		{"2027-01-01T00:00:00", 2027, HY_CALENDAR_PROVISIONAL},
		{"2028-01-01T00:00:00", 2028, HY_CALENDAR_MISSING},
		{"2024-10-01T00:00:00", 2024, HY_CALENDAR_MISSING},
	};
	struct hy_calendar *calendar = load("rules", 0, NULL);
	enum hy_calendar_state what;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(wanted); i++) {
		int year = hy_calendar_lack(calendar, at_time(wanted[i].at), &what);

		if (year != wanted[i].year || (year && what != wanted[i].what))
			fail_msg("%s: %d, %d", wanted[i].at, year, (int)what);
	}
	hy_calendar_free(calendar);
}

static void check_says(const struct hy_calendar *calendar, const char *at, const char *wanted)
{
	struct hy_findings findings;

	hy_findings_init(&findings);
	hy_calendar_check(calendar, at_time(at), &findings);
	assert_int_equal(findings.count, wanted[0] != '\0');
	if (wanted[0] && !strstr(hy_buf_str(&findings.text).p, wanted))
		fail_msg("%s: %s", at, hy_buf_str(&findings.text).p);
	hy_findings_fini(&findings);
}

static void the_check_names_the_file(void **state)
{
	struct hy_calendar *calendar = load("rules", 0, NULL);

	(void)state;
	check_says(calendar, "2026-11-30T12:00:00", "");
	check_says(calendar, "2026-12-01T12:00:00",
		   "rules/calendar/2027.yaml:7:14: 2027 年的放假安排还是暂定的");
	check_says(calendar, "2028-03-01T12:00:00", "calendar/2028.yaml:1:1: 缺少 2028 年的放假安排");
	hy_calendar_free(calendar);
}

#define HEAD "year: 2026\nnotice: 通知\nholidays:\n"
#define REST \
	"  - {name: 春节、清明节、劳动节, from: 2026-02-15}\n" \
	"  - {name: 端午节、中秋节、国庆节, from: 2026-10-01}\n"

static const struct {
	const char *text, *finding;
} mistakes[] = {
	{HEAD "  - {name: 元旦, from: 2026-01-32}\n" REST, "calendar/2026.yaml:4:22: 应为日期"},
	{HEAD "  - {name: 元旦, from: 2027-01-01}\n" REST, "calendar/2026.yaml:4:22: “2027-01-01”不属于"},
	{HEAD "  - {name: 元旦, from: 2026-01-03, to: 2026-01-01}\n" REST, "假期应为 1 到"},
	{HEAD "  - {name: 元旦, from: 2026-01-01, work: 2026-01-05}\n" REST, "本来就是工作日"},
	{HEAD "  - {name: 元旦, from: 2026-01-03, work: 2026-01-03}\n" REST, "已在第 4 行"},
	{HEAD "  - {name: 元旦, from: 2026-02-15}\n" REST, "这一天已在第 4 行安排过"},
	{HEAD REST, "缺少法定节日“元旦”"},
	{"year: 2025\nnotice: 通知\nholidays:\n  - {name: 元旦, from: 2026-01-01}\n" REST,
	 "1:7: 文件名是 2026 年，内容写的是 2025 年"},
	{"notice: 通知\nholidays:\n  - {name: 元旦, from: 2026-01-01}\n" REST, "缺少“year”"},
	{HEAD "  - {name: 元旦, from: 2026-01-01, off: 3}\n" REST, "off"},
};

static void mistakes_are_findings(void **state)
{
	struct test_rules folder;
	char path[256], text[4096];

	(void)state;
	assert_true(test_rules_make(&folder));
	(void)snprintf(path, sizeof path, "%s/calendar", folder.folder);
	assert_int_equal(mkdir(path, 0700), 0);
	for (size_t i = 0; i < HY_COUNT(mistakes); i++) {
		assert_true(test_rules_put(&folder, "calendar/2026.yaml", mistakes[i].text));
		hy_calendar_free(load(folder.folder, 1, text));
		if (!strstr(text, mistakes[i].finding))
			fail_msg("in place of \"%s\": %s", mistakes[i].finding, text);
	}
	test_rules_remove(&folder);
}

static void a_folder_without_calendars_knows_the_week(void **state)
{
	struct hy_calendar *calendar;
	struct test_rules folder;
	struct hy_day day;

	(void)state;
	assert_true(test_rules_make(&folder));
	calendar = load(folder.folder, 0, NULL);
	day = hy_calendar_day(calendar, at_time("2026-10-01T09:00:00"));
	assert_true(hy_day_is_working(&day) && !day.certain);
	day = hy_calendar_day(NULL, at_time("2026-10-10T09:00:00"));
	assert_int_equal(day.kind, HY_DAY_WEEKEND);
	hy_calendar_free(calendar);
	test_rules_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_equal_the_table),
		cmocka_unit_test(business_hours_equal_the_table),
		cmocka_unit_test(business_hours_agree_with_every_minute),
		cmocka_unit_test(runs_say_what_was_left_out),
		cmocka_unit_test(a_missing_year_is_told_in_time),
		cmocka_unit_test(the_check_names_the_file),
		cmocka_unit_test(mistakes_are_findings),
		cmocka_unit_test(a_folder_without_calendars_knows_the_week),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
