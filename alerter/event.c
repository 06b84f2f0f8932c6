#include "alerter/event.h"

#include <string.h>

#include "alerter/known.h"
#include "common/base/mem.h"

_Static_assert(HY_EVENT_INDEX_MAX == 200000, "the number stands in the statement below");
static const char newest_texts[] =
	"SELECT alert, event, published_at, signature, words, phrases FROM"
	" (SELECT alert, event, at, published_at, signature, words, phrases FROM event_text"
	" WHERE at >= $1 ORDER BY at DESC, alert DESC LIMIT 200000) AS newest ORDER BY at, alert";
static const char by_document[] =
	"SELECT event FROM alert WHERE document = $1 ORDER BY received_at DESC, id LIMIT 1";
static const char text_row[] =
	"SELECT title, topics, places, subjects, words FROM event_text WHERE alert = $1";
static const char event_places[] =
	"SELECT DISTINCT places FROM event_text WHERE event = $1 ORDER BY places LIMIT 64";
static const char put_text[] =
	"INSERT INTO event_text (alert, event, at, published_at, topics, places, subjects,"
	" signature, words, phrases, title) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
static const char open_event[] =
	"INSERT INTO event (id, title, topic, opened_at, last_at, alerts)"
	" VALUES ($1, $2, $3, $4, $4, 1)";
static const char join_event[] =
	"UPDATE event SET last_at = $1, alerts = alerts + 1 WHERE id = $2";

static enum hy_err take_id(struct hy_str id, struct hy_id *out, struct hy_error *e)
{
	if (!hy_id_valid(id))
		return hy_fail(e, HY_ERR_MALFORMED, "event: bad id in the store");
	*out = (struct hy_id){0};
	memcpy(out->hex, id.p, HY_ID_DIGITS);
	return HY_OK;
}

static enum hy_err read_text(const struct hy_query *q, struct hy_event_text *out,
			     struct hy_error *e)
{
	enum hy_err err = take_id(hy_query_text(q, 0), &out->alert, e);

	if (!err)
		err = take_id(hy_query_text(q, 1), &out->event, e);
	if (err)
		return err;
	out->at = hy_query_wall(q, 2);
	if (!hy_signature_decode(hy_query_blob(q, 3), &out->signature))
		out->signature = (struct hy_signature){.empty = true};
	if (!hy_words_decode(hy_query_blob(q, 4), &out->words) ||
	    !hy_phrases_decode(hy_query_blob(q, 5), &out->phrases))
		return hy_fail(e, HY_ERR_MALFORMED, "event: bad words in the store");
	return HY_OK;
}

enum hy_err hy_event_load(struct hy_store *store, struct hy_event_index *index,
			  struct hy_wall now, struct hy_error *e)
{
	hy_cleanup(hy_free_p) struct hy_event_text *text = hy_xcalloc(1, sizeof *text);
	struct hy_query *q = hy_store_query(store, newest_texts);
	enum hy_err err;
	bool row;

	hy_query_bind_int(q, 1, now.ms - HY_EVENT_REMEMBERED_DAYS * HY_DAY_MS);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		err = read_text(q, text, e);
		if (err)
			break;
		hy_event_index_add(index, text);
	}
	hy_query_reset(q);
	hy_event_index_commit(index);
	return err;
}

static enum hy_err find_by_document(struct hy_turn *turn, struct hy_str document,
				    struct hy_id *out, bool *out_found, struct hy_error *e)
{
	struct hy_query *q;
	enum hy_err err;

	if (!hy_known_maybe(turn->known, document)) {
		*out_found = false;
		return HY_OK;
	}
	q = hy_store_query(turn->store, by_document);
	hy_query_bind_text(q, 1, document);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	err = take_id(hy_query_text(q, 0), out, e);
	hy_query_reset(q);
	return err;
}

/* No text in between that names only the zone may join what happens in two of its streets. */
static enum hy_err check_places(struct hy_turn *turn, const struct hy_likeness *likeness,
				const struct hy_id *event, bool *out_same, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, event_places);
	enum hy_err err = HY_OK;
	bool row;

	hy_query_bind_text(q, 1, hy_id_str(event));
	while (*out_same && !(err = hy_query_next(q, &row, e)) && row)
		*out_same = !hy_likeness_elsewhere(likeness, hy_query_text(q, 0), turn->rules);
	hy_query_reset(q);
	return err;
}

/* Whether nothing keeps the alert apart from the text that found the candidate, nor from its
 * event. */
static enum hy_err check(struct hy_turn *turn, const struct hy_likeness *likeness,
			 const struct hy_event_candidate *candidate, bool *out_same,
			 struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, text_row);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, hy_id_str(&candidate->alert));
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err;
	*out_same = !hy_likeness_contradicts(
		likeness,
		&(struct hy_likeness_row){.title = hy_query_text(q, 0),
					  .topics = hy_query_text(q, 1),
					  .exact_places = hy_query_text(q, 2),
					  .subjects = hy_query_text(q, 3),
					  .words = hy_query_blob(q, 4)},
		candidate, turn->rules);
	hy_query_reset(q);
	return *out_same ? check_places(turn, likeness, &candidate->event, out_same, e) : HY_OK;
}

enum hy_err hy_event_find(struct hy_turn *turn, struct hy_likeness *likeness,
			  struct hy_id *out, bool *out_found, struct hy_error *e)
{
	struct hy_event_candidate candidate[HY_EVENT_CANDIDATES_MAX];
	enum hy_err err = find_by_document(turn, likeness->alert->document, out, out_found, e);
	size_t count;

	if (err)
		return err;
	hy_event_index_read(turn->events, likeness->alert->title, likeness->text);
	count = *out_found ? 0 : hy_event_index_find(turn->events, likeness->text, candidate);
	for (size_t i = 0; i < count && !err && !*out_found; i++) {
		err = check(turn, likeness, &candidate[i], out_found, e);
		if (!err && *out_found)
			*out = candidate[i].event;
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
	return hy_query_later(q, e);
}

enum hy_err hy_event_join(struct hy_turn *turn, const struct hy_id *event, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, join_event);

	hy_query_bind_wall(q, 1, turn->now);
	hy_query_bind_text(q, 2, hy_id_str(event));
	return hy_query_later(q, e);
}

static enum hy_err store_text(struct hy_turn *turn, const struct hy_likeness *likeness,
			      struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf words = HY_BUF(HY_WORDS_MAX * 4);
	hy_cleanup(hy_buf_fini) struct hy_buf phrases = HY_BUF(HY_PHRASES_MAX * 4);
	struct hy_query *q = hy_store_query(turn->store, put_text);
	char signature[HY_SIGNATURE_BYTES];

	hy_words_encode(&likeness->text->words, &words);
	hy_phrases_encode(&likeness->text->phrases, &phrases);
	hy_signature_encode(&likeness->text->signature, signature);
	hy_query_bind_text(q, 1, hy_id_str(&likeness->text->alert));
	hy_query_bind_text(q, 2, hy_id_str(&likeness->text->event));
	hy_query_bind_wall(q, 3, turn->now);
	hy_query_bind_wall(q, 4, likeness->text->at);
	hy_query_bind_text(q, 5, hy_buf_str(&likeness->topics));
	hy_query_bind_text(q, 6, hy_buf_str(&likeness->exact_places));
	hy_query_bind_text(q, 7, hy_buf_str(&likeness->subjects));
	if (likeness->text->signature.empty)
		hy_query_bind_null(q, 8);
	else
		hy_query_bind_blob(q, 8, (struct hy_str){signature, sizeof signature});
	hy_query_bind_blob(q, 9, hy_buf_str(&words));
	hy_query_bind_blob(q, 10, hy_buf_str(&phrases));
	hy_query_bind_text(q, 11, likeness->alert->title);
	return hy_query_later(q, e);
}

enum hy_err hy_event_index(struct hy_turn *turn, struct hy_str alert, const struct hy_id *event,
			   const struct hy_likeness *likeness, struct hy_error *e)
{
	enum hy_err err = take_id(alert, &likeness->text->alert, e);

	if (err)
		return err;
	likeness->text->event = *event;
	err = store_text(turn, likeness, e);
	if (!err)
		hy_event_index_add(turn->events, likeness->text);
	return err;
}
