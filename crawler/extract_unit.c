#include "crawler/extract_unit.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/extract_hint.h"

static bool is_block(const struct hy_page *page, size_t node)
{
	return hy_tag_traits((enum hy_tag)page->nodes[node].tag) & HY_TAG_IS_BLOCK;
}

static void unit_end(const struct hy_measure *m, struct hy_units *units, struct hy_unit *unit)
{
	const struct hy_sum *from, *to;

	if (unit->end <= unit->first)
		return;
	from = &m->sums[unit->first];
	to = &m->sums[unit->end];
	unit->width = to->width - from->width;
	unit->link_width = to->link_width - from->link_width;
	unit->stops = to->stops - from->stops;
	if (unit->width > 0) {
		units->items = hy_grow(units->items, &units->cap, units->count + 1,
				       sizeof *units->items);
		units->items[units->count++] = *unit;
	}
	unit->first = unit->end;
}

void hy_units_find(const struct hy_measure *m, struct hy_units *out)
{
	const struct hy_page *page = m->page;
	struct hy_unit unit = {0, 0, 0, 0, 0, 0};
	uint32_t block = 0;

	*out = (struct hy_units){NULL, 0, 0};
	for (uint32_t i = 0; i < page->count; i++) {
		const struct hy_node *node = &page->nodes[i];

		/* Leaving blocks ends a unit as entering one does. */
		while (i >= page->nodes[block].end && page->nodes[block].parent != HY_PAGE_NO_NODE) {
			unit_end(m, out, &unit);
			block = page->nodes[block].parent;
			while (!is_block(page, block) && page->nodes[block].parent != HY_PAGE_NO_NODE)
				block = page->nodes[block].parent;
		}
		if (m->hints[i] & HY_HINT_HIDDEN)
			continue;
		if (node->tag == HY_TAG_BR || is_block(page, i)) {
			unit_end(m, out, &unit);
			if (node->tag != HY_TAG_BR)
				block = i;
		} else if (node->tag == HY_TAG_TEXT) {
			if (unit.end <= unit.first)
				unit = (struct hy_unit){.first = i, .owner = block};
			unit.end = i + 1;
		}
	}
	unit_end(m, out, &unit);
}

void hy_units_fini(struct hy_units *units)
{
	free(units->items);
	*units = (struct hy_units){NULL, 0, 0};
}

size_t hy_units_at(const struct hy_units *units, uint32_t node)
{
	size_t low = 0, high = units->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (units->items[middle].first < node)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/*
 * How many bytes at `at` are surely no white space and no control character; 0 where only
 * decoding tells. White space beyond ASCII begins with C2, E1, E2, E3 or EF.
 */
static size_t plain_bytes(struct hy_str text, size_t at)
{
	unsigned char c = (unsigned char)text.p[at];

	if (c >= 0xE4 && c <= 0xEE)
		return 3;
	if (c < 0x80)
		return c > 0x20 && c != 0x7F;
	if (c == 0xC2 || (c >= 0xE1 && c <= 0xE3) || c == 0xEF)
		return 0;
	return c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
}

static size_t plain_run(struct hy_str text, size_t at)
{
	size_t from = at, length;

	while (at < text.n && (length = plain_bytes(text, at)) > 0)
		at += length;
	return at < text.n ? at - from : text.n - from;
}

static void write_text(struct hy_str text, size_t from, bool *space, struct hy_buf *out)
{
	size_t at = 0;

	while (at < text.n) {
		uint32_t rune = 0;
		size_t length = plain_run(text, at);

		if (length == 0) {
			length = hy_utf8_decode(text.p + at, text.n - at, &rune);
			if (length == 0 || rune < 0x20 || hy_rune_is_space(rune) ||
			    (rune >= 0x7F && rune < 0xA0)) {
				/* Zero-width characters stand between nothing. */
				*space |= rune != 0x200B && rune != 0xFEFF;
				at += length ? length : 1;
				continue;
			}
		}
		if (*space && out->n > from)
			hy_buf_add_char(out, ' ');
		*space = false;
		hy_buf_add(out, text.p + at, length);
		at += length;
	}
}

void hy_text_write(const struct hy_measure *m, size_t first, size_t end, struct hy_buf *out)
{
	const struct hy_page *page = m->page;
	size_t from = out->n;
	bool space = false;

	for (size_t i = first; i < end && i < page->count; i++) {
		if (m->hints[i] & HY_HINT_HIDDEN)
			continue;
		if (page->nodes[i].tag == HY_TAG_TEXT)
			write_text(page->nodes[i].text, from, &space, out);
		else if (page->nodes[i].tag == HY_TAG_BR || is_block(page, i))
			space = true;
	}
}

void hy_text_add(struct hy_str text, struct hy_buf *out)
{
	bool space = false;

	write_text(text, out->n, &space, out);
}
