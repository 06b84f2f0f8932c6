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

void hy_mask_text_init(struct hy_mask_text *t, struct hy_str text)
{
	size_t at = 0;

	*t = (struct hy_mask_text){0};
	/* Each invalid byte becomes the three of U+FFFD. */
	hy_buf_init(&t->bytes, 3 * text.n);
	hy_utf8_repair(&t->bytes, text.p, text.n);
	hy_assert(hy_buf_err(&t->bytes) == HY_OK);
	t->cells = hy_xcalloc(t->bytes.n + 1, sizeof *t->cells);
	while (at < t->bytes.n) {
		uint32_t rune = 0;
		size_t n = hy_utf8_decode(t->bytes.p + at, t->bytes.n - at, &rune);

		t->cells[t->count++] = (struct hy_mask_cell){fold(rune), (uint32_t)at};
		at += n;
	}
	t->cells[t->count].from = (uint32_t)at;
}

void hy_mask_text_fini(struct hy_mask_text *t)
{
	free(t->cells);
	hy_buf_fini(&t->bytes);
}

struct hy_str hy_mask_bytes(const struct hy_mask_text *t, size_t at)
{
	return (struct hy_str){t->bytes.p + t->cells[at].from,
			       t->cells[at + 1].from - t->cells[at].from};
}
