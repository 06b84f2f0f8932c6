#include "alerter/likeness.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/subject.h"
#include "common/base/mem.h"

#define LIST_BYTES 65536
/* What the score loses by the days between the two: the same words half a year later are more
 * often another matter of the same kind. */
#define GAP_LOSS 0.1
#define GAP_MS (180.0 * 24 * 3600 * 1000)

static void dump_list(json_t *list, struct hy_buf *out)
{
	char *text = json_dumps(list, JSON_COMPACT);

	hy_buf_init(out, LIST_BYTES);
	hy_buf_add_c(out, text ? text : "[]");
	free(text);
	json_decref(list);
}

void hy_likeness_of(const struct hy_msg_alert *alert, struct hy_likeness *out)
{
	json_t *topics = json_array(), *places = json_array();

	out->alert = alert;
	out->opens_event = false;
	hy_words_of(alert->title, alert->text, &out->words);
	hy_signature_of(alert->title, alert->text, &out->signature);
	hy_buf_init(&out->subjects, HY_SUBJECTS_BYTES);
	hy_subjects_of(alert->title, alert->text, &out->subjects);
	for (size_t i = 0; i < alert->topic_count; i++)
		json_array_append_new(topics, json_stringn(alert->topics[i].topic.p,
							   alert->topics[i].topic.n));
	for (size_t i = 0; i < alert->place_count; i++)
		json_array_append_new(places,
				      json_stringn(alert->places[i].p, alert->places[i].n));
	dump_list(topics, &out->topics);
	dump_list(places, &out->places);
}

void hy_likeness_fini(struct hy_likeness *likeness)
{
	hy_buf_fini(&likeness->subjects);
	hy_buf_fini(&likeness->topics);
	hy_buf_fini(&likeness->places);
}

static bool list_has(const json_t *list, struct hy_str word)
{
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *item = json_array_get(list, i);

		if (word.n == json_string_length(item) &&
		    memcmp(word.p, json_string_value(item), word.n) == 0)
			return true;
	}
	return false;
}

/* One topic in common is enough: an edited text may cross other thresholds too. */
static bool topics_compatible(const struct hy_msg_alert *alert, const json_t *topics)
{
	for (size_t i = 0; i < alert->topic_count; i++) {
		if (list_has(topics, alert->topics[i].topic))
			return true;
	}
	return false;
}

/* Both name places, and no place of one is, or lies in, or holds a place of the other. */
static bool places_contradict(const struct hy_places *all, const struct hy_msg_alert *alert,
			      const json_t *places)
{
	if (alert->place_count == 0 || json_array_size(places) == 0)
		return false;
	for (size_t i = 0; i < alert->place_count; i++) {
		for (size_t j = 0; j < json_array_size(places); j++) {
			const json_t *item = json_array_get(places, j);
			struct hy_str theirs = {json_string_value(item),
						json_string_length(item)};

			if (hy_str_eq(alert->places[i], theirs) ||
			    hy_places_within(all, alert->places[i], theirs) ||
			    hy_places_within(all, theirs, alert->places[i]))
				return false;
		}
	}
	return true;
}

static bool lists_agree(const struct hy_likeness *likeness, const struct hy_likeness_row *row,
			const struct hy_places *places)
{
	json_t *their_topics = json_loadb(row->topics.p, row->topics.n, 0, NULL);
	json_t *their_places = json_loadb(row->places.p, row->places.n, 0, NULL);
	bool agree = topics_compatible(likeness->alert, their_topics) &&
		     !places_contradict(places, likeness->alert, their_places);

	json_decref(their_topics);
	json_decref(their_places);
	return agree;
}

static bool repeats(const struct hy_likeness *likeness, const struct hy_likeness_row *row)
{
	struct hy_signature theirs;

	return hy_signature_decode(row->signature, &theirs) &&
	       hy_signature_similarity(&theirs, &likeness->signature) >= HY_LIKENESS_REPEATS;
}

static double gap_loss(struct hy_wall a, struct hy_wall b)
{
	if (!hy_wall_known(a) || !hy_wall_known(b))
		return 0;
	return GAP_LOSS * fmin(1, fabs((double)a.ms - (double)b.ms) / GAP_MS);
}

static double words_score(const struct hy_word_counts *counts, const struct hy_likeness *likeness,
			  const struct hy_likeness_row *row)
{
	struct hy_words theirs;

	if (!counts || !hy_words_decode(row->words, &theirs))
		return 0;
	return hy_words_likeness(counts, &likeness->words, &theirs) -
	       gap_loss(likeness->alert->published_at, row->published_at);
}

double hy_likeness_score(const struct hy_likeness *likeness, const struct hy_likeness_row *row,
			 const struct hy_word_counts *counts, const struct hy_places *places)
{
	bool others = hy_subjects_contradict(row->subjects, hy_buf_str(&likeness->subjects));
	double score = words_score(counts, likeness, row);

	/* A repeat that names another firm is a form letter; a rewrite may only mention one more. */
	if (repeats(likeness, row))
		score = others ? 0 : 1;
	if (score < HY_LIKENESS_SAME || !lists_agree(likeness, row, places))
		return 0;
	return score;
}
