/* `huiying sources import`: the feeds of OPML lists into sources.yaml. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/input.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/sources_write.h"
#include "cli/verb.h"
#include "cli/verb_sources.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/charset.h"
#include "crawler/opml.h"
#include "crawler/url.h"

#define LINE_BYTES 16384

struct import {
	const char *path;
	struct hy_taken taken;
	struct hy_buf entries, notes;
	struct hy_buf url, id;	/* scratch */
	char group[1024];	/* of the last entry */
	size_t added, skipped, known;
};

/* What sources.yaml may say of a source and an exported list carries along. */
static const char *const own_keys[] = {
	"region", "goal", "interval", "delay", "quiet", "owner", "mainstream", "from", "until",
};
static const char *const pace_keys[] = {"goal", "interval", "delay"};
static const char *const xpath_keys[] = {
	"item", "link", "title", "published", "article_title", "article_published", "text",
	"source", "remove",
};
static const char *const kinds[] = {"feed", "list", "sitemap", "wechat"};

static bool is_one_of(struct hy_str text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hy_str_eq_c(text, words[i]))
			return true;
	return false;
}

/* Always at its place in the list, in words. */
static void note(struct import *m, int line, const char *what, struct hy_str about)
{
	hy_cleanup(hy_buf_fini) struct hy_buf plain = HY_BUF(LINE_BYTES);

	hy_print_plain(about, &plain);
	hy_buf_addf(&m->notes, "%s:%d: %s", m->path, line, what);
	if (plain.n)
		hy_buf_addf(&m->notes, "：%s", plain.p);
	hy_buf_add_char(&m->notes, '\n');
}

static void skip(struct import *m, int line, const char *what, struct hy_str about)
{
	note(m, line, what, about);
	m->skipped++;
}

/* "feed://host/x" and "feed:https://host/x" are how some readers write an address. */
static bool read_address(struct hy_str text, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf full = HY_BUF(HY_URL_MAX_BYTES * 2);

	text = hy_str_trim(text);
	if (hy_str_starts_nocase(text, HY_STR_LIT("feed://")))
		hy_buf_addf(&full, "http://%.*s", HY_STR_ARGS(hy_str_sub(text, 7, text.n)));
	else if (hy_str_starts_nocase(text, HY_STR_LIT("feed:")))
		hy_buf_add_str(&full, hy_str_sub(text, 5, text.n));
	else
		hy_buf_add_str(&full, text);
	hy_buf_clear(out);
	return hy_buf_err(&full) == HY_OK && hy_url_normalise(hy_buf_str(&full), out) == HY_OK;
}

static void add_scalar(struct import *m, const char *indent, const char *key, struct hy_str value)
{
	hy_buf_addf(&m->entries, "%s%s: ", indent, key);
	hy_yaml_quote(value, &m->entries);
	hy_buf_add_char(&m->entries, '\n');
}

static struct hy_str own(const struct hy_opml_outline *o, const char *prefix, const char *key)
{
	char name[64];

	(void)snprintf(name, sizeof name, "huiying:%s%s", prefix, key);
	return hy_opml_get(o, name);
}

/*
 * A list from elsewhere must not open our own network, so its word on that is not taken; nor
 * is the pace that only a test server stands.
 */
static void add_own(struct import *m, const struct hy_opml_outline *o)
{
	bool is_private = hy_str_eq_c(own(o, "", "allow_private"), "true");
	bool has_xpath = false;

	if (is_private)
		note(m, o->line, "allow_private 及其间隔不随清单导入，请核对后手工填写",
		     (struct hy_str){0});
	for (size_t i = 0; i < HY_COUNT(own_keys); i++) {
		struct hy_str value = own(o, "", own_keys[i]);

		if (value.n && !(is_private && is_one_of(hy_str_of(own_keys[i]), pace_keys,
							 HY_COUNT(pace_keys))))
			add_scalar(m, "    ", own_keys[i], value);
	}
	for (size_t i = 0; i < HY_COUNT(xpath_keys); i++) {
		struct hy_str value = own(o, "xpath.", xpath_keys[i]);

		if (!value.n)
			continue;
		if (!has_xpath)
			hy_buf_add_c(&m->entries, "    xpath:\n");
		has_xpath = true;
		add_scalar(m, "      ", xpath_keys[i], value);
	}
}

/* The first address is in m->url; the others are the mirrors to fail over to. */
static void add_addresses(struct import *m, const struct hy_opml_outline *o)
{
	struct hy_str rest = own(o, "", "urls"), piece;

	if (!rest.n) {
		add_scalar(m, "    ", "url", hy_buf_str(&m->url));
		return;
	}
	hy_buf_add_c(&m->entries, "    urls:\n      - ");
	hy_yaml_quote(hy_buf_str(&m->url), &m->entries);
	hy_buf_add_char(&m->entries, '\n');
	while (hy_str_next(&rest, ' ', &piece)) {
		if (!piece.n || !read_address(piece, &m->url) ||
		    !hy_taken_add_url(&m->taken, hy_buf_str(&m->url)))
			continue;
		hy_buf_add_c(&m->entries, "      - ");
		hy_yaml_quote(hy_buf_str(&m->url), &m->entries);
		hy_buf_add_char(&m->entries, '\n');
	}
}

static void add_group(struct import *m, struct hy_str group)
{
	if (group.n >= sizeof m->group || hy_str_eq_c(group, m->group))
		return;
	(void)snprintf(m->group, sizeof m->group, "%.*s", HY_STR_ARGS(group));
	hy_buf_addf(&m->entries, "  # 分组：%s\n", group.n ? m->group : "无");
}

static void add_entry(struct import *m, const struct hy_opml_outline *o, struct hy_str kind)
{
	struct hy_str title = hy_opml_title(o), host = hy_url_host(hy_buf_str(&m->url));

	hy_buf_clear(&m->id);
	hy_taken_add_id(&m->taken, own(o, "", "id"), title, hy_buf_str(&m->url), &m->id);
	if (!title.n || title.n > HY_SOURCE_NAME_BYTES)
		title = host;
	add_group(m, o->group);
	hy_buf_addf(&m->entries, "  - id: %s\n", m->id.p);
	add_scalar(m, "    ", "name", title);
	hy_buf_addf(&m->entries, "    kind: %.*s\n", HY_STR_ARGS(kind));
	add_addresses(m, o);
	add_own(m, o);
	m->added++;
}

static bool on_outline(void *ctx, const struct hy_opml_outline *o)
{
	struct import *m = ctx;
	struct hy_str address = hy_opml_get(o, "xmlUrl"), kind = own(o, "", "kind");

	if (!is_one_of(kind, kinds, HY_COUNT(kinds)))
		kind = HY_STR_LIT("feed");
	else if (!address.n)
		address = hy_opml_get(o, "url");
	if (!address.n && o->is_folder)
		return true;
	if (hy_str_eq_nocase(hy_opml_get(o, "isComment"), HY_STR_LIT("true")))
		skip(m, o->line, "已注明停用（isComment），跳过", hy_opml_title(o));
	else if (!address.n)
		skip(m, o->line, "没有订阅网址（xmlUrl），跳过", hy_opml_title(o));
	else if (!read_address(address, &m->url))
		skip(m, o->line, "不是有效的 http 或 https 网址，跳过", address);
	else if (!hy_taken_add_url(&m->taken, hy_buf_str(&m->url))) {
		note(m, o->line, "网址已经登记，跳过", address);
		m->known++;
	} else {
		add_entry(m, o, kind);
	}
	return true;
}

static int read_list(const char *path, struct hy_str bytes, void *ctx)
{
	hy_cleanup(hy_buf_fini) struct hy_buf utf8 = HY_BUF(HY_OPML_MAX_BYTES * 2);
	struct import *m = ctx;
	const char *charset;
	struct hy_error e = {0};

	m->path = path;
	if (hy_charset_to_utf8(bytes, (struct hy_str){0}, &utf8, &charset) != HY_OK ||
	    hy_opml_read(hy_buf_str(&utf8), on_outline, m, &e) != HY_OK) {
		(void)fprintf(stderr, "%s: 不是可读的 OPML 清单\n", path);
		return HY_EXIT_FAILURE;
	}
	return HY_EXIT_OK;
}

/* What the file has now; an absent one is empty. */
static int read_target(const char *path, struct import *m, struct hy_buf *text)
{
	struct hy_findings findings;
	struct hy_sources *sources = NULL;
	struct hy_error e = {0};
	int code = HY_EXIT_OK;

	if (!path || (access(path, F_OK) != 0 && errno == ENOENT))
		return HY_EXIT_OK;
	if (hy_input_read(path, text, &e) != HY_OK) {
		(void)fprintf(stderr, "huiying: %s\n", e.text);
		return HY_EXIT_FAILURE;
	}
	if (!hy_str_trim(hy_buf_str(text)).n)
		return HY_EXIT_OK;
	hy_findings_init(&findings);
	if (hy_sources_load(path, &findings, &sources) != HY_OK) {
		hy_print_text(stderr, &findings.text);
		(void)fprintf(stderr, "%s 有以上问题，请先改正，文件未改动\n", path);
		code = HY_EXIT_FAILURE;
	} else {
		hy_taken_add_all(&m->taken, sources);
	}
	hy_sources_free(sources);
	hy_findings_fini(&findings);
	return code;
}

static int write_target(const char *path, const struct import *m, struct hy_str before)
{
	hy_cleanup(hy_buf_fini) struct hy_buf after = HY_BUF(HY_SOURCES_FILE_BYTES);
	struct hy_findings findings;
	struct hy_error e = {0};
	enum hy_err err;

	if (hy_buf_err(&m->entries) != HY_OK) {
		(void)fprintf(stderr, "清单过大，未导入\n");
		return HY_EXIT_FAILURE;
	}
	if (!m->added)
		return HY_EXIT_OK;
	hy_findings_init(&findings);
	err = hy_sources_append(before, hy_buf_str(&m->entries), &after, &e);
	if (err == HY_OK && !path)
		hy_print_text(stdout, &after);
	else if (err == HY_OK)
		err = hy_sources_replace(path, hy_buf_str(&after), &findings, &e);
	if (findings.count)
		hy_print_text(stderr, &findings.text);
	if (err != HY_OK)
		(void)fprintf(stderr, "%s%s%s\n", path ? path : "", path ? "：" : "", e.text);
	hy_findings_fini(&findings);
	return err == HY_OK ? HY_EXIT_OK : HY_EXIT_FAILURE;
}

static int import(struct import *m, const char *target, int operands, char **argv)
{
	hy_cleanup(hy_buf_fini) struct hy_buf before = HY_BUF(HY_SOURCES_FILE_BYTES);
	int code = read_target(target, m, &before);

	if (code != HY_EXIT_OK)
		return code;
	code = hy_input_each(operands, argv, HY_OPML_MAX_BYTES, read_list, m);
	if (code == HY_EXIT_OK)
		code = write_target(target, m, hy_buf_str(&before));
	hy_print_text(stderr, &m->notes);
	if (code == HY_EXIT_OK)
		(void)fprintf(stderr, "新增 %zu 个来源，%zu 个已经登记，跳过 %zu 条\n", m->added,
			      m->known, m->skipped);
	return code == HY_EXIT_OK && !m->added && !m->known ? HY_EXIT_FINDINGS : code;
}

int hy_verb_sources_import(int argc, char **argv)
{
	const char *target = NULL;
	const struct hy_option options[] = {
		{"-o", "FILE", &target, NULL, "sources.yaml to add to; without it, to standard output"},
	};
	const struct hy_usage usage = {
		"sources import [-o sources.yaml] [FILE...]",
		"Takes the feeds of OPML lists into sources.yaml. What stands there stays as it is; a\n"
		"feed that is registered is not added again. What was skipped is said with its line.\n"
		"Exit 1 where the lists hold no usable feed.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);
	struct import m = {0};

	if (code != HY_OPTIONS_GO_ON)
		return code;
	hy_taken_init(&m.taken);
	hy_buf_init(&m.entries, HY_SOURCES_FILE_BYTES);
	hy_buf_init(&m.notes, HY_SOURCES_FILE_BYTES);
	hy_buf_init(&m.url, HY_URL_MAX_BYTES + 1);
	hy_buf_init(&m.id, HY_SOURCE_ID_BYTES + 1);
	code = import(&m, target, operands, argv);
	hy_taken_fini(&m.taken);
	hy_buf_fini(&m.entries);
	hy_buf_fini(&m.notes);
	hy_buf_fini(&m.url);
	hy_buf_fini(&m.id);
	return code;
}
