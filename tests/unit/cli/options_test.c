#include "cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "cli/verb.h"
#include "common/base/mem.h"

#define ARGUMENTS_MAX 8

static const struct {
	const char *arguments[ARGUMENTS_MAX];	/* behind the verb */
	int code;
	const char *at;			/* value of --at */
	bool all;
	const char *operands[ARGUMENTS_MAX];
} cases[] = {
	{{"a", "b"}, HY_OPTIONS_GO_ON, NULL, false, {"a", "b"}},
	{{"--at", "x", "a"}, HY_OPTIONS_GO_ON, "x", false, {"a"}},
	{{"a", "--at=x", "--all", "b"}, HY_OPTIONS_GO_ON, "x", true, {"a", "b"}},
	{{"--at="}, HY_OPTIONS_GO_ON, "", false, {NULL}},
	{{"-", "--all"}, HY_OPTIONS_GO_ON, NULL, true, {"-"}},
	{{"--", "--at", "-x"}, HY_OPTIONS_GO_ON, NULL, false, {"--at", "-x"}},
	{{"--at"}, HY_EXIT_USAGE, NULL, false, {NULL}},
	{{"--at", "--all"}, HY_EXIT_USAGE, NULL, false, {NULL}},
	{{"--at=--all"}, HY_OPTIONS_GO_ON, "--all", false, {NULL}},
	{{"--at", "-"}, HY_OPTIONS_GO_ON, "-", false, {NULL}},
	{{"--att", "x"}, HY_EXIT_USAGE, NULL, false, {NULL}},
	{{"--all=yes"}, HY_EXIT_USAGE, NULL, false, {NULL}},
	{{"--help"}, HY_EXIT_OK, NULL, false, {NULL}},
};

static void reads_the_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		const char *at = NULL;
		bool all = false;
		const struct hy_option options[] = {{"--at", "TIME", &at, NULL, "a moment"},
						    {"--all", NULL, NULL, &all, "everything"}};
		const struct hy_usage usage = {"x [--at TIME] [--all]", "Tests.", options,
					       HY_COUNT(options)};
		char verb[] = "x";
		char *argv[ARGUMENTS_MAX + 1] = {verb};
		int argc = 1, operands = -1;

		for (size_t k = 0; k < ARGUMENTS_MAX && cases[i].arguments[k]; k++)
			memcpy(&argv[argc++], &cases[i].arguments[k], sizeof argv[0]);
		assert_int_equal(hy_options_parse(&usage, argc, argv, &operands), cases[i].code);
		if (cases[i].code != HY_OPTIONS_GO_ON)
			continue;
		assert_int_equal(all, cases[i].all);
		assert_true(!at == !cases[i].at && (!at || strcmp(at, cases[i].at) == 0));
		for (int k = 0; k < operands; k++)
			assert_string_equal(argv[k + 1], cases[i].operands[k]);
		assert_null(cases[i].operands[operands]);
	}
}

static void output_formats_are_two(void **state)
{
	bool json = true;

	(void)state;
	assert_true(hy_output_parse(NULL, &json) && !json);
	assert_true(hy_output_parse("json", &json) && json);
	assert_true(hy_output_parse("text", &json) && !json);
	json = true;
	assert_false(hy_output_parse("xml", &json));
	assert_false(hy_output_parse("", &json));
	assert_true(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads_the_table),
					   cmocka_unit_test(output_formats_are_two)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
