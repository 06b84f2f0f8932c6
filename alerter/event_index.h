/*
 * Event index: the events of the last months in memory, to find the one an alert belongs to.
 * What it holds is worked out of the stored alerts (event.h) and lost with the process.
 *
 * Two texts are about the same thing where one nearly repeats the other, or where the words
 * that are rare among events are the same: the cosine of their words, each weighed by the cube
 * of the logarithm of its rarity, of title and text, less for every day between them. An event
 * of several texts is also known by its core, the words that half of them share. How rare a
 * word is, is learned from the events themselves; a repost does not count, or a large event
 * would make its own name common. Phrases that several events repeat are left out of the text.
 *
 * Cost of a search is bounded, however many events there are: by a budget of postings read
 * and by the number of texts compared. Beyond HY_EVENT_INDEX_MAX texts the older half is
 * forgotten at a commit.
 */
#ifndef HY_ALERTER_EVENT_INDEX_H
#define HY_ALERTER_EVENT_INDEX_H

#include <stdbool.h>
#include <stddef.h>

#include "alerter/signature.h"
#include "alerter/words.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"

#define HY_EVENT_INDEX_MAX 200000	/* texts; some 2 KiB each */
#define HY_EVENT_CANDIDATES_MAX 16
#define HY_EVENT_SAME 0.155		/* the least score of words */

/* What an alert is found by. */
struct hy_event_text {
	struct hy_id alert, event;
	struct hy_wall at;		/* published, or detected */
	struct hy_signature signature;
	struct hy_words words;
	struct hy_phrases phrases;
};

struct hy_event_candidate {
	struct hy_id alert, event;	/* the likest text, and its event */
	double score;			/* HY_EVENT_SAME to 1 */
	bool repeats;			/* the likest text, nearly word for word */
};

struct hy_event_index;
struct hy_event_index *hy_event_index_new(void);
void hy_event_index_free(struct hy_event_index *index);	/* free(NULL) is legal */

/* Fills text->words from the title and those of text->phrases that are not common. */
void hy_event_index_read(const struct hy_event_index *index, struct hy_str title,
			 struct hy_event_text *text);

/* The events a text may belong to, the best first; the count. */
size_t hy_event_index_find(struct hy_event_index *index, const struct hy_event_text *text,
			   struct hy_event_candidate out[HY_EVENT_CANDIDATES_MAX]);

/* The first text of an event teaches how rare words are. */
void hy_event_index_add(struct hy_event_index *index, const struct hy_event_text *text);

/* What was added since the last of these two calls stays, or goes. */
void hy_event_index_commit(struct hy_event_index *index);
void hy_event_index_rollback(struct hy_event_index *index);

size_t hy_event_index_texts(const struct hy_event_index *index);

#endif
