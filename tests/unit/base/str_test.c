#include "common/base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "common/base/mem.h"

static const struct hy_str none = {NULL, 0};

static void test_of_and_sub(void **state)
{
	static const struct {
		const char *s;
		size_t from, n;
		const char *expected;
	} rows[] = {
		{"abc", 0, 3, "abc"}, {"abc", 1, 1, "b"}, {"abc", 1, SIZE_MAX, "bc"},
		{"abc", 3, 1, ""}, {"abc", 4, 1, ""}, {"abc", SIZE_MAX, SIZE_MAX, ""}, {"", 0, 5, ""},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++)
		assert_true(hy_str_eq_c(hy_str_sub(hy_str_of(rows[i].s), rows[i].from, rows[i].n),
					rows[i].expected));
	assert_int_equal(hy_str_of(NULL).n, 0);
	assert_null(hy_str_of(NULL).p);
	assert_int_equal(hy_str_sub(none, 2, 3).n, 0);
	assert_int_equal(HY_STR_LIT("回应").n, 6);
}

static void test_compare(void **state)
{
	static const struct {
		struct hy_str a, b;
		bool eq, eq_nocase;
		int order;
	} rows[] = {
		{{"", 0}, {NULL, 0}, true, true, 0},
		{{"a", 1}, {"a", 1}, true, true, 0},
		{{"a", 1}, {"A", 1}, false, true, 1},
		{{"a", 1}, {"ab", 2}, false, false, -1},
		{{"b", 1}, {"ab", 2}, false, false, 1},
		{{"\xff", 1}, {"a", 1}, false, false, 1},
		{{"a\0b", 3}, {"a\0c", 3}, false, false, -1},
		{{"a\0B", 3}, {"A\0b", 3}, false, true, 1},
		{{"[", 1}, {"{", 1}, false, false, -1},
		{{"@", 1}, {"`", 1}, false, false, -1},
		{{"\xc3\x84", 2}, {"\xc3\xa4", 2}, false, false, -1},
		{{"Z", 1}, {"z", 1}, false, true, -1},
		{{NULL, 0}, {"a", 1}, false, false, -1},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		int order = hy_str_cmp(rows[i].a, rows[i].b);

		assert_int_equal(hy_str_eq(rows[i].a, rows[i].b), rows[i].eq);
		assert_int_equal(hy_str_eq(rows[i].b, rows[i].a), rows[i].eq);
		assert_int_equal(hy_str_eq_nocase(rows[i].a, rows[i].b), rows[i].eq_nocase);
		assert_int_equal((order > 0) - (order < 0), rows[i].order);
		order = hy_str_cmp(rows[i].b, rows[i].a);
		assert_int_equal((order > 0) - (order < 0), -rows[i].order);
	}
}

static void test_starts_and_ends(void **state)
{
	struct hy_str s = HY_STR_LIT("Http://x");

	(void)state;
	assert_true(hy_str_starts(s, HY_STR_LIT("Http")));
	assert_false(hy_str_starts(s, HY_STR_LIT("http")));
	assert_true(hy_str_starts_nocase(s, HY_STR_LIT("hTTP")));
	assert_false(hy_str_starts_nocase(s, HY_STR_LIT("https")));
	assert_true(hy_str_starts(s, none));
	assert_true(hy_str_starts(s, s));
	assert_false(hy_str_starts(s, HY_STR_LIT("Http://xy")));
	assert_true(hy_str_ends(s, HY_STR_LIT("//x")));
	assert_false(hy_str_ends(s, HY_STR_LIT("y")));
	assert_true(hy_str_ends(s, none));
	assert_false(hy_str_ends(HY_STR_LIT("x"), HY_STR_LIT("xx")));
	assert_true(hy_str_ends(none, none));
}

static void test_find(void **state)
{
	static const struct {
		const char *s, *needle;
		size_t from, at, at_nocase;
	} rows[] = {
		{"abcabc", "abc", 0, 0, 0}, {"abcabc", "abc", 1, 3, 3},
		{"abcabc", "abc", 4, SIZE_MAX, SIZE_MAX}, {"abc", "", 3, 3, 3},
		{"abc", "", 4, SIZE_MAX, SIZE_MAX}, {"abc", "abcd", 0, SIZE_MAX, SIZE_MAX},
		{"xABC", "abc", 0, SIZE_MAX, 1}, {"aab", "ab", 0, 1, 1}, {"", "", 0, 0, 0},
		{"", "a", 0, SIZE_MAX, SIZE_MAX}, {"回应", "应", 0, 3, 3},
		{"第12号", "12号", 0, 3, 3}, {"回A应B", "应b", 0, SIZE_MAX, 4},
		{"回应", "答", 0, SIZE_MAX, SIZE_MAX},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_str s = hy_str_of(rows[i].s), needle = hy_str_of(rows[i].needle);

		assert_int_equal(hy_str_find(s, needle, rows[i].from), rows[i].at);
		assert_int_equal(hy_str_find_nocase(s, needle, rows[i].from), rows[i].at_nocase);
	}
	assert_int_equal(hy_str_find(none, none, 0), 0);
}

static void test_trim(void **state)
{
	static const char *const rows[][2] = {
		{"", ""}, {" ", ""}, {"a", "a"}, {" \t\r\n\v\fa b \n", "a b"}, {"a ", "a"},
		{" a", "a"}, {"\xe3\x80\x80x", "\xe3\x80\x80x"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++)
		assert_true(hy_str_eq_c(hy_str_trim(hy_str_of(rows[i][0])), rows[i][1]));
	assert_int_equal(hy_str_trim(none).n, 0);
}

static void test_next(void **state)
{
	static const struct {
		const char *s, *pieces;	/* with '|' behind each */
	} rows[] = {
		{"", "|"}, {"a", "a|"}, {"a,b", "a|b|"}, {"a,", "a||"}, {",", "||"}, {",,a", "||a|"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_str rest = hy_str_of(rows[i].s), piece;
		char joined[64] = "";

		while (hy_str_next(&rest, ',', &piece)) {
			size_t n = strlen(joined);

			(void)snprintf(joined + n, sizeof joined - n, "%.*s|", HY_STR_ARGS(piece));
		}
		assert_string_equal(joined, rows[i].pieces);
		assert_false(hy_str_next(&rest, ',', &piece));
	}
}

static void test_to_int(void **state)
{
	static const struct {
		const char *s;
		int64_t min, max, value;
		bool good;
	} rows[] = {
		{"0", 0, 0, 0, true}, {"-0", 0, 0, 0, true}, {"007", 0, 9, 7, true},
		{"-5", -9, 9, -5, true}, {"10", 0, 9, 0, false}, {"-1", 0, 9, 0, false},
		{"9223372036854775807", INT64_MIN, INT64_MAX, INT64_MAX, true},
		{"-9223372036854775808", INT64_MIN, INT64_MAX, INT64_MIN, true},
		{"9223372036854775808", INT64_MIN, INT64_MAX, 0, false},
		{"-9223372036854775809", INT64_MIN, INT64_MAX, 0, false},
		{"99999999999999999999999", INT64_MIN, INT64_MAX, 0, false},
		{"", 0, 9, 0, false}, {"-", 0, 9, 0, false}, {"+1", 0, 9, 0, false},
		{" 1", 0, 9, 0, false}, {"1 ", 0, 9, 0, false}, {"1.0", 0, 9, 0, false},
		{"0x1", 0, 9, 0, false}, {"--1", -9, 9, 0, false}, {"1-", -9, 9, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		int64_t out = 4711;

		assert_int_equal(hy_str_to_int(hy_str_of(rows[i].s), rows[i].min, rows[i].max, &out),
				 rows[i].good);
		assert_true(out == (rows[i].good ? rows[i].value : 4711));
	}
}

static void test_dup(void **state)
{
	char *copy = hy_str_dup((struct hy_str){"abc", 2});

	(void)state;
	assert_string_equal(copy, "ab");
	free(copy);
	copy = hy_str_dup(none);
	assert_string_equal(copy, "");
	free(copy);
}

static void test_glob(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool matches;
	} rows[] = {
		{"", "", true}, {"", "a", false}, {"*", "", true}, {"*", "a.b", true}, {"a", "a", true},
		{"a", "ab", false}, {"a*", "a", true}, {"a*", "ba", false}, {"*a", "ba", true},
		{"*a", "ab", false}, {"a*b*c", "a.x.b.y.c", true}, {"a*b*c", "a.c.b", false},
		{"*ab", "aab", true}, {"**", "x", true}, {"a**b", "ab", true}, {"a?c", "abc", false},
		{"a?c", "a?c", true}, {"[ab]", "a", false}, {"roads.*", "roads", false},
		{"roads.*", "roads.flood", true}, {"*.flood", "roads.flood", true},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++)
		if (hy_str_glob(hy_str_of(rows[i].pattern), hy_str_of(rows[i].text)) !=
		    rows[i].matches)
			fail_msg("%s on %s", rows[i].pattern, rows[i].text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_of_and_sub),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_starts_and_ends),
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_trim),
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_to_int),
		cmocka_unit_test(test_dup),
		cmocka_unit_test(test_glob),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
