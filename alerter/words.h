/*
 * Words of a text, weighed by how rare they are among events: the measure that joins rewrites
 * and follow-ups, which share few shingles. A word is a pair of Han characters or a run of
 * letters and digits, kept as a hash; those of the title are marked, because a title says what
 * a message is about. How rare a word is, is learned online: hy_word_counts knows in how many
 * events it was seen. A repost is not counted, or a large event would make its own name common.
 */
#ifndef HY_ALERTER_WORDS_H
#define HY_ALERTER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/str.h"

#define HY_WORDS_MAX 256
#define HY_WORDS_BYTES (HY_WORDS_MAX * 3)
#define HY_WORD_KEYS 16

struct hy_words {
	uint32_t word[HY_WORDS_MAX];	/* ascending by hash */
	size_t count;
};

/* Of the title and of the opening of the text. */
void hy_words_of(struct hy_str title, struct hy_str text, struct hy_words *out);

/* Appends the form for the store, three bytes a word; and back, false where it is malformed. */
void hy_words_encode(const struct hy_words *words, struct hy_buf *out);
bool hy_words_decode(struct hy_str bytes, struct hy_words *out);

struct hy_word_counts;
struct hy_word_counts *hy_word_counts_new(void);
void hy_word_counts_free(struct hy_word_counts *counts);	/* free(NULL) is legal */
/* One event more, which has these words. */
void hy_word_counts_learn(struct hy_word_counts *counts, const struct hy_words *words);

/* 0 to 1: what the two share, of titles and of all, weighed by rarity. */
double hy_words_likeness(const struct hy_word_counts *counts, const struct hy_words *a,
			 const struct hy_words *b);

/*
 * The words to be found by, the most telling first: at most HY_WORD_KEYS, never negative. With
 * `known` only those that some event has, and few events.
 */
size_t hy_words_keys(const struct hy_word_counts *counts, const struct hy_words *words,
		     bool known, int64_t out[HY_WORD_KEYS]);

#endif
