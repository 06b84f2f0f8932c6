/*
 * Masking of personal numbers before anything is stored.
 *
 * Mobile phones (138********), landlines with area code, ID-card numbers, licence plates,
 * bank cards and e-mail addresses lose all but a few leading characters, too few to find
 * the person again (PIPL art. 28, 51; GB/T 37964 suppression). Public service numbers
 * (110, 12345, 95xxx, 400/800) are what an answer needs and stay.
 */
#ifndef HY_CRAWLER_MASK_H
#define HY_CRAWLER_MASK_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

/*
 * Appends the text with every personal number masked. Invalid UTF-8 is repaired on the way,
 * so the output is valid. Masking masked text changes nothing. *out_count (may be NULL)
 * becomes how many numbers were masked. LIMIT where out is full: out failed then.
 */
enum hy_err hy_mask(struct hy_str text, struct hy_buf *out, unsigned *out_count) HY_MUST_CHECK;

#endif
