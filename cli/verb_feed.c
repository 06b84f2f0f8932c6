/* `huiying feed`: feeds, sitemaps and OPML lists to JSON lines. */
#include <jansson.h>
#include <stdio.h>

#include "cli/input.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "crawler/feed.h"

struct request {
	const char *url, *content_type;
};

static json_t *text_of(struct hy_str s)
{
	return json_stringn(s.p, s.n);
}

static json_t *object_of(const struct hy_feed *feed, const struct hy_feed_item *item)
{
	char time[HY_RFC3339_BYTES];

	if (feed->kind == HY_FEED_OPML)
		return json_pack("{s:o, s:o}", "feed", text_of(item->url), "title",
				 text_of(item->title));
	return json_pack("{s:o, s:o, s:s, s:o}", "url", text_of(item->url), "title",
			 text_of(item->title), "published_at",
			 hy_wall_format(item->published_at, time), "summary",
			 text_of(item->summary));
}

static int print_feed(const char *path, struct hy_str bytes, void *ctx)
{
	const struct request *request = ctx;
	struct hy_feed feed;
	struct hy_error e = {0};

	if (hy_feed_parse(bytes, hy_str_of(request->content_type), hy_str_of(request->url), &feed,
			  &e)) {
		(void)fprintf(stderr, "huiying: %s: %s\n", path, e.text);
		return HY_EXIT_FAILURE;
	}
	for (size_t i = 0; i < feed.count; i++) {
		json_t *object = object_of(&feed, &feed.items[i]);

		hy_assert(object != NULL);
		(void)json_dumpf(object, stdout, JSON_COMPACT);
		(void)putchar('\n');
		json_decref(object);
	}
	if (feed.is_cut)
		(void)fprintf(stderr, "huiying: %s: only the first %zu items\n", path, feed.count);
	hy_feed_fini(&feed);
	return HY_EXIT_OK;
}

int hy_verb_feed(int argc, char **argv)
{
	struct request request = {0};
	const struct hy_option options[] = {
		{"--url", "URL", &request.url, NULL, "where the feed came from, for relative links"},
		{"--content-type", "TYPE", &request.content_type, NULL, "the HTTP header's value"},
	};
	const struct hy_usage usage = {
		"feed [--url URL] [--content-type TYPE] [FILE...]",
		"Prints each item of RSS, Atom, RDF, JSON Feed and sitemaps as a JSON line with url,\n"
		"title, published_at and summary; each feed of an OPML list with feed and title.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	return hy_input_each(operands, argv, HY_FEED_MAX_BYTES, print_feed, &request);
}
