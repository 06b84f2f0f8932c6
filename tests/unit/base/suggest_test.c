#include "common/base/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void names_what_was_probably_meant(void **state)
{
	static const struct {
		const char *wanted, *words[4], *best;
	} cases[] = {
		{"voic", {"crowd", "voice"}, "voice"},
		{"wages.arears", {"wages.arrears", "site.noise"}, "wages.arrears"},
		{"vioce", {"voice"}, "voice"},			/* neighbours swapped */
		{"拖歉工资", {"拖欠工资"}, "拖欠工资"},		/* by characters, not bytes */
		{"voice", {"choice", "noise"}, "choice"},	/* equally near: the first */
		{"abcdef", {"uvwxyz"}, ""},
		{"", {"ab"}, ""},				/* anything would be near */
		{"x", {"to"}, ""},
		{"voice", {NULL}, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hy_suggest near = hy_suggest_for(hy_str_of(cases[i].wanted));

		for (size_t j = 0; j < 4 && cases[i].words[j]; j++)
			hy_suggest_offer(&near, hy_str_of(cases[i].words[j]));
		if (!hy_str_eq_c(near.best, cases[i].best))
			print_error("case %zu: %.*s\n", i, HY_STR_ARGS(near.best));
		assert_true(hy_str_eq_c(near.best, cases[i].best));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_what_was_probably_meant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
