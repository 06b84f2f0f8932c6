#include "common/base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void test_appends(void **state)
{
	struct hy_buf b;

	(void)state;
	hy_buf_init(&b, 1000);
	assert_true(hy_str_eq_c(hy_buf_str(&b), ""));
	assert_non_null(hy_buf_str(&b).p);
	hy_buf_add(&b, "ab\0", 3);
	hy_buf_add(&b, NULL, 0);
	hy_buf_add_c(&b, "回");
	hy_buf_add_str(&b, HY_STR_LIT("应"));
	hy_buf_add_str(&b, (struct hy_str){NULL, 0});
	hy_buf_add_char(&b, '!');
	hy_buf_addf(&b, "%d-%s", 7, "x");
	hy_buf_addf(&b, "%s", "");
	assert_int_equal(hy_buf_err(&b), HY_OK);
	assert_int_equal(b.n, 13);
	assert_memory_equal(b.p, "ab\0回应!7-x", 14);
	hy_buf_fini(&b);
	assert_null(b.p);
	hy_buf_fini(&b);
}

/* Up to the limit everything fits, one byte more never does, at every size. */
static void test_limit(void **state)
{
	(void)state;
	for (size_t max = 0; max < 600; max += 7) {
		struct hy_buf b;

		hy_buf_init(&b, max);
		for (size_t i = 0; i < max; i++)
			hy_buf_add_char(&b, 'x');
		assert_int_equal(hy_buf_err(&b), HY_OK);
		assert_int_equal(b.n, max);
		hy_buf_add(&b, "", 0);
		assert_int_equal(hy_buf_err(&b), HY_OK);
		hy_buf_add_char(&b, 'x');
		assert_int_equal(hy_buf_err(&b), HY_ERR_LIMIT);
		assert_int_equal(b.n, max);
		hy_buf_fini(&b);
	}
}

static void test_failure_sticks(void **state)
{
	struct hy_buf b;

	(void)state;
	hy_buf_init(&b, 8);
	hy_buf_add_c(&b, "12345");
	hy_buf_add_c(&b, "6789");
	assert_int_equal(hy_buf_err(&b), HY_ERR_LIMIT);
	assert_int_equal(b.n, 5);	/* not a part of it */
	hy_buf_add_char(&b, 'x');
	hy_buf_addf(&b, "%d", 1);
	assert_int_equal(b.n, 5);
	assert_null(hy_buf_reserve(&b, 1));
	assert_null(hy_buf_take(&b));
	hy_buf_clear(&b);
	assert_int_equal(hy_buf_err(&b), HY_OK);
	assert_true(hy_str_eq_c(hy_buf_str(&b), ""));
	hy_buf_add_c(&b, "12345678");
	assert_int_equal(hy_buf_err(&b), HY_OK);
	hy_buf_fini(&b);

	/* A limit that is none: no size wraps around. */
	hy_buf_init(&b, SIZE_MAX);
	hy_buf_add_c(&b, "some text");
	assert_string_equal(b.p, "some text");
	assert_null(hy_buf_reserve(&b, SIZE_MAX - 9));
	assert_int_equal(hy_buf_err(&b), HY_ERR_LIMIT);
	hy_buf_fini(&b);

	b = (struct hy_buf)HY_BUF(100);
	hy_buf_add_char(&b, 'x');
	assert_null(hy_buf_reserve(&b, SIZE_MAX));
	assert_int_equal(hy_buf_err(&b), HY_ERR_LIMIT);
	hy_buf_fini(&b);
}

static void test_format_at_the_limit(void **state)
{
	struct hy_buf b;

	(void)state;
	hy_buf_init(&b, 5);
	hy_buf_addf(&b, "%s", "12345");
	assert_int_equal(hy_buf_err(&b), HY_OK);
	assert_string_equal(b.p, "12345");
	hy_buf_clear(&b);
	hy_buf_addf(&b, "%s", "123456");
	assert_int_equal(hy_buf_err(&b), HY_ERR_LIMIT);
	assert_int_equal(b.n, 0);
	hy_buf_fini(&b);
}

static void test_reserve_and_commit(void **state)
{
	struct hy_buf b;
	char *room;

	(void)state;
	hy_buf_init(&b, 10000);
	room = hy_buf_reserve(&b, 5000);
	assert_non_null(room);
	memset(room, 'a', 5000);
	hy_buf_commit(&b, 3000);
	assert_int_equal(b.n, 3000);
	assert_int_equal(b.p[3000], '\0');
	hy_buf_truncate(&b, 4000);
	assert_int_equal(b.n, 3000);
	hy_buf_truncate(&b, 2);
	assert_string_equal(b.p, "aa");
	hy_buf_fini(&b);
	hy_buf_truncate(&b, 0);
}

static void test_take(void **state)
{
	struct hy_buf b;
	char *text;

	(void)state;
	hy_buf_init(&b, 100);
	text = hy_buf_take(&b);
	assert_string_equal(text, "");
	free(text);
	hy_buf_add_c(&b, "abc");
	text = hy_buf_take(&b);
	assert_string_equal(text, "abc");
	assert_null(b.p);
	assert_int_equal(b.n, 0);
	/* Usable again, with the same limit. */
	hy_buf_add_c(&b, "def");
	assert_string_equal(b.p, "def");
	assert_int_equal(b.max, 100);
	hy_buf_fini(&b);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_appends),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_failure_sticks),
		cmocka_unit_test(test_format_at_the_limit),
		cmocka_unit_test(test_reserve_and_commit),
		cmocka_unit_test(test_take),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
