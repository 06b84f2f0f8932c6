#include "common/base/utf8.h"

#define RUNE_MAX 0x10FFFFu

static bool is_tail(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

size_t hy_utf8_decode(const char *p, size_t n, uint32_t *out_rune)
{
	/* The smallest value each length may encode: anything below is overlong. */
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	unsigned char first = (unsigned char)p[0];
	size_t length = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
	uint32_t rune;

	if (length == 1) {
		*out_rune = first;
		return 1;
	}
	if (first < 0xC2 || first > 0xF4 || length > n)
		return 0;
	rune = first & (0x7Fu >> length);
	for (size_t i = 1; i < length; i++) {
		unsigned char c = (unsigned char)p[i];

		if (!is_tail(c))
			return 0;
		rune = rune << 6 | (c & 0x3F);
	}
	if (rune < least[length] || rune > RUNE_MAX || (rune >= 0xD800 && rune <= 0xDFFF))
		return 0;
	*out_rune = rune;
	return length;
}

size_t hy_utf8_encode(uint32_t rune, char out[4])
{
	if (rune < 0x80) {
		out[0] = (char)rune;
		return 1;
	}
	if (rune < 0x800) {
		out[0] = (char)(0xC0 | rune >> 6);
		out[1] = (char)(0x80 | (rune & 0x3F));
		return 2;
	}
	if (rune > RUNE_MAX || (rune >= 0xD800 && rune <= 0xDFFF))
		return 0;
	if (rune < 0x10000) {
		out[0] = (char)(0xE0 | rune >> 12);
		out[1] = (char)(0x80 | (rune >> 6 & 0x3F));
		out[2] = (char)(0x80 | (rune & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | rune >> 18);
	out[1] = (char)(0x80 | (rune >> 12 & 0x3F));
	out[2] = (char)(0x80 | (rune >> 6 & 0x3F));
	out[3] = (char)(0x80 | (rune & 0x3F));
	return 4;
}

bool hy_utf8_valid(const char *p, size_t n)
{
	uint32_t rune;
	size_t length;

	for (size_t i = 0; i < n; i += length) {
		length = hy_utf8_decode(p + i, n - i, &rune);
		if (length == 0)
			return false;
	}
	return true;
}

size_t hy_utf8_floor(const char *p, size_t n, size_t at)
{
	size_t start, length;
	uint32_t rune;

	if (at > n)
		at = n;
	/* Step back over at most three tail bytes to the lead byte before `at`. */
	for (start = at; start > 0 && at - start < 3 && is_tail((unsigned char)p[start - 1]);)
		start--;
	if (start == 0)
		return at;
	start--;
	if ((unsigned char)p[start] < 0xC0)
		return at;
	length = hy_utf8_decode(p + start, n - start, &rune);
	if (length == 0)
		return at == n ? start : at;
	return start + length <= at ? at : start;
}

size_t hy_utf8_count(const char *p, size_t n)
{
	size_t count = 0, length;
	uint32_t rune;

	for (size_t i = 0; i < n; i += length) {
		length = hy_utf8_decode(p + i, n - i, &rune);
		if (length == 0)
			length = 1;
		count++;
	}
	return count;
}

void hy_utf8_repair(struct hy_buf *out, const char *p, size_t n)
{
	size_t clean = 0, i = 0, length;
	uint32_t rune;

	if (n == 0)	/* p may be NULL */
		return;
	while (i < n) {
		length = hy_utf8_decode(p + i, n - i, &rune);
		if (length) {
			i += length;
			continue;
		}
		hy_buf_add(out, p + clean, i - clean);
		hy_buf_add_c(out, "\xEF\xBF\xBD");
		clean = ++i;
	}
	hy_buf_add(out, p + clean, n - clean);
}

bool hy_rune_is_han(uint32_t rune)
{
	return (rune >= 0x4E00 && rune <= 0x9FFF) || (rune >= 0x3400 && rune <= 0x4DBF) ||
	       (rune >= 0xF900 && rune <= 0xFAFF) || (rune >= 0x20000 && rune <= 0x323AF) ||
	       rune == 0x3007;
}

bool hy_rune_is_space(uint32_t rune)
{
	return rune == ' ' || (rune >= '\t' && rune <= '\r') || rune == 0x85 || rune == 0xA0 ||
	       rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200B) || rune == 0x2028 ||
	       rune == 0x2029 || rune == 0x202F || rune == 0x205F || rune == 0x3000 ||
	       rune == 0xFEFF;
}
