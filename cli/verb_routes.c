/* `huiying routes`: which of its questions is asked; `routes show`, the rules in words. */
#include "cli/verb_routes.h"

#include <stdio.h>
#include <string.h>

#include "alerter/rule_words.h"
#include "cli/alerter_access.h"
#include "cli/config_file.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} questions[] = {
	{"test", hy_verb_routes_test},
	{"show", hy_verb_routes_show},
	{"history", hy_verb_routes_history},
};

int hy_verb_routes_show(int argc, char **argv)
{
	const char *rules_dir = NULL;
	const struct hy_option options[] = {
		{"--rules", "DIR", &rules_dir, NULL, "rules folder (./rules, else the installed one)"},
	};
	const struct hy_usage usage = {
		"routes show [--rules DIR]",
		"The rules in words, a line each: routes in the order in which they are tried, the\n"
		"fallback, supervisors, units, places, topics, policies, limits and rosters. Versions\n"
		"of the rules are compared by these lines.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands)
		return hy_usage_error(&usage, "no operands");
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules =
		hy_cli_rules_load(hy_cli_rules_dir(rules_dir));
	hy_cleanup(hy_buf_fini) struct hy_buf words = HY_BUF(HY_RULE_WORDS_BYTES);

	if (!rules)
		return HY_EXIT_FAILURE;
	hy_rule_words(rules, &words);
	if (hy_buf_err(&words)) {
		(void)fprintf(stderr, "规则太多，写不下\n");
		return HY_EXIT_FAILURE;
	}
	(void)fwrite(words.p, 1, words.n, stdout);
	return HY_EXIT_OK;
}

int hy_verb_routes(int argc, char **argv)
{
	const struct hy_usage usage = {
		"routes test|show|history ...",
		"test     who would answer for a concern, and whether that is who should\n"
		"show     the rules in words, routes in the order in which they are tried\n"
		"history  versions of the rules, what each changed, and its texts\n"
		"`huiying routes QUESTION --help` says more.",
		NULL, 0};

	for (size_t i = 0; argc > 1 && i < HY_COUNT(questions); i++)
		if (strcmp(argv[1], questions[i].name) == 0)
			return questions[i].run(argc - 1, argv + 1);
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		int operands;

		return hy_options_parse(&usage, argc, argv, &operands);
	}
	return hy_usage_error(&usage, argc > 1 ? "unknown question" : "no question");
}
