/* `huiying links`: the articles of a list page to JSON lines. */
#include <jansson.h>
#include <stdio.h>

#include "cli/input.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/base/time.h"
#include "crawler/links.h"
#include "crawler/page.h"

static bool print_link(const struct hy_link *link)
{
	char time[HY_RFC3339_BYTES];
	json_t *line = json_object();
	bool good = true;

	good &= json_object_set_new(line, "url",
				    json_stringn_nocheck(link->url.p, link->url.n)) == 0;
	good &= json_object_set_new(line, "title",
				    json_stringn_nocheck(link->title.p, link->title.n)) == 0;
	good &= json_object_set_new(line, "published_at",
				    json_string(hy_wall_format(link->published_at, time))) == 0;
	good = good && json_dumpf(line, stdout, JSON_COMPACT) == 0 && putchar('\n') != EOF;
	json_decref(line);
	return good;
}

static int find(const char *path, struct hy_str bytes, void *ctx)
{
	const char *const *url = ctx;
	struct hy_extract_input in = {
		.bytes = bytes,
		.url = hy_str_of(*url),
		.now = hy_wall_now(),
	};
	struct hy_links links;
	struct hy_error e;
	int code;

	if (hy_links_find(&in, &links, &e) != HY_OK) {
		(void)fprintf(stderr, "huiying links: %s: %s\n", path, e.text);
		return HY_EXIT_FAILURE;
	}
	code = links.count > 0 ? HY_EXIT_OK : HY_EXIT_FINDINGS;
	for (size_t i = 0; i < links.count; i++)
		if (!print_link(&links.items[i]))
			code = HY_EXIT_FAILURE;
	hy_links_fini(&links);
	return code;
}

int hy_verb_links(int argc, char **argv)
{
	const char *url = NULL;
	const struct hy_option options[] = {
		{"--url", "URL", &url, NULL, "address of the page: relative links start there"},
	};
	const struct hy_usage usage = {
		"links [--url URL] [FILE]",
		"Prints a JSON line for each article that an HTML list page links to: url, title,\n"
		"published_at (RFC 3339, empty where the page does not show it). Exit 1 where the\n"
		"page has no such list.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands > 1)
		return hy_usage_error(&usage, "one page at a time");
	return hy_input_each(operands, argv, HY_PAGE_MAX_BYTES, find, &url);
}
