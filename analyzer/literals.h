/*
 * Multi-literal filter: where in a text any of many fixed strings stands, in one pass.
 *
 * At each character the first bytes (up to six: two Chinese characters) are looked up in a small
 * bitmap that says "no" nearly always; what passes is compared in full. Immutable once made.
 */
#ifndef HY_ANALYZER_LITERALS_H
#define HY_ANALYZER_LITERALS_H

#include <stddef.h>

#include "common/base/str.h"

struct hy_literals;

/*
 * Takes distinct, non-empty strings of valid UTF-8 (borrowed: they must live as long). Their
 * numbers are their positions in the array.
 */
struct hy_literals *hy_literals_new(const struct hy_str *strings, size_t count);
void hy_literals_free(struct hy_literals *literals);

/* Occurrence of string number `literal` in the bytes from `start` up to `end`. */
typedef void hy_literal_fn(void *ctx, size_t literal, size_t start, size_t end);

/*
 * Calls fn for every occurrence, overlapping ones too; those of one string ascend. The text is
 * valid UTF-8 with at least 8 readable bytes behind it.
 */
void hy_literals_scan(const struct hy_literals *literals, const char *text, size_t n,
		      hy_literal_fn *fn, void *ctx);

#endif
