#include "alerter/likeness.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/subject.h"
#include "alerter/title_form.h"
#include "common/base/mem.h"

#define LIST_BYTES 65536
/* So many times as like must texts be of which one does not say in which street. */
#define LESS_EXACT 2

static void dump_list(json_t *list, struct hy_buf *out)
{
	char *text = json_dumps(list, JSON_COMPACT);

	hy_buf_init(out, LIST_BYTES);
	hy_buf_add_c(out, text ? text : "[]");
	free(text);
	json_decref(list);
}

/* Whether another place of the alert lies inside this one: then that other is meant. */
static bool is_narrowed(const struct hy_msg_alert *alert, const struct hy_places *places,
			struct hy_str place)
{
	for (size_t i = 0; i < alert->place_count; i++) {
		if (!hy_str_eq(alert->places[i], place) &&
		    hy_places_within(places, alert->places[i], place))
			return true;
	}
	return false;
}

static void list_places(const struct hy_msg_alert *alert, const struct hy_places *places,
			struct hy_likeness *out)
{
	json_t *all = json_array(), *exact = json_array();

	for (size_t i = 0; i < alert->place_count; i++) {
		struct hy_str place = alert->places[i];

		json_array_append_new(all, json_stringn(place.p, place.n));
		if (!places || !is_narrowed(alert, places, place))
			json_array_append_new(exact, json_stringn(place.p, place.n));
	}
	dump_list(all, &out->places);
	dump_list(exact, &out->exact_places);
}

void hy_likeness_of(const struct hy_msg_alert *alert, const struct hy_places *places,
		    struct hy_likeness *out)
{
	json_t *topics = json_array();

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
	dump_list(topics, &out->topics);
	list_places(alert, places, out);
}

void hy_likeness_fini(struct hy_likeness *likeness)
{
	free(likeness->text);
	hy_buf_fini(&likeness->subjects);
	hy_buf_fini(&likeness->topics);
	hy_buf_fini(&likeness->places);
	hy_buf_fini(&likeness->exact_places);
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

static struct hy_str place_at(const json_t *places, size_t i)
{
	const json_t *item = json_array_get(places, i);

	return (struct hy_str){json_string_value(item), json_string_length(item)};
}

/* The lists of exact places, compared. */
enum relation {
	SAME_PLACE,
	MAY_BE_SAME,		/* one says less, or nothing */
	ELSEWHERE,		/* no place of one is, or lies in, or holds one of the other */
};

static enum relation relate(const struct hy_places *all, struct hy_str our, struct hy_str their)
{
	if (hy_str_eq(our, their))
		return SAME_PLACE;
	return hy_places_within(all, our, their) || hy_places_within(all, their, our) ? MAY_BE_SAME
										      : ELSEWHERE;
}

static enum relation relate_lists(const struct hy_places *all, const json_t *ours,
				  const json_t *theirs)
{
	enum relation best = ELSEWHERE;

	if (json_array_size(ours) == 0 || json_array_size(theirs) == 0)
		return json_array_size(ours) == json_array_size(theirs) ? SAME_PLACE : MAY_BE_SAME;
	for (size_t i = 0; i < json_array_size(ours); i++) {
		for (size_t j = 0; j < json_array_size(theirs); j++) {
			enum relation r = relate(all, place_at(ours, i), place_at(theirs, j));

			best = r < best ? r : best;
		}
	}
	return best;
}

static enum relation relate_places(const struct hy_likeness *likeness, struct hy_str exact_places,
				   const struct hy_rule_set *rules)
{
	json_t *ours = json_loadb(likeness->exact_places.p, likeness->exact_places.n, 0, NULL);
	json_t *theirs = json_loadb(exact_places.p, exact_places.n, 0, NULL);
	enum relation relation = relate_lists(rules->places, ours, theirs);

	json_decref(ours);
	json_decref(theirs);
	return relation;
}

bool hy_likeness_elsewhere(const struct hy_likeness *likeness, struct hy_str exact_places,
			   const struct hy_rule_set *rules)
{
	return relate_places(likeness, exact_places, rules) == ELSEWHERE;
}

static bool topics_contradict(const struct hy_likeness *likeness,
			      const struct hy_likeness_row *row, const struct hy_rule_set *rules)
{
	json_t *topics = json_loadb(row->topics.p, row->topics.n, 0, NULL);
	bool apart = !topics_compatible(rules, likeness->alert, topics);

	json_decref(topics);
	return apart;
}

/* A form filled in twice: the same title with another figure or a place less exact. */
static bool is_form(const struct hy_likeness *likeness, const struct hy_likeness_row *row,
		    enum relation places)
{
	return hy_titles_worded_alike(likeness->alert->title, row->title) &&
	       (places != SAME_PLACE ||
		hy_titles_count_differently(likeness->alert->title, row->title));
}

static bool subjects_contradict(const struct hy_likeness *likeness,
				const struct hy_likeness_row *row, bool in_titles)
{
	struct hy_words words;
	struct hy_named theirs = {row->subjects, &words};
	struct hy_named ours = {hy_buf_str(&likeness->subjects), &likeness->text->words};

	return !hy_words_decode(row->words, &words) || hy_subjects_contradict(&theirs, &ours, in_titles);
}

static bool is_apart(const struct hy_likeness *likeness, const struct hy_likeness_row *row,
		     const struct hy_event_candidate *found, enum relation places)
{
	if (places == ELSEWHERE)
		return true;
	if (found->repeats)
		return false;
	return is_form(likeness, row, places) ||
	       (places == MAY_BE_SAME && found->score < HY_EVENT_SAME * LESS_EXACT);
}

/* A repeat that names another firm is a form letter; a rewrite may only mention one more, unless
 * it stands in the title. */
bool hy_likeness_contradicts(const struct hy_likeness *likeness,
			     const struct hy_likeness_row *row,
			     const struct hy_event_candidate *found,
			     const struct hy_rule_set *rules)
{
	return is_apart(likeness, row, found,
			relate_places(likeness, row->exact_places, rules)) ||
	       subjects_contradict(likeness, row, !found->repeats) ||
	       topics_contradict(likeness, row, rules);
}
