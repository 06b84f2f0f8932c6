#include "crawler/feed_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

struct time_case {
	const char *text;
	int default_offset_min;
	const char *want;	/* in China time, NULL: no time */
};

static const struct time_case cases[] = {
	/* RFC 822 and 2822 */
	{"Mon, 23 Nov 2026 01:00:00 GMT", 0, "2026-11-23T09:00:00+08:00"},
	{"Mon, 23 Nov 2026 09:00:00 +0800", 0, "2026-11-23T09:00:00+08:00"},
	{"23 Nov 26 01:00 UT", 0, "2026-11-23T09:00:00+08:00"},
	{"Mon,23 Nov 2026 01:00:00 -0000", 0, "2026-11-23T09:00:00+08:00"},
	{"Mon, 23 November 2026 01:00:00 Z", 0, "2026-11-23T09:00:00+08:00"},
	{"Sun, 22 Nov 2026 20:00:00 EST", 0, "2026-11-23T09:00:00+08:00"},
	{"Sun, 22 Nov 2026 17:00:00 PST", 0, "2026-11-23T09:00:00+08:00"},
	{"Mon, 23 Nov 2026 01:00:00 GMT+0000 (UTC)", 0, "2026-11-23T09:00:00+08:00"},
	{"Mon Nov 23 2026 09:00:00 GMT+0800 (中国标准时间)", 0, "2026-11-23T09:00:00+08:00"},
	{"Mon, 23 Nov 2026", 0, "2026-11-23T08:00:00+08:00"},
	{"Mon, 23 Nov 98 00:00:00 GMT", 0, "1998-11-23T08:00:00+08:00"},
	/* CST means China where the feed does */
	{"Mon, 23 Nov 2026 09:00:00 CST", 480, "2026-11-23T09:00:00+08:00"},
	{"Sun, 22 Nov 2026 19:00:00 CST", 0, "2026-11-23T09:00:00+08:00"},
	/* asctime and what social networks made of it */
	{"Mon Nov 23 01:00:00 2026", 0, "2026-11-23T09:00:00+08:00"},
	{"Mon Nov 23 09:00:00 +0800 2026", 0, "2026-11-23T09:00:00+08:00"},
	/* RFC 3339 and W3CDTF */
	{"2026-11-23T09:00:00+08:00", 0, "2026-11-23T09:00:00+08:00"},
	{"2026-11-23T01:00:00.123Z", 0, "2026-11-23T09:00:00+08:00"},
	{"2026-11-23T01:00Z", 0, "2026-11-23T09:00:00+08:00"},
	{"2026-11-23t01:00:00z", 0, "2026-11-23T09:00:00+08:00"},
	{"2026-11-23", 480, "2026-11-23T00:00:00+08:00"},
	{"2026-11", 480, "2026-11-01T00:00:00+08:00"},
	{"2026", 480, "2026-01-01T00:00:00+08:00"},
	{"2026-11-23T09:00:00", 480, "2026-11-23T09:00:00+08:00"},
	{"2026-11-23T09:00:00", 0, "2026-11-23T17:00:00+08:00"},
	/* as Chinese sites write it */
	{"2026年11月23日 09:00", 480, "2026-11-23T09:00:00+08:00"},
	{"2026年11月23日9时5分7秒", 480, "2026-11-23T09:05:07+08:00"},
	{"2026年11月23日 星期一 下午3:05", 480, "2026-11-23T15:05:00+08:00"},
	{"2026/11/23 9:05:07", 480, "2026-11-23T09:05:07+08:00"},
	{"2026.11.23", 480, "2026-11-23T00:00:00+08:00"},
	{"20261123", 480, "2026-11-23T00:00:00+08:00"},
	{"26327", 480, "2026-11-23T00:00:00+08:00"},
	{"2026327", 480, "2026-11-23T00:00:00+08:00"},
	{"2026-327", 480, "2026-11-23T00:00:00+08:00"},
	{"2024-366", 480, "2024-12-31T00:00:00+08:00"},
	{"2024-060", 480, "2024-02-29T00:00:00+08:00"},
	{"2026-060", 480, "2026-03-01T00:00:00+08:00"},
	{"2026-001", 480, "2026-01-01T00:00:00+08:00"},
	{"-26-11", 480, "2026-11-01T00:00:00+08:00"},
	{"-2611", 480, "2026-11-01T00:00:00+08:00"},
	{"20261123090507", 480, "2026-11-23T09:05:07+08:00"},
	/* others */
	{"2026-11-23 오후 11:23:17", 0, "2026-11-23T22:23:17+08:00"},
	{"2004-július-13T9:15-05:00", 0, "2004-07-13T22:15:00+08:00"},
	{"11/23/2026 01:00 AM UTC", 0, "2026-11-23T09:00:00+08:00"},
	{"12:30 am, 23 Nov 2026 GMT", 0, "2026-11-23T08:30:00+08:00"},
	{"23/11/2026", 480, "2026-11-23T00:00:00+08:00"},
	/* leap years and ends */
	{"2024-02-29", 480, "2024-02-29T00:00:00+08:00"},
	{"2023-02-29", 480, NULL},
	{"2026-11-31", 480, NULL},
	{"2026-13-01", 480, NULL},
	{"2026-11-23T24:01:00Z", 0, NULL},
	{"2026-11-23T09:60:00Z", 0, NULL},
	/* no times */
	{"", 0, NULL},
	{"soon", 0, NULL},
	{"Mon", 0, NULL},
	{"12:30", 0, NULL},
	{"1", 0, NULL},
	{"Mon, 01 Jan 0001 00:00:00 GMT", 0, NULL},
	{"9999-12-31T23:59:59Z", 0, NULL},
	{"26000", 0, NULL},
	{"26366", 0, NULL},
	{"202610", 0, NULL},
	{"-26", 0, NULL},
	{"-2611-23", 0, NULL},
	{"-26-11-23", 0, NULL},
	{"-26-13", 0, NULL},
	{"2026-11-23-01", 0, NULL},
	{"2026-11-23T09:00:00+xx", 0, NULL},
	{"2026-11-23T09:00:00+99:99", 0, NULL},
	{"2026-11-23T09:00:00Z tomorrow", 0, NULL},
	{"Sun, 16 Dec 2012 1:2:3:4 GMT", 0, NULL},
	{"Sun, 16 Dec Nov 2012", 0, NULL},
	{"2026-11-23 09:00 10:00", 0, NULL},
	{"99999999999999999999", 0, NULL},
};

static void reads_times(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		const struct time_case *c = &cases[i];
		struct hy_wall time = {12345};
		char text[HY_RFC3339_BYTES];
		bool ok = hy_feed_time_parse(hy_str_of(c->text), c->default_offset_min, &time);

		if (!c->want && (ok || time.ms != 12345))
			fail_msg("<%s> is a time: %s", c->text, hy_wall_format(time, text));
		if (c->want && (!ok || strcmp(hy_wall_format(time, text), c->want) != 0))
			fail_msg("<%s>: %s, want %s", c->text,
				 ok ? hy_wall_format(time, text) : "none", c->want);
	}
}

static void long_text_is_no_time(void **state)
{
	char text[300];
	struct hy_wall time;

	(void)state;
	memset(text, ' ', sizeof text);
	memcpy(text + 100, "2026-11-23", 10);
	assert_true(hy_feed_time_parse((struct hy_str){text, sizeof text}, 0, &time));
	memset(text, '(', sizeof text);
	memcpy(text, "2026-11-23", 10);
	assert_false(hy_feed_time_parse((struct hy_str){text, sizeof text}, 0, &time));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_times),
		cmocka_unit_test(long_text_is_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
