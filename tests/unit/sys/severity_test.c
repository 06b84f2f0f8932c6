#include "common/sys/severity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "common/base/mem.h"

static void test_names(void **state)
{
	static const struct {
		enum hy_severity severity;
		const char *id, *title, *roman, *sign;
	} rows[] = {
		{HY_SEVERITY_GENERAL, "general", "一般", "IV", "Ⅳ"},
		{HY_SEVERITY_CONSIDERABLE, "considerable", "较大", "III", "Ⅲ"},
		{HY_SEVERITY_MAJOR, "major", "重大", "II", "Ⅱ"},
		{HY_SEVERITY_CRITICAL, "critical", "特别重大", "I", "Ⅰ"},
	};

	(void)state;
	assert_int_equal(HY_COUNT(rows), HY_SEVERITY_COUNT);
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		const char *const names[] = {rows[i].id, rows[i].title, rows[i].roman, rows[i].sign};

		assert_int_equal(rows[i].severity, i);	/* graver is greater */
		assert_string_equal(hy_severity_id(rows[i].severity), rows[i].id);
		assert_string_equal(hy_severity_title(rows[i].severity), rows[i].title);
		for (size_t k = 0; k < HY_COUNT(names); k++) {
			enum hy_severity out = HY_SEVERITY_COUNT;

			assert_true(hy_severity_parse(hy_str_of(names[k]), &out));
			assert_int_equal(out, rows[i].severity);
		}
	}
}

static void test_refused(void **state)
{
	static const char *const rows[] = {"", "Major", "major ", "重大 ", "特别", "V", "i", "1", "IIII"};
	enum hy_severity out = HY_SEVERITY_COUNT;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++)
		assert_false(hy_severity_parse(hy_str_of(rows[i]), &out));
	assert_false(hy_severity_parse((struct hy_str){NULL, 0}, &out));
	assert_int_equal(out, HY_SEVERITY_COUNT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
