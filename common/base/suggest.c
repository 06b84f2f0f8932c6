#include "common/base/suggest.h"

#include <stdint.h>

#include "common/base/utf8.h"

#define DISTANCE_MAX 2
#define SUGGEST_RUNES 32

static size_t runes_of(struct hy_str s, uint32_t out[SUGGEST_RUNES])
{
	size_t count = 0;

	for (size_t i = 0; i < s.n && count < SUGGEST_RUNES;) {
		size_t n = hy_utf8_decode(s.p + i, s.n - i, &out[count]);

		count++;
		i += n ? n : 1;
	}
	return count;
}

static size_t least(size_t a, size_t b, size_t c)
{
	size_t m = a < b ? a : b;

	return m < c ? m : c;
}

/* Levenshtein's distance in characters, two swapped neighbours counting one. */
static size_t edit_distance(struct hy_str a, struct hy_str b)
{
	uint32_t x[SUGGEST_RUNES], y[SUGGEST_RUNES];
	size_t rows[3][SUGGEST_RUNES + 1];
	size_t n = runes_of(a, x), m = runes_of(b, y);
	size_t *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= m; j++)
		above[j] = before[j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *spare = before;

		row[0] = i;
		for (size_t j = 1; j <= m; j++) {
			row[j] = least(above[j] + 1, row[j - 1] + 1,
				       above[j - 1] + (x[i - 1] != y[j - 1]));
			if (i > 1 && j > 1 && x[i - 1] == y[j - 2] && x[i - 2] == y[j - 1] &&
			    before[j - 2] + 1 < row[j])
				row[j] = before[j - 2] + 1;
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[m];
}

struct hy_suggest hy_suggest_for(struct hy_str wanted)
{
	return (struct hy_suggest){.wanted = wanted, .distance = DISTANCE_MAX + 1};
}

void hy_suggest_offer(struct hy_suggest *suggest, struct hy_str word)
{
	size_t length = hy_utf8_count(word.p, word.n);
	size_t distance = edit_distance(suggest->wanted, word);

	/* A two-letter word is two edits away from anything. */
	if (distance >= suggest->distance || distance >= length)
		return;
	suggest->best = word;
	suggest->distance = distance;
}
