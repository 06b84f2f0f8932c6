#include "crawler/url.h"

#include <string.h>

#include "common/base/mem.h"
#include "crawler/url_host.h"

#define PORT_MAX 65535

/* Raw input beyond this cannot become a URL within the limit, even by dropping dot segments
 * and line breaks that pages of the real world hold. */
#define RAW_MAX_BYTES ((size_t)4 * HY_URL_MAX_BYTES)

static bool is_alpha(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_slash(char c)
{
	return c == '/' || c == '\\';
}

static struct hy_str skip(struct hy_str s, size_t n)
{
	return hy_str_sub(s, n, s.n);
}

/* Appends s with what `set` holds, controls and non-ASCII percent-encoded. */
static void add_encoded(struct hy_buf *out, struct hy_str s, const char *set)
{
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= 0x20 || c >= 0x7f || strchr(set, c))
			hy_buf_addf(out, "%%%02X", (unsigned)c);
		else
			hy_buf_add_char(out, (char)c);
	}
}

/* Number of dots where the segment is "." or "..", also written as %2e; else 0. */
static int dot_segment(struct hy_str s)
{
	int dots = 0;

	while (s.n) {
		if (s.p[0] == '.')
			s = skip(s, 1);
		else if (hy_str_starts_nocase(s, HY_STR_LIT("%2e")))
			s = skip(s, 3);
		else
			return 0;
		dots++;
	}
	return dots <= 2 ? dots : 0;
}

/* Drops the last segment of the path that begins at path_at, and its slash. */
static void drop_segment(struct hy_buf *url, size_t path_at)
{
	size_t n = url->n;

	while (n > path_at && url->p[n - 1] != '/')
		n--;
	hy_buf_truncate(url, n > path_at ? n - 1 : path_at);
}

/*
 * Appends the path in s (without its leading slash) to the path that begins at path_at,
 * which lacks a slash at its end.
 */
static void add_path(struct hy_buf *url, size_t path_at, struct hy_str s)
{
	for (;;) {
		size_t n = 0;
		bool is_last;
		int dots;

		while (n < s.n && !is_slash(s.p[n]))
			n++;
		is_last = n == s.n;
		dots = dot_segment(hy_str_sub(s, 0, n));
		if (dots == 2)
			drop_segment(url, path_at);
		if (dots == 0) {
			hy_buf_add_char(url, '/');
			add_encoded(url, hy_str_sub(s, 0, n), "\"#<>?^`{}");
		} else if (is_last) {
			hy_buf_add_char(url, '/');
		}
		if (is_last)
			return;
		s = skip(s, n + 1);
	}
}

/* Appends "?query" where one stands there. */
static void add_query(struct hy_buf *url, struct hy_str s)
{
	if (s.n == 0)
		return;
	hy_buf_add_char(url, '?');
	add_encoded(url, skip(s, 1), "\"#<>'");
}

/* Appends path and query; rest begins behind the authority and its slash. */
static void add_tail(struct hy_buf *url, size_t path_at, struct hy_str rest)
{
	size_t path_n = 0;

	while (path_n < rest.n && rest.p[path_n] != '?')
		path_n++;
	add_path(url, path_at, hy_str_sub(rest, 0, path_n));
	add_query(url, skip(rest, path_n));
}

static bool parse_port(struct hy_str digits, int *out)
{
	int64_t port = 0;

	for (size_t i = 0; i < digits.n; i++) {
		if (!is_digit(digits.p[i]))
			return false;
		port = port * 10 + (digits.p[i] - '0');
		if (port > PORT_MAX)
			return false;
	}
	*out = (int)port;
	return true;
}

/* Appends host and port of "user:password@host:port"; the user is dropped. */
static bool add_authority(struct hy_buf *url, struct hy_str authority, int default_port)
{
	size_t host_from = 0, colon;
	bool in_brackets = false;
	int port = default_port;

	for (size_t i = 0; i < authority.n; i++)
		if (authority.p[i] == '@')
			host_from = i + 1;
	authority = skip(authority, host_from);
	for (colon = 0; colon < authority.n; colon++) {
		if (authority.p[colon] == '[')
			in_brackets = true;
		if (authority.p[colon] == ']')
			in_brackets = false;
		if (authority.p[colon] == ':' && !in_brackets)
			break;
	}
	if (colon + 1 < authority.n && !parse_port(skip(authority, colon + 1), &port))
		return false;
	if (!hy_url_host_parse(hy_str_sub(authority, 0, colon), url))
		return false;
	if (port != default_port)
		hy_buf_addf(url, ":%d", port);
	return true;
}

/* `rest` begins at the authority. */
static enum hy_err add_absolute(struct hy_buf *url, bool is_https, struct hy_str rest)
{
	size_t n = 0;

	while (n < rest.n && !is_slash(rest.p[n]) && rest.p[n] != '?')
		n++;
	hy_buf_add_c(url, is_https ? "https://" : "http://");
	if (!add_authority(url, hy_str_sub(rest, 0, n), is_https ? 443 : 80))
		return HY_ERR_MALFORMED;
	rest = skip(rest, n);
	if (rest.n && is_slash(rest.p[0]))
		rest = skip(rest, 1);
	add_tail(url, url->n, rest);
	return hy_buf_err(url);
}

/* `base` is normalised. */
static enum hy_err add_relative(struct hy_buf *url, struct hy_str base, struct hy_str ref)
{
	struct hy_str origin = hy_url_origin(base);
	size_t path_n = 0;

	if (ref.n >= 2 && is_slash(ref.p[0]) && is_slash(ref.p[1])) {
		while (ref.n && is_slash(ref.p[0]))
			ref = skip(ref, 1);
		return add_absolute(url, hy_str_starts(base, HY_STR_LIT("https:")), ref);
	}
	if (ref.n == 0) {
		hy_buf_add_str(url, base);
		return hy_buf_err(url);
	}
	base = skip(base, origin.n);
	while (path_n < base.n && base.p[path_n] != '?')
		path_n++;
	hy_buf_add_str(url, origin);
	if (is_slash(ref.p[0])) {
		add_tail(url, origin.n, skip(ref, 1));
	} else if (ref.p[0] == '?') {
		hy_buf_add_str(url, hy_str_sub(base, 0, path_n));
		add_query(url, ref);
	} else {
		hy_buf_add_str(url, hy_str_sub(base, 0, path_n));
		drop_segment(url, origin.n);
		add_tail(url, origin.n, ref);
	}
	return hy_buf_err(url);
}

/* The length of "scheme" where the text begins with "scheme:", else 0. */
static size_t scheme_length(struct hy_str s)
{
	size_t n = 0;

	if (s.n == 0 || !is_alpha(s.p[0]))
		return 0;
	while (n < s.n && (is_alpha(s.p[n]) || is_digit(s.p[n]) || s.p[n] == '+' ||
			    s.p[n] == '-' || s.p[n] == '.'))
		n++;
	return n < s.n && s.p[n] == ':' ? n : 0;
}

static enum hy_err parse(struct hy_str base, struct hy_str ref, struct hy_buf *url)
{
	size_t scheme_n = scheme_length(ref);
	struct hy_str scheme = hy_str_sub(ref, 0, scheme_n), rest = skip(ref, scheme_n + 1);
	bool is_https = hy_str_eq_nocase(scheme, HY_STR_LIT("https"));

	if (scheme_n == 0)
		return base.n ? add_relative(url, base, ref) : HY_ERR_MALFORMED;
	if (!is_https && !hy_str_eq_nocase(scheme, HY_STR_LIT("http")))
		return HY_ERR_DENIED;
	/* "http:next.html" is relative to a base of the same scheme. */
	if (base.n && is_https == hy_str_starts(base, HY_STR_LIT("https:")) &&
	    !(rest.n >= 2 && is_slash(rest.p[0]) && is_slash(rest.p[1])))
		return add_relative(url, base, rest);
	while (rest.n && is_slash(rest.p[0]))
		rest = skip(rest, 1);
	return add_absolute(url, is_https, rest);
}

/*
 * What the standard does before parsing, outer controls and spaces and inner tabs and line
 * breaks off; and the fragment, which names no other document.
 */
static enum hy_err clean(struct hy_str s, struct hy_buf *out)
{
	while (s.n && (unsigned char)s.p[0] <= 0x20)
		s = skip(s, 1);
	while (s.n && (unsigned char)s.p[s.n - 1] <= 0x20)
		s.n--;
	for (size_t i = 0; i < s.n && s.p[i] != '#'; i++)
		if (s.p[i] != '\t' && s.p[i] != '\n' && s.p[i] != '\r')
			hy_buf_add_char(out, s.p[i]);
	return hy_buf_err(out);
}

static enum hy_err normalise(struct hy_str base, struct hy_str ref, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf cleaned = HY_BUF(RAW_MAX_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf url = HY_BUF(HY_URL_MAX_BYTES);
	enum hy_err err;

	err = clean(ref, &cleaned);
	if (!err)
		err = parse(base, hy_buf_str(&cleaned), &url);
	if (err)
		return err;
	hy_buf_add_str(out, hy_buf_str(&url));
	return hy_buf_err(out);
}

enum hy_err hy_url_resolve(struct hy_str base, struct hy_str ref, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf whole = HY_BUF(HY_URL_MAX_BYTES);
	enum hy_err err;

	if (base.n) {
		err = normalise((struct hy_str){0}, base, &whole);
		if (err)
			return err;
	}
	return normalise(hy_buf_str(&whole), ref, out);
}

enum hy_err hy_url_normalise(struct hy_str url, struct hy_buf *out)
{
	return normalise((struct hy_str){0}, url, out);
}

bool hy_url_split(struct hy_str s, struct hy_url *out)
{
	struct hy_url u = {0};
	size_t n = 0, bracket = 0, question;

	u.scheme = hy_str_sub(s, 0, hy_str_starts(s, HY_STR_LIT("https://")) ? 5 : 4);
	if (u.scheme.n == 4 && !hy_str_starts(s, HY_STR_LIT("http://")))
		return false;
	s = skip(s, u.scheme.n + 3);
	if (s.n && s.p[0] == '[')
		bracket = hy_str_find(s, HY_STR_LIT("]"), 0);
	if (bracket == SIZE_MAX)
		return false;
	for (n = bracket; n < s.n && s.p[n] != ':' && s.p[n] != '/' && s.p[n] != '?'; n++)
		;
	u.host = hy_str_sub(s, 0, n);
	s = skip(s, n);
	u.port = u.scheme.n == 5 ? 443 : 80;
	if (s.n && s.p[0] == ':') {
		for (n = 1; n < s.n && s.p[n] != '/' && s.p[n] != '?'; n++)
			;
		if (!parse_port(hy_str_sub(s, 1, n - 1), &u.port))
			return false;
		s = skip(s, n);
	}
	if (u.host.n == 0 || s.n == 0 || s.p[0] != '/')
		return false;
	question = hy_str_find(s, HY_STR_LIT("?"), 0);
	u.path = hy_str_sub(s, 0, question);
	u.query = question == SIZE_MAX ? (struct hy_str){0} : skip(s, question + 1);
	*out = u;
	return true;
}

struct hy_str hy_url_host(struct hy_str normalised)
{
	struct hy_url u;

	return hy_url_split(normalised, &u) ? u.host : (struct hy_str){0};
}

struct hy_str hy_url_origin(struct hy_str normalised)
{
	struct hy_url u;

	if (!hy_url_split(normalised, &u))
		return (struct hy_str){0};
	return hy_str_sub(normalised, 0, (size_t)(u.path.p - normalised.p));
}

struct hy_str hy_url_path_and_query(struct hy_str normalised)
{
	struct hy_url u;

	if (!hy_url_split(normalised, &u))
		return (struct hy_str){0};
	return skip(normalised, (size_t)(u.path.p - normalised.p));
}
