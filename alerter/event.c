#include "alerter/event.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/subject.h"
#include "common/base/mem.h"

#define LIST_BYTES 65536

static const char by_document[] =
	"SELECT event FROM alert WHERE document = $1 ORDER BY received_at DESC, id LIMIT 1";
/* One statement for all bands: a key says which band it is of. */
_Static_assert(HY_SIGNATURE_BANDS == 32, "the two statements below have a place for each band");
static const char by_bands[] =
	"SELECT b.alert FROM event_band b JOIN event e ON e.id = b.event WHERE b.key IN ("
	" $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16,"
	" $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)"
	" GROUP BY b.alert, b.event, e.last_at ORDER BY e.last_at DESC, b.event LIMIT 64";
static const char candidate_row[] =
	"SELECT event, topics, places, subjects, signature FROM alert WHERE id = $1";
static const char open_event[] =
	"INSERT INTO event (id, title, topic, opened_at, last_at, alerts)"
	" VALUES ($1, $2, $3, $4, $4, 1)";
static const char join_event[] =
	"UPDATE event SET last_at = $1, alerts = alerts + 1 WHERE id = $2";
static const char put_bands[] =
	"INSERT INTO event_band (key, event, alert) VALUES"
	" ($3, $1, $2), ($4, $1, $2), ($5, $1, $2), ($6, $1, $2), ($7, $1, $2), ($8, $1, $2),"
	" ($9, $1, $2), ($10, $1, $2), ($11, $1, $2), ($12, $1, $2), ($13, $1, $2), ($14, $1, $2),"
	" ($15, $1, $2), ($16, $1, $2), ($17, $1, $2), ($18, $1, $2), ($19, $1, $2), ($20, $1, $2),"
	" ($21, $1, $2), ($22, $1, $2), ($23, $1, $2), ($24, $1, $2), ($25, $1, $2), ($26, $1, $2),"
	" ($27, $1, $2), ($28, $1, $2), ($29, $1, $2), ($30, $1, $2), ($31, $1, $2), ($32, $1, $2),"
	" ($33, $1, $2), ($34, $1, $2)"
	" ON CONFLICT DO NOTHING";

struct candidates {
	struct hy_id alert[HY_EVENT_CANDIDATES_MAX];
	size_t count;
};

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

/* One topic in common is enough: an edited text may cross other thresholds too. */
static bool topics_compatible(const struct hy_turn *turn, const struct hy_msg_alert *alert,
			      const json_t *topics)
{
	for (size_t i = 0; i < json_array_size(topics); i++) {
		const json_t *item = json_array_get(topics, i);
		struct hy_str theirs = {json_string_value(item), json_string_length(item)};
		const struct hy_topic *topic = hy_topics_get(turn->rules->topics, theirs);

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
static bool places_contradict(const struct hy_turn *turn, const struct hy_msg_alert *alert,
			      const json_t *places)
{
	const struct hy_places *all = turn->rules->places;

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

/* Whether the row of candidate_row is about the same thing. */
static bool is_same(const struct hy_turn *turn, const struct hy_query *q,
		    const struct hy_likeness *likeness)
{
	struct hy_str topics_text = hy_query_text(q, 1), places_text = hy_query_text(q, 2);
	struct hy_signature signature;
	json_t *topics, *places;
	bool same;

	if (!hy_signature_decode(hy_query_blob(q, 4), &signature) ||
	    hy_signature_similarity(&signature, &likeness->signature) < HY_EVENT_SIMILAR ||
	    hy_subjects_contradict(hy_query_text(q, 3), hy_buf_str(&likeness->subjects)))
		return false;
	topics = json_loadb(topics_text.p, topics_text.n, 0, NULL);
	places = json_loadb(places_text.p, places_text.n, 0, NULL);
	same = topics_compatible(turn, likeness->alert, topics) &&
	       !places_contradict(turn, likeness->alert, places);
	json_decref(topics);
	json_decref(places);
	return same;
}

static enum hy_err take_event(struct hy_query *q, struct hy_id *out, struct hy_error *e)
{
	struct hy_str id = hy_query_text(q, 0);

	if (!hy_id_valid(id))
		return hy_fail(e, HY_ERR_MALFORMED, "event: bad id in the store");
	*out = (struct hy_id){0};
	memcpy(out->hex, id.p, HY_ID_DIGITS);
	return HY_OK;
}

static enum hy_err find_by_document(struct hy_turn *turn, struct hy_str document,
				    struct hy_id *out, bool *out_found, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, by_document);
	enum hy_err err;

	hy_query_bind_text(q, 1, document);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	err = take_event(q, out, e);
	hy_query_reset(q);
	return err;
}

static void add_candidate(struct candidates *c, struct hy_str alert)
{
	if (c->count == HY_EVENT_CANDIDATES_MAX || !hy_id_valid(alert))
		return;
	for (size_t i = 0; i < c->count; i++) {
		if (hy_str_eq_c(alert, c->alert[i].hex))
			return;
	}
	c->alert[c->count] = (struct hy_id){0};
	memcpy(c->alert[c->count++].hex, alert.p, HY_ID_DIGITS);
}

static enum hy_err collect(struct hy_turn *turn, const struct hy_signature *signature,
			   struct candidates *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, by_bands);
	enum hy_err err;
	bool row;

	for (int band = 0; band < HY_SIGNATURE_BANDS; band++)
		hy_query_bind_int(q, band + 1, hy_signature_band(signature, band));
	while (!(err = hy_query_next(q, &row, e)) && row)
		add_candidate(out, hy_query_text(q, 0));
	return err;
}

enum hy_err hy_event_find(struct hy_turn *turn, const struct hy_likeness *likeness,
			  struct hy_id *out, bool *out_found, struct hy_error *e)
{
	struct candidates candidates = {.count = 0};
	enum hy_err err = find_by_document(turn, likeness->alert->document, out, out_found, e);

	if (err || *out_found || likeness->signature.empty)
		return err;
	err = collect(turn, &likeness->signature, &candidates, e);
	for (size_t i = 0; i < candidates.count && !err && !*out_found; i++) {
		struct hy_query *q = hy_store_query(turn->store, candidate_row);
		bool row;

		hy_query_bind_c(q, 1, candidates.alert[i].hex);
		err = hy_query_next(q, &row, e);
		if (err || !row)
			continue;
		if (is_same(turn, q, likeness)) {
			err = take_event(q, out, e);
			*out_found = !err;
		}
		hy_query_reset(q);
	}
	return err;
}

enum hy_err hy_event_open(struct hy_turn *turn, const struct hy_msg_alert *alert,
			  const struct hy_id *event, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, open_event);

	hy_query_bind_text(q, 1, hy_id_str(event));
	hy_query_bind_text(q, 2, alert->title);
	hy_query_bind_text(q, 3, alert->topics[0].topic);
	hy_query_bind_wall(q, 4, turn->now);
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_event_join(struct hy_turn *turn, const struct hy_id *event, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, join_event);

	hy_query_bind_wall(q, 1, turn->now);
	hy_query_bind_text(q, 2, hy_id_str(event));
	return hy_query_run(q, NULL, e);
}

enum hy_err hy_event_index(struct hy_turn *turn, struct hy_str alert, const struct hy_id *event,
			   const struct hy_likeness *likeness, struct hy_error *e)
{
	struct hy_query *q;

	if (likeness->signature.empty)
		return HY_OK;
	q = hy_store_query(turn->store, put_bands);
	hy_query_bind_text(q, 1, hy_id_str(event));
	hy_query_bind_text(q, 2, alert);
	for (int band = 0; band < HY_SIGNATURE_BANDS; band++)
		hy_query_bind_int(q, band + 3, hy_signature_band(&likeness->signature, band));
	return hy_query_run(q, NULL, e);
}
