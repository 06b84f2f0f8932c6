/* The text of a mail: what a strict reader of RFC 5322 and 2047 would complain about. */
#include "alerter/mail.h"

#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

static char *mail_of(const char *subject, const char *text)
{
	static const struct hy_str to[] = {{"a@zone.example", 14}, {"b@zone.example", 14}};
	struct hy_mail mail = {.from = HY_STR_LIT("huiying@zone.example"), .to = to, .to_count = 2,
			       .subject = hy_str_of(subject), .text = hy_str_of(text),
			       .id = HY_STR_LIT("0123.1"), .thread = HY_STR_LIT("2026-000001"),
			       .at = {1700000000000}};
	struct hy_buf out;

	hy_buf_init(&out, 1 << 20);
	assert_int_equal(hy_mail_write(&mail, &out), HY_OK);
	return hy_buf_take(&out);
}

static void head_and_lines(void **state)
{
	hy_cleanup(hy_free_p) char *mail = mail_of("【重大】标题", "正文");

	(void)state;
	assert_non_null(strstr(mail, "Date: Wed, 15 Nov 2023 06:13:20 +0800\r\n"));
	assert_non_null(strstr(mail, "\r\nFrom: <huiying@zone.example>\r\n"
				     "To: <a@zone.example>,\r\n <b@zone.example>\r\n"));
	assert_non_null(strstr(mail, "\r\nMessage-ID: <0123.1@zone.example>\r\n"
				     "References: <2026-000001@zone.example>\r\n"));
	assert_non_null(strstr(mail, "\r\n\r\n5q2j5paH\r\n"));
	for (const char *line = mail; *line; line = strstr(line, "\r\n") + 2) {
		const char *end = strstr(line, "\r\n");

		assert_non_null(end);
		assert_true(end - line <= 78);
		for (const char *p = line; p < end; p++)
			assert_true(*p >= ' ' && (unsigned char)*p < 0x7f);
	}
}

/* Each encoded word by itself decodes to whole characters, and all together to the subject. */
static void subject_is_cut_between_characters(void **state)
{
	hy_cleanup(hy_buf_fini) struct hy_buf subject = HY_BUF(4096);
	hy_cleanup(hy_buf_fini) struct hy_buf seen = HY_BUF(4096);
	hy_cleanup(hy_free_p) char *mail = NULL;
	const char *at;

	(void)state;
	for (int i = 0; i < 40; i++)
		hy_buf_add_c(&subject, i % 3 ? "征" : "ax");
	hy_buf_add_char(&subject, '\0');
	mail = mail_of(subject.p, "x");
	for (at = strstr(mail, "=?UTF-8?B?"); at; at = strstr(at, "=?UTF-8?B?")) {
		const char *end = strstr(at, "?=");
		char word[100];
		size_t n;

		assert_true(end + 2 - at <= 75);
		at += strlen("=?UTF-8?B?");
		assert_int_equal(sodium_base642bin((unsigned char *)word, sizeof word, at,
						   (size_t)(end - at), NULL, &n, NULL,
						   sodium_base64_VARIANT_ORIGINAL), 0);
		assert_true(hy_utf8_valid(word, n));
		hy_buf_add(&seen, word, n);
	}
	hy_buf_add_char(&seen, '\0');
	assert_string_equal(seen.p, subject.p);
}

static void the_same_every_time(void **state)
{
	hy_cleanup(hy_free_p) char *one = mail_of("s", "t");
	hy_cleanup(hy_free_p) char *two = mail_of("s", "t");

	(void)state;
	assert_string_equal(one, two);
}

static void addresses(void **state)
{
	static const struct {
		const char *text;
		bool ok;
	} rows[] = {
		{"a@b.cn", true},	     {"zhi.ban+1@mail.zone.example", true},
		{"a@b", true},		     {"a", false},
		{"@b.cn", false},	     {"a@", false},
		{"a b@c.cn", false},	     {"a@b.cn\r\nBcc: x@y", false},
		{"<a@b.cn>", false},	     {"a@b.cn,c@d.cn", false},
		{"值班@b.cn", false},	     {"a@b_c.cn", false},
		{"a@-b.cn", false},	     {"a@b@c.cn", false},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		if (hy_mail_address_ok(hy_str_of(rows[i].text)) != rows[i].ok)
			fail_msg("%s", rows[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_and_lines),
		cmocka_unit_test(subject_is_cut_between_characters),
		cmocka_unit_test(the_same_every_time),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
