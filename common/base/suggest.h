/* The word that was probably meant: the nearest of those there are, in edits of characters. */
#ifndef HY_BASE_SUGGEST_H
#define HY_BASE_SUGGEST_H

#include <stddef.h>

#include "common/base/str.h"

struct hy_suggest {
	struct hy_str wanted;
	struct hy_str best;	/* borrowed from who offered it; empty: none is near */
	size_t distance;
};

struct hy_suggest hy_suggest_for(struct hy_str wanted);
/* The first of those equally near stays. */
void hy_suggest_offer(struct hy_suggest *suggest, struct hy_str word);

#endif
