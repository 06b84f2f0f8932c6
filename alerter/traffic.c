#include "alerter/traffic.h"

#include <stdlib.h>
#include <string.h>

#include "alerter/calendar.h"
#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/rules/topic_form.h"

#define KEEP_DAYS 60
#define KEEP_TALLIES_MS (7 * HY_DAY_MS)	/* far longer than a sender goes on asking */
#define FORMS_MAX (HY_TOPICS_MAX * 2)

static const char put_tally[] =
	"INSERT INTO tally (id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING";
static const char add_judged[] =
	"INSERT INTO judged_day (day, documents) VALUES ($1, $2)"
	" ON CONFLICT (day) DO UPDATE SET documents = judged_day.documents + excluded.documents";
static const char add_fired[] =
	"INSERT INTO topic_day (topic, day, fired) VALUES ($1, $2, $3)"
	" ON CONFLICT (topic, day) DO UPDATE SET fired = topic_day.fired + excluded.fired";
static const char forget_tallies[] = "DELETE FROM tally WHERE at < $1";
static const char forget_judged[] = "DELETE FROM judged_day WHERE day < $1";
static const char forget_fired[] = "DELETE FROM topic_day WHERE day < $1";

static const char read_forms[] = "SELECT topic, form FROM topic_form";
static const char put_form[] =
	"INSERT INTO topic_form (topic, form, since, day, documents, fired)"
	" VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT (topic) DO UPDATE SET form = excluded.form,"
	" since = excluded.since, day = excluded.day, documents = excluded.documents, fired = 0";
static const char change_form[] =
	"UPDATE topic_form SET form = $2, day = $3, documents = $4, fired = COALESCE("
	"(SELECT fired FROM topic_day WHERE topic = $1 AND day = $3), 0) WHERE topic = $1";
static const char drop_form[] = "DELETE FROM topic_form WHERE topic = $1";
static const char drop_days[] = "DELETE FROM topic_day WHERE topic = $1";
static const char judged_of_day[] = "SELECT documents FROM judged_day WHERE day = $1";

static const char read_judged[] =
	"SELECT day, documents FROM v_judged_day WHERE day >= $1 AND day <= $2 ORDER BY day";
static const char read_fired[] =
	"SELECT f.topic, f.since, f.day, f.documents, f.fired, d.day, d.fired FROM v_topic_form f"
	" LEFT JOIN v_topic_day d ON d.topic = f.topic AND d.day >= $1 AND d.day <= $2"
	" ORDER BY f.topic, d.day";

static const char read_topic[] =
	"SELECT f.topic, f.since, f.day, f.documents, f.fired, d.day, d.fired FROM v_topic_form f"
	" LEFT JOIN v_topic_day d ON d.topic = f.topic AND d.day >= $1 AND d.day <= $2"
	" WHERE f.topic = $3 ORDER BY d.day";

/* ---- tallies ---- */

static enum hy_err change_topic(struct hy_store *store, const char *sql, struct hy_str text,
			    struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, sql);

	hy_query_bind_text(q, 1, text);
	return hy_query_later(q, e);
}

static enum hy_err add_topic(struct hy_turn *turn, struct hy_str topic, struct hy_wall day,
			     int64_t fired, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, add_fired);

	if (fired == 0)
		return HY_OK;
	hy_query_bind_text(q, 1, topic);
	hy_query_bind_wall(q, 2, day);
	hy_query_bind_int(q, 3, fired);
	return hy_query_later(q, e);
}

static enum hy_err add_tally(struct hy_turn *turn, const struct hy_msg_tally *tally,
			     struct hy_error *e)
{
	/* Whatever the other host's clock says, nothing was judged in the future. */
	struct hy_wall at = tally->at.ms < turn->now.ms ? tally->at : turn->now;
	struct hy_wall day = hy_day_start(at);
	struct hy_query *q = hy_store_query(turn->store, add_judged);
	enum hy_err err;

	hy_query_bind_wall(q, 1, day);
	hy_query_bind_int(q, 2, tally->documents);
	err = hy_query_later(q, e);
	if (!err)
		err = add_topic(turn, HY_STR_LIT(HY_TRAFFIC_ALL), day, tally->alerted, e);
	for (size_t i = 0; i < tally->share_count && !err; i++)
		err = add_topic(turn, tally->shares[i].topic, day, tally->shares[i].documents, e);
	return err;
}

static enum hy_err forget(struct hy_turn *turn, struct hy_error *e)
{
	struct hy_wall day = hy_day_start(hy_wall_add_ms(turn->now, -KEEP_DAYS * HY_DAY_MS));
	const struct {
		const char *sql;
		struct hy_wall before;
	} all[] = {{forget_tallies, hy_wall_add_ms(turn->now, -KEEP_TALLIES_MS)},
		   {forget_judged, day},
		   {forget_fired, day}};
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < HY_COUNT(all) && !err; i++) {
		struct hy_query *q = hy_store_query(turn->store, all[i].sql);

		hy_query_bind_wall(q, 1, all[i].before);
		err = hy_query_later(q, e);
	}
	return err;
}

enum hy_err hy_traffic_take(struct hy_turn *turn, struct hy_str id,
			    const struct hy_msg_tally *tally, bool *out_fresh, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, put_tally);
	int64_t changed = 0;
	enum hy_err err;

	hy_query_bind_text(q, 1, id);
	hy_query_bind_wall(q, 2, turn->now);
	err = hy_query_run(q, &changed, e);
	if (!err && changed)
		err = add_tally(turn, tally, e);
	if (!err && changed)
		err = forget(turn, e);
	if (!err)
		*out_fresh = changed > 0;
	return err;
}

/* ---- forms ---- */

/* What is counted, by topic: its form, owned. */
struct forms {
	struct hy_map by_topic;
	int64_t judged;			/* of today */
};

static void forms_fini(struct forms *forms)
{
	size_t pos = 0;
	void *form;

	while (hy_map_next(&forms->by_topic, &pos, NULL, &form))
		free(form);
	hy_map_fini(&forms->by_topic);
}

static enum hy_err read_all_forms(struct hy_turn *turn, struct forms *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, read_forms);
	enum hy_err err;
	bool row;

	while (!(err = hy_query_next(q, &row, e)) && row) {
		char *form = hy_str_dup(hy_query_text(q, 1));

		err = hy_map_set(&out->by_topic, hy_query_text(q, 0), form);
		if (err) {
			free(form);
			hy_query_reset(q);
			return hy_fail(e, err, "traffic: more topics than there may be");
		}
	}
	return err;
}

static enum hy_err read_today(struct hy_turn *turn, int64_t *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, judged_of_day);
	enum hy_err err;
	bool row;

	hy_query_bind_wall(q, 1, hy_day_start(turn->now));
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = row ? hy_query_int(q, 0) : 0;
	hy_query_reset(q);
	return HY_OK;
}

/* A topic as it is counted from a moment on. */
struct counted {
	struct hy_str topic, form;
	struct hy_wall since;
};

static enum hy_err begin_topic(struct hy_turn *turn, const struct forms *forms,
			       const struct counted *counted, struct hy_error *e)
{
	enum hy_err err = change_topic(turn->store, drop_days, counted->topic, e);
	struct hy_query *q;

	if (err)
		return err;
	q = hy_store_query(turn->store, put_form);
	hy_query_bind_text(q, 1, counted->topic);
	hy_query_bind_text(q, 2, counted->form);
	hy_query_bind_wall(q, 3, counted->since);
	hy_query_bind_wall(q, 4, hy_day_start(turn->now));
	hy_query_bind_int(q, 5, forms->judged);
	return hy_query_later(q, e);
}

/* All alerts together keep their usual, but what today brought by other rules no longer counts. */
static enum hy_err use_all(struct hy_turn *turn, struct forms *forms, struct hy_error *e)
{
	const struct counted all = {HY_STR_LIT(HY_TRAFFIC_ALL), hy_id_str(&turn->rules->version),
				    turn->now};
	hy_cleanup(hy_free_p) char *known = hy_map_remove(&forms->by_topic, all.topic);
	struct hy_query *q;

	if (!known)
		return begin_topic(turn, forms, &all, e);
	if (hy_str_eq_c(all.form, known))
		return HY_OK;
	q = hy_store_query(turn->store, change_form);
	hy_query_bind_text(q, 1, all.topic);
	hy_query_bind_text(q, 2, all.form);
	hy_query_bind_wall(q, 3, hy_day_start(turn->now));
	hy_query_bind_int(q, 4, forms->judged);
	return hy_query_later(q, e);
}

/* Takes it out of the forms, so that those are left which no rule has. */
static enum hy_err use_topic(struct hy_turn *turn, struct forms *forms,
			     const struct hy_topic *topic, struct hy_error *e)
{
	hy_cleanup(hy_free_p) char *known = hy_map_remove(&forms->by_topic, topic->id);
	struct hy_id form = hy_topic_form(turn->rules->topics, topic);
	struct counted counted = {topic->id, hy_id_str(&form), turn->now};

	if (known && hy_str_eq_c(counted.form, known))
		return HY_OK;
	if (hy_wall_known(topic->valid_from) && topic->valid_from.ms > counted.since.ms)
		counted.since = topic->valid_from;
	return begin_topic(turn, forms, &counted, e);
}

static enum hy_err drop_rest(struct hy_turn *turn, const struct forms *forms, struct hy_error *e)
{
	enum hy_err err = HY_OK;
	struct hy_str topic;
	void *form;

	for (size_t pos = 0; !err && hy_map_next(&forms->by_topic, &pos, &topic, &form);) {
		err = change_topic(turn->store, drop_form, topic, e);
		if (!err)
			err = change_topic(turn->store, drop_days, topic, e);
	}
	return err;
}

enum hy_err hy_traffic_use_rules(struct hy_turn *turn, struct hy_error *e)
{
	hy_cleanup(forms_fini) struct forms forms = {0};
	const struct hy_topics *topics = turn->rules->topics;
	enum hy_err err;

	hy_map_init(&forms.by_topic, FORMS_MAX);
	err = read_all_forms(turn, &forms, e);
	if (!err)
		err = read_today(turn, &forms.judged, e);
	if (!err)
		err = use_all(turn, &forms, e);
	for (size_t i = 0; i < hy_topics_count(topics) && !err; i++) {
		const struct hy_topic *topic = hy_topics_at(topics, i);

		if (!hy_topic_is_derived(topic))
			err = use_topic(turn, &forms, topic, e);
	}
	return err ? err : drop_rest(turn, &forms, e);
}

/* ---- reading ---- */

/* What was judged: the days before today in order, and today. */
struct judged {
	int64_t day[HY_SHARE_DAYS], documents[HY_SHARE_DAYS];
	size_t count;
	int64_t today_ms, today;
};

/* One topic as its rows come by. */
struct reading {
	const struct judged *judged;
	char *topic;			/* owned; NULL: none yet */
	struct hy_wall since;
	struct hy_share_day before;	/* today, by other rules */
	int64_t fired[HY_SHARE_DAYS], today;
	hy_traffic_fn *each;
	void *ctx;
};

static enum hy_err read_days(struct hy_store *store, struct hy_wall today, struct judged *out,
			     struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, read_judged);
	enum hy_err err;
	bool row;

	out->today_ms = today.ms;
	hy_query_bind_int(q, 1, today.ms - HY_SHARE_DAYS * HY_DAY_MS);
	hy_query_bind_int(q, 2, today.ms);
	while (!(err = hy_query_next(q, &row, e)) && row) {
		int64_t day = hy_query_int(q, 0);

		if (day == today.ms) {
			out->today = hy_query_int(q, 1);
		} else if (out->count < HY_SHARE_DAYS) {
			out->day[out->count] = day;
			out->documents[out->count++] = hy_query_int(q, 1);
		}
	}
	return err;
}

static void tell_topic(struct reading *r)
{
	const struct judged *judged = r->judged;
	struct hy_share_day days[HY_SHARE_DAYS];
	struct hy_traffic traffic = {.topic = hy_str_of(r->topic), .since = r->since};
	size_t count = 0;

	for (size_t i = 0; i < judged->count; i++)
		if (judged->day[i] >= r->since.ms)
			days[count++] = (struct hy_share_day){judged->documents[i], r->fired[i]};
	hy_share_usual(days, count, &traffic.usual);
	if (r->since.ms < judged->today_ms + HY_DAY_MS)
		traffic.today = (struct hy_share_day){judged->today - r->before.documents,
						      r->today - r->before.fired};
	r->each(r->ctx, &traffic);
}

static void take_row(struct reading *r, const struct hy_query *q)
{
	struct hy_str topic = hy_query_text(q, 0);
	int64_t day = hy_query_int(q, 5), fired = hy_query_int(q, 6);

	if (!r->topic || !hy_str_eq_c(topic, r->topic)) {
		if (r->topic)
			tell_topic(r);
		free(r->topic);
		r->topic = hy_str_dup(topic);
		r->since = hy_query_wall(q, 1);
		r->before = (struct hy_share_day){0};
		if (hy_query_int(q, 2) == r->judged->today_ms)
			r->before = (struct hy_share_day){hy_query_int(q, 3), hy_query_int(q, 4)};
		memset(r->fired, 0, sizeof r->fired);
		r->today = 0;
	}
	if (hy_query_is_null(q, 5))
		return;
	if (day == r->judged->today_ms)
		r->today = fired;
	for (size_t i = 0; i < r->judged->count; i++)
		if (r->judged->day[i] == day)
			r->fired[i] = fired;
}

/* Of one topic, or of all where it is empty. */
static enum hy_err read_topics(struct hy_store *store, struct hy_wall now, struct hy_str topic,
			       struct reading *reading, struct hy_error *e)
{
	struct judged judged = {.count = 0};
	struct hy_wall today = hy_day_start(now);
	enum hy_err err = read_days(store, today, &judged, e);
	struct hy_query *q;
	bool row;

	if (err)
		return err;
	reading->judged = &judged;
	q = hy_store_query(store, topic.n ? read_topic : read_fired);
	hy_query_bind_int(q, 1, today.ms - HY_SHARE_DAYS * HY_DAY_MS);
	hy_query_bind_int(q, 2, today.ms);
	if (topic.n)
		hy_query_bind_text(q, 3, topic);
	while (!(err = hy_query_next(q, &row, e)) && row)
		take_row(reading, q);
	if (!err && reading->topic)
		tell_topic(reading);
	hy_free_p(&reading->topic);
	return err;
}

enum hy_err hy_traffic_each(struct hy_store *store, struct hy_wall now, hy_traffic_fn *each,
			    void *ctx, struct hy_error *e)
{
	struct reading reading = {.each = each, .ctx = ctx};

	return read_topics(store, now, (struct hy_str){0}, &reading, e);
}

static void keep_usual(void *ctx, const struct hy_traffic *traffic)
{
	struct hy_share_usual *out = ctx;

	*out = traffic->usual;
}

enum hy_err hy_traffic_usual(struct hy_store *store, struct hy_wall now, struct hy_str topic,
			     struct hy_share_usual *out, struct hy_error *e)
{
	struct hy_share_usual usual = {.days = 0};
	struct reading reading = {.each = keep_usual, .ctx = &usual};
	enum hy_err err = read_topics(store, now, topic, &reading, e);

	if (!err)
		*out = usual;
	return err;
}
