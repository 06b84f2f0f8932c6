#include "common/base/str.h"

#include <string.h>

#include "common/base/mem.h"

struct hy_str hy_str_of(const char *c_string)
{
	return (struct hy_str){c_string, c_string ? strlen(c_string) : 0};
}

struct hy_str hy_str_sub(struct hy_str s, size_t from, size_t n)
{
	if (from > s.n)
		from = s.n;
	if (n > s.n - from)
		n = s.n - from;
	return (struct hy_str){s.p ? s.p + from : NULL, n};
}

bool hy_str_eq(struct hy_str a, struct hy_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool hy_str_eq_c(struct hy_str a, const char *b)
{
	return hy_str_eq(a, hy_str_of(b));
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Not strncasecmp: that ends at a NUL and asks the locale. */
bool hy_str_eq_nocase(struct hy_str a, struct hy_str b)
{
	if (a.n != b.n)
		return false;
	for (size_t i = 0; i < a.n; i++)
		if (lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

int hy_str_cmp(struct hy_str a, struct hy_str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

bool hy_str_starts(struct hy_str s, struct hy_str prefix)
{
	return s.n >= prefix.n && hy_str_eq(hy_str_sub(s, 0, prefix.n), prefix);
}

bool hy_str_starts_nocase(struct hy_str s, struct hy_str prefix)
{
	return s.n >= prefix.n && hy_str_eq_nocase(hy_str_sub(s, 0, prefix.n), prefix);
}

bool hy_str_ends(struct hy_str s, struct hy_str suffix)
{
	return s.n >= suffix.n && hy_str_eq(hy_str_sub(s, s.n - suffix.n, suffix.n), suffix);
}

size_t hy_str_find(struct hy_str s, struct hy_str needle, size_t from)
{
	const char *hit;

	if (from > s.n || needle.n > s.n - from)
		return SIZE_MAX;
	if (needle.n == 0)
		return from;
	hit = memmem(s.p + from, s.n - from, needle.p, needle.n);
	return hit ? (size_t)(hit - s.p) : SIZE_MAX;
}

static bool has_letter(struct hy_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (lower(s.p[i]) >= 'a' && lower(s.p[i]) <= 'z')
			return true;
	return false;
}

size_t hy_str_find_nocase(struct hy_str s, struct hy_str needle, size_t from)
{
	if (!has_letter(needle))
		return hy_str_find(s, needle, from);
	for (; from <= s.n && needle.n <= s.n - from; from++)
		if (hy_str_eq_nocase(hy_str_sub(s, from, needle.n), needle))
			return from;
	return SIZE_MAX;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

struct hy_str hy_str_trim(struct hy_str s)
{
	while (s.n && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool hy_str_next(struct hy_str *rest, char separator, struct hy_str *out_piece)
{
	const char *end;

	if (!rest->p)
		return false;
	end = rest->n ? memchr(rest->p, separator, rest->n) : NULL;
	if (!end) {
		*out_piece = *rest;
		*rest = (struct hy_str){NULL, 0};
		return true;
	}
	*out_piece = (struct hy_str){rest->p, (size_t)(end - rest->p)};
	*rest = (struct hy_str){end + 1, rest->n - out_piece->n - 1};
	return true;
}

bool hy_str_to_int(struct hy_str s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = s.n && s.p[0] == '-';
	int64_t value = 0;
	size_t i = negative ? 1 : 0;

	if (i == s.n)
		return false;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_sub_overflow(value, s.p[i] - '0', &value))
			return false;
	}
	/* Accumulated below zero, so that INT64_MIN is reachable. */
	if (!negative && __builtin_sub_overflow(0, value, &value))
		return false;
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

char *hy_str_dup(struct hy_str s)
{
	return hy_xstrndup(s.p, s.n);
}

bool hy_str_glob(struct hy_str pattern, struct hy_str text)
{
	size_t p = 0, t = 0, star = SIZE_MAX, resume = 0;

	/* On a mismatch go back to the last star and let it eat one character more. */
	while (t < text.n) {
		if (p < pattern.n && pattern.p[p] == '*') {
			star = p++;
			resume = t;
		} else if (p < pattern.n && pattern.p[p] == text.p[t]) {
			p++;
			t++;
		} else if (star != SIZE_MAX) {
			p = star + 1;
			t = ++resume;
		} else {
			return false;
		}
	}
	while (p < pattern.n && pattern.p[p] == '*')
		p++;
	return p == pattern.n;
}
