#include "common/base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "common/base/mem.h"

/* All 1.1 million characters there and back; what is no character is not encoded. */
static void test_every_rune(void **state)
{
	(void)state;
	for (uint32_t rune = 0; rune < 0x110000; rune++) {
		bool surrogate = rune >= 0xD800 && rune <= 0xDFFF;
		char bytes[4];
		uint32_t back = UINT32_MAX;
		size_t n = hy_utf8_encode(rune, bytes);

		if (surrogate) {
			assert_int_equal(n, 0);
			continue;
		}
		if (n != (rune < 0x80 ? 1 : rune < 0x800 ? 2 : rune < 0x10000 ? 3 : 4))
			fail_msg("U+%04X takes %zu bytes", rune, n);
		if (hy_utf8_decode(bytes, n, &back) != n || back != rune)
			fail_msg("U+%04X came back as U+%04X", rune, back);
		for (size_t cut = 1; cut < n; cut++)
			if (hy_utf8_decode(bytes, cut, &back) != 0)
				fail_msg("U+%04X cut to %zu bytes", rune, cut);
	}
	assert_int_equal(hy_utf8_encode(0x110000, (char[4]){0}), 0);
	assert_int_equal(hy_utf8_encode(UINT32_MAX, (char[4]){0}), 0);
}

static void test_invalid(void **state)
{
	static const struct {
		const char *p;
		size_t n;
	} rows[] = {
		{"\x80", 1}, {"\xbf", 1}, {"\xc0\x80", 2}, {"\xc1\xbf", 2}, {"\xc2", 1}, {"\xc2\x41", 2},
		{"\xc2\xc2", 2}, {"\xe0\x80\x80", 3}, {"\xe0\x9f\xbf", 3}, {"\xe4\xb8", 2},
		{"\xe4\xb8\x41", 3}, {"\xed\xa0\x80", 3}, {"\xed\xbf\xbf", 3}, {"\xf0\x80\x80\x80", 4},
		{"\xf0\x8f\xbf\xbf", 4}, {"\xf4\x90\x80\x80", 4}, {"\xf5\x80\x80\x80", 4},
		{"\xf8\x88\x80\x80\x80", 5}, {"\xff", 1}, {"\xfe", 1}, {"ok\xff", 3},
	};
	uint32_t rune = 4711;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		if (hy_utf8_valid(rows[i].p, rows[i].n))
			fail_msg("row %zu is not valid UTF-8", i);
		if (rows[i].p[0] != 'o')
			assert_int_equal(hy_utf8_decode(rows[i].p, rows[i].n, &rune), 0);
	}
	assert_int_equal(rune, 4711);
	assert_true(hy_utf8_valid("", 0));
	assert_true(hy_utf8_valid(NULL, 0));
	assert_true(hy_utf8_valid("a\0回😀", 9));
}

static void test_floor(void **state)
{
	static const char text[] = "a\xc3\xa9回😀z";	/* 1 + 2 + 3 + 4 + 1 bytes */
	static const size_t expected[] = {0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 11, 11};
	size_t n = sizeof text - 1;

	(void)state;
	for (size_t at = 0; at < HY_COUNT(expected); at++)
		assert_int_equal(hy_utf8_floor(text, n, at), expected[at]);
	/* A character that the text itself cuts. */
	for (size_t cut = 7; cut < 10; cut++)
		assert_int_equal(hy_utf8_floor(text, cut, cut), 6);
	assert_int_equal(hy_utf8_floor("\x80\x80\x80\x80\x80", 5, 5), 5);
	assert_int_equal(hy_utf8_floor("", 0, 3), 0);
}

static void test_count(void **state)
{
	(void)state;
	assert_int_equal(hy_utf8_count("", 0), 0);
	assert_int_equal(hy_utf8_count("a回😀", 8), 3);
	assert_int_equal(hy_utf8_count("a\xff\xe4\xb8", 4), 4);
}

static void test_repair(void **state)
{
	static const char *const rows[][2] = {
		{"", ""}, {"回应", "回应"}, {"\xff", "\xEF\xBF\xBD"},
		{"a\x80z", "a\xEF\xBF\xBDz"}, {"\xe4\xb8", "\xEF\xBF\xBD\xEF\xBF\xBD"},
		{"\xe4\xb8回", "\xEF\xBF\xBD\xEF\xBF\xBD回"},
		{"\xed\xa0\x80", "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_buf out;

		hy_buf_init(&out, 100);
		hy_utf8_repair(&out, rows[i][0], strlen(rows[i][0]));
		assert_true(hy_str_eq_c(hy_buf_str(&out), rows[i][1]));
		hy_buf_fini(&out);
	}
}

static void test_kinds(void **state)
{
	static const uint32_t han[] = {0x4E00, 0x9FFF, 0x3400, 0xF900, 0x20000, 0x323AF, 0x3007};
	static const uint32_t not_han[] = {'a', 0x3001, 0x3042, 0x30A2, 0xFF0C, 0xAC00, 0x3000,
					   0x323B0, 0xFB00};
	static const uint32_t spaces[] = {' ', '\t', '\n', '\r', 0xA0, 0x3000, 0x200B, 0xFEFF,
					  0x2003, 0x2028};
	static const uint32_t not_spaces[] = {'a', 0, 0x200D, 0x3001, 0x4E00, 0x1F, 0xE};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(han); i++)
		assert_true(hy_rune_is_han(han[i]));
	for (size_t i = 0; i < HY_COUNT(not_han); i++)
		assert_false(hy_rune_is_han(not_han[i]));
	for (size_t i = 0; i < HY_COUNT(spaces); i++)
		assert_true(hy_rune_is_space(spaces[i]));
	for (size_t i = 0; i < HY_COUNT(not_spaces); i++)
		assert_false(hy_rune_is_space(not_spaces[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_rune),
		cmocka_unit_test(test_invalid),
		cmocka_unit_test(test_floor),
		cmocka_unit_test(test_count),
		cmocka_unit_test(test_repair),
		cmocka_unit_test(test_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
