/*
 * Words and phrases of a text: what rewrites and follow-ups have in common. A word is a pair of
 * neighbouring Han characters or a run of letters and digits, kept as a hash; those of the
 * title are marked, because a title says what a message is about. A phrase is what stands
 * between two punctuation marks: one that many events repeat is a greeting, a disclaimer or a
 * form, and its words tell nothing.
 */
#ifndef HY_ALERTER_WORDS_H
#define HY_ALERTER_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/str.h"

#define HY_WORDS_MAX 480
#define HY_PHRASES_MAX 128
/* Of the text, beside the title: what comes later is detail or the foot of the page. */
#define HY_WORDS_OPENING_RUNES 400

#define HY_WORD_IN_TITLE UINT32_C(1)

/* Ascending, each once: the hash in the upper 31 bits, HY_WORD_IN_TITLE in the lowest. */
struct hy_words {
	uint32_t word[HY_WORDS_MAX];
	size_t count;
};

/* In the order of the text; views into it. */
struct hy_phrase {
	uint32_t hash;
	struct hy_str text;
};
struct hy_phrases {
	struct hy_phrase item[HY_PHRASES_MAX];
	size_t count;
};

void hy_phrases_of(struct hy_str text, struct hy_phrases *out);

/* All words of the title, and those of phrases until HY_WORDS_OPENING_RUNES are read; a phrase
 * whose bit is set in `skip` is passed over. */
struct hy_phrase_set {
	bool has[HY_PHRASES_MAX];
};
void hy_words_of(struct hy_str title, const struct hy_phrases *phrases,
		 const struct hy_phrase_set *skip, struct hy_words *out);

/* Whether it is among them: two Han characters, or letters and digits. */
bool hy_words_have(const struct hy_words *words, struct hy_str word);

/* Four bytes each, big-endian, appended; and back, false where malformed. Decoded phrases have
 * no text. */
void hy_words_encode(const struct hy_words *words, struct hy_buf *out);
bool hy_words_decode(struct hy_str bytes, struct hy_words *out);
void hy_phrases_encode(const struct hy_phrases *phrases, struct hy_buf *out);
bool hy_phrases_decode(struct hy_str bytes, struct hy_phrases *out);

#endif
