#include "alerter/title_form.h"

#include <stdint.h>

#include "common/base/utf8.h"

#define PAIRS_MAX 120
#define FIGURES_MAX 16
/* Dice's coefficient of the pairs of neighbouring characters. */
#define ALIKE 0.6

struct pairs {
	uint64_t item[PAIRS_MAX];
	size_t count;
};

/* A run of digits and the character behind it, which says what is counted. */
struct figure {
	struct hy_str digits;
	uint32_t unit;
};
struct figures {
	struct figure item[FIGURES_MAX];
	size_t count;
};

static bool is_digit(uint32_t rune)
{
	return rune >= '0' && rune <= '9';
}

static bool tells(uint32_t rune)
{
	return hy_rune_is_han(rune) || (rune >= 'A' && rune <= 'Z') || (rune >= 'a' && rune <= 'z');
}

static void read_pairs(struct hy_str title, struct pairs *out)
{
	uint32_t last = 0, rune;

	out->count = 0;
	for (size_t at = 0, n; at < title.n && out->count < PAIRS_MAX; at += n ? n : 1) {
		n = hy_utf8_decode(title.p + at, title.n - at, &rune);
		if (n == 0 || !tells(rune))
			continue;
		if (last)
			out->item[out->count++] = (uint64_t)last << 32 | rune;
		last = rune;
	}
}

bool hy_titles_worded_alike(struct hy_str a, struct hy_str b)
{
	struct pairs ours, theirs;
	bool taken[PAIRS_MAX] = {false};
	size_t both = 0;

	read_pairs(a, &ours);
	read_pairs(b, &theirs);
	for (size_t i = 0; i < ours.count; i++) {
		for (size_t j = 0; j < theirs.count; j++) {
			if (taken[j] || ours.item[i] != theirs.item[j])
				continue;
			taken[j] = true;
			both++;
			break;
		}
	}
	return both > 0 && 2.0 * (double)both >= ALIKE * (double)(ours.count + theirs.count);
}

static void read_figures(struct hy_str title, struct figures *out)
{
	out->count = 0;
	for (size_t at = 0, n; at < title.n && out->count < FIGURES_MAX; at += n ? n : 1) {
		size_t end = at;
		uint32_t rune;

		n = 1;
		while (end < title.n && is_digit((unsigned char)title.p[end]))
			end++;
		if (end == at)
			continue;
		n = end - at;
		if (hy_utf8_decode(title.p + end, title.n - end, &rune) && hy_rune_is_han(rune))
			out->item[out->count++] =
				(struct figure){hy_str_sub(title, at, n), rune};
	}
}

bool hy_titles_count_differently(struct hy_str a, struct hy_str b)
{
	struct figures ours, theirs;

	read_figures(a, &ours);
	read_figures(b, &theirs);
	for (size_t i = 0; i < ours.count; i++) {
		bool counted = false, same = false;

		for (size_t j = 0; j < theirs.count; j++) {
			if (ours.item[i].unit != theirs.item[j].unit)
				continue;
			counted = true;
			same |= hy_str_eq(ours.item[i].digits, theirs.item[j].digits);
		}
		if (counted && !same)
			return true;
	}
	return false;
}
