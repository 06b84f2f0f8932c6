/* What an event index holds; private to alerter/event_index*.c. */
#ifndef HY_ALERTER_EVENT_INDEX_TABLE_H
#define HY_ALERTER_EVENT_INDEX_TABLE_H

#include "alerter/event_core.h"
#include "alerter/event_index.h"
#include "alerter/repeats.h"
#include "alerter/vocabulary.h"
#include "common/base/map.h"

#define HY_EVENT_INDEX_LOGS 1024

struct hy_index_posting {
	uint32_t *text;
	size_t count, cap;
};

struct hy_index_event {
	struct hy_id id;
	struct hy_event_core core;
	struct hy_index_text *newest;
};

struct hy_index_text {
	struct hy_id alert;
	struct hy_index_event *event;
	struct hy_index_text *before;	/* of the same event */
	struct hy_wall at;
	uint32_t *word;		/* ascending: its number, and in the lowest bit HY_WORD_IN_TITLE */
	size_t words;
	uint32_t *phrase;	/* of the first text of an event */
	size_t phrases;
	double weight;		/* of all words, when it came */
};

/* Of the search under way. */
struct hy_index_mark {
	uint32_t search;
	bool in_title;
};

struct hy_event_index {
	struct hy_vocabulary *words, *phrases;
	struct hy_index_posting *posting;	/* by number of the word */
	size_t posting_cap;
	struct hy_index_mark *mark;
	size_t mark_cap;
	struct hy_index_text **text;
	size_t texts, text_cap;
	struct {
		size_t texts, words, phrases;
	} committed;
	struct hy_map events;		/* id to struct hy_index_event */
	size_t learned;			/* events */
	struct hy_repeats *repeats;
	double *shared;			/* by text; 0 between searches */
	size_t shared_cap;
	uint32_t search;
	double log_of[HY_EVENT_INDEX_LOGS];
};

static inline uint32_t hy_index_word(const struct hy_index_text *text, size_t i)
{
	return text->word[i] >> 1;
}

/* The squared weight of a word: 0 for one that every event has. */
double hy_index_rarity(const struct hy_event_index *index, uint32_t number);
/* Of all words of a text. */
double hy_index_weight(const struct hy_event_index *index, const struct hy_index_text *text);

#endif
