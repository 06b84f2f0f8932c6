/* Titles that are one form filled in twice. */
#include "alerter/title_form.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/mem.h"

static const struct {
	const char *a, *b;
	bool alike, count_differently;
} pairs[] = {
	{"停车位难求，80户居民停车难", "停车位难求，374户居民停车难", true, true},
	{"停车位难求，80户居民停车难", "转载丨停车位难求，80户居民停车难", true, false},
	{"东街停车位难求，居民停车难", "西街停车位难求，居民停车难", true, false},
	{"7名工人讨薪", "小区停暖10天，老人住院", false, false},
	{"7名工人讨薪3年", "7名工人讨薪5年", true, true},
	/* What is counted is not the same. */
	{"讨薪3年", "讨薪5次", false, false},
	{"停暖10天", "停暖10天", true, false},
	{"2026-11-24", "2026-11-25", false, false},
	{"", "", false, false},
	{"停暖", "", false, false},
};

static void pairs_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(pairs); i++) {
		struct hy_str a = hy_str_of(pairs[i].a), b = hy_str_of(pairs[i].b);

		if (hy_titles_worded_alike(a, b) != pairs[i].alike ||
		    hy_titles_worded_alike(b, a) != pairs[i].alike)
			fail_msg("alike: %s | %s", pairs[i].a, pairs[i].b);
		if (hy_titles_count_differently(a, b) != pairs[i].count_differently ||
		    hy_titles_count_differently(b, a) != pairs[i].count_differently)
			fail_msg("figures: %s | %s", pairs[i].a, pairs[i].b);
	}
}

static void broken_titles_are_read(void **state)
{
	(void)state;
	assert_false(hy_titles_count_differently(HY_STR_LIT("\xe5 12\xe6"),
						 HY_STR_LIT("\xff 13\xe6\x88")));
	assert_false(hy_titles_worded_alike(HY_STR_LIT("\xe5\xe6"), HY_STR_LIT("\xe5\xe6")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs_are_told_apart),
		cmocka_unit_test(broken_titles_are_read),
	};

	return cmocka_run_group_tests_name("title_form", tests, NULL, NULL);
}
