#include "crawler/opml.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/entity.h"
#include "crawler/extract_unit.h"

#define GROUP_BYTES 1000

struct folder {
	size_t group_n;		/* of the group's text before this folder */
};

struct reader {
	struct hy_str text;
	size_t at;
	int line;
	hy_opml_fn *fn;
	void *ctx;
	struct hy_opml_attribute attributes[HY_OPML_ATTRIBUTES_MAX];
	size_t count;
	struct hy_buf values[HY_OPML_ATTRIBUTES_MAX];
	struct hy_buf group, scratch;
	struct folder folders[HY_OPML_DEPTH_MAX];
	size_t depth;		/* may exceed the maximum: those folders add no name */
	bool is_opml, stop;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void move_to(struct reader *r, size_t to)
{
	if (to > r->text.n)
		to = r->text.n;
	for (; r->at < to; r->at++)
		r->line += r->text.p[r->at] == '\n';
}

static void skip_space(struct reader *r)
{
	size_t to = r->at;

	while (to < r->text.n && is_space(r->text.p[to]))
		to++;
	move_to(r, to);
}

static bool skip_behind(struct reader *r, struct hy_str end)
{
	size_t found = hy_str_find(r->text, end, r->at);

	move_to(r, found == SIZE_MAX ? r->text.n : found + end.n);
	return found != SIZE_MAX;
}

static bool starts(const struct reader *r, const char *word)
{
	return hy_str_starts_nocase(hy_str_sub(r->text, r->at, r->text.n), hy_str_of(word));
}

static bool is_name_char(char c)
{
	return !is_space(c) && c != '=' && c != '>' && c != '/' && c != '<' && c != '"' && c != '\'';
}

static struct hy_str read_name(struct reader *r)
{
	size_t from = r->at, to = from;

	while (to < r->text.n && is_name_char(r->text.p[to]))
		to++;
	move_to(r, to);
	return hy_str_sub(r->text, from, to - from);
}

/* A reference that nobody knows stays as it is written. */
static void decode(struct reader *r, struct hy_str raw, struct hy_buf *out)
{
	hy_buf_clear(&r->scratch);
	for (size_t i = 0; i < raw.n;) {
		uint32_t rune;
		size_t n = raw.p[i] == '&' ? hy_entity_decode(hy_str_sub(raw, i, raw.n), &rune) : 0;
		char utf8[4];

		if (n)
			hy_buf_add(&r->scratch, utf8, hy_utf8_encode(rune ? rune : 0xFFFD, utf8));
		else
			hy_buf_add_char(&r->scratch, raw.p[i]);
		i += n ? n : 1;
	}
	hy_buf_clear(out);
	if (hy_buf_err(&r->scratch) == HY_OK)
		hy_text_add(hy_buf_str(&r->scratch), out);
	if (hy_buf_err(out) != HY_OK)
		hy_buf_clear(out);
}

/* Behind the "=": quoted, or up to white space where the quotes are missing. */
static struct hy_str read_value(struct reader *r)
{
	char quote = r->at < r->text.n ? r->text.p[r->at] : '\0';
	size_t from = r->at, to;

	if (quote == '"' || quote == '\'') {
		from++;
		for (to = from; to < r->text.n && r->text.p[to] != quote;)
			to++;
		move_to(r, to + 1);
	} else {
		for (to = from; to < r->text.n && !is_space(r->text.p[to]) && r->text.p[to] != '>';)
			to++;
		move_to(r, to);
	}
	return hy_str_sub(r->text, from, to - from);
}

/* Reads the rest of a tag; true where it closes itself. */
static bool read_attributes(struct reader *r)
{
	bool closes = false;

	r->count = 0;
	for (;;) {
		struct hy_str name, value = {0};

		skip_space(r);
		if (r->at >= r->text.n || r->text.p[r->at] == '<')
			return closes;
		if (r->text.p[r->at] == '>') {
			move_to(r, r->at + 1);
			return closes;
		}
		closes = r->text.p[r->at] == '/';
		name = read_name(r);
		if (!name.n) {
			move_to(r, r->at + 1);
			continue;
		}
		skip_space(r);
		if (r->at < r->text.n && r->text.p[r->at] == '=') {
			move_to(r, r->at + 1);
			skip_space(r);
			value = read_value(r);
		}
		if (r->count == HY_OPML_ATTRIBUTES_MAX)
			continue;
		decode(r, value, &r->values[r->count]);
		r->attributes[r->count] = (struct hy_opml_attribute){
			name, hy_buf_str(&r->values[r->count])};
		r->count++;
	}
}

static void open_folder(struct reader *r, const struct hy_opml_outline *outline)
{
	struct hy_str title = hy_opml_title(outline);
	size_t before = r->group.n;

	if (r->depth++ >= HY_OPML_DEPTH_MAX)
		return;
	r->folders[r->depth - 1].group_n = before;
	if (!title.n || before + title.n + 3 > GROUP_BYTES)
		return;
	hy_buf_add_c(&r->group, before ? " / " : "");
	hy_buf_add_str(&r->group, title);
}

static void close_folder(struct reader *r)
{
	if (!r->depth)
		return;
	if (r->depth-- <= HY_OPML_DEPTH_MAX)
		hy_buf_truncate(&r->group, r->folders[r->depth].group_n);
}

/* Some writers close a feed's outline by a tag of its own: then it is no folder. */
static bool is_folder_ahead(const struct reader *r)
{
	size_t at = r->at;

	while (at < r->text.n && is_space(r->text.p[at]))
		at++;
	return !hy_str_starts_nocase(hy_str_sub(r->text, at, r->text.n), HY_STR_LIT("</outline"));
}

static void read_outline(struct reader *r)
{
	struct hy_opml_outline outline = {.line = r->line, .group = hy_buf_str(&r->group)};
	bool closes = read_attributes(r);

	outline.attributes = r->attributes;
	outline.attribute_count = r->count;
	outline.is_folder = !closes && is_folder_ahead(r);
	r->stop = !r->fn(r->ctx, &outline);
	if (!closes)
		open_folder(r, &outline);
}

static void read_tag(struct reader *r)
{
	struct hy_str name;

	if (starts(r, "<!--")) {
		(void)skip_behind(r, HY_STR_LIT("-->"));
	} else if (starts(r, "<![CDATA[")) {
		(void)skip_behind(r, HY_STR_LIT("]]>"));
	} else if (starts(r, "<?")) {
		(void)skip_behind(r, HY_STR_LIT("?>"));
	} else if (starts(r, "</")) {
		move_to(r, r->at + 2);
		if (hy_str_eq_nocase(read_name(r), HY_STR_LIT("outline")))
			close_folder(r);
	} else {
		move_to(r, r->at + 1);
		name = read_name(r);
		r->is_opml |= hy_str_eq_nocase(name, HY_STR_LIT("opml"));
		if (hy_str_eq_nocase(name, HY_STR_LIT("outline"))) {
			r->is_opml = true;
			read_outline(r);
		}
	}
}

struct hy_str hy_opml_get(const struct hy_opml_outline *outline, const char *name)
{
	for (size_t i = 0; i < outline->attribute_count; i++)
		if (hy_str_eq_nocase(outline->attributes[i].name, hy_str_of(name)))
			return outline->attributes[i].value;
	return (struct hy_str){0};
}

struct hy_str hy_opml_title(const struct hy_opml_outline *outline)
{
	struct hy_str text = hy_opml_get(outline, "text"), title = hy_opml_get(outline, "title");

	/* OPML 2.0 requires text; older writers put an address there and the name into title. */
	if (!text.n || (title.n && hy_str_find(text, HY_STR_LIT("://"), 0) != SIZE_MAX))
		return title;
	return text;
}

enum hy_err hy_opml_read(struct hy_str utf8, hy_opml_fn *fn, void *ctx, struct hy_error *e)
{
	struct reader *r;
	bool is_opml;

	if (utf8.n > HY_OPML_MAX_BYTES)
		return hy_fail(e, HY_ERR_LIMIT, "larger than %zu bytes", HY_OPML_MAX_BYTES);
	r = hy_xcalloc(1, sizeof *r);
	r->text = utf8;
	r->line = 1;
	r->fn = fn;
	r->ctx = ctx;
	hy_buf_init(&r->group, GROUP_BYTES);
	hy_buf_init(&r->scratch, HY_OPML_VALUE_BYTES * 4);
	for (size_t i = 0; i < HY_OPML_ATTRIBUTES_MAX; i++)
		hy_buf_init(&r->values[i], HY_OPML_VALUE_BYTES);
	while (!r->stop && r->at < utf8.n) {
		size_t found = hy_str_find(utf8, HY_STR_LIT("<"), r->at);

		move_to(r, found == SIZE_MAX ? utf8.n : found);
		if (r->at < utf8.n)
			read_tag(r);
	}
	is_opml = r->is_opml;
	for (size_t i = 0; i < HY_OPML_ATTRIBUTES_MAX; i++)
		hy_buf_fini(&r->values[i]);
	hy_buf_fini(&r->group);
	hy_buf_fini(&r->scratch);
	free(r);
	return is_opml ? HY_OK : hy_fail(e, HY_ERR_MALFORMED, "no OPML list");
}
