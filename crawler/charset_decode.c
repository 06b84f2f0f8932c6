#include "crawler/charset_decode.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

/* Where the WHATWG index and the C library differ: two bytes and what the web means by them. */
struct exception {
	uint16_t bytes, rune;
};

static const struct exception gb18030_exceptions[] = {
	{0xa3a0, 0x3000}, {0xfe51, 0xe816}, {0xfe52, 0xe817}, {0xfe53, 0xe818}, {0xfe6c, 0xe831},
	{0xfe76, 0xe83b}, {0xfe91, 0xe855},
};

static const struct exception big5_exceptions[] = {
	{0x8e69, 0x7bb8}, {0x8e6f, 0x7c06}, {0x8e7e, 0x7cce}, {0x8eab, 0x7dd2}, {0x8eb4, 0x7e1d},
	{0x8ecd, 0x8005}, {0x8ed0, 0x8028}, {0x8f57, 0x83c1}, {0x8f69, 0x84a8}, {0x8f6e, 0x840f},
	{0x8fcb, 0x89a6}, {0x8fcc, 0x89a9}, {0x8ffe, 0x8d77}, {0x906d, 0x90fd}, {0x907a, 0x92b9},
	{0x90dc, 0x975c}, {0x90f1, 0x97ff}, {0x91bf, 0x9f16}, {0x9244, 0x8503}, {0x92af, 0x5159},
	{0x92b0, 0x515b}, {0x92b1, 0x515d}, {0x92b2, 0x515e}, {0x92c8, 0x936e}, {0x92d1, 0x7479},
	{0x9447, 0x6d67}, {0x94ca, 0x799b}, {0x95d9, 0x9097}, {0x9644, 0x975d}, {0x96ed, 0x701e},
	{0x96fc, 0x5b28}, {0x9b76, 0x7201}, {0x9b78, 0x77d7}, {0x9b7b, 0x7e87}, {0x9bc6, 0x99d6},
	{0x9bde, 0x91d4}, {0x9bec, 0x60de}, {0x9bf6, 0x6fb6}, {0x9c42, 0x8f36}, {0x9c53, 0x4fbb},
	{0x9c62, 0x71df}, {0x9c68, 0x9104}, {0x9c6b, 0x9df0}, {0x9c77, 0x83cf}, {0x9cbc, 0x5c10},
	{0x9cbd, 0x79e3}, {0x9cd0, 0x5a67}, {0x9d57, 0x8f0b}, {0x9d5a, 0x7b51}, {0x9dc4, 0x62d0},
	{0x9ea9, 0x6062}, {0x9eef, 0x75f9}, {0x9efd, 0x6c4a}, {0x9f60, 0x9b2e}, {0x9f66, 0x9f17},
	{0x9fcb, 0x50ed}, {0x9fd8, 0x5f0c}, {0xa063, 0x880f}, {0xa077, 0x62ce}, {0xa0d5, 0x7468},
	{0xa0df, 0x7162}, {0xa0e4, 0x7250}, {0xa145, 0x2027}, {0xa14e, 0xfe51}, {0xa15a, 0x2574},
	{0xa1c2, 0x00af}, {0xa1c3, 0xffe3}, {0xa1c5, 0x02cd}, {0xa1e3, 0xff5e}, {0xa1f2, 0x2295},
	{0xa1f3, 0x2299}, {0xa1fe, 0xff0f}, {0xa240, 0xff3c}, {0xa241, 0x2215}, {0xa242, 0xfe68},
	{0xa244, 0xffe5}, {0xa246, 0xffe0}, {0xa247, 0xffe1}, {0xa2cc, 0x5341}, {0xa2ce, 0x5345},
	{0xa3c0, 0x2400}, {0xa3c1, 0x2401}, {0xa3c2, 0x2402}, {0xa3c3, 0x2403}, {0xa3c4, 0x2404},
	{0xa3c5, 0x2405}, {0xa3c6, 0x2406}, {0xa3c7, 0x2407}, {0xa3c8, 0x2408}, {0xa3c9, 0x2409},
	{0xa3ca, 0x240a}, {0xa3cb, 0x240b}, {0xa3cc, 0x240c}, {0xa3cd, 0x240d}, {0xa3ce, 0x240e},
	{0xa3cf, 0x240f}, {0xa3d0, 0x2410}, {0xa3d1, 0x2411}, {0xa3d2, 0x2412}, {0xa3d3, 0x2413},
	{0xa3d4, 0x2414}, {0xa3d5, 0x2415}, {0xa3d6, 0x2416}, {0xa3d7, 0x2417}, {0xa3d8, 0x2418},
	{0xa3d9, 0x2419}, {0xa3da, 0x241a}, {0xa3db, 0x241b}, {0xa3dc, 0x241c}, {0xa3dd, 0x241d},
	{0xa3de, 0x241e}, {0xa3df, 0x241f}, {0xa3e0, 0x2421}, {0xa3e1, 0x20ac}, {0xc6cf, 0x5ef4},
	{0xc6d3, 0x65e0}, {0xc6d5, 0x7676}, {0xc6d7, 0x96b6}, {0xc6de, 0x3003}, {0xc6df, 0x4edd},
	{0xfa5f, 0x5029}, {0xfa66, 0x507d}, {0xfabd, 0x5305}, {0xfac5, 0x5344}, {0xfad5, 0x537f},
	{0xfb48, 0x5605}, {0xfbb8, 0x5a77}, {0xfbf3, 0x5e75}, {0xfbf9, 0x5ed0}, {0xfc4f, 0x5f58},
	{0xfc6c, 0x60a4}, {0xfcb9, 0x6490}, {0xfce2, 0x6674}, {0xfcf1, 0x675e}, {0xfdb7, 0x6c9c},
	{0xfdb8, 0x6e1d}, {0xfdbb, 0x6e2f}, {0xfdf1, 0x716e}, {0xfe52, 0x732a}, {0xfe6f, 0x745c},
	{0xfeaa, 0x74e9}, {0xfedd, 0x7809},
};

struct exceptions {
	const struct exception *items;	/* sorted by bytes */
	size_t count;
	bool four_byte_forms;	/* a second byte 0x30-0x39 makes it a four-byte character */
	bool leads[256];	/* first bytes that occur in items */
};

static struct exceptions exceptions_of(const struct hy_encoding *encoding)
{
	struct exceptions list = {NULL, 0, false, {false}};

	if (strcmp(encoding->name, "gb18030") == 0) {
		list.items = gb18030_exceptions;
		list.count = HY_COUNT(gb18030_exceptions);
		list.four_byte_forms = true;
	} else if (strcmp(encoding->name, "big5") == 0) {
		list.items = big5_exceptions;
		list.count = HY_COUNT(big5_exceptions);
	}
	for (size_t i = 0; i < list.count; i++)
		list.leads[list.items[i].bytes >> 8] = true;
	return list;
}

static uint32_t exception_find(const struct exceptions *list, unsigned lead, unsigned trail)
{
	size_t low = 0, high = list->count;
	unsigned wanted = lead << 8 | trail;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (list->items[middle].bytes == wanted)
			return list->items[middle].rune;
		if (list->items[middle].bytes < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	return 0;
}

/* So much ASCII in a row, as markup and scripts are, goes round iconv. */
#define ASCII_RUN_BYTES 32

/* Eight at a time, where no character is cut. */
static size_t ascii_length(struct hy_str s, size_t from)
{
	size_t at = from;

	while (at + 8 <= s.n) {
		uint64_t eight;

		memcpy(&eight, s.p + at, 8);
		if (eight & 0x8080808080808080U)
			break;
		at += 8;
	}
	while (at < s.n && !((unsigned char)s.p[at] & 0x80))
		at++;
	return at - from;
}

/* The offset of the next exception or run of ASCII at or behind `from`, or n. */
static size_t exception_next(const struct exceptions *list, struct hy_str s, size_t from,
			     uint32_t *out_rune)
{
	const unsigned char *p = (const unsigned char *)s.p;
	size_t i = from;

	if (list->count == 0)
		return s.n;
	while (i + 1 < s.n) {
		if (p[i] < 0x81) {
			size_t ascii = ascii_length(s, i);

			if (ascii >= ASCII_RUN_BYTES)
				return i;
			i += ascii ? ascii : 1;
			continue;
		}
		if (list->four_byte_forms && p[i + 1] >= 0x30 && p[i + 1] <= 0x39) {
			i += i + 3 < s.n && p[i + 2] >= 0x81 ? 4 : 1;
			continue;
		}
		*out_rune = list->leads[p[i]] ? exception_find(list, p[i], p[i + 1]) : 0;
		if (*out_rune)
			return i;
		i += p[i + 1] < 0x40 ? 1 : 2;
	}
	return s.n;
}

static void add_rune(struct hy_buf *out, uint32_t rune)
{
	char utf8[4];

	hy_buf_add(out, utf8, hy_utf8_encode(rune, utf8));
}

/*
 * The length of a bad sequence. A trail byte below 0x80 is a character of its own, as the
 * Encoding standard has it: it may be the '<' of the next tag.
 */
static size_t bad_length(const struct hy_encoding *encoding, const char *p, size_t n)
{
	if (strncmp(encoding->name, "utf-16", 6) == 0)
		return n < 2 ? n : 2;
	if (!encoding->multi_byte || n < 2 || !((unsigned char)p[0] & 0x80))
		return 1;
	return (unsigned char)p[1] & 0x80 ? 2 : 1;
}

#define PIECE_BYTES 16384

/* Converts what is convertible of s; bad sequences are replaced one by one. */
static enum hy_err decode_run(iconv_t cd, const struct hy_encoding *encoding, struct hy_str s,
			      struct hy_buf *out, size_t *bad)
{
	char piece[PIECE_BYTES];
	char *in = (char *)(uintptr_t)s.p;	/* iconv does not write there */
	size_t in_left = s.n;

	while (in_left > 0 && hy_buf_err(out) == HY_OK) {
		char *to = piece;
		size_t to_left = sizeof piece, skip;
		size_t rc = iconv(cd, &in, &in_left, &to, &to_left);

		hy_buf_add(out, piece, sizeof piece - to_left);
		if (rc != (size_t)-1 || errno == E2BIG)
			continue;
		skip = errno == EINVAL ? in_left : bad_length(encoding, in, in_left);
		/* The Encoding standard reads a lone 0x80 of GBK as the euro sign. */
		if (*in == '\x80' && strcmp(encoding->name, "gb18030") == 0) {
			add_rune(out, 0x20AC);
			skip = 1;
		} else {
			add_rune(out, 0xFFFD);
			++*bad;
		}
		in += skip;
		in_left -= skip;
		(void)iconv(cd, NULL, NULL, NULL, NULL);	/* back to the initial state */
	}
	if (hy_buf_err(out) == HY_OK) {	/* a character held back for a combining mark */
		char *to = piece;
		size_t to_left = sizeof piece;

		(void)iconv(cd, NULL, NULL, &to, &to_left);
		hy_buf_add(out, piece, sizeof piece - to_left);
	}
	return hy_buf_err(out);
}

enum hy_err hy_charset_decode(const struct hy_encoding *encoding, struct hy_str bytes,
			      struct hy_buf *out, size_t *out_bad)
{
	struct exceptions list = exceptions_of(encoding);
	iconv_t cd = iconv_open("UTF-8", encoding->iconv_name);
	size_t at = 0, bad = 0, from = out->n;
	enum hy_err err = HY_OK;

	if (cd == (iconv_t)-1)
		return HY_ERR_UNAVAILABLE;
	while (at < bytes.n && err == HY_OK) {
		uint32_t rune = 0;
		size_t ascii = list.count > 0 ? ascii_length(bytes, at) : 0, next;

		if (ascii >= ASCII_RUN_BYTES) {
			hy_buf_add(out, bytes.p + at, ascii);
			err = hy_buf_err(out);
			at += ascii;
			continue;
		}
		next = exception_next(&list, bytes, at, &rune);
		err = decode_run(cd, encoding, hy_str_sub(bytes, at, next - at), out, &bad);
		if (err == HY_OK && rune && next < bytes.n) {
			add_rune(out, rune);
			err = hy_buf_err(out);
		}
		at = rune ? next + 2 : next;
	}
	(void)iconv_close(cd);
	if (err == HY_OK)
		*out_bad = bad;
	else
		hy_buf_truncate(out, from);
	return err;
}
