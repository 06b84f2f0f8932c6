#include "crawler/charset_prescan.h"

#include <string.h>

struct scan {
	struct hy_str s;
	size_t at;
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool more(const struct scan *scan)
{
	return scan->at < scan->s.n;
}

static char here(const struct scan *scan)
{
	return scan->s.p[scan->at];
}

static void skip_space(struct scan *scan)
{
	while (more(scan) && is_space(here(scan)))
		scan->at++;
}

static void skip_to(struct scan *scan, struct hy_str end)
{
	size_t found = hy_str_find(scan->s, end, scan->at);

	scan->at = found == SIZE_MAX ? scan->s.n : found + end.n;
}

/* "get an attribute": false at the end of the tag or of the bytes. */
static bool next_attribute(struct scan *scan, struct hy_str *out_name, struct hy_str *out_value)
{
	size_t from;
	char quote;

	while (more(scan) && (is_space(here(scan)) || here(scan) == '/'))
		scan->at++;
	if (!more(scan) || here(scan) == '>')
		return false;
	from = scan->at;
	scan->at++;	/* a leading '=' belongs to the name */
	while (more(scan) && !is_space(here(scan)) && !strchr("=/>", here(scan)))
		scan->at++;
	*out_name = hy_str_sub(scan->s, from, scan->at - from);
	*out_value = (struct hy_str){NULL, 0};
	skip_space(scan);
	if (!more(scan) || here(scan) != '=')
		return true;
	scan->at++;
	skip_space(scan);
	if (!more(scan) || here(scan) == '>')
		return more(scan);
	quote = here(scan);
	if (quote == '"' || quote == '\'') {
		from = ++scan->at;
		while (more(scan) && here(scan) != quote)
			scan->at++;
		if (!more(scan))
			return false;
		*out_value = hy_str_sub(scan->s, from, scan->at++ - from);
		return true;
	}
	from = scan->at;
	while (more(scan) && !is_space(here(scan)) && here(scan) != '>')
		scan->at++;
	*out_value = hy_str_sub(scan->s, from, scan->at - from);
	return more(scan);
}

/* "extracting a character encoding from a meta element" */
struct hy_str hy_charset_parameter(struct hy_str content_type)
{
	struct scan scan = {content_type, 0};
	size_t from, end;

	for (;;) {
		from = hy_str_find_nocase(scan.s, HY_STR_LIT("charset"), scan.at);
		if (from == SIZE_MAX)
			return (struct hy_str){NULL, 0};
		scan.at = from + 7;
		skip_space(&scan);
		if (more(&scan) && here(&scan) == '=')
			break;
	}
	scan.at++;
	skip_space(&scan);
	if (!more(&scan))
		return (struct hy_str){NULL, 0};
	if (here(&scan) == '"' || here(&scan) == '\'') {
		char quote[2] = {here(&scan), '\0'};

		from = scan.at + 1;
		end = hy_str_find(scan.s, hy_str_of(quote), from);
		return end == SIZE_MAX ? (struct hy_str){NULL, 0}
				       : hy_str_sub(scan.s, from, end - from);
	}
	from = scan.at;
	while (more(&scan) && !is_space(here(&scan)) && here(&scan) != ';')
		scan.at++;
	return hy_str_sub(scan.s, from, scan.at - from);
}

static const struct hy_encoding *as_declared(const struct hy_encoding *encoding)
{
	if (encoding && strncmp(encoding->name, "utf-16", 6) == 0)
		return hy_encoding_find(HY_STR_LIT("utf-8"));
	return encoding;
}

static const struct hy_encoding *of_meta(struct scan *scan)
{
	bool pragma = false, need_pragma = false, decided = false;
	const struct hy_encoding *encoding = NULL;
	struct hy_str name, value;

	while (next_attribute(scan, &name, &value)) {
		if (hy_str_eq_nocase(name, HY_STR_LIT("http-equiv"))) {
			if (hy_str_eq_nocase(value, HY_STR_LIT("content-type")))
				pragma = true;
		} else if (hy_str_eq_nocase(name, HY_STR_LIT("content")) && !decided) {
			encoding = hy_encoding_find(hy_charset_parameter(value));
			decided = need_pragma = encoding != NULL;
		} else if (hy_str_eq_nocase(name, HY_STR_LIT("charset"))) {
			encoding = hy_encoding_find(value);
			decided = true;
			need_pragma = false;
		}
	}
	/* A tag cut off by the end of the bytes does not count. */
	if (!more(scan) || !decided || (need_pragma && !pragma))
		return NULL;
	return as_declared(encoding);
}

static const struct hy_encoding *of_xml_declaration(struct hy_str bytes)
{
	struct hy_str head;
	size_t end, at, from;
	char quote[2] = {0};

	if (!hy_str_starts(bytes, HY_STR_LIT("<?xml")))
		return NULL;
	end = hy_str_find(bytes, HY_STR_LIT(">"), 0);
	if (end == SIZE_MAX)
		return NULL;
	head = hy_str_sub(bytes, 0, end);
	at = hy_str_find(head, HY_STR_LIT("encoding"), 0);
	if (at == SIZE_MAX)
		return NULL;
	at += 8;
	while (at < head.n && (is_space(head.p[at]) || head.p[at] == '='))
		at++;
	if (at >= head.n || (head.p[at] != '"' && head.p[at] != '\''))
		return NULL;
	quote[0] = head.p[at];
	from = at + 1;
	end = hy_str_find(head, hy_str_of(quote), from);
	return end == SIZE_MAX ? NULL
			       : as_declared(hy_encoding_find(hy_str_sub(head, from, end - from)));
}

static void skip_tag(struct scan *scan)
{
	struct hy_str name, value;

	while (more(scan) && !is_space(here(scan)) && here(scan) != '>')
		scan->at++;
	while (next_attribute(scan, &name, &value))
		;
}

const struct hy_encoding *hy_charset_declared(struct hy_str bytes)
{
	struct scan scan = {bytes, 0};
	const struct hy_encoding *found = of_xml_declaration(bytes);

	if (found)
		return found;
	for (;; scan.at++) {
		struct hy_str rest;

		skip_to(&scan, HY_STR_LIT("<"));
		if (!more(&scan))
			return NULL;
		rest = hy_str_sub(bytes, scan.at, bytes.n);
		if (hy_str_starts(rest, HY_STR_LIT("!--"))) {
			scan.at += 1;	/* "<!-->" is a whole comment */
			skip_to(&scan, HY_STR_LIT("-->"));
			scan.at -= more(&scan);
		} else if (hy_str_starts_nocase(rest, HY_STR_LIT("meta")) && rest.n > 4 &&
			   (is_space(rest.p[4]) || rest.p[4] == '/')) {
			scan.at += 4;
			found = of_meta(&scan);
			if (found)
				return found;
		} else if (is_letter(rest.p[0]) ||
			   (rest.p[0] == '/' && rest.n > 1 && is_letter(rest.p[1]))) {
			scan.at++;
			skip_tag(&scan);
		} else if (strchr("!/?", rest.p[0]) && rest.p[0]) {
			skip_to(&scan, HY_STR_LIT(">"));
			scan.at -= more(&scan);
		}
	}
}
