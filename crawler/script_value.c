#include "crawler/script_value.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/entity.h"
#include "crawler/page_tag.h"

#define MAX_VALUE_BYTES (1 << 20)
#define MAX_VALUES 100

static bool is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '$';
}

static void skip_space(struct hy_str s, size_t *at)
{
	while (*at < s.n && (s.p[*at] == ' ' || s.p[*at] == '\t' || s.p[*at] == '\n' ||
			     s.p[*at] == '\r'))
		++*at;
}

static int hex_at(struct hy_str s, size_t at, size_t digits)
{
	int value = 0;

	if (at + digits > s.n)
		return -1;
	for (size_t i = at; i < at + digits; i++) {
		char c = s.p[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + c - '0';
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value * 16 + (c | 0x20) - 'a' + 10;
		else
			return -1;
	}
	return value;
}

static void add_rune(struct hy_buf *out, uint32_t rune)
{
	char utf8[4];

	hy_buf_add(out, utf8, hy_utf8_encode(rune ? rune : 0xFFFD, utf8));
}

/* "\u4e2d", with a pair of surrogates as one character; returns what it took, or 0. */
static size_t add_unicode(struct hy_str s, size_t at, struct hy_buf *out)
{
	int first = hex_at(s, at + 2, 4), second;

	if (first < 0)
		return 0;
	if (first < 0xD800 || first > 0xDFFF) {
		add_rune(out, (uint32_t)first);
		return 6;
	}
	second = at + 7 < s.n && s.p[at + 6] == '\\' && s.p[at + 7] == 'u' ? hex_at(s, at + 8, 4)
									   : -1;
	if (first > 0xDBFF || second < 0xDC00 || second > 0xDFFF) {
		add_rune(out, 0xFFFD);
		return 6;
	}
	add_rune(out, 0x10000 + (((uint32_t)first - 0xD800) << 10) + ((uint32_t)second - 0xDC00));
	return 12;
}

/* At a backslash; returns how much it took. */
static size_t add_escape(struct hy_str s, size_t at, struct hy_buf *out)
{
	char c = at + 1 < s.n ? s.p[at + 1] : '\0';
	size_t taken = 0;
	int value;

	if (c == 'x') {
		value = hex_at(s, at + 2, 2);
		if (value >= 0) {
			add_rune(out, (uint32_t)value);
			return 4;
		}
	} else if (c == 'u') {
		taken = add_unicode(s, at, out);
	} else if (c == 'n' || c == 'r' || c == 't') {
		hy_buf_add_char(out, c == 't' ? ' ' : '\n');
		return 2;
	}
	if (taken)
		return taken;
	if (c)
		hy_buf_add_char(out, c);
	return c ? 2 : 1;
}

/* At a quote; false where the literal has no end. */
static bool add_literal(struct hy_str s, size_t at, struct hy_buf *out)
{
	char quote = s.p[at++];

	while (at < s.n && s.p[at] != quote && out->n < MAX_VALUE_BYTES) {
		if (s.p[at] == '\\') {
			at += add_escape(s, at, out);
		} else if (s.p[at] == '\n') {
			return false;
		} else {
			hy_buf_add_char(out, s.p[at++]);
		}
	}
	return at < s.n && s.p[at] == quote;
}

/* Behind a name: over `=`, `:`, `window.title =`, `JsDecode(` to a literal or number. */
static bool find_literal(struct hy_str s, size_t *at)
{
	bool assigned = false;

	if (*at < s.n && (s.p[*at] == '"' || s.p[*at] == '\''))
		++*at;	/* a quoted key */
	for (int part = 0; part < 12; part++) {
		skip_space(s, at);
		if (*at >= s.n)
			return false;
		if (s.p[*at] == '"' || s.p[*at] == '\'')
			return assigned;
		if (assigned && s.p[*at] >= '0' && s.p[*at] <= '9')
			return true;
		if (s.p[*at] == '=' || s.p[*at] == ':') {
			assigned = true;
			++*at;
		} else if (assigned && s.p[*at] == '(') {
			++*at;
		} else if (assigned && is_word(s.p[*at])) {
			while (*at < s.n && (is_word(s.p[*at]) || s.p[*at] == '.'))
				++*at;
		} else {
			return false;
		}
	}
	return false;
}

static bool value_at(struct hy_str script, size_t at, struct hy_buf *out)
{
	size_t before = out->n;

	if (!find_literal(script, &at))
		return false;
	if (script.p[at] == '"' || script.p[at] == '\'') {
		if (add_literal(script, at, out) && out->n > before)
			return true;
		hy_buf_truncate(out, before);
		return false;
	}
	while (at < script.n && script.p[at] >= '0' && script.p[at] <= '9')
		hy_buf_add_char(out, script.p[at++]);
	return true;
}

/* Moves *at behind the next place where the name stands as a word of its own. */
static bool next_name(struct hy_str script, struct hy_str name, size_t *at)
{
	while ((*at = hy_str_find(script, name, *at)) != SIZE_MAX) {
		bool whole = (*at == 0 || !is_word(script.p[*at - 1])) &&
			     (*at + name.n >= script.n || !is_word(script.p[*at + name.n]));

		*at += name.n;
		if (whole)
			return true;
	}
	return false;
}

bool hy_script_value(const struct hy_scripts *scripts, const char *name, struct hy_buf *out)
{
	struct hy_str wanted = hy_str_of(name);

	for (size_t i = 0; i < scripts->count; i++) {
		size_t at = 0;

		while (next_name(scripts->items[i].text, wanted, &at))
			if (value_at(scripts->items[i].text, at, out))
				return true;
	}
	return false;
}

bool hy_script_longest(const struct hy_scripts *scripts, const char *name, struct hy_buf *out)
{
	struct hy_str wanted = hy_str_of(name);
	size_t best = 0, before = out->n;
	int left = MAX_VALUES;
	struct hy_buf value;

	hy_buf_init(&value, MAX_VALUE_BYTES * 2);
	for (size_t i = 0; i < scripts->count; i++) {
		size_t at = 0;

		while (left > 0 && next_name(scripts->items[i].text, wanted, &at)) {
			hy_buf_clear(&value);
			if (!value_at(scripts->items[i].text, at, &value))
				continue;
			left--;
			if (value.n <= best)
				continue;
			best = value.n;
			hy_buf_truncate(out, before);
			hy_buf_add_str(out, hy_buf_str(&value));
		}
	}
	hy_buf_fini(&value);
	return best > 0;
}

/* The place of the word's letter that scripts have least of. */
static size_t rare_place(struct hy_str word)
{
	static const char rare[] = "zqjxkvwybgfp";

	for (const char *letter = rare; word.n && *letter; letter++) {
		const char *place = memchr(word.p, *letter, word.n);

		if (place)
			return (size_t)(place - word.p);
	}
	return 0;
}

static bool has_word(struct hy_str script, struct hy_str word, size_t rare)
{
	const char *p = script.p, *end = p + script.n;

	for (; p < end && (p = memchr(p, word.p[rare], (size_t)(end - p))); p++)
		if ((size_t)(p - script.p) >= rare && (size_t)(end - p) >= word.n - rare &&
		    memcmp(p - rare, word.p, word.n) == 0)
			return true;
	return false;
}

bool hy_script_has(const struct hy_scripts *scripts, const char *words)
{
	struct hy_str word = hy_str_of(words);
	size_t rare = rare_place(word);

	for (size_t i = 0; i < scripts->count; i++)
		if (has_word(scripts->items[i].text, word, rare))
			return true;
	return false;
}

/* At '<': returns what the tag takes; text like "a < b" is no tag. */
static size_t skip_tag(struct hy_str html, size_t at, struct hy_buf *out)
{
	size_t from = at + 1, end, name;
	enum hy_tag tag;

	from += from < html.n && html.p[from] == '/';
	name = from;
	while (name < html.n && is_word(html.p[name]))
		name++;
	end = hy_str_find(html, HY_STR_LIT(">"), name);
	if (name == from || end == SIZE_MAX) {
		hy_buf_add_char(out, '<');
		return 1;
	}
	tag = hy_tag_find(hy_str_sub(html, from, name - from));
	if (tag == HY_TAG_BR || (hy_tag_traits(tag) & HY_TAG_IS_BLOCK))
		hy_buf_add_char(out, '\n');
	return end + 1 - at;
}

void hy_markup_to_text(struct hy_str html, struct hy_buf *out)
{
	size_t at = 0;

	while (at < html.n) {
		uint32_t rune;
		size_t length;

		if (html.p[at] == '<') {
			at += skip_tag(html, at, out);
			continue;
		}
		length = html.p[at] == '&' ? hy_entity_decode(hy_str_sub(html, at, html.n), &rune)
					   : 0;
		if (length > 0)
			add_rune(out, rune);
		else
			hy_buf_add_char(out, html.p[at]);
		at += length ? length : 1;
	}
}
