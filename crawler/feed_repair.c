#include "crawler/feed_repair.h"

#include <string.h>

#include "common/base/utf8.h"
#include "crawler/entity.h"

/*
 * A longer run of text is left out from there on: it is past every limit of a feed's parts
 * anyway, and libxml2 gives the whole document up at 10 million bytes.
 */
#define RUN_MAX_BYTES ((size_t)4 << 20)

/* libxml2 compares each attribute with all before it; no element of a feed has a dozen. */
#define ATTRIBUTES_MAX 64
/* It looks prefixes up among all namespaces declared by the elements that are open. */
#define SPACES_MAX 128

struct repair {
	struct hy_str text;
	size_t at;
	struct hy_buf *out;
	struct hy_str open[HY_FEED_DEPTH_MAX];	/* names of open elements, outermost first */
	size_t spaces[HY_FEED_DEPTH_MAX];	/* declared by each of them */
	size_t depth;
	size_t spaces_open;
	bool has_root;	/* the first element was opened */
	size_t run_from;	/* where in out the present run of text began */
};

static bool is_name_start(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool is_name(char c)
{
	return is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct hy_str rest_of(const struct repair *r)
{
	return hy_str_sub(r->text, r->at, r->text.n);
}

static struct hy_str name_at(const struct repair *r, size_t at)
{
	size_t n = 0;

	while (at + n < r->text.n && is_name(r->text.p[at + n]))
		n++;
	return hy_str_sub(r->text, at, n);
}

/* Moves behind the next `end`, or to the end of the text; returns what was passed. */
static struct hy_str pass(struct repair *r, struct hy_str end)
{
	size_t from = r->at, found = hy_str_find(r->text, end, r->at);

	r->at = found == SIZE_MAX ? r->text.n : found + end.n;
	return hy_str_sub(r->text, from, (found == SIZE_MAX ? r->text.n : found) - from);
}

static void add_rune(struct repair *r, uint32_t rune)
{
	struct hy_buf *out = r->out;
	bool is_xml = rune == '\t' || rune == '\n' || rune == '\r' ||
		      (rune >= 0x20 && rune != 0xfffe && rune != 0xffff);
	char bytes[4];

	if (out->n - r->run_from > RUN_MAX_BYTES)
		return;
	switch (rune) {
	case '&':
		hy_buf_add_c(out, "&amp;");
		return;
	case '<':
		hy_buf_add_c(out, "&lt;");
		return;
	case '>':
		hy_buf_add_c(out, "&gt;");
		return;
	case '"':
		hy_buf_add_c(out, "&quot;");
		return;
	default:
		if (is_xml)
			hy_buf_add(out, bytes, hy_utf8_encode(rune, bytes));
	}
}

/* Copies one character or reference of text or of an attribute's value. */
static void add_character(struct repair *r)
{
	struct hy_str rest = rest_of(r);
	uint32_t rune = 0;
	size_t n = hy_entity_decode(rest, &rune);

	if (n == 0)
		n = hy_utf8_decode(rest.p, rest.n, &rune);
	if (n == 0) {
		n = 1;
		rune = 0xfffd;
	}
	add_rune(r, rune);
	r->at += n;
}

static void add_cdata(struct repair *r)
{
	struct hy_str inner;
	size_t i = 0;

	r->at += strlen("<![CDATA[");
	inner = pass(r, HY_STR_LIT("]]>"));
	/* As plain characters: then nothing inside can end the section early. */
	while (i < inner.n) {
		uint32_t rune = 0xfffd;
		size_t n = hy_utf8_decode(inner.p + i, inner.n - i, &rune);

		add_rune(r, n ? rune : 0xfffd);
		i += n ? n : 1;
	}
}

/* "<!DOCTYPE ... [ ... ]>" with its internal subset. */
static void pass_doctype(struct repair *r)
{
	struct hy_str head = rest_of(r);
	size_t close = hy_str_find(head, HY_STR_LIT(">"), 0);

	if (hy_str_find(hy_str_sub(head, 0, close), HY_STR_LIT("["), 0) != SIZE_MAX)
		(void)pass(r, HY_STR_LIT("]"));
	(void)pass(r, HY_STR_LIT(">"));
}

static void add_end_tag(struct repair *r)
{
	struct hy_str name = r->open[--r->depth];

	r->spaces_open -= r->spaces[r->depth];
	hy_buf_addf(r->out, "</%.*s>", HY_STR_ARGS(name));
	r->run_from = r->out->n;
}

/* An end tag closes what is open inside its element; one that fits nothing is dropped. */
static void end_element(struct repair *r)
{
	struct hy_str name = name_at(r, r->at + 2);
	size_t depth = r->depth;

	(void)pass(r, HY_STR_LIT(">"));
	while (depth > 0 && !hy_str_eq_nocase(r->open[depth - 1], name))
		depth--;
	if (depth == 0)
		return;
	while (r->depth >= depth)
		add_end_tag(r);
}

/* Moves behind the tag's end, outside of quotes. */
static void pass_tag(struct repair *r)
{
	char quote = '\0';

	for (; r->at < r->text.n; r->at++) {
		char c = r->text.p[r->at];

		if (!quote && (c == '>' || c == '<'))
			return;
		if (c == quote)
			quote = '\0';
		else if (!quote && (c == '"' || c == '\''))
			quote = c;
	}
}

/* Copies ` name="value"`; moves on in any case. */
static void add_attribute(struct repair *r)
{
	struct hy_str name = name_at(r, r->at);
	char quote;

	if (name.n == 0 || !is_name_start(name.p[0])) {
		r->at++;
		return;
	}
	r->at += name.n;
	while (r->at < r->text.n && is_blank(r->text.p[r->at]))
		r->at++;
	hy_buf_addf(r->out, " %.*s=\"", HY_STR_ARGS(name));
	r->run_from = r->out->n;
	if (r->at < r->text.n && r->text.p[r->at] == '=') {
		for (r->at++; r->at < r->text.n && is_blank(r->text.p[r->at]);)
			r->at++;
		quote = r->at < r->text.n ? r->text.p[r->at] : '\0';
		if (quote == '"' || quote == '\'') {
			for (r->at++; r->at < r->text.n && r->text.p[r->at] != quote;)
				add_character(r);
			r->at++;
		} else {
			while (r->at < r->text.n && !is_blank(r->text.p[r->at]) &&
			       r->text.p[r->at] != '>')
				add_character(r);
		}
	}
	hy_buf_add_char(r->out, '"');
}

static void start_element(struct repair *r)
{
	struct hy_str name = name_at(r, r->at + 1);
	size_t attributes = 0, spaces_outside = r->spaces_open;
	bool is_empty = false;

	r->at += 1 + name.n;
	hy_buf_addf(r->out, "<%.*s", HY_STR_ARGS(name));
	while (r->at < r->text.n && r->text.p[r->at] != '>' && r->text.p[r->at] != '<') {
		bool is_space = hy_str_starts(rest_of(r), HY_STR_LIT("xmlns"));

		is_empty = r->text.p[r->at] == '/';
		attributes += is_name_start(r->text.p[r->at]);
		r->spaces_open += is_space;
		if (attributes > ATTRIBUTES_MAX || r->spaces_open > SPACES_MAX)
			pass_tag(r);
		else
			add_attribute(r);
	}
	if (r->at < r->text.n && r->text.p[r->at] == '>')
		r->at++;
	hy_buf_add_c(r->out, is_empty ? "/>" : ">");
	r->run_from = r->out->n;
	r->has_root = true;
	if (is_empty) {
		r->spaces_open = spaces_outside;
		return;
	}
	r->spaces[r->depth] = r->spaces_open - spaces_outside;
	r->open[r->depth++] = name;
}

/* What begins with '<'. */
static void repair_markup(struct repair *r)
{
	struct hy_str rest = rest_of(r);
	char next = rest.n > 1 ? rest.p[1] : '\0';

	if (hy_str_starts(rest, HY_STR_LIT("<![CDATA["))) {
		add_cdata(r);
	} else if (hy_str_starts(rest, HY_STR_LIT("<!--"))) {
		(void)pass(r, HY_STR_LIT("-->"));
	} else if (hy_str_starts_nocase(rest, HY_STR_LIT("<!doctype"))) {
		pass_doctype(r);
	} else if (next == '?') {
		(void)pass(r, HY_STR_LIT("?>"));
	} else if (next == '/') {
		end_element(r);
	} else if (is_name_start(next) && r->depth < HY_FEED_DEPTH_MAX) {
		start_element(r);
	} else if (r->depth > 0) {
		add_character(r);
	} else {
		r->at++;
	}
}

enum hy_err hy_feed_repair(struct hy_str text, struct hy_buf *out)
{
	struct repair r = {.text = text, .out = out};

	while (r.at < text.n && !hy_buf_err(out)) {
		/* One root only; what stands around it is no feed. */
		if (r.has_root && r.depth == 0)
			break;
		if (text.p[r.at] == '<')
			repair_markup(&r);
		else if (r.depth > 0)
			add_character(&r);
		else
			r.at++;
	}
	while (r.depth > 0)
		add_end_tag(&r);
	return hy_buf_err(out);
}
