#include "alerter/event.h"

#include <string.h>

#include "common/base/mem.h"

#define REPEATS_SURELY 1.0

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
	"SELECT event, topics, places, subjects, signature, words, published_at"
	" FROM event_likeness WHERE alert = $1";
/* Those that share the most of the telling words, then the newest. */
_Static_assert(HY_WORD_KEYS == 16, "the two statements on words have a place for each key");
static const char by_words[] =
	"SELECT b.alert FROM event_band b JOIN event e ON e.id = b.event WHERE b.key IN ("
	" $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
	" GROUP BY b.alert, b.event, e.last_at"
	" ORDER BY COUNT(*) DESC, e.last_at DESC, b.event LIMIT 32";
static const char put_likeness[] =
	"INSERT INTO event_likeness (alert, event, at, opens, published_at, topics, places,"
	" subjects, signature, words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
	" ON CONFLICT DO NOTHING";
static const char newest_openers[] =
	"SELECT words FROM event_likeness WHERE opens = 1 ORDER BY at DESC LIMIT 20000";
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

static const char put_words[] =
	"INSERT INTO event_band (key, event, alert) VALUES"
	" ($3, $1, $2), ($4, $1, $2), ($5, $1, $2), ($6, $1, $2), ($7, $1, $2), ($8, $1, $2),"
	" ($9, $1, $2), ($10, $1, $2), ($11, $1, $2), ($12, $1, $2), ($13, $1, $2), ($14, $1, $2),"
	" ($15, $1, $2), ($16, $1, $2), ($17, $1, $2), ($18, $1, $2)"
	" ON CONFLICT DO NOTHING";

struct candidates {
	struct hy_id alert[HY_EVENT_CANDIDATES_MAX];
	size_t count;
};

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

static enum hy_err take_candidates(struct hy_query *q, struct candidates *out, struct hy_error *e)
{
	enum hy_err err;
	bool row;

	while (!(err = hy_query_next(q, &row, e)) && row)
		add_candidate(out, hy_query_text(q, 0));
	return err;
}

static enum hy_err collect_repeats(struct hy_turn *turn, const struct hy_signature *signature,
				   struct candidates *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, by_bands);

	if (signature->empty)
		return HY_OK;
	for (int band = 0; band < HY_SIGNATURE_BANDS; band++)
		hy_query_bind_int(q, band + 1, hy_signature_band(signature, band));
	return take_candidates(q, out, e);
}

/* Places without a key of their own repeat the first one, which changes nothing. */
static void bind_words(struct hy_query *q, int first, const int64_t *keys, size_t count)
{
	for (size_t i = 0; i < HY_WORD_KEYS; i++)
		hy_query_bind_int(q, first + (int)i, keys[i < count ? i : 0]);
}

static enum hy_err collect_kin(struct hy_turn *turn, const struct hy_words *words,
			       struct candidates *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, by_words);
	int64_t keys[HY_WORD_KEYS];
	size_t count = turn->words ? hy_words_keys(turn->words, words, true, keys) : 0;

	if (count == 0)
		return HY_OK;
	bind_words(q, 1, keys, count);
	return take_candidates(q, out, e);
}

static void read_row(const struct hy_query *q, struct hy_likeness_row *out)
{
	*out = (struct hy_likeness_row){
		.topics = hy_query_text(q, 1), .places = hy_query_text(q, 2),
		.subjects = hy_query_text(q, 3), .signature = hy_query_blob(q, 4),
		.words = hy_query_blob(q, 5), .published_at = hy_query_wall(q, 6)};
}

/* Keeps in *best the score of the event in *out. */
static enum hy_err compare(struct hy_turn *turn, const struct hy_likeness *likeness,
			   const struct hy_id *candidate, double *best, struct hy_id *out,
			   struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, candidate_row);
	struct hy_likeness_row earlier;
	double score;
	bool row;
	enum hy_err err;

	hy_query_bind_c(q, 1, candidate->hex);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err;
	read_row(q, &earlier);
	score = hy_likeness_score(likeness, &earlier, turn->words, turn->rules->places);
	if (score > *best) {
		err = take_event(q, out, e);
		*best = score;
	}
	hy_query_reset(q);
	return err;
}

static enum hy_err best_of(struct hy_turn *turn, const struct hy_likeness *likeness,
			   const struct candidates *candidates, struct hy_id *out,
			   bool *out_found, struct hy_error *e)
{
	struct hy_id event = {0};
	double best = 0;
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < candidates->count && !err && best < REPEATS_SURELY; i++)
		err = compare(turn, likeness, &candidates->alert[i], &best, &event, e);
	if (err || best <= 0)
		return err;
	*out = event;
	*out_found = true;
	return HY_OK;
}

enum hy_err hy_event_find(struct hy_turn *turn, const struct hy_likeness *likeness,
			  struct hy_id *out, bool *out_found, struct hy_error *e)
{
	struct candidates repeats = {.count = 0}, kin = {.count = 0};
	enum hy_err err = find_by_document(turn, likeness->alert->document, out, out_found, e);

	if (!err && !*out_found)
		err = collect_repeats(turn, &likeness->signature, &repeats, e);
	if (!err && !*out_found)
		err = best_of(turn, likeness, &repeats, out, out_found, e);
	if (!err && !*out_found)
		err = collect_kin(turn, &likeness->words, &kin, e);
	if (!err && !*out_found)
		err = best_of(turn, likeness, &kin, out, out_found, e);
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

static enum hy_err index_bands(struct hy_turn *turn, struct hy_str alert,
			       const struct hy_id *event, const struct hy_signature *signature,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, put_bands);

	if (signature->empty)
		return HY_OK;
	hy_query_bind_text(q, 1, hy_id_str(event));
	hy_query_bind_text(q, 2, alert);
	for (int band = 0; band < HY_SIGNATURE_BANDS; band++)
		hy_query_bind_int(q, band + 3, hy_signature_band(signature, band));
	return hy_query_run(q, NULL, e);
}

static enum hy_err index_words(struct hy_turn *turn, struct hy_str alert,
			       const struct hy_id *event, const struct hy_words *words,
			       struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, put_words);
	int64_t keys[HY_WORD_KEYS];
	size_t count = turn->words ? hy_words_keys(turn->words, words, false, keys) : 0;

	if (count == 0)
		return HY_OK;
	hy_query_bind_text(q, 1, hy_id_str(event));
	hy_query_bind_text(q, 2, alert);
	bind_words(q, 3, keys, count);
	return hy_query_run(q, NULL, e);
}

static enum hy_err store_likeness(struct hy_turn *turn, struct hy_str alert,
				  const struct hy_id *event, const struct hy_likeness *likeness,
				  struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, put_likeness);
	hy_cleanup(hy_buf_fini) struct hy_buf words = HY_BUF(HY_WORDS_BYTES);
	char signature[HY_SIGNATURE_BYTES];

	hy_words_encode(&likeness->words, &words);
	hy_signature_encode(&likeness->signature, signature);
	hy_query_bind_text(q, 1, alert);
	hy_query_bind_text(q, 2, hy_id_str(event));
	hy_query_bind_wall(q, 3, turn->now);
	hy_query_bind_int(q, 4, likeness->opens_event);
	hy_query_bind_wall(q, 5, likeness->alert->published_at);
	hy_query_bind_text(q, 6, hy_buf_str(&likeness->topics));
	hy_query_bind_text(q, 7, hy_buf_str(&likeness->places));
	hy_query_bind_text(q, 8, hy_buf_str(&likeness->subjects));
	if (likeness->signature.empty)
		hy_query_bind_null(q, 9);
	else
		hy_query_bind_blob(q, 9, (struct hy_str){signature, sizeof signature});
	hy_query_bind_blob(q, 10, hy_buf_str(&words));
	return hy_query_run(q, NULL, e);
}

/* After a rollback the counts keep what they have learned: a repeat counts twice, no harm. */
enum hy_err hy_event_index(struct hy_turn *turn, struct hy_str alert, const struct hy_id *event,
			   const struct hy_likeness *likeness, struct hy_error *e)
{
	enum hy_err err = store_likeness(turn, alert, event, likeness, e);

	if (!err)
		err = index_bands(turn, alert, event, &likeness->signature, e);
	if (!err)
		err = index_words(turn, alert, event, &likeness->words, e);
	if (!err && turn->words && likeness->opens_event)
		hy_word_counts_learn(turn->words, &likeness->words);
	return err;
}

enum hy_err hy_event_learn(struct hy_store *store, struct hy_word_counts *counts,
			   struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, newest_openers);
	struct hy_words words;
	enum hy_err err;
	bool row;

	while (!(err = hy_query_next(q, &row, e)) && row) {
		if (hy_words_decode(hy_query_blob(q, 0), &words))
			hy_word_counts_learn(counts, &words);
	}
	return err;
}
