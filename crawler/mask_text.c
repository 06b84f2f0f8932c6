#include "crawler/mask_text.h"

#include "common/base/mem.h"
#include "common/base/utf8.h"

/* U+FF01..U+FF5E are the full-width forms of ! to ~ in the same order. */
static uint32_t fold(uint32_t rune)
{
	if (rune >= 0xff01 && rune <= 0xff5e)
		return rune - 0xff01 + '!';
	return rune == 0x3000 || rune == 0xa0 ? ' ' : rune;
}

void hy_mask_text_set(struct hy_mask_text *t, struct hy_str line)
{
	struct hy_mask_cell *cell;

	t->bytes = line.p;
	t->cells = hy_grow(t->cells, &t->cap, line.n + 1, sizeof *t->cells);
	cell = t->cells;
	for (size_t at = 0; at < line.n; cell++) {
		const unsigned char *p = (const unsigned char *)line.p + at;
		uint32_t rune = p[0];
		size_t n = 1;

		/* Most of a Chinese text: three bytes, and no form of another character. */
		if (p[0] >= 0xE4 && p[0] <= 0xED) {
			rune = (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 |
			       (p[2] & 0x3F);
			n = 3;
		} else if (rune >= 0x80) {
			n = hy_utf8_decode(line.p + at, line.n - at, &rune);
			rune = fold(rune);
		}
		*cell = (struct hy_mask_cell){rune, (uint32_t)at};
		at += n;
	}
	cell->from = (uint32_t)line.n;
	t->count = (size_t)(cell - t->cells);
}

void hy_mask_text_fini(struct hy_mask_text *t)
{
	free(t->cells);
	*t = (struct hy_mask_text){0};
}
