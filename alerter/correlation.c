#include "alerter/correlation.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define BECAUSE_BYTES 4000
#define SIGHTINGS_MAX 5000	/* looked at for one correlation: far beyond what is asked for */
#define FORGET_MS (HY_CORRELATION_SPAN_MAX_MS + INT64_C(86400000))

static const char read_sightings[] =
	"SELECT place, document, source, outlet, at FROM sighting"
	" WHERE topic = $1 AND at >= $2 AND at <= $3 ORDER BY at DESC LIMIT 5000";
static const char put_sighting[] =
	"INSERT INTO sighting (topic, place, alert, document, source, outlet, at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
static const char forget_sightings[] = "DELETE FROM sighting WHERE at < $1";

/* ---- counting ---- */

/* Occurrences gathered for one correlation and, where it counts by place, one place. */
struct gathering {
	const struct hy_correlation *correlation;
	struct hy_str place;
	struct hy_occurrence *items;	/* values owned */
	size_t count, cap;
};

static struct hy_str value_of(const struct hy_correlation *c, const struct hy_sighting *s)
{
	switch (c->value) {
	case HY_CORRELATION_DOCUMENT:
		return s->document;
	case HY_CORRELATION_SOURCE:
		return s->source;
	case HY_CORRELATION_OUTLET:
		return s->outlet.n ? s->outlet : s->source;
	case HY_CORRELATION_PLACE:
		return s->place;
	}
	return s->document;
}

static void gather(void *ctx, const struct hy_sighting *s)
{
	struct gathering *g = ctx;
	struct hy_str value = value_of(g->correlation, s);

	if (value.n == 0 || g->count == SIGHTINGS_MAX ||
	    (g->correlation->by_place && !hy_str_eq(s->place, g->place)))
		return;
	g->items = hy_grow(g->items, &g->cap, g->count + 1, sizeof *g->items);
	g->items[g->count++] =
		(struct hy_occurrence){{hy_str_dup(value), value.n}, s->at_ms};
}

static void gathering_fini(struct gathering *g)
{
	for (size_t i = 0; i < g->count; i++) {
		char *copy;

		memcpy(&copy, &g->items[i].value.p, sizeof copy);
		free(copy);
	}
	free(g->items);
}

static bool counts(const struct hy_correlation *c, struct hy_str topic)
{
	for (size_t i = 0; i < c->topic_count; i++)
		if (hy_str_glob(c->topics[i], topic))
			return true;
	return false;
}

/* What one correlation is asked about an alert. */
struct question {
	const struct hy_correlator *correlator;
	const struct hy_msg_alert *alert;
	const struct hy_correlation *correlation;
	struct hy_str topic;	/* counted alone; "": all that the correlation names */
};

/* The alert in hand is not among those that are read. */
struct own {
	const struct question *question;
	struct gathering *gathering;
};

static bool is_counted(const struct question *q, struct hy_str topic)
{
	return q->topic.n ? hy_str_eq(q->topic, topic) : counts(q->correlation, topic);
}

static void gather_own(void *ctx, const struct hy_sighting *s)
{
	const struct own *own = ctx;

	if (is_counted(own->question, s->topic))
		gather(own->gathering, s);
}

static enum hy_err count_at(const struct question *q, struct hy_str place, size_t *out)
{
	const struct hy_correlator *correlator = q->correlator;
	hy_cleanup(gathering_fini) struct gathering g = {.correlation = q->correlation,
							 .place = place};
	struct own own = {q, &g};
	enum hy_err err = HY_OK;

	hy_sightings_of(q->alert, correlator->at, gather_own, &own);
	if (q->topic.n)
		err = correlator->read(correlator->ctx, q->correlation, q->topic, gather, &g);
	for (size_t i = 0; !q->topic.n && !err && i < hy_topics_count(correlator->topics); i++) {
		struct hy_str topic = hy_topics_at(correlator->topics, i)->id;

		if (counts(q->correlation, topic))
			err = correlator->read(correlator->ctx, q->correlation, topic, gather, &g);
	}
	if (!err)
		*out = hy_correlation_most(g.items, g.count, correlator->at.ms,
					   q->correlation->span_ms);
	return err;
}

/* The most at any of the alert's places; an alert without a place has none of its own. */
static enum hy_err count_group(const struct question *q, size_t *out)
{
	enum hy_err err = HY_OK;
	size_t most = 0;

	if (!q->correlation->by_place)
		return count_at(q, (struct hy_str){0}, out);
	for (size_t i = 0; i < q->alert->place_count && !err; i++) {
		size_t count = 0;

		err = count_at(q, q->alert->places[i], &count);
		most = count > most ? count : most;
	}
	*out = most;
	return err;
}

/* ---- what comes of it ---- */

static void tell(struct hy_correlated *out, const struct hy_topic *topic,
		 const struct hy_correlation *c, size_t count)
{
	hy_buf_addf(&out->because, "议题“%.*s”：", HY_STR_ARGS(topic->title));
	hy_correlation_tell(c, count, &out->because);
}

static enum hy_err raise_own(const struct hy_correlator *correlator,
			     const struct hy_msg_alert *alert, size_t index,
			     struct hy_correlated *out)
{
	struct hy_msg_topic *told = &out->topics[index];
	const struct hy_topic *topic = hy_topics_get(correlator->topics, told->topic);
	enum hy_err err = HY_OK;

	for (size_t i = 0; topic && !err && i < topic->correlations.count; i++) {
		const struct hy_correlation *c = &topic->correlations.items[i];
		const struct question q = {correlator, alert, c, topic->id};
		size_t count = 0;

		if (!c->raises || c->severity <= told->severity)
			continue;
		err = count_group(&q, &count);
		if (err || count < (size_t)c->gte)
			continue;
		told->severity = c->severity;
		tell(out, topic, c, count);
		hy_buf_addf(&out->because, "，级别升为%s\n", hy_severity_title(c->severity));
	}
	return err;
}

/* The most of one correlation of a derived topic, all its topics together or each alone. */
static enum hy_err count_derived(const struct question *question, size_t *out)
{
	struct question q = *question;
	enum hy_err err = HY_OK;
	size_t most = 0;
	bool any = false;

	for (size_t i = 0; i < q.alert->topic_count && !err; i++) {
		size_t count = 0;

		if (!counts(q.correlation, q.alert->topics[i].topic) ||
		    (any && !q.correlation->by_topic))
			continue;
		any = true;
		q.topic = q.correlation->by_topic ? q.alert->topics[i].topic : (struct hy_str){0};
		err = count_group(&q, &count);
		most = count > most ? count : most;
	}
	*out = most;
	return err;
}

static enum hy_err add_derived(const struct hy_correlator *correlator,
			       const struct hy_msg_alert *alert, const struct hy_topic *topic,
			       struct hy_correlated *out)
{
	struct hy_msg_topic fired = {.topic = topic->id, .severity = topic->severity};
	enum hy_err err = HY_OK;

	for (size_t i = 0; !err && i < topic->correlations.count; i++) {
		const struct hy_correlation *c = &topic->correlations.items[i];
		const struct question q = {correlator, alert, c, {0}};
		size_t count = 0;

		err = count_derived(&q, &count);
		if (err || count < (size_t)c->gte)
			continue;
		if ((int64_t)count > fired.score)
			fired.score = (int64_t)count;
		if (c->raises && c->severity > fired.severity)
			fired.severity = c->severity;
		tell(out, topic, c, count);
		hy_buf_addf(&out->because, "，按%s报出\n", hy_severity_title(fired.severity));
	}
	if (!err && fired.score > 0 && out->alert.topic_count < HY_MSG_TOPICS_MAX)
		out->topics[out->alert.topic_count++] = fired;
	return err;
}

static bool is_due(const struct hy_correlator *correlator, const struct hy_msg_alert *alert,
		   const struct hy_topic *topic)
{
	return hy_topic_is_derived(topic) && hy_topic_valid_at(topic, correlator->at) &&
	       (topic->place != HY_TOPIC_PLACE_REQUIRED || alert->place_count > 0);
}

enum hy_err hy_correlate(const struct hy_correlator *correlator, const struct hy_msg_alert *alert,
			 struct hy_correlated *out)
{
	enum hy_err err = HY_OK;

	out->alert = *alert;
	out->alert.topics = out->topics;
	hy_buf_init(&out->because, BECAUSE_BYTES);
	hy_buf_add_str(&out->because, alert->because);
	memcpy(out->topics, alert->topics, alert->topic_count * sizeof *out->topics);
	for (size_t i = 0; i < alert->topic_count && !err; i++)
		err = raise_own(correlator, alert, i, out);
	for (size_t i = 0; i < hy_topics_count(correlator->topics) && !err; i++) {
		const struct hy_topic *topic = hy_topics_at(correlator->topics, i);

		if (is_due(correlator, alert, topic))
			err = add_derived(correlator, alert, topic, out);
	}
	for (size_t i = 0; i < out->alert.topic_count; i++)
		if (out->topics[i].severity > out->alert.severity)
			out->alert.severity = out->topics[i].severity;
	return err;
}

void hy_correlated_fini(struct hy_correlated *correlated)
{
	hy_buf_fini(&correlated->because);
}

/* ---- sightings ---- */

void hy_sightings_of(const struct hy_msg_alert *alert, struct hy_wall at, hy_sighting_fn *each,
		     void *ctx)
{
	for (size_t i = 0; i < alert->topic_count; i++) {
		struct hy_sighting s = {.topic = alert->topics[i].topic,
					.document = alert->document,
					.source = alert->source,
					.outlet = alert->outlet,
					.at_ms = at.ms};

		if (alert->place_count == 0)
			each(ctx, &s);
		for (size_t j = 0; j < alert->place_count; j++) {
			s.place = alert->places[j];
			each(ctx, &s);
		}
	}
}

/* Whatever a page or another host's clock says, nothing was detected in the future. */
static struct hy_wall moment_of(const struct hy_turn *turn, const struct hy_msg_alert *alert)
{
	bool known = hy_wall_known(alert->detected_at) && alert->detected_at.ms <= turn->now.ms;

	return known ? alert->detected_at : turn->now;
}

struct stored {
	struct hy_turn *turn;
	struct hy_wall at;
	struct hy_error *e;
};

static enum hy_err read_stored(void *ctx, const struct hy_correlation *correlation,
			       struct hy_str topic, hy_sighting_fn *each, void *each_ctx)
{
	const struct stored *stored = ctx;
	struct hy_query *q = hy_store_query(stored->turn->store, read_sightings);
	enum hy_err err;
	bool row;

	hy_query_bind_text(q, 1, topic);
	hy_query_bind_int(q, 2, stored->at.ms - correlation->span_ms);
	hy_query_bind_int(q, 3, stored->at.ms + correlation->span_ms);
	while (!(err = hy_query_next(q, &row, stored->e)) && row) {
		const struct hy_sighting s = {.topic = topic,
					      .place = hy_query_text(q, 0),
					      .document = hy_query_text(q, 1),
					      .source = hy_query_text(q, 2),
					      .outlet = hy_query_text(q, 3),
					      .at_ms = hy_query_int(q, 4)};

		each(each_ctx, &s);
	}
	return err;
}

enum hy_err hy_correlate_stored(struct hy_turn *turn, const struct hy_msg_alert *alert,
				struct hy_correlated *out, struct hy_error *e)
{
	struct stored stored = {turn, moment_of(turn, alert), e};
	const struct hy_correlator correlator = {.topics = turn->rules->topics,
						 .at = stored.at,
						 .read = read_stored,
						 .ctx = &stored};

	return hy_correlate(&correlator, alert, out);
}

struct putting {
	struct hy_turn *turn;
	struct hy_str alert_id;
	struct hy_error *e;
	enum hy_err err;
};

static void put_one(void *ctx, const struct hy_sighting *s)
{
	struct putting *p = ctx;
	struct hy_query *q;

	if (p->err)
		return;
	q = hy_store_query(p->turn->store, put_sighting);
	hy_query_bind_text(q, 1, s->topic);
	hy_query_bind_text(q, 2, s->place);
	hy_query_bind_text(q, 3, p->alert_id);
	hy_query_bind_text(q, 4, s->document);
	hy_query_bind_text(q, 5, s->source);
	hy_query_bind_text(q, 6, s->outlet);
	hy_query_bind_int(q, 7, s->at_ms);
	p->err = hy_query_later(q, p->e);
}

enum hy_err hy_sightings_put(struct hy_turn *turn, struct hy_str alert_id,
			     const struct hy_msg_alert *alert, struct hy_error *e)
{
	struct putting p = {turn, alert_id, e, HY_OK};

	hy_sightings_of(alert, moment_of(turn, alert), put_one, &p);
	return p.err;
}

enum hy_err hy_sightings_forget(struct hy_turn *turn, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, forget_sightings);

	hy_query_bind_int(q, 1, turn->now.ms - FORGET_MS);
	return hy_query_later(q, e);
}
