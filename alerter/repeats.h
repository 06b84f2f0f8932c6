/*
 * Repeats: finds earlier texts that a text nearly repeats, by bands of their signatures. Texts
 * have the numbers 0, 1, 2 … in the order they are added; the last can be taken back.
 */
#ifndef HY_ALERTER_REPEATS_H
#define HY_ALERTER_REPEATS_H

#include <stddef.h>
#include <stdint.h>

#include "alerter/signature.h"

/* Of the bins of two signatures: texts that agree in so many are repeats. */
#define HY_REPEATS_SIMILAR 0.5
#define HY_REPEATS_FOUND_MAX 16

struct hy_repeats;
struct hy_repeats *hy_repeats_new(void);
void hy_repeats_free(struct hy_repeats *repeats);	/* free(NULL) is legal */

void hy_repeats_add(struct hy_repeats *repeats, const struct hy_signature *signature);
void hy_repeats_take_back(struct hy_repeats *repeats);
/* Borrowed until the next change. */
const struct hy_signature *hy_repeats_signature(const struct hy_repeats *repeats, size_t number);

/* The newest texts that this one repeats, at most HY_REPEATS_FOUND_MAX; the count. */
size_t hy_repeats_find(const struct hy_repeats *repeats, const struct hy_signature *signature,
		       uint32_t out[HY_REPEATS_FOUND_MAX]);

#endif
