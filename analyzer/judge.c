#include "analyzer/judge.h"

#include <stdio.h>

struct hy_id hy_alert_id(struct hy_str version)
{
	const struct hy_str parts[] = {HY_STR_LIT("alert"), version};

	return hy_id_of(parts, 2);
}

static bool place_allows(enum hy_topic_place place, bool ours, bool need_place)
{
	switch (place) {
	case HY_TOPIC_PLACE_ANY:
		return true;
	case HY_TOPIC_PLACE_REQUIRED:
		return ours;
	case HY_TOPIC_PLACE_PRESET:
		return ours || !need_place;
	}
	return ours;
}

/*
 * Is the topic merely touched upon? Broad topics hold for most letters, and each would bring its
 * own unit in; so besides the strongest only those count that come near it, among topics of its
 * sector by their own words. A graver topic counts always.
 */
static bool is_mention(const struct hy_scan_topic *topic, const struct hy_scan_topic *first)
{
	bool is_akin = topic->rule->topic->sector &&
		       topic->rule->topic->sector == first->rule->topic->sector;
	int64_t score = is_akin ? topic->own : topic->score;
	int64_t strongest = is_akin ? first->own : first->score;

	return topic->severity <= first->severity &&
	       score * 100 < strongest * HY_MENTION_PERCENT;
}

/* A match that is longer than a message's field stays in the score and out of the list. */
static void add_hits(struct hy_judgement *j, const struct hy_scan_topic *topic,
		     const struct hy_msg_document *document)
{
	for (size_t i = 0; i < topic->hit_count; i++) {
		const struct hy_scan_hit *hit = &topic->hits[i];
		struct hy_str field = hit->field == HY_FIELD_TITLE ? document->title
								   : document->text;

		if (j->alert.hit_count == HY_MSG_HITS_MAX)
			return;
		if (hit->end - hit->start > HY_MSG_RULE_BYTES)
			continue;
		j->hits[j->alert.hit_count++] = (struct hy_msg_hit){
			.topic = topic->rule->topic->id,
			.rule = hit->rule,
			.field = hit->field,
			.start = (int64_t)hit->start,
			.end = (int64_t)hit->end,
			.text = hy_str_sub(field, hit->start, hit->end - hit->start),
		};
	}
}

static void add_because(struct hy_judgement *j, const struct hy_scan_topic *topic)
{
	size_t used = j->alert.because.n, room = sizeof j->because - used;
	int n;

	if (topic->because.n == 0)
		return;
	n = snprintf(j->because + used, room, "议题“%.*s”：%.*s\n",
		     HY_STR_ARGS(topic->rule->topic->title), HY_STR_ARGS(topic->because));
	if (n > 0 && (size_t)n < room)
		j->alert.because.n += (size_t)n;
}

static void add_topics(struct hy_judgement *j, const struct hy_msg_document *document,
		       const struct hy_scan_result *result, bool need_place)
{
	const struct hy_scan_topic *first = NULL;

	for (size_t i = 0; i < result->topic_count; i++) {
		const struct hy_scan_topic *topic = &result->topics[i];

		if (j->alert.topic_count == HY_MSG_TOPICS_MAX)
			return;
		if (!place_allows(topic->rule->topic->place, result->ours, need_place))
			continue;
		first = first ? first : topic;
		if (is_mention(topic, first))
			continue;
		j->topics[j->alert.topic_count++] = (struct hy_msg_topic){
			topic->rule->topic->id, topic->score, topic->severity};
		if (topic->severity > j->alert.severity)
			j->alert.severity = topic->severity;
		add_because(j, topic);
		add_hits(j, topic, document);
	}
}

static void add_policies(struct hy_judgement *j, const struct hy_msg_document *document,
			 const struct hy_scan_result *result)
{
	for (size_t i = 0; i < result->policy_count; i++) {
		const struct hy_scan_topic *reaction = &result->policies[i];

		if (j->alert.policy_count == HY_MSG_POLICIES_MAX)
			return;
		if (hy_policy_is_release(reaction->rule->policy, document->url))
			continue;
		j->policies[j->alert.policy_count++] = reaction->rule->policy->id;
		add_hits(j, reaction, document);
	}
}

static void add_places(struct hy_judgement *j, const struct hy_msg_document *document,
		       const struct hy_scan_result *result)
{
	for (size_t i = 0; i < result->place_count && i < HY_MSG_PLACES_MAX; i++)
		j->places[j->alert.place_count++] = result->places[i].place->id;
	/* Where the text names none, what the source is about is the best that is known. */
	if (j->alert.place_count == 0 && result->ours)
		j->places[j->alert.place_count++] = document->region;
}

void hy_judge(const struct hy_msg *document, const struct hy_scan_result *result, bool need_place,
	      struct hy_str rules, struct hy_judgement *out)
{
	const struct hy_msg_document *d = &document->as.document;

	out->outcome = HY_OUTCOME_QUIET;
	out->note = "";
	out->alert_id = hy_alert_id(document->id);
	out->alert = (struct hy_msg_alert){
		.document = d->document,
		.version = document->id,
		.url = d->url,
		.title = d->title,
		.source = d->source,
		.outlet = d->outlet,
		.published_at = d->published_at,
		.detected_at = d->detected_at,
		.severity = HY_SEVERITY_GENERAL,
		.because = {out->because, 0},
		.rules = rules,
		.topics = out->topics,
		.policies = out->policies,
		.places = out->places,
		.hits = out->hits,
		.text = d->text,
	};
	add_topics(out, d, result, need_place);
	add_policies(out, d, result);
	if (out->alert.topic_count + out->alert.policy_count == 0)
		return;
	add_places(out, d, result);
	out->outcome = out->alert.topic_count ? HY_OUTCOME_ALERTED : HY_OUTCOME_REACTION;
}
