/* `huiying rules`: which of its questions is asked. */
#include "cli/verb_rules.h"

#include <string.h>

#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} questions[] = {
	{"test", hy_verb_rules_test},
	{"traffic", hy_verb_rules_traffic},
	{"import", hy_verb_rules_import},
};

int hy_verb_rules(int argc, char **argv)
{
	const struct hy_usage usage = {
		"rules test|traffic|import ...",
		"test     plays scenarios and samples\n"
		"traffic  what share of the documents each topic takes, against its usual\n"
		"import   makes topics of TrendRadar's frequency_words.txt\n"
		"`huiying rules QUESTION --help` says more.",
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
