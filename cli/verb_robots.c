/* `huiying robots`: may an agent fetch an address, by this robots.txt? */
#include <stdio.h>

#include "cli/input.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "crawler/robots.h"

struct question {
	const char *agent, *url;
};

static int answer(const char *path, struct hy_str bytes, void *ctx)
{
	const struct question *q = ctx;
	hy_cleanup(hy_robots_free_p) struct hy_robots *robots = hy_robots_parse(bytes);
	int line;
	bool allowed = hy_robots_allowed(robots, hy_str_of(q->agent), hy_str_of(q->url), &line);

	(void)path;
	(void)printf("%s", allowed ? "allowed" : "disallowed");
	if (line)
		(void)printf(" line %d: %.*s\n", line, HY_STR_ARGS(hy_robots_line(robots, line)));
	else
		(void)printf(" no rule\n");
	return allowed ? HY_EXIT_OK : HY_EXIT_FINDINGS;
}

int hy_verb_robots(int argc, char **argv)
{
	struct question q = {0};
	const struct hy_option options[] = {
		{"--agent", "NAME", &q.agent, NULL, "product token of the crawler"},
		{"--url", "URL", &q.url, NULL, "absolute address, or path with query"},
	};
	const struct hy_usage usage = {
		"robots --agent NAME --url URL [FILE]",
		"Says `allowed` or `disallowed` and the line that decides, as RFC 9309 and Google's\n"
		"parser read the file. Exit 0 allowed, 1 disallowed.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (!q.agent || !q.url)
		return hy_usage_error(&usage, "--agent and --url are needed");
	if (operands > 1)
		return hy_usage_error(&usage, "one file at a time");
	/* What stands behind the parser's own limit need not be held in memory for it. */
	return hy_input_each(operands, argv, (size_t)64 << 20, answer, &q);
}
