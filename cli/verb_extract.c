/* `huiying extract`: pages to JSON lines. */
#include <jansson.h>
#include <stdio.h>

#include "cli/input.h"
#include "cli/options.h"
#include "cli/verb.h"
#include "common/base/mem.h"
#include "common/base/time.h"
#include "crawler/extract.h"
#include "crawler/page.h"

struct page_source {
	const char *url, *content_type;
};

static json_t *json_of(struct hy_str s)
{
	return json_stringn_nocheck(s.p ? s.p : "", s.n);
}

static int print_article(const char *file, const char *url, const struct hy_article *article)
{
	char time[HY_RFC3339_BYTES];
	json_t *line = json_object();
	int failed = 0;

	failed |= json_object_set_new(line, "file", json_string(file));
	failed |= json_object_set_new(line, "url", json_string(url));
	failed |= json_object_set_new(line, "title", json_of(article->title));
	failed |= json_object_set_new(line, "text", json_of(article->text));
	failed |= json_object_set_new(
		line, "published_at", json_string(hy_wall_format(article->published_at, time)));
	failed |= json_object_set_new(line, "source", json_of(article->source));
	failed |= json_object_set_new(line, "charset", json_string(article->charset));
	failed |= json_object_set_new(line, "kind",
				      json_string(hy_article_kind_name(article->kind)));
	failed |= json_object_set_new(line, "doubt", json_string(article->why ? article->why : ""));
	if (!failed)
		failed = json_dumpf(line, stdout, JSON_COMPACT) != 0 || putchar('\n') == EOF;
	json_decref(line);
	return failed ? HY_EXIT_FAILURE : HY_EXIT_OK;
}

static int extract(const char *path, struct hy_str bytes, void *ctx)
{
	const struct page_source *source = ctx;
	struct hy_extract_input in = {
		.bytes = bytes,
		.content_type = hy_str_of(source->content_type),
		.url = hy_str_of(source->url),
		.now = hy_wall_now(),
	};
	struct hy_article article;
	struct hy_error e;
	int code;

	if (hy_article_extract(&in, &article, &e) != HY_OK) {
		(void)fprintf(stderr, "huiying extract: %s: %s\n", path, e.text);
		return HY_EXIT_FAILURE;
	}
	code = print_article(path, source->url ? source->url : "", &article);
	hy_article_fini(&article);
	return code;
}

int hy_verb_extract(int argc, char **argv)
{
	struct page_source source = {0};
	const struct hy_option options[] = {
		{"--url", "URL", &source.url, NULL, "address of the page, after redirects"},
		{"--content-type", "TYPE", &source.content_type, NULL,
		 "value of its Content-Type header"},
	};
	const struct hy_usage usage = {
		"extract [--url URL] [--content-type TYPE] [FILE...]",
		"Prints a JSON line for each HTML page: file, url, title, text, published_at\n"
		"(RFC 3339, empty where unknown), source (the outlet or account), charset, kind\n"
		"(article, list, wechat, deleted, blocked, empty), doubt (why the extraction looks\n"
		"wrong, or empty). Exit 3 where a page was refused.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	return hy_input_each(operands, argv, HY_PAGE_MAX_BYTES, extract, &source);
}
