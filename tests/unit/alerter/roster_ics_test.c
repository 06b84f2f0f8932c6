/* iCalendar: what is written is read back, and what is odd is refused at its place. */
#include "alerter/roster_ics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define HEAD "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
#define TAIL "END:VCALENDAR\r\n"
#define EVENT(lines) "BEGIN:VEVENT\r\nUID:u1\r\n" lines "END:VEVENT\r\n"

static struct hy_ics *read_text(const char *text, char *out_findings)
{
	struct hy_findings findings;
	struct hy_ics *ics = NULL;

	hy_findings_init(&findings);
	if (hy_ics_parse(hy_str_of(text), "f.ics", &findings, &ics) != HY_OK)
		assert_null(ics);
	(void)snprintf(out_findings, 1024, "%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	return ics;
}

static const struct {
	const char *lines, *from, *to;
} spans[] = {
	{"DTSTART:20261124T003000Z\r\nDTEND:20261124T093000Z\r\n", "2026-11-24T08:30:00+08:00",
	 "2026-11-24T17:30:00+08:00"},
	{"DTSTART;TZID=Asia/Shanghai:20261124T173000\r\n"
	 "DTEND;TZID=\"China Standard Time\":20261125T083000\r\n",
	 "2026-11-24T17:30:00+08:00", "2026-11-25T08:30:00+08:00"},
	{"DTSTART:20261231T173000\r\nDURATION:PT15H\r\n", "2026-12-31T17:30:00+08:00",
	 "2027-01-01T08:30:00+08:00"},
	{"DTSTART;VALUE=DATE:20280228\r\nDTEND;VALUE=DATE:20280301\r\n", "2028-02-28T00:00:00+08:00",
	 "2028-03-01T00:00:00+08:00"},
	{"DTSTART;VALUE=DATE:20261124\r\n", "2026-11-24T00:00:00+08:00", "2026-11-25T00:00:00+08:00"},
	{"dtstart:20261124T003000Z\r\nDuration:P1W\r\nX-ODD;A=\"b:c;d\":e\r\n",
	 "2026-11-24T08:30:00+08:00", "2026-12-01T08:30:00+08:00"},
	{"DTSTART:20261124T003000Z\r\nDURATION:P1DT2H30M5S\r\n", "2026-11-24T08:30:00+08:00",
	 "2026-11-25T11:00:05+08:00"},
};

static void times_are_understood(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(spans); i++) {
		char text[1024], findings[1024], at[HY_RFC3339_BYTES];
		struct hy_ics *ics;

		(void)snprintf(text, sizeof text, HEAD "BEGIN:VEVENT\r\nUID:u1\r\n%sEND:VEVENT\r\n" TAIL,
			       spans[i].lines);
		ics = read_text(text, findings);
		if (!ics || ics->count != 1)
			fail_msg("%s: %s", spans[i].lines, findings);
		assert_string_equal(hy_wall_format(ics->event[0].from, at), spans[i].from);
		assert_string_equal(hy_wall_format(ics->event[0].to, at), spans[i].to);
		hy_ics_free(ics);
	}
}

#define WHEN "DTSTART:20261124T003000Z\r\nDTEND:20261124T093000Z\r\n"

static const struct {
	const char *text, *finding;
} mistakes[] = {
	{"", "f.ics:1:1: 文件是空的"},
	{"hello\r\n", "f.ics:1:6: 不是 iCalendar 的一行"},
	{" X:1\r\n", "f.ics:1:1: 文件以续行开头"},
	{"VERSION:2.0\r\n", "f.ics:1:1: 应以 BEGIN:VCALENDAR 开头"},
	{"BEGIN:VEVENT\r\n", "f.ics:1:1: 日历结构不对：BEGIN:VEVENT"},
	{"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "f.ics:2:1: 缺少 VERSION:2.0"},
	{HEAD "BEGIN:VCALENDAR\r\n", "f.ics:3:1: 日历结构不对"},
	{HEAD "BEGIN:VEVENT\r\nEND:VCALENDAR\r\n", "f.ics:4:1: 日历结构不对：END:VCALENDAR"},
	{HEAD, "f.ics:2:1: 文件不完整：缺少 END:VCALENDAR"},
	{HEAD "BEGIN:VEVENT\r\n" WHEN "END:VEVENT\r\n" TAIL, "f.ics:3:1: 日程缺少 UID"},
	{HEAD EVENT("DTEND:20261124T093000Z\r\n") TAIL, "f.ics:3:1: 日程缺少开始时间"},
	{HEAD EVENT("DTSTART:20261124T093000Z\r\n") TAIL, "f.ics:3:1: 日程缺少结束时间"},
	{HEAD EVENT(WHEN "UID:u2\r\n") TAIL, "f.ics:7:5: 同一日程里重复：u2"},
	{HEAD EVENT(WHEN "DURATION:PT1H\r\n") TAIL, "f.ics:3:1: 日程不能同时有"},
	{HEAD EVENT(WHEN "RRULE:FREQ=WEEKLY\r\n") TAIL, "f.ics:7:7: 不支持重复的日程"},
	{HEAD EVENT("DTSTART;TZID=Europe/Paris:20261124T093000\r\n") TAIL, "f.ics:5:27: 时间看不懂"},
	{HEAD EVENT("DTSTART:20261324T093000Z\r\n") TAIL, "f.ics:5:9: 时间看不懂"},
	{HEAD EVENT("DTSTART:2026-11-24\r\n") TAIL, "f.ics:5:9: 时间看不懂"},
	{HEAD EVENT("DTSTART;VALUE=DATE:20261124\r\nDTEND:20261124T093000Z\r\n") TAIL,
	 "f.ics:3:1: DTSTART 和 DTEND 应同为"},
	{HEAD EVENT("DTSTART:20261124T093000Z\r\nDTEND:20261124T093000Z\r\n") TAIL,
	 "f.ics:3:1: 日程的结束应晚于开始"},
	{HEAD EVENT("DTSTART:20261124T093000Z\r\nDURATION:P1M\r\n") TAIL, "f.ics:6:10: 时长看不懂"},
	{HEAD EVENT("DTSTART:20261124T093000Z\r\nDURATION:PT\r\n") TAIL, "f.ics:6:10: 时长看不懂"},
	{HEAD EVENT(WHEN "SUMMARY:a\\q\r\n") TAIL, "f.ics:7:9: 转义不对"},
	{HEAD EVENT(WHEN "SUMMARY:a\x01\r\n") TAIL, "f.ics:7:10: 含有控制字符"},
	{HEAD EVENT(WHEN "SUMMARY:\xff\r\n") TAIL, "f.ics:7:1: 不是 UTF-8"},
};

static void mistakes_are_refused_at_their_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(mistakes); i++) {
		char findings[1024];
		struct hy_ics *ics = read_text(mistakes[i].text, findings);

		if (ics || strncmp(findings, mistakes[i].finding, strlen(mistakes[i].finding)) != 0)
			fail_msg("%zu: in place of \"%s\": %s", i, mistakes[i].finding, findings);
	}
}

static void texts_are_unfolded_and_unescaped(void **state)
{
	char findings[1024];
	struct hy_ics *ics = read_text("\xEF\xBB\xBF" HEAD
				       "BEGIN:VTIMEZONE\r\nBEGIN:STANDARD\r\nDTSTART:x\r\nEND:STANDARD\r\n"
				       "END:VTIMEZONE\r\n"
				       EVENT(WHEN "SUMMARY:请假 值班\r\n 一岗\\, 甲\\;乙\\\\\\n完\r\n"
						  "CATEGORIES:labour,other\r\nSTATUS:CANCELLED\r\n"
						  "BEGIN:VALARM\r\nUID:x\r\nEND:VALARM\r\n")
				       TAIL, findings);

	(void)state;
	if (!ics)
		fail_msg("%s", findings);
	assert_int_equal(ics->count, 1);
	assert_true(hy_str_eq_c(ics->event[0].summary, "请假 值班一岗, 甲;乙\\\n完"));
	assert_true(hy_str_eq_c(ics->event[0].category, "labour"));
	assert_true(hy_str_eq_c(ics->event[0].uid, "u1") && ics->event[0].cancelled);
	hy_ics_free(ics);
	/* Lines may end as on Unix. */
	ics = read_text("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", findings);
	assert_non_null(ics);
	hy_ics_free(ics);
}

static void what_is_written_is_read_back(void **state)
{
	struct hy_ics_event event = {.uid = HY_STR_LIT("0123456789abcdef@huiying"),
				     .summary = HY_STR_LIT("带班领导 一二三四五六七八九十一二三四五六七八九十"
							   "一二三四五六七八九十一二三四五六七八九十"
							   "一二三四五六七八九十, ;\\ 完"),
				     .category = HY_STR_LIT("office"), .from = {1795480200000},
				     .to = {1795512600000}};
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(65536);
	struct hy_str rest, row;
	char findings[1024];
	struct hy_ics *ics;

	(void)state;
	hy_ics_begin(&out);
	hy_ics_event(&event, event.from, &out);
	hy_ics_end(&out);
	rest = hy_buf_str(&out);
	while (hy_str_next(&rest, '\n', &row)) {
		assert_true(row.n <= 76);
		assert_true(row.n == 0 || row.p[row.n - 1] == '\r');
		assert_true(row.n == 0 || ((unsigned char)row.p[0] & 0xC0) != 0x80);
	}
	ics = read_text(hy_buf_str(&out).p, findings);
	if (!ics || ics->count != 1)
		fail_msg("%s", findings);
	assert_true(hy_str_eq(ics->event[0].summary, event.summary));
	assert_true(hy_str_eq(ics->event[0].uid, event.uid));
	assert_int_equal(ics->event[0].from.ms, event.from.ms);
	assert_int_equal(ics->event[0].to.ms, event.to.ms);
	hy_ics_free(ics);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(times_are_understood),
		cmocka_unit_test(mistakes_are_refused_at_their_place),
		cmocka_unit_test(texts_are_unfolded_and_unescaped),
		cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
