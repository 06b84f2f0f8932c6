/* Percent-encoding (RFC 3986, 2.1), shared by what reads addresses. */
#ifndef HY_CRAWLER_PERCENT_H
#define HY_CRAWLER_PERCENT_H

#include "common/base/str.h"

static inline int hy_hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that "%XX" at offset i means, or -1 where none stands there. */
static inline int hy_percent_at(struct hy_str s, size_t i)
{
	int high, low;

	if (s.n < 3 || i > s.n - 3 || s.p[i] != '%')
		return -1;
	high = hy_hex_value(s.p[i + 1]);
	low = hy_hex_value(s.p[i + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/* RFC 3986, 2.3: characters that mean the same whether encoded or not. */
static inline int hy_percent_is_unreserved(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '_' || c == '~';
}

#endif
