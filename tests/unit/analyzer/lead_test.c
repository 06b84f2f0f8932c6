#include "analyzer/lead.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"

#define REPEATED_MAX 300

/* `count` times a character, then `rest`; the lead is to end before `behind` bytes of it. */
static void ends_as_told(void **state)
{
	static const struct {
		const char *first;
		size_t count;
		const char *rest;
		size_t left;	/* bytes of rest that are in the lead */
	} cases[] = {
		{"", 0, "", 0},
		{"拆", 10, "。", 3},
		{"拆", 40, "\n迁", 0},
		{"拆", 39, "\n迁\n补", 4},
		{"拆", 38, " \r\n\t　迁\n补\n偿", 14},	/* white space does not count */
		{"拆", 199, "迁补", 3},
		{"拆", 200, "迁", 0},
		{"a", 199, "bc", 1},
		{"\xff", 199, "\xff\xff", 1},		/* not UTF-8: one each */
		{"\xe6\x8b", 20, "\n拆", 0},
		{"\n", 100, "拆\n", 4},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct hy_buf text;

		hy_buf_init(&text, REPEATED_MAX * 8);
		for (size_t j = 0; j < cases[i].count; j++)
			hy_buf_add_c(&text, cases[i].first);
		size_t wanted = text.n + cases[i].left;
		hy_buf_add_c(&text, cases[i].rest);
		assert_int_equal(hy_lead_bytes(hy_buf_str(&text)), wanted);
		hy_buf_fini(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_as_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
