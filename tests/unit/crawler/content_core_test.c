/* Content core: what makes a new version of an article and what does not. */
#include "crawler/content_core.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define BODY "孙村街道的居民反映，小区供热管道从上周三起停止供热。\n物业说管道正在抢修。\n"

struct pair {
	const char *before, *after;
	bool same;
};

static const struct pair pairs[] = {
	/* what changes by itself */
	{BODY "阅读 102", BODY "阅读 3,456", true},
	{BODY "浏览次数：12", BODY "浏览次数：1.3万+", true},
	{"来源：某报 2021-08-12 09:30 点击：[5]\n" BODY, "来源：某报 2021-08-12 09:30 点击：[88]\n" BODY, true},
	{BODY "12人阅读 3条评论", BODY "40人阅读 9条评论", true},
	{"某报 3小时前\n" BODY, "某报 5小时前\n" BODY, true},
	{"某报 3 小时前\n" BODY, "某报 2天前\n" BODY, true},
	{BODY "128", BODY "7,310", true},
	{BODY "在看 7 点赞 9", BODY "在看 8 点赞 12", true},
	{BODY, "孙村街道的居民反映，小区供热管道从上周三起停止供热。\n\n  物业说管道正在抢修。", true},
	{BODY, "　　孙村街道的居民反映，小区供热管道从上周三起停止供热。\n　　物业说管道正在抢修。", true},
	{BODY, "孙村街道\xe2\x80\x8b的居民反映，小区供热管道从上周三起停止供热。\n物业说管道正在抢修。", true},
	{BODY "相关阅读\n旧闻一\n旧闻二", BODY "相关阅读\n新闻三", true},
	{BODY, BODY "相关新闻：\n新闻三", true},
	{BODY "上一篇：甲\n下一篇：乙", BODY "上一篇：丙\n下一篇：丁", true},
	/* what is an edit */
	{BODY, BODY "供热已于今晨恢复。", false},
	{BODY, "孙村街道的居民反映，小区供热管道从上周四起停止供热。\n物业说管道正在抢修。", false},
	{BODY "共有 12 户受影响。", BODY "共有 21 户受影响。", false},
	{BODY "请居民阅读 3 号通告，共影响 12 户。", BODY "请居民阅读 4 号通告，共影响 12 户。", false},
	{BODY "高新区管委会\n2021年8月12日", BODY "高新区管委会\n2021年8月13日", false},
	{BODY "咨询电话 0531-8888", BODY "咨询电话 0531-9999", false},
	{BODY "相关责任人已被免职。", BODY "相关责任人已被停职。", false},
	{BODY "温度 12", BODY "温度 21", false},
	{BODY "影响 12 户", BODY "影响 21 户", false},
	{"", BODY, false},
};

static void ignores_only_what_changes_by_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(pairs); i++) {
		struct hy_id a = hy_content_core(HY_STR_LIT("题"), hy_str_of(pairs[i].before));
		struct hy_id b = hy_content_core(HY_STR_LIT("题"), hy_str_of(pairs[i].after));

		if ((strcmp(a.hex, b.hex) == 0) != pairs[i].same)
			fail_msg("%zu: %s | %s", i, pairs[i].before, pairs[i].after);
	}
}

static void the_title_counts(void **state)
{
	struct hy_id a = hy_content_core(HY_STR_LIT("停供"), HY_STR_LIT(BODY));
	struct hy_id b = hy_content_core(HY_STR_LIT("停供一周"), HY_STR_LIT(BODY));
	struct hy_id c = hy_content_core(HY_STR_LIT(" 停供　一周"), HY_STR_LIT(BODY));

	(void)state;
	assert_string_not_equal(a.hex, b.hex);
	assert_string_equal(b.hex, c.hex);
}

static void alike_is_half_of_the_shorter(void **state)
{
	static const struct {
		const char *a, *b;
		bool alike;
	} cases[] = {
		{BODY, BODY, true},
		{BODY, BODY "扫码下载客户端，看更多济南新闻。\n", true},
		{BODY "另有一段与它无关的文字。", BODY "手机版的页脚在这里。", true},
		{BODY, "高新区今日召开营商环境座谈会，企业代表畅所欲言。\n会议强调要优化服务。", false},
		{"", BODY, false},
		{"短", "短", false},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_str a = hy_str_of(cases[i].a), b = hy_str_of(cases[i].b);

		if (hy_content_is_alike(a, b) != cases[i].alike ||
		    hy_content_is_alike(b, a) != cases[i].alike)
			fail_msg("case %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ignores_only_what_changes_by_itself),
		cmocka_unit_test(the_title_counts),
		cmocka_unit_test(alike_is_half_of_the_shorter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
