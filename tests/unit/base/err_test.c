#include "common/base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "common/base/utf8.h"

static void test_texts(void **state)
{
	(void)state;
	assert_string_equal(hy_err_text(HY_OK), "ok");
	assert_string_equal(hy_err_text(HY_ERR_UNCERTAIN), "outcome uncertain");
	assert_string_equal(hy_err_text(HY_ERR_CANCELLED), "cancelled");
	assert_string_equal(hy_err_text((enum hy_err)99), "unknown error");
	assert_string_equal(hy_err_text((enum hy_err)-1), "unknown error");
}

static void test_retryable(void **state)
{
	static const enum hy_err yes[] = {HY_ERR_IO, HY_ERR_TIMEOUT, HY_ERR_UNAVAILABLE};
	int count = 0;

	(void)state;
	for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++)
		assert_true(hy_err_is_retryable(yes[i]));
	for (int code = HY_OK; code <= HY_ERR_CANCELLED; code++)
		count += hy_err_is_retryable((enum hy_err)code);
	assert_int_equal(count, 3);
}

static void test_fail(void **state)
{
	struct hy_error e = {0};

	(void)state;
	assert_int_equal(hy_fail(&e, HY_ERR_LIMIT, "%d of %s", 3, "three"), HY_ERR_LIMIT);
	assert_int_equal(e.code, HY_ERR_LIMIT);
	assert_string_equal(e.text, "3 of three");
	assert_int_equal(hy_fail_in(&e, HY_ERR_IO, "reading %s", "rules"), HY_ERR_IO);
	assert_int_equal(e.code, HY_ERR_IO);
	assert_string_equal(e.text, "reading rules: 3 of three");
	assert_int_equal(hy_fail(NULL, HY_ERR_IO, "%d", 1), HY_ERR_IO);
	assert_int_equal(hy_fail_in(NULL, HY_ERR_IO, "%d", 1), HY_ERR_IO);
}

/* Whatever the offset, a text that was too long ends at a whole character. */
static void test_long_texts_end_at_a_character(void **state)
{
	static const char han[] = "事项回应事项回应事项回应事项回应事项回应事项回应事项回应事项回应"
				  "事项回应事项回应事项回应事项回应事项回应事项回应事项回应事项回应"
				  "事项回应事项回应事项回应事项回应事项回应事项回应事项回应事项回应";

	(void)state;
	for (int pad = 0; pad < 8; pad++) {
		struct hy_error e = {0};
		size_t n;

		(void)hy_fail(&e, HY_ERR_IO, "%.*s%s", pad, "xxxxxxxx", han);
		n = strlen(e.text);
		assert_in_range(n, HY_ERROR_TEXT_BYTES - 4, HY_ERROR_TEXT_BYTES - 1);
		assert_true(hy_utf8_valid(e.text, n));
		(void)hy_fail_in(&e, HY_ERR_IO, "%.*s", pad, "yyyyyyyy");
		n = strlen(e.text);
		assert_in_range(n, HY_ERROR_TEXT_BYTES - 4, HY_ERROR_TEXT_BYTES - 1);
		assert_true(hy_utf8_valid(e.text, n));
		(void)hy_fail_in(&e, HY_ERR_IO, "%s", han);
		assert_true(hy_utf8_valid(e.text, strlen(e.text)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_retryable),
		cmocka_unit_test(test_fail),
		cmocka_unit_test(test_long_texts_end_at_a_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
