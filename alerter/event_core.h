/*
 * The core of an event: how many of its texts have each word. What half of them share is what
 * the event is about, and joins the text that is like none of the others alone.
 */
#ifndef HY_ALERTER_EVENT_CORE_H
#define HY_ALERTER_EVENT_CORE_H

#include <stddef.h>
#include <stdint.h>

/* Words seen once are let go beyond so many. */
#define HY_EVENT_CORE_WORDS_MAX 2048

struct hy_event_core_word {
	uint32_t number, texts;
};
struct hy_event_core {
	struct hy_event_core_word *word;	/* ascending by number */
	size_t count, cap;
	uint32_t texts;
};

void hy_event_core_fini(struct hy_event_core *core);
/* A text more, or the last one less; its words ascending by number, each once. The lowest bit
 * of a word is not part of its number (event_index_table.h). */
void hy_event_core_add(struct hy_event_core *core, const uint32_t *words, size_t count);
void hy_event_core_take_back(struct hy_event_core *core, const uint32_t *words, size_t count);

#endif
