#include "crawler/page_strip.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/entity.h"
#include "crawler/page_fold.h"
#include "crawler/page_tag.h"

/* Longer values are not what this program looks for. */
#define MAX_VALUE_BYTES 4096
#define MAX_ATTRIBUTES 16	/* that are looked for */

struct start_tag {
	struct hy_str name;
	enum hy_tag tag;
	struct hy_page_attribute attributes[MAX_ATTRIBUTES];	/* values as written */
	size_t count;
	bool closed;	/* "/>" */
};

static const struct hy_str attribute_names[] = {
#define X(name, text) {text, sizeof(text) - 1},
	HY_ATTRIBUTE_LIST(X)
#undef X
};

enum hy_attribute hy_attribute_find(struct hy_str name)
{
	/* Empty places name the first of the list, whose length is another. */
	static const unsigned char of_length[][4] = {
		[2] = {HY_ATTRIBUTE_ID},
		[3] = {HY_ATTRIBUTE_REL},
		[4] = {HY_ATTRIBUTE_HREF, HY_ATTRIBUTE_NAME, HY_ATTRIBUTE_ROLE, HY_ATTRIBUTE_TYPE},
		[5] = {HY_ATTRIBUTE_CLASS, HY_ATTRIBUTE_STYLE, HY_ATTRIBUTE_TITLE},
		[6] = {HY_ATTRIBUTE_HIDDEN},
		[7] = {HY_ATTRIBUTE_CONTENT},
		[8] = {HY_ATTRIBUTE_PROPERTY, HY_ATTRIBUTE_ITEMPROP, HY_ATTRIBUTE_DATETIME,
		       HY_ATTRIBUTE_ITEMTYPE},
		[10] = {HY_ATTRIBUTE_HTTP_EQUIV},
		[11] = {HY_ATTRIBUTE_ARIA_HIDDEN},
	};

	for (size_t i = 0; name.n < HY_COUNT(of_length) && i < HY_COUNT(of_length[0]); i++) {
		enum hy_attribute found = (enum hy_attribute)of_length[name.n][i];

		if (attribute_names[found].n == name.n &&
		    (name.p[0] | 0x20) == attribute_names[found].p[0] &&
		    hy_str_eq_nocase(attribute_names[found], name))
			return found;
	}
	return HY_ATTRIBUTE_COUNT;
}

/* What ends a name or a value without quotes. */
enum { SPACE = 1, EQUALS = 2, SLASH = 4, CLOSE = 8 };

static const unsigned char classes[256] = {
	[' '] = SPACE, ['\t'] = SPACE, ['\n'] = SPACE, ['\f'] = SPACE, ['\r'] = SPACE,
	['='] = EQUALS, ['/'] = SLASH, ['>'] = CLOSE,
};

static bool is_any(char c, unsigned wanted)
{
	return classes[(unsigned char)c] & wanted;
}

static bool is_space(char c)
{
	return is_any(c, SPACE);
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The offset behind the next `end`, or the end of the page. */
static size_t behind(struct hy_str in, struct hy_str end, size_t from)
{
	size_t at = hy_str_find(in, end, from);

	return at == SIZE_MAX ? in.n : at + end.n;
}

/*
 * Where the next `end` lies at or behind `from`, or SIZE_MAX. The last answer is kept: asking
 * from growing places costs one walk over the page in all, however often it is asked.
 */
struct cursor {
	size_t from, found;
	bool used;
};

static size_t cursor_find(struct cursor *cursor, struct hy_str in, struct hy_str end, size_t from)
{
	if (!cursor->used || from < cursor->from || from > cursor->found) {
		cursor->found = hy_str_find(in, end, from);
		cursor->used = true;
		cursor->from = from;
	}
	return cursor->found;
}

/* What usual pages have at most, so that arrays need not grow. */
#define BYTES_PER_ATTRIBUTE 100
#define BYTES_PER_PIECE 50

/* So many "/>" at least has a page that was written as XML. */
#define XML_MIN_CLOSED 12

struct strip {
	struct hy_str in;
	size_t at;
	struct hy_stripped *out;
	size_t tags;
	struct hy_fold fold;
	struct cursor dashes;	/* "-->" */
	struct cursor svg_end;
	enum { WRITTEN_UNKNOWN, WRITTEN_HTML, WRITTEN_XML } written;
};

/* At "<!--": its end is "-->" or "--!>"; "<!-->" and "<!--->" are whole comments. */
static size_t behind_comment(const struct strip *s)
{
	const char *p = s->in.p, *from = p + s->at + 4, *end = p + s->in.n, *close;

	for (close = from; close < end && (close = memchr(close, '>', (size_t)(end - close)));
	     close++)
		if ((close[-1] == '-' && close[-2] == '-') ||
		    (close - 3 >= from && close[-1] == '!' && close[-2] == '-' && close[-3] == '-'))
			return (size_t)(close - p) + 1;
	return s->in.n;
}

/* The next "</name" with white space, '/' or '>' behind it, or the end of the page. */
static size_t find_end_tag(struct hy_str in, struct hy_str name, size_t from)
{
	const char *p = in.p;

	for (size_t at = from; at < in.n; at++) {
		const char *slash = memchr(p + at, '<', in.n - at);
		size_t after;

		if (!slash)
			break;
		at = (size_t)(slash - p);
		after = at + 2 + name.n;
		if (at + 1 < in.n && p[at + 1] == '/' && after <= in.n &&
		    hy_str_eq_nocase(hy_str_sub(in, at + 2, name.n), name) &&
		    (after == in.n || is_space(p[after]) || p[after] == '/' || p[after] == '>'))
			return at;
	}
	return in.n;
}

static bool opens_script(struct hy_str in, size_t at)
{
	struct hy_str rest = hy_str_sub(in, at, 8);

	return rest.n == 8 && hy_str_starts_nocase(rest, HY_STR_LIT("<script")) &&
	       (is_space(rest.p[7]) || rest.p[7] == '/' || rest.p[7] == '>');
}

/* A "<script" between from and end: in a comment it begins the double escaped state. */
static bool nests_script(struct hy_str in, size_t from, size_t end)
{
	struct hy_str range = hy_str_sub(in, 0, end);
	size_t at = from;

	while ((at = hy_str_find_nocase(range, HY_STR_LIT("<script"), at)) != SIZE_MAX) {
		if (opens_script(in, at))
			return true;
		at++;
	}
	return false;
}

/* The next "<!--", or SIZE_MAX; scripts have few '<'. */
static size_t find_comment(struct hy_str in, size_t from)
{
	const char *p = in.p + from, *end = in.p + in.n;

	for (; end - p >= 4 && (p = memchr(p, '<', (size_t)(end - p) - 3)); p++)
		if (memcmp(p, "<!--", 4) == 0)
			return (size_t)(p - in.p);
	return SIZE_MAX;
}

/*
 * The end of script data. Inside "<!--" a "<script" makes the next "</script" part of the
 * text (double escaped state), until "-->".
 */
static size_t find_script_end(struct strip *s, size_t from)
{
	const struct hy_str name = HY_STR_LIT("script");
	size_t end = find_end_tag(s->in, name, from), at = from;

	for (;;) {
		size_t comment = find_comment(hy_str_sub(s->in, 0, end), at);
		size_t close;

		if (comment == SIZE_MAX)
			return end;
		close = cursor_find(&s->dashes, s->in, HY_STR_LIT("-->"), comment + 2);
		if (close < end) {
			at = close + 3;
			continue;
		}
		/* Unclosed comments are common in old pages: they must not eat the page. */
		if (close == SIZE_MAX || !nests_script(s->in, comment, end))
			return end;
		at = end + name.n;
		end = find_end_tag(s->in, name, at);
	}
}

static bool attribute_name(struct strip *s, struct hy_str *out_name)
{
	const char *p = s->in.p;
	size_t from, at = s->at, n = s->in.n;

	while (at < n && is_any(p[at], SPACE | SLASH))
		at++;
	s->at = at;
	if (at >= n || p[at] == '>')
		return false;
	from = at++;	/* a leading '=' belongs to the name */
	while (at < n && !is_any(p[at], SPACE | EQUALS | SLASH | CLOSE))
		at++;
	s->at = at;
	*out_name = (struct hy_str){p + from, at - from};
	return true;
}

static struct hy_str attribute_value(struct strip *s)
{
	const char *p = s->in.p;
	size_t from = s->at, n = s->in.n;

	while (s->at < n && is_space(p[s->at]))
		s->at++;
	if (s->at >= n || p[s->at] != '=') {
		s->at = from;
		return (struct hy_str){"", 0};
	}
	s->at++;
	while (s->at < n && is_space(p[s->at]))
		s->at++;
	if (s->at < n && (p[s->at] == '"' || p[s->at] == '\'')) {
		const char *end = memchr(p + s->at + 1, p[s->at], n - s->at - 1);

		from = s->at + 1;
		s->at = end ? (size_t)(end - p) + 1 : n;
		return hy_str_sub(s->in, from, end ? (size_t)(end - p) - from : n - from);
	}
	from = s->at;
	while (s->at < n && !is_space(p[s->at]) && p[s->at] != '>')
		s->at++;
	return hy_str_sub(s->in, from, s->at - from);
}

/* A style matters where it hides. */
static bool is_wanted(enum hy_attribute name, struct hy_str value)
{
	if (name == HY_ATTRIBUTE_COUNT || value.n > MAX_VALUE_BYTES)
		return false;
	return name != HY_ATTRIBUTE_STYLE || hy_str_find(value, HY_STR_LIT("none"), 0) != SIZE_MAX;
}

static void add_attribute(struct start_tag *tag, enum hy_attribute name, struct hy_str value)
{
	/* Of two with one name the first counts. */
	for (size_t i = 0; i < tag->count; i++)
		if (tag->attributes[i].name == name)
			return;
	if (tag->count < MAX_ATTRIBUTES)
		tag->attributes[tag->count++] = (struct hy_page_attribute){name, value};
}

/* Reads from behind '<'; leaves `at` behind '>'. */
static void read_tag(struct strip *s, struct start_tag *tag)
{
	size_t from = s->at, n = s->in.n;
	const char *p = s->in.p;
	struct hy_str name;

	while (s->at < n && !is_any(p[s->at], SPACE | SLASH | CLOSE))
		s->at++;
	tag->name = (struct hy_str){p + from, s->at - from};
	tag->tag = hy_tag_find(tag->name);
	tag->count = 0;
	while (attribute_name(s, &name)) {
		struct hy_str value = attribute_value(s);
		enum hy_attribute found = hy_attribute_find(name);

		if (is_wanted(found, value))
			add_attribute(tag, found, value);
	}
	tag->closed = s->at > from && s->at < n && p[s->at - 1] == '/';
	s->at += s->at < n;
}

/*
 * The value with its references resolved. "&copy=1" in an address is no copyright sign: only
 * references that end in ';' count.
 */
static struct hy_str resolve(struct strip *s, struct hy_str value)
{
	struct hy_stripped *out = s->out;
	char *start = out->memory + out->memory_used, *to = start;
	const char *next = memchr(value.p, '&', value.n);

	if (!next)
		return value;
	for (size_t at = 0; at < value.n;) {
		uint32_t rune;
		size_t length = 0;

		if (value.p[at] == '&')
			length = hy_entity_decode(hy_str_sub(value, at, value.n), &rune);
		if (length == 0 || value.p[at + length - 1] != ';') {
			*to++ = value.p[at++];
			continue;
		}
		/* Never longer than what it replaces. */
		to += hy_utf8_encode(rune, to);
		at += length;
	}
	out->memory_used += (size_t)(to - start);
	return (struct hy_str){start, (size_t)(to - start)};
}

static void keep_attribute(struct strip *s, const struct hy_page_attribute *written)
{
	struct hy_stripped *out = s->out;

	out->attributes = hy_grow(out->attributes, &out->attribute_cap, out->attribute_count + 1,
				  sizeof *out->attributes);
	out->attributes[out->attribute_count++] = (struct hy_page_attribute){
		.name = written->name,
		.value = resolve(s, written->value),
	};
}

static void add_start_tag(struct strip *s, const struct start_tag *tag)
{
	struct hy_fold_tag start = {
		.name = tag->name,
		.tag = tag->tag,
		.attribute_first = (uint32_t)s->out->attribute_count,
		.attribute_count = (uint16_t)tag->count,
		/* Only foreign elements may close themselves; "<div/>" is an open div. */
		.is_closed = tag->closed && tag->tag == HY_TAG_OTHER,
	};

	for (size_t i = 0; i < tag->count; i++)
		keep_attribute(s, &tag->attributes[i]);
	hy_fold_start(&s->fold, &start);
}

/*
 * Eight bytes that stay as they are, as most of a text does: without control characters and
 * '&', spaces one by one and none at the end.
 */
static bool is_plain(const char *p)
{
	const uint64_t ones = UINT64_MAX / 255, highs = ones * 128, lows = ~highs;
	uint64_t eight, found, spaces;

	memcpy(&eight, p, 8);
	found = (eight - ones * 0x20) & ~eight;
	found |= ((eight ^ ones * '&') - ones) & ~(eight ^ ones * '&');
	found |= ((eight ^ ones * 0x7F) - ones) & ~(eight ^ ones * 0x7F);
	/* A high bit where the byte is a space, in no byte else. */
	spaces = eight ^ ones * ' ';
	spaces = ~(((spaces & lows) + lows) | spaces) & highs;
	return !((found & highs) | (spaces & spaces << 8)) && p[7] != ' ';
}

/* A reference in text: a number needs no ';' there. */
static size_t reference(struct hy_str text, size_t at, char *to, size_t *out_length)
{
	uint32_t rune;
	size_t length = hy_entity_decode_text(hy_str_sub(text, at, text.n), &rune);

	if (length == 0) {
		*to = '&';
		*out_length = 1;
		return 1;
	}
	*out_length = hy_utf8_encode(rune < 0x20 ? ' ' : rune, to);
	return length;
}

/*
 * A text with its references resolved and each run of white space as one character, into the
 * page's memory. Control characters are white space; nothing grows.
 */
static void add_text(struct strip *s, struct hy_str text)
{
	char *start = s->out->memory + s->out->memory_used, *to = start;
	size_t at = 0;

	while (at < text.n) {
		unsigned char c;
		size_t length = 1;

		for (; at + 8 <= text.n && is_plain(text.p + at); at += 8, to += 8)
			memcpy(to, text.p + at, 8);
		if (at == text.n)
			break;
		c = (unsigned char)text.p[at];
		if (c == '&') {
			at += reference(text, at, to, &length);
			to += length;
			continue;
		}
		*to++ = (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7F ? ' ' : (char)c;
		at++;
		while (c <= ' ' && at < text.n && (unsigned char)text.p[at] <= ' ')
			at++;
	}
	s->out->memory_used += (size_t)(to - start);
	hy_fold_text(&s->fold, (struct hy_str){start, (size_t)(to - start)});
}

static void add_script(struct strip *s, struct hy_str text)
{
	struct hy_scripts *scripts = &s->out->scripts;

	if (text.n == 0 || scripts->count >= HY_PAGE_MAX_SCRIPTS)
		return;
	scripts->items = hy_grow(scripts->items, &scripts->cap, scripts->count + 1,
				 sizeof *scripts->items);
	scripts->items[scripts->count++] = (struct hy_script){
		.text = text,
	};
}

/* At the content of an element whose content is no markup; leaves `at` behind its end tag. */
static void raw_text(struct strip *s, const struct start_tag *tag)
{
	size_t from = s->at, end;
	struct hy_str text, name = hy_str_of(hy_tag_name(tag->tag));

	if (tag->tag == HY_TAG_PLAINTEXT)
		end = s->in.n;
	else if (tag->tag == HY_TAG_SCRIPT)
		end = find_script_end(s, from);
	else
		end = find_end_tag(s->in, name, from);
	text = hy_str_sub(s->in, from, end - from);
	s->at = end == s->in.n ? end : behind(s->in, HY_STR_LIT(">"), end);
	if (tag->tag == HY_TAG_SCRIPT) {
		add_script(s, text);
	} else if (tag->tag == HY_TAG_TITLE || !(hy_tag_traits(tag->tag) & HY_TAG_IS_HIDDEN)) {
		add_start_tag(s, tag);
		add_text(s, text);
		hy_fold_end(&s->fold, &(struct hy_fold_tag){.name = name, .tag = tag->tag});
	}
}

/* Drawings hold no text; where one is not closed, or holds another, the parser sorts it out. */
static void skip_drawing(struct strip *s)
{
	struct cursor *cursor = &s->svg_end;
	size_t end;

	if (!cursor->used || s->at < cursor->from || s->at > cursor->found) {
		cursor->found = find_end_tag(s->in, HY_STR_LIT("svg"), s->at);
		cursor->used = true;
		cursor->from = s->at;
	}
	end = cursor->found;
	if (end < s->in.n &&
	    hy_str_find(hy_str_sub(s->in, 0, end), HY_STR_LIT("<svg"), s->at) == SIZE_MAX)
		s->at = end;
}

static bool is_void(enum hy_tag tag)
{
	return tag == HY_TAG_BR || tag == HY_TAG_IMG || tag == HY_TAG_HR || tag == HY_TAG_INPUT ||
	       tag == HY_TAG_META || tag == HY_TAG_LINK || tag == HY_TAG_BASE ||
	       tag == HY_TAG_EMBED;
}

/*
 * In a page of HTML "<div/>" is an open div. Software that writes XML leaves no empty element
 * with both its tags: there it is a closed one.
 */
static bool is_xml(struct strip *s)
{
	static const char *const empties[] = {"\"></div>", "\"></span>", "\"></i>", "\"></a>",
					      "\"></script>", "\"></td>"};
	size_t at = 0;

	if (s->written == WRITTEN_UNKNOWN) {
		s->written = WRITTEN_XML;
		for (int i = 0; i < XML_MIN_CLOSED && at != SIZE_MAX; i++)
			at = hy_str_find(s->in, HY_STR_LIT("/>"), at + 1);
		if (at == SIZE_MAX)
			s->written = WRITTEN_HTML;
		for (size_t i = 0; i < HY_COUNT(empties) && s->written == WRITTEN_XML; i++)
			if (hy_str_find(s->in, hy_str_of(empties[i]), 0) != SIZE_MAX)
				s->written = WRITTEN_HTML;
	}
	return s->written == WRITTEN_XML;
}

/* "<div/>" of a page written as XML; what is raw text in HTML is empty there. */
static void whole_element(struct strip *s, const struct start_tag *tag)
{
	if (hy_tag_traits(tag->tag) & HY_TAG_IS_RAW)
		return;
	add_start_tag(s, tag);
	hy_fold_end(&s->fold, &(struct hy_fold_tag){.name = tag->name, .tag = tag->tag});
}

static void start_tag(struct strip *s)
{
	struct start_tag tag;

	s->at++;
	read_tag(s, &tag);
	if (tag.tag == HY_TAG_OTHER && tag.name.n == 0)
		return;
	if (tag.closed && tag.tag != HY_TAG_OTHER && !is_void(tag.tag) && is_xml(s)) {
		whole_element(s, &tag);
		return;
	}
	if (hy_tag_traits(tag.tag) & HY_TAG_IS_RAW) {
		raw_text(s, &tag);
		return;
	}
	add_start_tag(s, &tag);
	if (tag.tag == HY_TAG_SVG && !tag.closed)
		skip_drawing(s);
}

static void end_tag(struct strip *s)
{
	struct start_tag tag;

	s->at += 2;
	read_tag(s, &tag);
	if (!(hy_tag_traits(tag.tag) & HY_TAG_IS_RAW))	/* has no start any more */
		hy_fold_end(&s->fold, &(struct hy_fold_tag){.name = tag.name, .tag = tag.tag});
}

/* At '<'. */
static void markup(struct strip *s)
{
	struct hy_str rest = hy_str_sub(s->in, s->at, 4);

	if (rest.n > 1 && is_letter(rest.p[1])) {
		s->tags++;
		start_tag(s);
	} else if (rest.n > 2 && rest.p[1] == '/' && is_letter(rest.p[2])) {
		s->tags++;
		end_tag(s);
	} else if (hy_str_eq_c(rest, "<!--")) {
		s->at = behind_comment(s);
	} else if (rest.n > 1 && (rest.p[1] == '!' || rest.p[1] == '?' || rest.p[1] == '/')) {
		s->at = behind(s->in, HY_STR_LIT(">"), s->at);	/* bogus comment */
	} else {
		add_text(s, HY_STR_LIT("<"));
		s->at++;
	}
}

enum hy_err hy_page_strip(struct hy_str html, struct hy_stripped *out)
{
	struct strip s = {.in = html, .out = out};

	memset(out, 0, sizeof *out);
	/* A tag and the text behind it, of four bytes in all, may become two numbers. */
	hy_buf_init(&out->text, html.n * 8 + 64);
	hy_fold_init(&s.fold, out);
	out->memory = hy_xrealloc(NULL, html.n + 1, 1);
	out->attributes = hy_grow(NULL, &out->attribute_cap, html.n / BYTES_PER_ATTRIBUTE + 1,
				  sizeof *out->attributes);
	out->pieces.items = hy_grow(NULL, &out->pieces.cap, html.n / BYTES_PER_PIECE + 1,
				    sizeof *out->pieces.items);
	while (s.at < html.n) {
		const char *next = memchr(html.p + s.at, '<', html.n - s.at);
		size_t text = next ? (size_t)(next - html.p) - s.at : html.n - s.at;

		if (text > 0)
			add_text(&s, hy_str_sub(html, s.at, text));
		s.at += text;
		if (next)
			markup(&s);
		if (s.tags > HY_PAGE_MAX_TAGS)
			return HY_ERR_LIMIT;
	}
	hy_fold_finish(&s.fold);
	return hy_buf_err(&out->text);
}

void hy_stripped_fini(struct hy_stripped *stripped)
{
	hy_buf_fini(&stripped->text);
	free(stripped->scripts.items);
	free(stripped->pieces.items);
	free(stripped->runs.items);
	free(stripped->starts.items);
	free(stripped->attributes);
	free(stripped->memory);
	memset(stripped, 0, sizeof *stripped);
}
