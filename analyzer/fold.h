/*
 * Folding: the form of a text in which rules and documents are compared, and the way back.
 *
 * Width, case, compatibility forms, traditional characters and combining marks are evened out;
 * invisible characters go; so do white space beside Chinese characters and up to a few
 * decorating signs between two of them (拆 迁, 拆-迁, 拆*迁, a line break inside 拆迁). A blank
 * line stays one '\n', other white space one space or '\n'. Bytes that are not UTF-8 become
 * U+FFFD, one each. Folding is for comparing only: nobody is ever shown folded text.
 *
 * A table with spelling variants puts the proper spelling in the place of each variant, as soon as
 * the variant's last character is read. What is put is a block that came from the whole variant.
 *
 * Terms and patterns of rules are folded by the same table, so that they compare.
 */
#ifndef HY_ANALYZER_FOLD_H
#define HY_ANALYZER_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/fold_table.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

#define HY_FOLD_INPUT_BYTES (4u << 20)
#define HY_FOLD_PADDING 16	/* NUL bytes behind the folded text: loops may read ahead */

/*
 * From `folded` up to the next segment's: where it comes from. A linear segment (block 0) maps
 * byte by byte; a block came as a whole from `block` bytes of the original.
 */
struct hy_fold_segment {
	uint32_t folded, original, block;
};

struct hy_folded {
	char *text;
	size_t n, cap;
	struct hy_fold_segment *segments;
	size_t segment_count, segment_cap;
};

void hy_folded_init(struct hy_folded *folded);
void hy_folded_fini(struct hy_folded *folded);

/* Replaces what *out held; its memory is kept for the next call. LIMIT: input too large. */
enum hy_err hy_fold(const struct hy_fold_table *table, struct hy_str text, struct hy_folded *out)
	HY_MUST_CHECK;

/* The bytes of the original that a non-empty half-open range of the folded text came from. */
void hy_folded_span(const struct hy_folded *folded, size_t start, size_t end, size_t *out_start,
		    size_t *out_end);

/* How many bytes of the folded text came from the first `original` bytes alone. */
size_t hy_folded_before(const struct hy_folded *folded, size_t original);

/*
 * A PCRE2 pattern for folded text: characters beyond ASCII are folded one by one, and what
 * becomes an ASCII sign is escaped, so that （ never opens a group. ASCII stays as written:
 * letters are compared without case by the pattern's options. Spelling variants are replaced,
 * where they are plain text outside classes; false where one could not be (a repeat follows).
 */
bool hy_fold_pattern(const struct hy_fold_table *table, struct hy_str pattern, struct hy_buf *out);

#endif
