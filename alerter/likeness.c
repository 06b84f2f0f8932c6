#include "alerter/likeness.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/subject.h"
#include "common/base/mem.h"

#define LIST_BYTES 65536

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
	out->text = hy_xcalloc(1, sizeof *out->text);
	out->text->at = hy_wall_known(alert->published_at) ? alert->published_at
							   : alert->detected_at;
	hy_signature_of(alert->title, alert->text, &out->text->signature);
	hy_phrases_of(alert->text, &out->text->phrases);
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
	free(likeness->text);
	hy_buf_fini(&likeness->subjects);
	hy_buf_fini(&likeness->topics);
	hy_buf_fini(&likeness->places);
}

/* One topic in common is enough: an edited text may cross other thresholds too. */
static bool topics_compatible(const struct hy_rule_set *rules, const struct hy_msg_alert *alert,
			      const json_t *topics)
{
	for (size_t i = 0; i < json_array_size(topics); i++) {
		const json_t *item = json_array_get(topics, i);
		struct hy_str theirs = {json_string_value(item), json_string_length(item)};
		const struct hy_topic *topic =
			rules->topics ? hy_topics_get(rules->topics, theirs) : NULL;

		/* Stored under an id that the topic had then. */
		if (topic)
			theirs = topic->id;
		for (size_t j = 0; j < alert->topic_count; j++)
			if (hy_str_eq(alert->topics[j].topic, theirs))
				return true;
	}
	return false;
}

/* Both name places, and no place of one is, or lies in, or holds a place of the other. */
static bool places_contradict(const struct hy_rule_set *rules, const struct hy_msg_alert *alert,
			      const json_t *places)
{
	const struct hy_places *all = rules->places;

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

static bool lists_contradict(const struct hy_likeness *likeness, const struct hy_likeness_row *row,
			     const struct hy_rule_set *rules)
{
	json_t *topics = json_loadb(row->topics.p, row->topics.n, 0, NULL);
	json_t *places = json_loadb(row->places.p, row->places.n, 0, NULL);
	bool apart = !topics_compatible(rules, likeness->alert, topics) ||
		     places_contradict(rules, likeness->alert, places);

	json_decref(topics);
	json_decref(places);
	return apart;
}

static bool subjects_contradict(const struct hy_likeness *likeness,
				const struct hy_likeness_row *row, bool in_titles)
{
	struct hy_words words;
	struct hy_named theirs = {row->subjects, &words};
	struct hy_named ours = {hy_buf_str(&likeness->subjects), &likeness->text->words};

	return !hy_words_decode(row->words, &words) || hy_subjects_contradict(&theirs, &ours, in_titles);
}

/* A repeat that names another firm is a form letter; a rewrite may only mention one more, unless
 * it stands in the title. */
bool hy_likeness_contradicts(const struct hy_likeness *likeness,
			     const struct hy_likeness_row *row, bool repeats,
			     const struct hy_rule_set *rules)
{
	return subjects_contradict(likeness, row, !repeats) ||
	       lists_contradict(likeness, row, rules);
}
