/*
 * A line as the masking reads it: characters with full-width forms folded to ASCII, beside
 * the bytes that each stands for. Its memory serves line after line of one call of hy_mask().
 */
#ifndef HY_CRAWLER_MASK_TEXT_H
#define HY_CRAWLER_MASK_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/str.h"

#define HY_MASK_TEXT_MAX_BYTES ((size_t)64 << 20)

struct hy_mask_cell {
	uint32_t rune;	/* folded */
	uint32_t from;	/* offset of its bytes */
};

struct hy_mask_text {
	const char *bytes;	/* borrowed */
	struct hy_mask_cell *cells;
	size_t count, cap;
};

/* `line` is valid UTF-8 of at most HY_MASK_TEXT_MAX_BYTES and outlives what is asked of it. */
void hy_mask_text_set(struct hy_mask_text *t, struct hy_str line);
void hy_mask_text_fini(struct hy_mask_text *t);	/* safe on a zeroed struct */

/* 0 behind the end, so that a scan needs no bounds of its own. */
static inline uint32_t hy_mask_rune(const struct hy_mask_text *t, size_t at)
{
	return at < t->count ? t->cells[at].rune : 0;
}

/* What n cells stand for. */
static inline struct hy_str hy_mask_bytes(const struct hy_mask_text *t, size_t at, size_t n)
{
	return (struct hy_str){t->bytes + t->cells[at].from,
			       t->cells[at + n].from - t->cells[at].from};
}

#endif
