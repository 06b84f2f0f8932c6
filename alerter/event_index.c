#include "alerter/event_index.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/event_index_table.h"
#include "common/base/mem.h"

/* A phrase that so many events have is not about this one. */
#define COMMON_PHRASE_EVENTS 1

struct hy_event_index *hy_event_index_new(void)
{
	struct hy_event_index *index = hy_xcalloc(1, sizeof *index);

	index->words = hy_vocabulary_new();
	index->phrases = hy_vocabulary_new();
	index->repeats = hy_repeats_new();
	hy_map_init(&index->events, (size_t)4 * HY_EVENT_INDEX_MAX);
	for (size_t i = 0; i < HY_EVENT_INDEX_LOGS; i++)
		index->log_of[i] = log((double)(i + 1));
	return index;
}

static void free_text(struct hy_index_text *text)
{
	free(text->word);
	free(text->phrase);
	free(text);
}

static void free_event(struct hy_index_event *event)
{
	hy_event_core_fini(&event->core);
	free(event);
}

static void fini(struct hy_event_index *index)
{
	void *event;

	for (size_t pos = 0; hy_map_next(&index->events, &pos, NULL, &event);)
		free_event(event);
	hy_map_fini(&index->events);
	for (size_t i = 0; i < index->texts; i++)
		free_text(index->text[i]);
	for (size_t i = 0; i < index->posting_cap; i++)
		free(index->posting[i].text);
	hy_vocabulary_free(index->words);
	hy_vocabulary_free(index->phrases);
	hy_repeats_free(index->repeats);
	free(index->posting);
	free(index->mark);
	free(index->text);
	free(index->shared);
}

void hy_event_index_free(struct hy_event_index *index)
{
	if (!index)
		return;
	fini(index);
	free(index);
}

size_t hy_event_index_texts(const struct hy_event_index *index)
{
	return index->texts;
}

void hy_event_index_read(const struct hy_event_index *index, struct hy_str title,
			 struct hy_event_text *text)
{
	struct hy_phrase_set common = {{false}};

	for (size_t i = 0; i < text->phrases.count; i++) {
		uint32_t hash = text->phrases.item[i].hash;
		uint32_t number = hy_vocabulary_find(index->phrases, hash);

		common.has[i] = hy_vocabulary_events(index->phrases, number) >=
				COMMON_PHRASE_EVENTS;
	}
	hy_words_of(title, &text->phrases, &common, &text->words);
}

/* ---- a text more ---------------------------------------------------------------------- */

static int by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Numbers with the mark of the title in the lowest bit, so that they sort together. */
static void number_words(struct hy_event_index *index, const struct hy_words *words,
			 struct hy_index_text *text)
{
	text->word = hy_xcalloc(words->count + 1, sizeof text->word[0]);
	text->words = words->count;
	for (size_t i = 0; i < words->count; i++)
		text->word[i] = hy_vocabulary_put(index->words, words->word[i] >> 1) << 1 |
				(words->word[i] & HY_WORD_IN_TITLE);
	qsort(text->word, text->words, sizeof text->word[0], by_number);
}

/* Each once: a phrase said twice is still one event's. */
static void number_phrases(struct hy_event_index *index, const struct hy_phrases *phrases,
			   struct hy_index_text *text)
{
	uint32_t *list = hy_xcalloc(phrases->count + 1, sizeof list[0]);
	size_t kept = 0;

	for (size_t i = 0; i < phrases->count; i++)
		list[i] = hy_vocabulary_put(index->phrases, phrases->item[i].hash);
	qsort(list, phrases->count, sizeof list[0], by_number);
	for (size_t i = 0; i < phrases->count; i++) {
		if (kept == 0 || list[kept - 1] != list[i])
			list[kept++] = list[i];
	}
	text->phrase = list;
	text->phrases = kept;
}

static void learn(struct hy_event_index *index, const struct hy_index_text *text)
{
	index->learned++;
	for (size_t i = 0; i < text->words; i++)
		hy_vocabulary_learn(index->words, hy_index_word(text, i));
	for (size_t i = 0; i < text->phrases; i++)
		hy_vocabulary_learn(index->phrases, text->phrase[i]);
}

static void unlearn(struct hy_event_index *index, const struct hy_index_text *text)
{
	index->learned--;
	for (size_t i = 0; i < text->words; i++)
		hy_vocabulary_unlearn(index->words, hy_index_word(text, i));
	for (size_t i = 0; i < text->phrases; i++)
		hy_vocabulary_unlearn(index->phrases, text->phrase[i]);
}

static void post(struct hy_event_index *index, const struct hy_index_text *text)
{
	size_t words = hy_vocabulary_size(index->words);

	if (words > index->posting_cap) {
		size_t before = index->posting_cap;

		index->posting = hy_grow(index->posting, &index->posting_cap, words,
					 sizeof index->posting[0]);
		memset(index->posting + before, 0,
		       (index->posting_cap - before) * sizeof index->posting[0]);
	}
	for (size_t i = 0; i < text->words; i++) {
		struct hy_index_posting *p = &index->posting[hy_index_word(text, i)];

		p->text = hy_grow(p->text, &p->cap, p->count + 1, sizeof p->text[0]);
		p->text[p->count++] = (uint32_t)index->texts;
	}
}

static struct hy_index_event *event_of(struct hy_event_index *index, const struct hy_id *id)
{
	struct hy_index_event *event = hy_map_get(&index->events, hy_id_str(id));
	enum hy_err err;

	if (event)
		return event;
	event = hy_xcalloc(1, sizeof *event);
	event->id = *id;
	/* Never more events than texts, and of those twice as many as are kept. */
	err = hy_map_set(&index->events, hy_id_str(id), event);
	hy_assert(err == HY_OK);
	return event;
}

void hy_event_index_add(struct hy_event_index *index, const struct hy_event_text *from)
{
	struct hy_index_event *event = event_of(index, &from->event);
	struct hy_index_text *text = hy_xcalloc(1, sizeof *text);

	text->alert = from->alert;
	text->at = from->at;
	text->event = event;
	text->before = event->newest;
	number_words(index, &from->words, text);
	if (!event->newest) {
		number_phrases(index, &from->phrases, text);
		learn(index, text);
	}
	post(index, text);
	text->weight = hy_index_weight(index, text);
	hy_event_core_add(&event->core, text->word, text->words);
	event->newest = text;
	hy_repeats_add(index->repeats, &from->signature);
	index->text = hy_grow(index->text, &index->text_cap, index->texts + 1,
			      sizeof index->text[0]);
	index->text[index->texts++] = text;
}

/* ---- and less --------------------------------------------------------------------------- */

static void take_back(struct hy_event_index *index)
{
	struct hy_index_text *text = index->text[--index->texts];
	struct hy_index_event *event = text->event;

	hy_repeats_take_back(index->repeats);
	for (size_t i = 0; i < text->words; i++)
		index->posting[hy_index_word(text, i)].count--;
	hy_event_core_take_back(&event->core, text->word, text->words);
	event->newest = text->before;
	if (!event->newest) {
		unlearn(index, text);
		hy_map_remove(&index->events, hy_id_str(&event->id));
		free_event(event);
	}
	free_text(text);
}

void hy_event_index_rollback(struct hy_event_index *index)
{
	while (index->texts > index->committed.texts)
		take_back(index);
	hy_vocabulary_truncate(index->words, index->committed.words);
	hy_vocabulary_truncate(index->phrases, index->committed.phrases);
}

static void copy_text(const struct hy_event_index *index, size_t i, struct hy_event_text *out)
{
	const struct hy_index_text *text = index->text[i];

	out->alert = text->alert;
	out->event = text->event->id;
	out->at = text->at;
	out->signature = *hy_repeats_signature(index->repeats, i);
	out->words.count = text->words;
	for (size_t k = 0; k < text->words; k++)
		out->words.word[k] = hy_vocabulary_hash(index->words, hy_index_word(text, k)) << 1 |
				     (text->word[k] & HY_WORD_IN_TITLE);
	out->phrases.count = text->phrases;
	for (size_t k = 0; k < text->phrases; k++)
		out->phrases.item[k] = (struct hy_phrase){
			.hash = hy_vocabulary_hash(index->phrases, text->phrase[k])};
}

static void forget_older_half(struct hy_event_index *index)
{
	struct hy_event_index *fresh = hy_event_index_new();
	struct hy_event_text *text = hy_xcalloc(1, sizeof *text);
	struct hy_event_index old;

	for (size_t i = index->texts / 2; i < index->texts; i++) {
		copy_text(index, i, text);
		hy_event_index_add(fresh, text);
	}
	free(text);
	old = *index;
	*index = *fresh;
	free(fresh);
	fini(&old);
}

void hy_event_index_commit(struct hy_event_index *index)
{
	if (index->texts > HY_EVENT_INDEX_MAX)
		forget_older_half(index);
	index->committed.texts = index->texts;
	index->committed.words = hy_vocabulary_size(index->words);
	index->committed.phrases = hy_vocabulary_size(index->phrases);
}
