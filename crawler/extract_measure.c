#include "crawler/extract_measure.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/extract_hint.h"

static bool is_stop(uint32_t rune)
{
	switch (rune) {
	case 0x3001:	/* 、 */
	case 0x3002:	/* 。 */
	case 0xFF01:	/* ！ */
	case 0xFF0C:	/* ， */
	case 0xFF1A:	/* ： */
	case 0xFF1B:	/* ； */
	case 0xFF1F:	/* ？ */
	case 0x2026:	/* … */
		return true;
	default:
		return false;
	}
}

static bool is_ascii_stop(struct hy_str text, size_t at)
{
	char c = text.p[at];

	if (c != ',' && c != '.' && c != '!' && c != '?' && c != ';')
		return false;
	return at + 1 >= text.n || text.p[at + 1] == ' ' || text.p[at + 1] == '\n' ||
	       text.p[at + 1] == '"';
}

/* A character of three bytes, as almost all of a Chinese page are; 0 where it is none. */
static uint32_t three_bytes(struct hy_str text, size_t at)
{
	const unsigned char *p = (const unsigned char *)text.p + at;

	if (text.n - at < 3 || (p[0] & 0xF0) != 0xE0)
		return 0;
	return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
}

static size_t measure_rune(struct hy_str text, size_t at, struct hy_sum *sum)
{
	uint32_t rune = three_bytes(text, at);
	size_t length = 3;

	if (!rune)
		length = hy_utf8_decode(text.p + at, text.n - at, &rune);
	if (length == 0)
		return 1;
	/* Common ideographs need no further question. */
	if (rune >= 0x4E00 && rune <= 0x9FFF) {
		sum->width += 2;
	} else if (!hy_rune_is_space(rune)) {
		sum->width += rune >= 0x2E80 ? 2 : 1;
		sum->stops += is_stop(rune);
	}
	return length;
}

/*
 * Eight bytes that are letters of ASCII and what lies beside them from '@' on, or no wider than
 * a space: neither punctuation nor digits.
 */
static bool eight_plain(const char *p, size_t *out_letters)
{
	const uint64_t ones = UINT64_MAX / 255;
	uint64_t eight;

	memcpy(&eight, p, 8);
	/* A byte from 0x21 to 0x3F has no bit 6, and 0x5F more sets its bit 7. */
	if ((eight | ((eight + ones * 0x5F) & ~(eight << 1))) & (ones * 0x80))
		return false;
	*out_letters = (size_t)(((eight >> 6 & ones) * ones) >> 56);
	return true;
}

/* The page's text is valid UTF-8: it went through hy_charset_to_utf8. */
struct hy_sum hy_measure_text(struct hy_str text)
{
	struct hy_sum sum = {0, 0, 0, 0};
	size_t at = 0;

	while (at < text.n) {
		unsigned char c = (unsigned char)text.p[at];
		size_t letters;

		/* U+5000 to U+9FFF: ideographs, as most of a Chinese text. */
		if (c >= 0xE5 && c <= 0xE9 && text.n - at >= 3) {
			sum.width += 2;
			at += 3;
			continue;
		}
		if (c < 0x80 && at + 8 <= text.n && eight_plain(text.p + at, &letters)) {
			sum.width += (uint32_t)letters;
			at += 8;
			continue;
		}
		if (c >= 0x80) {
			at += measure_rune(text, at, &sum);
			continue;
		}
		sum.width += c > 0x20;
		/* Punctuation is below the digits, but for '?' and ';'. */
		if (c > 0x20 && c < 0x40)
			sum.stops += is_ascii_stop(text, at);
		at++;
	}
	return sum;
}

static bool is_address(struct hy_str text)
{
	return hy_str_starts_nocase(hy_str_trim(hy_str_sub(text, 0, 64)), HY_STR_LIT("http"));
}

static bool is_hidden(const struct hy_page *page, size_t node, unsigned hints)
{
	return (hints & HY_HINT_HIDDEN) ||
	       (hy_tag_traits((enum hy_tag)page->nodes[node].tag) & HY_TAG_IS_HIDDEN);
}

void hy_measure_init(struct hy_measure *m, const struct hy_page *page)
{
	size_t hidden_end = 0, link_end = 0;
	struct hy_hint_index index;
	struct hy_sum sum = {0, 0, 0, 0};

	hy_hint_index_init(&index);
	m->page = page;
	m->sums = hy_xcalloc(page->count + 1, sizeof *m->sums);
	m->hints = hy_xcalloc(page->count + 1, sizeof *m->hints);
	for (size_t i = 0; i < page->count; i++) {
		const struct hy_node *node = &page->nodes[i];

		m->sums[i] = sum;
		if (i < hidden_end) {
			m->hints[i] = HY_HINT_HIDDEN;
		} else if (node->tag == HY_TAG_TEXT) {
			struct hy_sum text = hy_measure_text(node->text);

			sum.width += text.width;
			sum.stops += text.stops;
			/* A bare address is text: it names what it leads to. */
			if (i < link_end && !is_address(node->text))
				sum.link_width += text.width;
		} else {
			m->hints[i] = (uint16_t)hy_hint_of(&index, page, i);
			if (is_hidden(page, i, m->hints[i])) {
				m->hints[i] |= HY_HINT_HIDDEN;
				hidden_end = node->end;
			}
			if (node->tag == HY_TAG_A &&
			    hy_page_attribute(page, i, HY_ATTRIBUTE_HREF).n > 0) {
				link_end = node->end;
				sum.links++;
			}
		}
	}
	m->sums[page->count] = sum;
}

void hy_measure_fini(struct hy_measure *m)
{
	free(m->sums);
	free(m->hints);
	m->sums = NULL;
	m->hints = NULL;
}
