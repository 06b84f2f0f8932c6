/* Which notices a channel takes. */
#include "alerter/channels.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

static const char text[] =
	"channels:\n"
	"  - {id: all, type: publish}\n"
	"  - {id: grave, type: webhook, url: \"https://a.example/x\", severity: [major, critical]}\n"
	"  - {id: office, type: webhook, url: \"http://b.example\", units: [office, \"east-*\"],\n"
	"     steps: [assigned, \"sign-*\"], timeout: 3s}\n";

static const struct {
	const char *channel, *unit;
	enum hy_severity severity;
	const char *step;
	bool takes;
} rows[] = {
	{"all", "anyone", HY_SEVERITY_GENERAL, "assigned", true},
	{"grave", "anyone", HY_SEVERITY_CONSIDERABLE, "assigned", false},
	{"grave", "anyone", HY_SEVERITY_MAJOR, "answer-50", true},
	{"office", "office", HY_SEVERITY_GENERAL, "assigned", true},
	{"office", "east-street", HY_SEVERITY_CRITICAL, "sign-100", true},
	{"office", "west-street", HY_SEVERITY_CRITICAL, "sign-100", false},
	{"office", "office", HY_SEVERITY_CRITICAL, "answer-100", false},
};

static void each_row(void **state)
{
	struct hy_channels *channels = NULL;
	struct hy_findings findings;
	struct test_rules folder;

	(void)state;
	assert_true(test_rules_make(&folder));
	assert_true(test_rules_put(&folder, "channels.yaml", text));
	hy_findings_init(&findings);
	assert_int_equal(hy_channels_load(folder.folder, &findings, &channels), HY_OK);
	assert_int_equal(findings.count, 0);
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		const struct hy_channel *channel = hy_channels_find(channels,
								    hy_str_of(rows[i].channel));

		assert_non_null(channel);
		assert_int_equal(hy_channel_takes(channel, hy_str_of(rows[i].unit),
						  rows[i].severity, hy_str_of(rows[i].step)),
				 rows[i].takes);
	}
	assert_int_equal(hy_channels_find(channels, HY_STR_LIT("office"))->timeout_ms, 3000);
	assert_null(hy_channels_find(channels, HY_STR_LIT("none")));
	hy_channels_free(channels);
	hy_findings_fini(&findings);
	test_rules_remove(&folder);
}

#define WECOM "id: a, type: wecom, key_file: k"
#define MAIL "id: a, type: smtp, url: \"smtp://m.example\", from: h@m.example, to: [d@m.example]"

static const struct {
	const char *channel, *finding;	/* NULL: none */
} mistakes[] = {
	{WECOM, NULL},
	{WECOM ", budget: 5, gather: 20s, quiet: {from: \"22:00\", to: \"07:00\", pass: 重大}", NULL},
	{MAIL, NULL},
	{MAIL ", user: u, password_file: p", NULL},
	{"id: a, type: pager", "通道类型应为 publish、webhook、wecom、dingtalk、feishu、smtp 之一"},
	{"id: a, type: wecom", "wecom 通道缺少“key_file”"},
	{"id: a, type: dingtalk, key_file: k", "dingtalk 通道缺少“secret_file”"},
	{"id: a, type: feishu, secret_file: k", "feishu 通道缺少“key_file”"},
	{"id: a, type: smtp, url: \"smtp://m.example\"", "smtp 通道缺少“from”"},
	{"id: a, type: webhook", "webhook 通道缺少“url”"},
	{WECOM ", secret_file: s", "secret_file"},
	{WECOM ", repeat: true", "repeat"},
	{WECOM ", url: \"ftp://x\"", "地址应以 https:// 或 http:// 开头"},
	{WECOM ", url: \"https://q.example/send?key=1\"", "地址里不要写密钥"},
	{"id: a, type: smtp, url: \"smtp://u:p@m.example\", from: h@m.example, to: [d@m.example]",
	 "地址里不要写密钥"},
	{"id: a, type: smtp, url: \"http://m.example\", from: h@m.example, to: [d@m.example]",
	 "地址应以 smtp:// 或 smtps:// 开头"},
	{"id: a, type: smtp, url: \"smtp://m.example\", from: h, to: [d@m.example]", "“h”不是邮件地址"},
	{"id: a, type: smtp, url: \"smtp://m.example\", from: h@m.example, to: []", "至少要有一个邮件地址"},
	{"id: a, type: smtp, url: \"smtp://m.example\", from: h@m.example, to: [d@m.example, \"x y@z\"]",
	 "“x y@z”不是邮件地址"},
	{MAIL ", user: u", "user 与 password_file 应同时写"},
	{MAIL ", tls: ssl", "tls 应为 starttls 或 none"},
	{MAIL ", tls: none, user: u, password_file: p", "不加密的连接上不能送口令"},
	{WECOM ", budget: 60", "wecom 每分钟不超过 18 条"},
	{WECOM ", quiet: {from: \"22:00\"}", "to"},
	{WECOM ", quiet: {from: \"24:00\", to: \"07:00\"}", "应写成“22:00”这样的时刻"},
	{WECOM ", quiet: {from: \"22:00\", to: \"7:00\"}", "应写成“22:00”这样的时刻"},
	{WECOM ", quiet: {from: \"22:00\", to: \"07:00\", pass: loud}", "没有等级“loud”"},
	{WECOM ", quiet: night", "免打扰应写成"},
	{WECOM ", fallback: b", "没有通道“b”"},
	{WECOM ", fallback: a", "后备通道绕回了自己"},
	{WECOM ", fallback: shown", "“shown”只供显示，不能作后备"},
	{"id: a, type: wecom, key_file: \"\"", "“key_file”应是文件名"},
	{"id: a, type: publish, budget: 3", "budget"},
};

static void each_mistake_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(mistakes); i++) {
		struct hy_channels *channels = NULL;
		struct hy_findings findings;
		struct test_rules folder;
		char file[1000];

		assert_true(test_rules_make(&folder));
		(void)snprintf(file, sizeof file,
			       "channels:\n  - {id: shown, type: publish}\n  - {%s}\n",
			       mistakes[i].channel);
		assert_true(test_rules_put(&folder, "channels.yaml", file));
		hy_findings_init(&findings);
		assert_int_equal(hy_channels_load(folder.folder, &findings, &channels), HY_OK);
		hy_buf_add_char(&findings.text, '\0');
		if (mistakes[i].finding ? !strstr(findings.text.p, mistakes[i].finding)
					: findings.count > 0)
			fail_msg("%s: %s", mistakes[i].channel, findings.text.p);
		hy_channels_free(channels);
		hy_findings_fini(&findings);
		test_rules_remove(&folder);
	}
}

/* 2026-11-24 at so many minutes past midnight, China time. */
static struct hy_wall at_minute(int minute)
{
	struct hy_civil c = {.year = 2026, .month = 11, .day = 24, .hour = minute / 60,
			     .minute = minute % 60, .second = 30};
	struct hy_wall at = HY_WALL_NONE;

	assert_true(hy_wall_of_civil(&c, HY_CST_OFFSET_MIN, &at));
	return at;
}

static void quiet_hours(void **state)
{
	static const struct {
		struct hy_quiet quiet;
		enum hy_severity severity;
		int now, until;		/* minutes; until < now: the next day */
	} nights[] = {
		{{22 * 60, 7 * 60, HY_SEVERITY_MAJOR}, HY_SEVERITY_GENERAL, 21 * 60, -1},
		{{22 * 60, 7 * 60, HY_SEVERITY_MAJOR}, HY_SEVERITY_GENERAL, 22 * 60, 7 * 60},
		{{22 * 60, 7 * 60, HY_SEVERITY_MAJOR}, HY_SEVERITY_CONSIDERABLE, 6 * 60 + 59, 7 * 60},
		{{22 * 60, 7 * 60, HY_SEVERITY_MAJOR}, HY_SEVERITY_GENERAL, 7 * 60, -1},
		{{22 * 60, 7 * 60, HY_SEVERITY_MAJOR}, HY_SEVERITY_MAJOR, 23 * 60, -1},
		{{12 * 60, 14 * 60, HY_SEVERITY_CRITICAL}, HY_SEVERITY_MAJOR, 13 * 60, 14 * 60},
		{{0, 0, HY_SEVERITY_MAJOR}, HY_SEVERITY_GENERAL, 3 * 60, -1},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(nights); i++) {
		struct hy_channel channel = {.quiet = nights[i].quiet};
		struct hy_wall now = at_minute(nights[i].now), until;
		struct hy_wall wanted = nights[i].until < 0 ? now : at_minute(nights[i].until);

		if (nights[i].until >= 0)
			wanted.ms -= 30000;
		if (wanted.ms < now.ms)
			wanted.ms += 24LL * 3600 * 1000;
		until = hy_channel_quiet_until(&channel, nights[i].severity, now);
		assert_int_equal(until.ms, wanted.ms);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row),
		cmocka_unit_test(each_mistake_is_found),
		cmocka_unit_test(quiet_hours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
