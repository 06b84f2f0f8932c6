#include "crawler/charset.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <uchardet.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/charset_decode.h"
#include "crawler/charset_label.h"
#include "crawler/charset_prescan.h"

/* What browsers look through for <meta>, and what we do where that and UTF-8 gave nothing. */
#define PRESCAN_BYTES 1024
#define LATE_PRESCAN_BYTES 65536
#define SNIFF_BYTES 262144

/*
 * So many multi-byte characters without one broken sequence do not happen by chance in
 * another encoding: four random GBK pairs pass for UTF-8 once in some 600 texts.
 */
#define UTF8_PROOF_CHARACTERS 4

struct utf8_facts {
	size_t good;	/* multi-byte characters */
	size_t bad;	/* broken sequences, counted until they are too many to matter */
	bool cut;	/* ends inside a character */
};

/* The first byte at or behind `from` that is not ASCII; eight at a time. */
static size_t skip_ascii(struct hy_str s, size_t from)
{
	while (from + 8 <= s.n) {
		uint64_t eight;

		memcpy(&eight, s.p + from, 8);
		if (eight & 0x8080808080808080U)
			break;
		from += 8;
	}
	while (from < s.n && !((unsigned char)s.p[from] & 0x80))
		from++;
	return from;
}

/* A character of three bytes that needs no further check: U+1000 to U+CFFF, U+E000 on. */
static bool is_plain_three(struct hy_str s, size_t at)
{
	const unsigned char *p = (const unsigned char *)s.p + at;

	return s.n - at >= 3 && p[0] >= 0xE1 && p[0] <= 0xEF && p[0] != 0xED &&
	       (p[1] & 0xC0) == 0x80 && (p[2] & 0xC0) == 0x80;
}

static struct utf8_facts utf8_facts_of(struct hy_str s)
{
	struct utf8_facts facts = {0, 0, false};
	size_t i = 0;

	while ((i = skip_ascii(s, i)) < s.n) {
		uint32_t rune;
		size_t length = is_plain_three(s, i) ? 3
						     : hy_utf8_decode(s.p + i, s.n - i, &rune);

		if (length > 0) {
			facts.good++;
			i += length;
			continue;
		}
		/* Cut at the end of what we were given is no fault of the encoding. */
		facts.cut = i + 4 > s.n && facts.good > 0;
		if (facts.cut)
			break;
		facts.bad++;
		i++;
		/* However good the rest is, it is no UTF-8 any more. */
		if (facts.bad * 20 > facts.good + (s.n - i) / 2)
			break;
	}
	return facts;
}

static bool utf8_is_proved(struct utf8_facts facts)
{
	return facts.bad == 0 && facts.good >= UTF8_PROOF_CHARACTERS;
}

/* UTF-8 with scars: cut characters, one foreign quotation. Random bytes are never so good. */
static bool utf8_is_likely(struct utf8_facts facts)
{
	return facts.good >= UTF8_PROOF_CHARACTERS && facts.bad * 20 <= facts.good;
}

static const struct hy_encoding *of_byte_order_mark(struct hy_str *bytes)
{
	static const struct {
		struct hy_str mark;
		const char *label;
	} marks[] = {
		{{"\xEF\xBB\xBF", 3}, "utf-8"},
		{{"\xFE\xFF", 2}, "utf-16be"},
		{{"\xFF\xFE", 2}, "utf-16le"},
	};

	for (size_t i = 0; i < HY_COUNT(marks); i++) {
		if (!hy_str_starts(*bytes, marks[i].mark))
			continue;
		*bytes = hy_str_sub(*bytes, marks[i].mark.n, bytes->n);
		return hy_encoding_find(hy_str_of(marks[i].label));
	}
	return NULL;
}

static const struct hy_encoding *detect(struct hy_str bytes)
{
	uchardet_t detector = uchardet_new();
	const struct hy_encoding *found = NULL;

	if (uchardet_handle_data(detector, bytes.p, bytes.n) == 0) {
		uchardet_data_end(detector);
		found = hy_encoding_find(hy_str_of(uchardet_get_charset(detector)));
	}
	uchardet_delete(detector);
	return found;
}

/* ASCII behind a byte of no ASCII that the detectors of multi-byte encodings look at. */
#define ASCII_KEPT 2

static struct hy_str without_ascii(struct hy_str bytes, char *memory)
{
	size_t at = 0, n = 0;

	while ((at = skip_ascii(bytes, at)) < bytes.n) {
		while (at < bytes.n && ((unsigned char)bytes.p[at] & 0x80))
			memory[n++] = bytes.p[at++];
		for (size_t i = 0; i < ASCII_KEPT && at < bytes.n &&
				   !((unsigned char)bytes.p[at] & 0x80); i++)
			memory[n++] = bytes.p[at++];
	}
	return (struct hy_str){memory, n};
}

/* Markup tells nothing of a multi-byte encoding; of the others, and of escapes, it may. */
static const struct hy_encoding *sniff(struct hy_str bytes)
{
	struct hy_str head = hy_str_sub(bytes, 0, SNIFF_BYTES);
	const struct hy_encoding *found;
	char *memory;

	if (memchr(head.p, '\x1B', head.n))
		return detect(head);
	memory = hy_xrealloc(NULL, head.n + 1, 1);
	found = detect(without_ascii(head, memory));
	free(memory);
	return found && found->multi_byte ? found : detect(head);
}

/*
 * The header beats the page where both are possible; but a server's default (a single-byte
 * encoding, or GBK for everything) must not beat what page and bytes agree on.
 */
static const struct hy_encoding *settle(const struct hy_encoding *header,
					const struct hy_encoding *page, struct hy_str bytes)
{
	const struct hy_encoding *sniffed;

	if (!header || !page || header == page)
		return header ? header : page;
	if (!header->multi_byte && page->multi_byte)
		return page;
	sniffed = sniff(bytes);
	return sniffed == page ? page : header;
}

static bool is_utf8(const struct hy_encoding *encoding)
{
	return encoding && !encoding->iconv_name;
}

static bool is_utf16(const struct hy_encoding *encoding)
{
	return encoding && strncmp(encoding->name, "utf-16", 6) == 0;
}

static const struct hy_encoding *decide(struct hy_str bytes, struct hy_str content_type,
					 struct utf8_facts facts)
{
	const struct hy_encoding *utf8 = hy_encoding_find(HY_STR_LIT("utf-8"));
	const struct hy_encoding *header = hy_encoding_find(hy_charset_parameter(content_type));
	const struct hy_encoding *page = hy_charset_declared(hy_str_sub(bytes, 0, PRESCAN_BYTES));
	const struct hy_encoding *said = settle(header, page, bytes), *sniffed;

	if (is_utf16(said) && memchr(bytes.p, '\0', bytes.n))
		return said;
	if (utf8_is_proved(facts) && (!said || said->default_of_servers))
		return utf8;
	if (is_utf16(said))
		said = utf8;	/* not one NUL: it cannot be */
	if (said && !is_utf8(said))
		return utf8_is_likely(facts) && !said->multi_byte ? utf8 : said;
	if (facts.bad == 0 && (said || facts.good > 0))
		return utf8;
	if (utf8_is_likely(facts))
		return utf8;
	if (!said)
		said = hy_charset_declared(hy_str_sub(bytes, 0, LATE_PRESCAN_BYTES));
	if (said && !is_utf8(said))
		return said;
	if (is_utf8(said) && facts.bad == 0)
		return said;
	/* Labelled UTF-8 and broken as such, or not labelled at all. */
	if (is_utf8(header) && page && !is_utf8(page))
		return page;
	sniffed = facts.bad > 0 ? sniff(bytes) : NULL;
	if (sniffed && !is_utf8(sniffed) && !is_utf16(sniffed))
		return sniffed;
	return said ? said : hy_encoding_find(HY_STR_LIT("windows-1252"));
}

static void add_without_nul(struct hy_buf *out, struct hy_str s)
{
	while (s.n > 0) {
		const char *nul = memchr(s.p, '\0', s.n);
		size_t n = nul ? (size_t)(nul - s.p) : s.n;

		hy_buf_add(out, s.p, n);
		if (!nul)
			return;
		hy_buf_add_c(out, "\xEF\xBF\xBD");
		s = hy_str_sub(s, n + 1, s.n);
	}
}

static void add_repaired(struct hy_buf *out, struct hy_str bytes)
{
	struct hy_buf repaired;

	/* Every bad byte grows to the three of U+FFFD. */
	hy_buf_init(&repaired, bytes.n * 3 + 1);
	hy_utf8_repair(&repaired, bytes.p, bytes.n);
	add_without_nul(out, hy_buf_str(&repaired));
	hy_buf_fini(&repaired);
}

static enum hy_err add_decoded(struct hy_buf *out, const struct hy_encoding *encoding,
			       struct hy_str bytes)
{
	struct hy_buf decoded;
	size_t bad = 0;
	enum hy_err err;

	/* One byte becomes at most three of UTF-8. */
	hy_buf_init(&decoded, bytes.n * 3 + 8);
	err = hy_charset_decode(encoding, bytes, &decoded, &bad);
	if (err == HY_OK)
		add_without_nul(out, hy_buf_str(&decoded));
	hy_buf_fini(&decoded);
	return err;
}

enum hy_err hy_charset_read(struct hy_str bytes, struct hy_str content_type, struct hy_buf *memory,
			    struct hy_str *out, const char **out_name)
{
	const struct hy_encoding *encoding;
	struct utf8_facts facts;
	size_t from = memory->n;
	enum hy_err err = HY_OK;

	if (bytes.n == 0) {
		*out = HY_STR_LIT("");
		*out_name = "utf-8";
		return HY_OK;
	}
	encoding = of_byte_order_mark(&bytes);
	facts = utf8_facts_of(bytes);
	if (!encoding)
		encoding = decide(bytes, content_type, facts);
	if (is_utf8(encoding) && facts.bad == 0 && !facts.cut && !memchr(bytes.p, '\0', bytes.n)) {
		*out = bytes;
		*out_name = encoding->name;
		return HY_OK;
	}
	if (is_utf8(encoding))
		add_repaired(memory, bytes);
	else
		err = add_decoded(memory, encoding, bytes);
	if (err == HY_OK)
		err = hy_buf_err(memory);
	if (err != HY_OK) {
		hy_buf_truncate(memory, from);
		return err;
	}
	*out = hy_str_sub(hy_buf_str(memory), from, memory->n);
	*out_name = encoding->name;
	return HY_OK;
}

enum hy_err hy_charset_to_utf8(struct hy_str bytes, struct hy_str content_type, struct hy_buf *out,
			       const char **out_name)
{
	size_t from = out->n;
	struct hy_str text;
	const char *name;
	enum hy_err err = hy_charset_read(bytes, content_type, out, &text, &name);

	if (err == HY_OK && out->n == from)
		hy_buf_add_str(out, text);
	if (err == HY_OK)
		err = hy_buf_err(out);
	if (err == HY_OK)
		*out_name = name;
	return err;
}

const char *hy_charset_of_label(struct hy_str label)
{
	const struct hy_encoding *encoding = hy_encoding_find(label);

	return encoding ? encoding->name : NULL;
}

const char *hy_charset_prescan(struct hy_str bytes)
{
	const struct hy_encoding *encoding =
		hy_charset_declared(hy_str_sub(bytes, 0, PRESCAN_BYTES));

	return encoding ? encoding->name : NULL;
}
