/*
 * Title forms: two titles in the same words with other figures, as a writer or a hotline fills
 * in a form: "80户居民停车难" and "374户居民停车难". Alone they do not tell one matter from another,
 * since a later report of the same matter may have new figures too; where the texts behind them
 * do not repeat each other either, they do.
 */
#ifndef HY_ALERTER_TITLE_FORM_H
#define HY_ALERTER_TITLE_FORM_H

#include <stdbool.h>

#include "common/base/str.h"

/* Whether the titles have the same wording, figures aside. Reads 120 characters of each. */
bool hy_titles_worded_alike(struct hy_str a, struct hy_str b);

/* Whether both count the same thing, and differently: 60名孩子 and 95名孩子. */
bool hy_titles_count_differently(struct hy_str a, struct hy_str b);

#endif
