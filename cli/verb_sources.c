/* `huiying sources`: which of its questions is asked. */
#include "cli/verb_sources.h"

#include <stdio.h>
#include <string.h>

#include "cli/options.h"
#include "cli/verb.h"
#include "cli/verb_sources_list.h"
#include "common/base/mem.h"

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
} questions[] = {
	{"import", hy_verb_sources_import},
	{"export", hy_verb_sources_export},
	{"probe", hy_verb_sources_probe},
	{"list", hy_verb_sources_list},
	{"hosts", hy_verb_sources_hosts},
};

int hy_verb_sources(int argc, char **argv)
{
	const struct hy_usage usage = {
		"sources list|hosts|import|export|probe ...",
		"list    shows how each source is: state, items seen and expected, delays\n"
		"hosts   shows what was asked of each site on each day\n"
		"import  takes the feeds of an OPML list into sources.yaml\n"
		"export  writes sources.yaml as an OPML list\n"
		"probe   says what a page is and proposes the entry that would read it\n"
		"`huiying sources QUESTION --help` says more.",
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
