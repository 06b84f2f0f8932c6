#include "cli/sources_write.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/sys/content_id.h"
#include "crawler/url.h"

#define ID_BASE_BYTES 48

/* ---- what is taken ---- */

void hy_taken_init(struct hy_taken *taken)
{
	hy_map_init(&taken->urls, (size_t)HY_SOURCES_MAX * HY_SOURCE_URLS_MAX);
	hy_map_init(&taken->ids, (size_t)HY_SOURCES_MAX * 2);
}

void hy_taken_fini(struct hy_taken *taken)
{
	hy_map_fini(&taken->urls);
	hy_map_fini(&taken->ids);
}

static bool take(struct hy_map *map, struct hy_str key)
{
	return !hy_map_get(map, key) && hy_map_set(map, key, map) == HY_OK;
}

bool hy_taken_add_url(struct hy_taken *taken, struct hy_str url)
{
	size_t at = hy_str_find(url, HY_STR_LIT("://"), 0);
	struct hy_str key = at == SIZE_MAX ? url : hy_str_sub(url, at + 3, url.n);

	while (key.n && key.p[key.n - 1] == '/')
		key.n--;
	return take(&taken->urls, key);
}

void hy_taken_add_all(struct hy_taken *taken, const struct hy_sources *sources)
{
	for (size_t i = 0; i < hy_sources_count(sources); i++) {
		const struct hy_source *s = hy_sources_at(sources, i);

		(void)take(&taken->ids, hy_str_of(s->id));
		for (size_t k = 0; k < s->url_count; k++)
			(void)hy_taken_add_url(taken, hy_str_of(s->urls[k]));
	}
}

/* Letters and digits in lower case, one "-" for all between; 0 where another script is in it. */
static size_t slug(struct hy_str text, char out[ID_BASE_BYTES + 1])
{
	size_t n = 0;

	for (size_t i = 0; i < text.n && n < ID_BASE_BYTES; i++) {
		char c = text.p[i];

		if ((unsigned char)c >= 0x80)
			return 0;
		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			out[n++] = c;
		else if (n && out[n - 1] != '-')
			out[n++] = '-';
	}
	while (n && out[n - 1] == '-')
		n--;
	out[n] = '\0';
	return n;
}

static bool is_id(struct hy_str id)
{
	for (size_t i = 0; i < id.n; i++) {
		char c = id.p[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		      c == '-' || c == '_' || c == '.'))
			return false;
	}
	return id.n && id.n <= HY_SOURCE_ID_BYTES;
}

void hy_taken_add_id(struct hy_taken *taken, struct hy_str wish, struct hy_str title,
		     struct hy_str url, struct hy_buf *out)
{
	struct hy_str host = hy_url_host(url);
	char base[ID_BASE_BYTES + 1], hash[HY_SHA256_DIGITS + 1], id[HY_SOURCE_ID_BYTES + 1];

	if (hy_str_starts(host, HY_STR_LIT("www.")))
		host = hy_str_sub(host, 4, host.n);
	if (is_id(wish) && take(&taken->ids, wish)) {
		hy_buf_add_str(out, wish);
		return;
	}
	if (slug(title, base) < 3 && !slug(host, base))
		(void)snprintf(base, sizeof base, "source");
	if (take(&taken->ids, hy_str_of(base))) {
		hy_buf_add_c(out, base);
		return;
	}
	/* By the address, not by counting: it does not matter in which order they come. */
	hy_sha256_hex(url, hash);
	for (int digits = 6; digits <= 12; digits += 3) {
		(void)snprintf(id, sizeof id, "%s-%.*s", base, digits, hash);
		if (take(&taken->ids, hy_str_of(id)))
			break;
	}
	hy_buf_add_c(out, id);
}

/* ---- text ---- */

void hy_yaml_quote(struct hy_str text, struct hy_buf *out)
{
	hy_buf_add_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '"' || c == '\\')
			hy_buf_add_char(out, '\\');
		hy_buf_add_char(out, c < 0x20 || c == 0x7f ? ' ' : text.p[i]);
	}
	hy_buf_add_char(out, '"');
}

/* Where the line with that number (from 1) begins; behind the text where there are fewer. */
static size_t start_of_line(struct hy_str text, int line)
{
	size_t at = 0;

	for (; line > 1; line--) {
		size_t end = hy_str_find(text, HY_STR_LIT("\n"), at);

		if (end == SIZE_MAX)
			return text.n;
		at = end + 1;
	}
	return at;
}

/* Back over empty lines and remarks, which belong to what follows. */
static size_t before_remarks(struct hy_str text, size_t at)
{
	while (at > 0) {
		size_t from = at - 1;
		struct hy_str line;

		while (from > 0 && text.p[from - 1] != '\n')
			from--;
		line = hy_str_trim(hy_str_sub(text, from, at - from));
		if (line.n && line.p[0] != '#')
			break;
		at = from;
	}
	return at;
}

/* Spaces before the first "-", or -1 where the list is written in brackets. */
static int indent_of(struct hy_str text, const struct hy_yaml_node *list)
{
	size_t at = start_of_line(text, hy_yaml_line(hy_yaml_item(list, 0)));
	int indent = 0;

	while (at < text.n && text.p[at] == ' ') {
		at++;
		indent++;
	}
	return at < text.n && text.p[at] == '-' ? indent : -1;
}

static void add_indented(struct hy_str entries, int indent, struct hy_buf *out)
{
	struct hy_str rest = entries, line;

	while (hy_str_next(&rest, '\n', &line)) {
		if (!line.n)
			continue;
		hy_buf_addf(out, "%*s", indent, "");
		hy_buf_add_str(out, hy_str_sub(line, 2, line.n));
		hy_buf_add_char(out, '\n');
	}
}

/* The end of the list: before the next key of the file, or at its end. */
static size_t end_of_list(struct hy_str text, const struct hy_yaml_node *root,
			  const struct hy_yaml_node *list)
{
	bool is_behind = false;

	for (size_t i = 0; i < hy_yaml_count(root); i++) {
		const struct hy_yaml_node *key, *value;

		hy_yaml_pair(root, i, &key, &value);
		if (is_behind)
			return before_remarks(text, start_of_line(text, hy_yaml_line(key)));
		is_behind = value == list;
	}
	return text.n;
}

static enum hy_err append_to(struct hy_str file, const struct hy_yaml_node *root,
			     struct hy_str entries, struct hy_buf *out, struct hy_error *e)
{
	const struct hy_yaml_node *list = hy_yaml_get(root, "sources");
	int indent = 2;
	size_t at;

	if (!list || !hy_yaml_is_sequence(list) || !hy_yaml_count(list))
		return hy_fail(e, HY_ERR_MALFORMED, "文件里没有来源可以接着写，请先在 sources: 下写一个来源");
	indent = indent_of(file, list);
	if (indent < 0)
		return hy_fail(e, HY_ERR_MALFORMED, "来源写在方括号里，无法接着写，请改为每个来源以“- ”开头");
	at = end_of_list(file, root, list);
	hy_buf_add_str(out, hy_str_sub(file, 0, at));
	if (at && file.p[at - 1] != '\n')
		hy_buf_add_char(out, '\n');
	add_indented(entries, indent, out);
	hy_buf_add_str(out, hy_str_sub(file, at, file.n));
	return hy_buf_err(out);
}

enum hy_err hy_sources_append(struct hy_str file, struct hy_str entries, struct hy_buf *out,
			      struct hy_error *e)
{
	struct hy_findings findings;
	struct hy_yaml *yaml = NULL;
	enum hy_err err;

	if (!hy_str_trim(file).n || hy_str_eq_c(hy_str_trim(file), "sources: []") ||
	    hy_str_eq_c(hy_str_trim(file), "sources:")) {
		hy_buf_add_c(out, "sources:\n");
		hy_buf_add_str(out, entries);
		return hy_buf_err(out);
	}
	hy_findings_init(&findings);
	err = hy_yaml_parse(file, "sources.yaml", &findings, &yaml);
	if (err != HY_OK || !hy_yaml_root(yaml) || !hy_yaml_is_mapping(hy_yaml_root(yaml)))
		err = hy_fail(e, HY_ERR_MALFORMED, "文件不是可读的 sources.yaml");
	else
		err = append_to(file, hy_yaml_root(yaml), entries, out, e);
	hy_yaml_free(yaml);
	hy_findings_fini(&findings);
	return err;
}

/* ---- the file ---- */

static enum hy_err write_file(const char *path, struct hy_str text, struct hy_error *e)
{
	FILE *file = fopen(path, "wbe");
	bool good;

	if (!file)
		return hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	good = fwrite(text.p, 1, text.n, file) == text.n && fflush(file) == 0 &&
	       fsync(fileno(file)) == 0;
	if (fclose(file) != 0 || !good)
		return hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	return HY_OK;
}

enum hy_err hy_sources_replace(const char *path, struct hy_str text, struct hy_findings *findings,
			       struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf temporary = HY_BUF(4096);
	struct hy_sources *sources = NULL;
	struct stat st;
	enum hy_err err;

	hy_buf_addf(&temporary, "%s.new", path);
	if (hy_buf_err(&temporary) != HY_OK)
		return hy_fail(e, HY_ERR_LIMIT, "path too long");
	err = write_file(temporary.p, text, e);
	if (err == HY_OK && hy_sources_load(temporary.p, findings, &sources) != HY_OK)
		err = hy_fail(e, HY_ERR_MALFORMED, "结果不是合格的 sources.yaml，文件未改动");
	hy_sources_free(sources);
	if (err == HY_OK && stat(path, &st) == 0)
		(void)chmod(temporary.p, st.st_mode & 07777);
	if (err == HY_OK && rename(temporary.p, path) != 0)
		err = hy_fail(e, HY_ERR_IO, "%s: %s", path, strerror(errno));
	if (err != HY_OK)
		(void)unlink(temporary.p);
	return err;
}
