/* What a message says: guarded against what titles may hold, cut between characters. */
#include "alerter/notice_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

static const struct hy_text_form markdown = {HY_GUARD_MARKDOWN, "\n"};
static const struct hy_text_form plain = {HY_GUARD_PLAIN, "\n"};

static void guarded(void **state)
{
	static const struct {
		enum hy_guard guard;
		const char *text, *out;
	} rows[] = {
		{HY_GUARD_MARKDOWN, "东街拆迁补偿 2026-000001（主办：住建局）3.5 万元 09:00",
		 "东街拆迁补偿 2026-000001（主办：住建局）3.5 万元 09:00"},
		{HY_GUARD_MARKDOWN, "[点我](http://evil.cn)", "［点我］（http：//evil．cn）"},
		{HY_GUARD_MARKDOWN, "<@all> <at id=all></at>", "＜＠all＞ ＜at id=all＞＜/at＞"},
		{HY_GUARD_MARKDOWN, "# **大** _斜_ `码` ~~删~~ |表|",
		 "＃ ＊＊大＊＊ ＿斜＿ ｀码｀ ～～删～～ ｜表｜"},
		{HY_GUARD_MARKDOWN, "&lt;at&gt; \\[x\\] $1 {y}",
		 "＆lt;at＆gt; ＼［x＼］ ＄1 ｛y｝"},
		{HY_GUARD_MARKDOWN, "一\n二\r\x1b[2J\xe2\x80\xae倒\xe2\x80\x8b",
		 "一 二  ［2J 倒 "},
		{HY_GUARD_MARKDOWN, "坏\xff字", "坏 字"},
		{HY_GUARD_PLAIN, "见 www.evil.cn 或 https://x.中国 @all [x]",
		 "见 www．evil．cn 或 https：//x．中国 @all [x]"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(1024);

		hy_guard_text(rows[i].guard, hy_str_of(rows[i].text), &out);
		hy_buf_add_char(&out, '\0');
		assert_string_equal(out.p, rows[i].out);
	}
}

static void links(void **state)
{
	static const struct {
		const char *url, *out;
	} rows[] = {
		{"http://a.cn/1_2?x=1&y=2", "[查看原文](http://a.cn/1_2?x=1&y=2)\n"},
		{"https://a.cn/a) [b](http://evil.cn",
		 "[查看原文](https://a.cn/a%29%20%5Bb%5D%28http://evil.cn)\n"},
		{"https://a.cn/\n<@all>", "[查看原文](https://a.cn/%0A%3C@all%3E)\n"},
		{"javascript:alert(1)", ""},
		{"", ""},
	};
	char longer[2000] = "http://a.cn/";
	hy_cleanup(hy_buf_fini) struct hy_buf none = HY_BUF(4000);

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(1024);

		hy_guard_link(&markdown, hy_str_of(rows[i].url), &out);
		hy_buf_add_char(&out, '\0');
		assert_string_equal(out.p, rows[i].out);
	}
	memset(longer + 12, 'x', sizeof longer - 13);
	longer[sizeof longer - 1] = '\0';
	hy_guard_link(&markdown, hy_str_of(longer), &none);
	assert_int_equal(none.n, 0);
}

static void several_in_one(void **state)
{
	struct hy_notice notices[2] = {
		{.id = HY_STR_LIT("0123456789"), .text = HY_STR_LIT("甲"),
		 .url = HY_STR_LIT("http://a.cn/1")},
		{.id = HY_STR_LIT("abcdef0123"), .text = HY_STR_LIT("乙"), .url = HY_STR_LIT("")}};
	struct hy_str to[2] = {HY_STR_LIT("东街街道"), HY_STR_LIT("住建局/一岗")};
	struct hy_text_job job = {.notices = notices, .to = to, .count = 2,
				  .form = plain};
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(1024), text = HY_BUF(1024);

	(void)state;
	assert_int_equal(hy_notice_text_write(&job, &title, &text), HY_OK);
	hy_buf_add_char(&title, '\0');
	hy_buf_add_char(&text, '\0');
	assert_string_equal(title.p, "回应：2 条通知");
	assert_string_equal(text.p, "甲\n送 东街街道，通知号 01234567\n原文：http://a.cn/1\n\n"
				    "乙\n送 住建局/一岗，通知号 abcdef01\n");
}

static void a_long_title_is_shortened(void **state)
{
	char wide[3 * 80 + 1];
	struct hy_notice notice = {.text = {wide, 3 * 80}};
	struct hy_str to = {0};
	struct hy_text_job job = {.notices = &notice, .to = &to,
				  .count = 1, .form = plain};
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(1024), text = HY_BUF(1024);

	(void)state;
	for (size_t i = 0; i < 80; i++)
		memcpy(wide + 3 * i, "拆", 3);
	wide[240] = '\0';
	assert_int_equal(hy_notice_text_write(&job, &title, &text), HY_OK);
	assert_int_equal(title.n, 3 * HY_TEXT_TITLE_RUNES + strlen("…"));
}

/* Every length around the limit: valid UTF-8, within the limit, nothing lost, numbered. */
static void parts_fit_and_lose_nothing(void **state)
{
	enum { LIMIT = 120 };

	(void)state;
	for (size_t runes = 1; runes < 300; runes++) {
		hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(4096), memory = HY_BUF(8192);
		hy_cleanup(hy_buf_fini) struct hy_buf seen = HY_BUF(4096);
		struct hy_text_parts parts;

		for (size_t i = 0; i < runes; i++)
			hy_buf_add_c(&text, i % 7 == 6 ? "a" : i % 50 == 49 ? "\n" : "拆");
		assert_int_equal(hy_text_split(hy_buf_str(&text), LIMIT, &memory, &parts), HY_OK);
		for (size_t i = 0; i < parts.count; i++) {
			struct hy_str part = parts.item[i];
			size_t number = parts.count > 1 ? hy_str_find(part, HY_STR_LIT(" "), 0) + 1 : 0;

			assert_true(part.n <= LIMIT);
			assert_true(hy_utf8_valid(part.p, part.n));
			hy_buf_add_str(&seen, hy_str_sub(part, number, part.n));
		}
		assert_true(hy_str_eq(hy_buf_str(&seen), hy_buf_str(&text)));
	}
}

/* A line with an address is not torn as long as it fits into one part. */
static void lines_stay_whole(void **state)
{
	static const char link[] = "[查看原文](http://news.example/aaaaaaaaaaaaaa)\n";
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(4096), memory = HY_BUF(8192);
	struct hy_text_parts parts;
	size_t whole = 0;

	(void)state;
	for (int i = 0; i < 9; i++)
		hy_buf_addf(&text, "第%d条\n%s", i, link);
	assert_int_equal(hy_text_split(hy_buf_str(&text), 200, &memory, &parts), HY_OK);
	assert_true(parts.count > 2);
	for (size_t i = 0; i < parts.count; i++) {
		for (size_t at = 0; (at = hy_str_find(parts.item[i], hy_str_of(link), at)) <
				    parts.item[i].n; at++)
			whole++;
	}
	assert_int_equal(whole, 9);
}

static void too_much_says_so(void **state)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(1 << 16), memory = HY_BUF(1 << 17);
	struct hy_text_parts parts;

	(void)state;
	for (int i = 0; i < 2000; i++)
		hy_buf_add_c(&text, "拆");
	assert_int_equal(hy_text_split(hy_buf_str(&text), 100, &memory, &parts), HY_OK);
	assert_int_equal(parts.count, HY_TEXT_PARTS_MAX);
	assert_true(hy_str_starts(parts.item[0], HY_STR_LIT("(1/16) ")));
	assert_true(hy_str_ends(parts.item[HY_TEXT_PARTS_MAX - 1], HY_STR_LIT("（未完）")));
	assert_true(parts.item[HY_TEXT_PARTS_MAX - 1].n <= 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(guarded),
		cmocka_unit_test(links),
		cmocka_unit_test(several_in_one),
		cmocka_unit_test(a_long_title_is_shortened),
		cmocka_unit_test(parts_fit_and_lose_nothing),
		cmocka_unit_test(lines_stay_whole),
		cmocka_unit_test(too_much_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
