#include "alerter/intake.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alerter/correlation.h"
#include "alerter/event.h"
#include "alerter/heat.h"
#include "alerter/known.h"
#include "alerter/policy_watch.h"
#include "common/base/buf.h"
#include "common/base/mem.h"

#define BECAUSE_BYTES 5000	/* correlation's, and a line of heat's */

static const char find_alert[] = "SELECT event, case_id FROM alert WHERE id = $1";
static const char put_alert[] =
	"INSERT INTO alert (id, document, version, event, case_id, url, title, source, outlet,"
	" topic, topics, places, hits, severity, rules, published_at, detected_at, received_at)"
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,"
	" $18)";

static enum hy_err find_known(struct hy_turn *turn, struct hy_str alert_id, struct hy_intake *out,
			      bool *out_found, struct hy_error *e)
{
	struct hy_query *q;
	struct hy_str event;
	enum hy_err err;

	if (!hy_known_maybe(turn->known, alert_id))
		return HY_OK;
	q = hy_store_query(turn->store, find_alert);
	hy_query_bind_text(q, 1, alert_id);
	err = hy_query_next(q, out_found, e);
	if (err || !*out_found)
		return err;
	event = hy_query_text(q, 0);
	*out = (struct hy_intake){.fresh = false};
	memcpy(out->event.hex, event.p, event.n < HY_ID_DIGITS ? event.n : HY_ID_DIGITS);
	(void)snprintf(out->case_id.text, sizeof out->case_id.text, "%.*s",
		       HY_STR_ARGS(hy_query_text(q, 1)));
	hy_query_reset(q);
	return HY_OK;
}

static json_t *json_of(struct hy_str s)
{
	return json_stringn(s.p ? s.p : "", s.n);
}

/* Where and by which rule it hit, so that a reader can ask why. */
static char *hits_text(const struct hy_msg_alert *alert)
{
	json_t *hits = json_array();
	char *text;

	for (size_t i = 0; i < alert->hit_count; i++) {
		const struct hy_msg_hit *hit = &alert->hits[i];

		json_array_append_new(
			hits, json_pack("{s:o, s:o, s:s, s:I, s:I, s:o}", "topic",
					json_of(hit->topic), "rule", json_of(hit->rule), "field",
					hy_field_name(hit->field), "start",
					(json_int_t)hit->start, "end", (json_int_t)hit->end,
					"text", json_of(hit->text)));
	}
	text = json_dumps(hits, JSON_COMPACT);
	json_decref(hits);
	return text ? text : hy_xstrdup("[]");
}

static enum hy_err insert_alert(struct hy_turn *turn, struct hy_str alert_id,
				const struct hy_likeness *likeness, const struct hy_intake *into,
				struct hy_error *e)
{
	const struct hy_msg_alert *alert = likeness->alert;
	struct hy_query *q = hy_store_query(turn->store, put_alert);
	hy_cleanup(hy_free_p) char *hits = hits_text(alert);
	bool detected = hy_wall_known(alert->detected_at);

	hy_query_bind_text(q, 1, alert_id);
	hy_query_bind_text(q, 2, alert->document);
	hy_query_bind_text(q, 3, alert->version);
	hy_query_bind_text(q, 4, hy_id_str(&into->event));
	hy_query_bind_c(q, 5, into->case_id.text);
	hy_query_bind_text(q, 6, alert->url);
	hy_query_bind_text(q, 7, alert->title);
	hy_query_bind_text(q, 8, alert->source);
	hy_query_bind_text(q, 9, alert->outlet);
	hy_query_bind_text(q, 10, alert->topics[0].topic);
	hy_query_bind_text(q, 11, hy_buf_str(&likeness->topics));
	hy_query_bind_text(q, 12, hy_buf_str(&likeness->places));
	hy_query_bind_c(q, 13, hits);
	hy_query_bind_int(q, 14, alert->severity);
	hy_query_bind_text(q, 15, alert->rules);
	hy_query_bind_wall(q, 16, alert->published_at);
	hy_query_bind_wall(q, 17, detected ? alert->detected_at : turn->now);
	hy_query_bind_wall(q, 18, turn->now);
	return hy_query_later(q, e);
}

/* Into an event there is, or a new one: into->fresh tells. */
static enum hy_err take_event(struct hy_turn *turn, struct hy_str alert_id,
			      struct hy_likeness *likeness, struct hy_intake *into,
			      struct hy_error *e)
{
	struct hy_str parts[] = {HY_STR_LIT("event"), alert_id};
	bool known = false;
	enum hy_err err = hy_event_find(turn, likeness, &into->event, &known, e);

	if (err)
		return err;
	into->fresh = !known;
	if (known)
		return hy_event_join(turn, &into->event, e);
	into->event = hy_id_of(parts, HY_COUNT(parts));
	return hy_event_open(turn, likeness->alert, &into->event, e);
}

static void heated_fini(struct hy_heated *heated)
{
	hy_buf_fini(&heated->because);
}

/* To the case, if it is open, or to a new one, with the reasons that are the turn's. */
static enum hy_err take_graver(struct hy_turn *turn, const struct hy_msg_alert *alert,
			       const struct hy_case_present *present, struct hy_intake *into,
			       struct hy_error *e)
{
	into->case_id = present->id;
	into->fresh = !present->found;
	if (present->found)
		return hy_case_add_alert(turn, alert, present, e);
	return hy_case_open(turn, alert, &into->event, &into->case_id, e);
}

/* As one alert more of an event that others told of, which may make it graver. */
static enum hy_err take_heated(struct hy_turn *turn, const struct hy_msg_alert *alert,
			       const struct hy_case_present *present, struct hy_intake *into,
			       struct hy_error *e)
{
	hy_cleanup(heated_fini) struct hy_heated heated = {.severity = alert->severity};
	struct hy_msg_alert graver = *alert;
	struct hy_str because = turn->because;
	enum hy_err err;

	if (present->found && present->severity > heated.severity)
		heated.severity = present->severity;
	enum hy_severity before = heated.severity;

	hy_buf_init(&heated.because, BECAUSE_BYTES);
	hy_buf_add_str(&heated.because, because);
	err = hy_heat_raise(turn, &into->event, alert, &heated, e);
	if (err)
		return err;
	if (heated.severity > before) {
		graver.severity = heated.severity;
		turn->because = hy_buf_str(&heated.because);
	}
	err = take_graver(turn, &graver, present, into, e);
	turn->because = because;
	return err;
}

/* A new event has no case yet; another's may be closed. */
static enum hy_err take_case(struct hy_turn *turn, const struct hy_msg_alert *alert,
			     struct hy_intake *into, struct hy_error *e)
{
	struct hy_case_present present = {.found = false};
	enum hy_err err;

	if (into->fresh) {
		hy_heat_open(turn, &into->event, alert);
		return take_graver(turn, alert, &present, into, e);
	}
	err = hy_case_of_event(turn, &into->event, &present, e);
	return err ? err : take_heated(turn, alert, &present, into, e);
}

static enum hy_err take(struct hy_turn *turn, struct hy_str alert_id,
			const struct hy_msg_alert *alert, struct hy_intake *into,
			struct hy_error *e)
{
	hy_cleanup(hy_likeness_fini) struct hy_likeness likeness = {0};
	enum hy_err err;

	hy_likeness_of(alert, turn->rules->places, &likeness);
	err = take_event(turn, alert_id, &likeness, into, e);
	if (!err)
		err = take_case(turn, alert, into, e);
	if (!err)
		err = insert_alert(turn, alert_id, &likeness, into, e);
	if (!err)
		err = hy_event_index(turn, alert_id, &into->event, &likeness, e);
	return err;
}

/* Takes the alert as it is among the others that were detected around its time. */
static enum hy_err take_correlated(struct hy_turn *turn, struct hy_str alert_id,
				   const struct hy_msg_alert *alert, struct hy_intake *into,
				   struct hy_error *e)
{
	hy_cleanup(hy_correlated_fini) struct hy_correlated correlated = {.because = {0}};
	enum hy_err err = hy_correlate_stored(turn, alert, &correlated, e);

	turn->because = hy_buf_str(&correlated.because);
	if (!err)
		err = take(turn, alert_id, &correlated.alert, into, e);
	turn->because = (struct hy_str){0};
	return err ? err : hy_sightings_put(turn, alert_id, alert, e);
}

enum hy_err hy_intake_alert(struct hy_turn *turn, struct hy_str alert_id,
			    const struct hy_msg_alert *alert, struct hy_intake *out,
			    struct hy_error *e)
{
	struct hy_intake into = {.fresh = false};
	bool known = false, reacted = false;
	enum hy_err err = find_known(turn, alert_id, &into, &known, e);

	if (!err && !known && alert->topic_count)
		err = take_correlated(turn, alert_id, alert, &into, e);
	if (!err && !known)
		err = hy_policy_watch_take(turn, alert_id, alert, &reacted, e);
	if (!alert->topic_count)
		into.fresh = reacted;
	if (!err)
		*out = into;
	return err;
}
