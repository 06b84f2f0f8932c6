/*
 * Text as the masking reads it: characters with full-width forms folded to ASCII, beside
 * the bytes that each stands for. Lives for one call of hy_mask().
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
	struct hy_buf bytes;	/* repaired UTF-8 */
	struct hy_mask_cell *cells;
	size_t count;
};

/* The text has at most HY_MASK_TEXT_MAX_BYTES. */
void hy_mask_text_init(struct hy_mask_text *t, struct hy_str text);
void hy_mask_text_fini(struct hy_mask_text *t);

/* 0 behind the end, so that a scan needs no bounds of its own. */
static inline uint32_t hy_mask_rune(const struct hy_mask_text *t, size_t at)
{
	return at < t->count ? t->cells[at].rune : 0;
}

struct hy_str hy_mask_bytes(const struct hy_mask_text *t, size_t at);

#endif
