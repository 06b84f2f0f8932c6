/*
 * `huiying sources export`: sources.yaml as OPML 2.0. What OPML has no word for stands in
 * attributes of a namespace of our own, which other readers pass over.
 */
#include <stdio.h>

#include "cli/options.h"
#include "cli/print.h"
#include "cli/sources_write.h"
#include "cli/verb.h"
#include "cli/verb_sources.h"
#include "common/base/mem.h"
#include "common/sys/yaml.h"

static void add_attribute(struct hy_buf *out, const char *name, struct hy_str value)
{
	hy_buf_addf(out, " %s=\"", name);
	for (size_t i = 0; i < value.n; i++) {
		char c = value.p[i];

		if (c == '&')
			hy_buf_add_c(out, "&amp;");
		else if (c == '<')
			hy_buf_add_c(out, "&lt;");
		else if (c == '>')
			hy_buf_add_c(out, "&gt;");
		else if (c == '"')
			hy_buf_add_c(out, "&quot;");
		else
			hy_buf_add_char(out, (unsigned char)c < 0x20 ? ' ' : c);
	}
	hy_buf_add_char(out, '"');
}

static void add_own(struct hy_buf *out, const char *prefix, const struct hy_yaml_node *mapping)
{
	for (size_t i = 0; i < hy_yaml_count(mapping); i++) {
		const struct hy_yaml_node *key, *value;
		char name[80];

		hy_yaml_pair(mapping, i, &key, &value);
		if (!hy_yaml_is_scalar(value) || hy_str_eq_c(hy_yaml_text(key), "name") ||
		    hy_str_eq_c(hy_yaml_text(key), "url"))
			continue;
		(void)snprintf(name, sizeof name, "huiying:%s%.*s", prefix,
			       HY_STR_ARGS(hy_yaml_text(key)));
		add_attribute(out, name, hy_yaml_text(value));
	}
}

/* A page that is no feed is a link in OPML: other readers would take it for a broken feed. */
static void add_source(struct hy_buf *out, const struct hy_yaml_node *node,
		       const struct hy_source *source)
{
	bool is_feed = source->kind == HY_SOURCE_FEED || source->kind == HY_SOURCE_WECHAT;
	const struct hy_yaml_node *xpath = hy_yaml_get(node, "xpath");
	hy_cleanup(hy_buf_fini) struct hy_buf rest = HY_BUF(HY_SOURCES_FILE_BYTES);

	hy_buf_add_c(out, "    <outline");
	add_attribute(out, "text", hy_str_of(source->name));
	add_attribute(out, "title", hy_str_of(source->name));
	add_attribute(out, "type", is_feed ? HY_STR_LIT("rss") : HY_STR_LIT("link"));
	add_attribute(out, is_feed ? "xmlUrl" : "url", hy_str_of(source->urls[0]));
	for (size_t i = 1; i < source->url_count; i++)
		hy_buf_addf(&rest, "%s%s", rest.n ? " " : "", source->urls[i]);
	if (rest.n)
		add_attribute(out, "huiying:urls", hy_buf_str(&rest));
	add_own(out, "", node);
	if (xpath)
		add_own(out, "xpath.", xpath);
	hy_buf_add_c(out, "/>\n");
}

static void add_all(struct hy_buf *out, const struct hy_yaml_node *list,
		    const struct hy_sources *sources)
{
	hy_buf_add_c(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			  "<opml version=\"2.0\" xmlns:huiying=\"urn:huiying:sources\">\n"
			  "  <head>\n    <title>回应：来源</title>\n  </head>\n  <body>\n");
	for (size_t i = 0; i < hy_sources_count(sources); i++)
		add_source(out, hy_yaml_item(list, i), hy_sources_at(sources, i));
	hy_buf_add_c(out, "  </body>\n</opml>\n");
}

static int export(const char *path)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(HY_SOURCES_FILE_BYTES * 4);
	hy_cleanup(hy_buf_fini) struct hy_buf file = HY_BUF(4096);
	struct hy_findings findings;
	struct hy_sources *sources = NULL;
	struct hy_yaml *yaml = NULL;
	int code = HY_EXIT_FAILURE;

	hy_findings_init(&findings);
	hy_sources_file(path, &file);
	/* The loader's list has the file's order: it takes all or refuses all. */
	if (hy_buf_err(&file) == HY_OK && hy_sources_load(path, &findings, &sources) == HY_OK &&
	    hy_yaml_open(file.p, NULL, &findings, &yaml) == HY_OK) {
		const struct hy_yaml_node *list = hy_yaml_root(yaml);

		list = list && hy_yaml_is_mapping(list) ? hy_yaml_get(list, "sources") : NULL;
		if (list && hy_yaml_count(list) == hy_sources_count(sources)) {
			add_all(&out, list, sources);
			hy_print_text(stdout, &out);
			code = hy_buf_err(&out) == HY_OK ? HY_EXIT_OK : HY_EXIT_FAILURE;
		} else {
			(void)fprintf(stderr, "%s 在读取时被改动，请重试\n", file.p);
		}
	} else {
		hy_print_text(stderr, &findings.text);
	}
	hy_yaml_free(yaml);
	hy_sources_free(sources);
	hy_findings_fini(&findings);
	return code;
}

int hy_verb_sources_export(int argc, char **argv)
{
	const struct hy_usage usage = {
		"sources export [FILE | DIR]",
		"Writes sources.yaml (preset: that of the folder `rules`) as OPML 2.0 to standard\n"
		"output. `sources import` of it adds nothing to the same file.",
		NULL, 0};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands > 1)
		return hy_usage_error(&usage, "one file at a time");
	return export(operands ? argv[1] : "rules");
}
