/*
 * Vocabulary: which words (or phrases) there are, by their hash, numbered as they come, and in
 * how many events each was seen. Numbers are dense, so that what is known of a word can stand
 * in an array. Bounded by the caller, who starts a new one when it forgets old events.
 */
#ifndef HY_ALERTER_VOCABULARY_H
#define HY_ALERTER_VOCABULARY_H

#include <stddef.h>
#include <stdint.h>

#define HY_VOCABULARY_NONE UINT32_MAX

struct hy_vocabulary;
struct hy_vocabulary *hy_vocabulary_new(void);
void hy_vocabulary_free(struct hy_vocabulary *v);	/* free(NULL) is legal */

/* The number of a word, added where it is new; NONE where it is unknown. */
uint32_t hy_vocabulary_put(struct hy_vocabulary *v, uint32_t hash);
uint32_t hy_vocabulary_find(const struct hy_vocabulary *v, uint32_t hash);
uint32_t hy_vocabulary_hash(const struct hy_vocabulary *v, uint32_t number);
size_t hy_vocabulary_size(const struct hy_vocabulary *v);

/* Events that have the word; 0 for NONE. And one more of them, or one less. */
uint32_t hy_vocabulary_events(const struct hy_vocabulary *v, uint32_t number);
void hy_vocabulary_learn(struct hy_vocabulary *v, uint32_t number);
void hy_vocabulary_unlearn(struct hy_vocabulary *v, uint32_t number);

/* Forgets the newest words until `size` are left; no event has them any more. */
void hy_vocabulary_truncate(struct hy_vocabulary *v, size_t size);

#endif
