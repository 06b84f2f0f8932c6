/*
 * Which runs of digits are a person's: mobile and fixed phones, ID cards, bank cards.
 * The forms that people write them in are a table in mask_number.c.
 */
#ifndef HY_CRAWLER_MASK_NUMBER_H
#define HY_CRAWLER_MASK_NUMBER_H

#include <stddef.h>

#include "crawler/mask_text.h"

/*
 * The number of cells of the personal number that begins at `at`, or 0. *out_keep becomes
 * how many of them may stay readable.
 */
size_t hy_mask_number(const struct hy_mask_text *t, size_t at, size_t *out_keep);

#endif
