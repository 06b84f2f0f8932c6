#include "crawler/feed_text.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/entity.h"

#define TAG_NAME_MAX_BYTES 10

/* What stands in titles and summaries; whoever writes another tag means it literally. */
static const char *const known_tags[] = {
	"a", "abbr", "acronym", "address", "b", "big", "blockquote", "br", "center", "cite",
	"code", "dd", "del", "dfn", "div", "dl", "dt", "em", "figcaption", "figure", "font",
	"h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "iframe", "img", "ins", "kbd", "li",
	"ol", "p", "pre", "q", "s", "samp", "script", "section", "small", "span", "strike",
	"strong", "style", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "tt", "u",
	"ul", "var", "video",
};

/* Tags that part words. */
static const char *const block_tags[] = {
	"blockquote", "br", "dd", "div", "dt", "figcaption", "h1", "h2", "h3", "h4", "h5", "h6",
	"hr", "li", "p", "pre", "section", "table", "td", "th", "tr",
};

struct tag {
	struct hy_str name;
	bool is_end;	/* "</b>" */
	bool is_empty;	/* "<br/>" */
	size_t n;	/* bytes from < to > */
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool contains(const char *const *names, size_t count, struct hy_str name)
{
	for (size_t i = 0; i < count; i++)
		if (hy_str_eq_nocase(name, hy_str_of(names[i])))
			return true;
	return false;
}

/* Reads the tag, comment or declaration at the start of s; false where it is just a '<'. */
static bool read_tag(struct hy_str s, struct tag *out)
{
	struct tag tag = {0};
	size_t from = 1, end;

	if (hy_str_starts(s, HY_STR_LIT("<!--"))) {
		end = hy_str_find(s, HY_STR_LIT("-->"), 4);
		*out = (struct tag){.n = end == SIZE_MAX ? s.n : end + 3};
		return true;
	}
	tag.is_end = s.n > 1 && s.p[1] == '/';
	from += tag.is_end;
	if (from >= s.n || (!is_letter(s.p[from]) && s.p[from] != '!' && s.p[from] != '?'))
		return false;
	end = hy_str_find(s, HY_STR_LIT(">"), from);
	if (end == SIZE_MAX)
		return false;
	while (from + tag.name.n < end &&
	       (is_letter(s.p[from + tag.name.n]) ||
		(s.p[from + tag.name.n] >= '0' && s.p[from + tag.name.n] <= '9')))
		tag.name.n++;
	tag.name.p = s.p + from;
	tag.is_empty = s.p[end - 1] == '/';
	tag.n = end + 1;
	*out = tag;
	return true;
}

/* Behind it no '<' begins a tag: known once, the scan stays linear. */
static size_t find_last_close(struct hy_str s)
{
	while (s.n > 0 && s.p[s.n - 1] != '>')
		s.n--;
	return s.n;
}

bool hy_feed_text_is_html(struct hy_str text)
{
	size_t last_close = find_last_close(text);
	bool has_sign = false;

	for (size_t i = 0; i < text.n; i++) {
		struct hy_str rest = hy_str_sub(text, i, text.n);
		uint32_t rune;
		struct tag tag;

		if (text.p[i] == '&' && hy_entity_decode(rest, &rune))
			has_sign = true;
		if (text.p[i] != '<' || i >= last_close)
			continue;
		if (!read_tag(rest, &tag))
			continue;
		if (tag.name.n && !contains(known_tags, HY_COUNT(known_tags), tag.name))
			return false;
		has_sign = has_sign || tag.is_end || tag.is_empty ||
			   hy_str_eq_nocase(tag.name, HY_STR_LIT("br")) ||
			   hy_str_eq_nocase(tag.name, HY_STR_LIT("img"));
		i += tag.n - 1;
	}
	return has_sign;
}

/* Bytes of a script or style with its end tag, whose start tag was just read. */
static size_t skip_code(struct hy_str s, struct hy_str name)
{
	size_t at = 0;

	while ((at = hy_str_find(s, HY_STR_LIT("</"), at)) != SIZE_MAX) {
		if (hy_str_starts_nocase(hy_str_sub(s, at + 2, s.n), name)) {
			size_t end = hy_str_find(s, HY_STR_LIT(">"), at);

			return end == SIZE_MAX ? s.n : end + 1;
		}
		at += 2;
	}
	return s.n;
}

static size_t skip_tag(struct hy_str s, const struct tag *tag, struct hy_buf *out)
{
	bool is_code = hy_str_eq_nocase(tag->name, HY_STR_LIT("script")) ||
		       hy_str_eq_nocase(tag->name, HY_STR_LIT("style"));

	if (is_code && !tag->is_end && !tag->is_empty)
		return tag->n + skip_code(hy_str_sub(s, tag->n, s.n), tag->name);
	if (contains(block_tags, HY_COUNT(block_tags), tag->name))
		hy_buf_add_char(out, ' ');
	return tag->n;
}

void hy_feed_text_add_html(struct hy_buf *out, struct hy_str html)
{
	size_t last_close = find_last_close(html);

	for (size_t i = 0; i < html.n;) {
		struct hy_str rest = hy_str_sub(html, i, html.n);
		uint32_t rune;
		struct tag tag;
		char bytes[4];
		size_t n;

		if (html.p[i] == '<' && i < last_close && read_tag(rest, &tag)) {
			i += skip_tag(rest, &tag, out);
		} else if (html.p[i] == '&' && (n = hy_entity_decode(rest, &rune))) {
			hy_buf_add(out, bytes, hy_utf8_encode(rune, bytes));
			i += n;
		} else {
			hy_buf_add_char(out, html.p[i++]);
		}
	}
}

void hy_feed_text_collapse(struct hy_buf *text)
{
	size_t to = 0;
	bool is_gap = false;

	for (size_t i = 0; i < text->n; i++) {
		char c = text->p[i];
		bool is_wide = c == '\xc2' && i + 1 < text->n && text->p[i + 1] == '\xa0';

		if (is_wide || c == ' ' || (c >= '\t' && c <= '\r')) {
			is_gap = to > 0;
			i += is_wide;
			continue;
		}
		if (is_gap)
			text->p[to++] = ' ';
		is_gap = false;
		text->p[to++] = c;
	}
	hy_buf_truncate(text, to);
}

static int base64_value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+' || c == '-')
		return 62;
	return c == '/' || c == '_' ? 63 : -1;
}

bool hy_feed_text_add_base64(struct hy_buf *out, struct hy_str text)
{
	size_t start = out->n;
	unsigned bits = 0, count = 0;

	for (size_t i = 0; i < text.n && text.p[i] != '='; i++) {
		int value = base64_value(text.p[i]);

		if (text.p[i] == ' ' || (text.p[i] >= '\t' && text.p[i] <= '\r'))
			continue;
		if (value < 0) {
			hy_buf_truncate(out, start);
			return false;
		}
		bits = (bits << 6 | (unsigned)value) & 0xffffff;
		count += 6;
		if (count >= 8) {
			count -= 8;
			hy_buf_add_char(out, (char)(bits >> count & 0xff));
		}
	}
	return true;
}
