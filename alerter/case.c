#include "alerter/case.h"

#include <inttypes.h>
#include <stdio.h>

#include "alerter/audit.h"
#include "alerter/case_act.h"
#include "alerter/case_event.h"
#include "alerter/case_table.h"
#include "alerter/case_watch.h"
#include "alerter/deadline.h"
#include "alerter/drafter.h"
#include "alerter/notice.h"
#include "alerter/routing.h"
#include "alerter/span.h"
#include "common/base/mem.h"

#define ROUTE_BYTES 128

static const char case_of_event[] =
	"SELECT id, severity, lead, state, closed_at, merged_into FROM case_ WHERE event = $1"
	" ORDER BY CASE WHEN state IN " HY_CASE_ENDED
	" THEN 1 ELSE 0 END, assigned_at DESC, id DESC LIMIT 1";
static const char case_by_id[] =
	"SELECT id, severity, lead, state, closed_at, merged_into FROM case_ WHERE id = $1";
static const char get_version[] = "SELECT version, state FROM case_ WHERE id = $1";
static const char last_number[] = "SELECT value FROM alerter_counter WHERE name = $1";
static const char put_case[] =
	"INSERT INTO case_ (id, event, lead, supervisor, state, severity, topic, title, url,"
	" clock_start, published_at, detected_at, assigned_at, route, because, rules, version)"
	" VALUES ($1, $2, $3, $4, 'assigned', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1)";
static const char put_assist[] =
	"INSERT INTO assist (case_id, unit) VALUES ($1, $2) ON CONFLICT DO NOTHING";
static const char raise_severity[] =
	"UPDATE case_ SET severity = $1, supervisor = $2, version = version + 1"
	" WHERE id = $3 AND severity < $1";

/* All that is worked out about a case before its rows are written. */
struct opening {
	const struct hy_msg_alert *alert;
	const struct hy_preset_use *use;
	struct hy_case_id id;
	struct hy_routing routing;
	struct hy_wall detected_at, clock_start;
	struct hy_buf text;		/* of the first notice */
};

/* *out_next: the case that it was merged into; empty text where it was not. */
static enum hy_err read_present(struct hy_turn *turn, struct hy_query *q,
				struct hy_case_present *out, struct hy_case_id *out_next,
				struct hy_error *e)
{
	enum hy_err err = hy_query_next(q, &out->found, e);

	out_next->text[0] = '\0';
	if (err || !out->found)
		return err;
	(void)snprintf(out->id.text, sizeof out->id.text, "%.*s",
		       HY_STR_ARGS(hy_query_text(q, 0)));
	out->severity = (enum hy_severity)hy_query_int(q, 1);
	out->lead = hy_units_get(turn->rules->units, hy_query_text(q, 2));
	if (!out->lead)
		out->lead = turn->rules->routes->fallback;
	if (!hy_case_state_parse(hy_query_text(q, 3), &out->state))
		err = hy_fail(e, HY_ERR_MALFORMED, "case %s: unknown state", out->id.text);
	out->closed_at = hy_query_wall(q, 4);
	(void)snprintf(out_next->text, sizeof out_next->text, "%.*s",
		       HY_STR_ARGS(hy_query_text(q, 5)));
	hy_query_reset(q);
	return err;
}

enum hy_err hy_case_of_event(struct hy_turn *turn, const struct hy_id *event,
			     struct hy_case_present *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, case_of_event);
	struct hy_case_id next;
	enum hy_err err;

	hy_query_bind_text(q, 1, hy_id_str(event));
	err = read_present(turn, q, out, &next, e);
	while (!err && out->found && next.text[0]) {
		q = hy_store_query(turn->store, case_by_id);
		hy_query_bind_c(q, 1, next.text);
		err = read_present(turn, q, out, &next, e);
	}
	return err;
}

static enum hy_err read_number(struct hy_turn *turn, const char *name, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, last_number);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, name);
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	turn->case_number = row ? hy_query_int(q, 0) : 0;
	hy_query_reset(q);
	return HY_OK;
}

/* "2026-000123": the counter's row is part of the transaction, so no number is lost. */
static enum hy_err take_number(struct hy_turn *turn, struct hy_case_id *out, struct hy_error *e)
{
	int year = hy_civil_of(turn->now, HY_CST_OFFSET_MIN).year;
	char name[24];
	enum hy_err err = HY_OK;

	(void)snprintf(name, sizeof name, "case-%04d", year);
	if (turn->case_year != year)
		err = read_number(turn, name, e);
	if (err)
		return err;
	turn->case_year = year;
	turn->case_number++;
	(void)snprintf(out->text, sizeof out->text, "%04d-%06" PRId64, year, turn->case_number);
	hy_turn_count(turn, name, turn->case_number, "");
	return HY_OK;
}

/* Clocks never start in the future, whatever a page or another host's clock says. */
static void set_clock(const struct hy_turn *turn, struct opening *o)
{
	const struct hy_msg_alert *alert = o->alert;

	o->detected_at = alert->detected_at;
	if (!hy_wall_known(o->detected_at) || o->detected_at.ms > turn->now.ms)
		o->detected_at = turn->now;
	o->clock_start = o->detected_at;
	if (turn->rules->presets->clock_start == HY_CLOCK_PUBLICATION &&
	    hy_wall_known(alert->published_at) && alert->published_at.ms < o->detected_at.ms)
		o->clock_start = alert->published_at;
}

static void route(const struct hy_turn *turn, struct opening *o)
{
	struct hy_str topics[HY_MSG_TOPICS_MAX];
	struct hy_routing_query query = {.topics = topics,
					 .places = o->alert->places,
					 .place_count = o->alert->place_count,
					 .severity = o->alert->severity,
					 .at = turn->now};
	struct hy_drafting drafting = hy_drafter_of_alert(
		turn->rules->units, turn->rules->policies, o->alert, turn->now);

	if (drafting.policy) {
		query.drafters = &drafting.drafter;
		query.drafter_count = 1;
		query.policy = drafting.policy->title;
	}
	for (size_t i = 0; i < o->alert->topic_count && i < HY_MSG_TOPICS_MAX; i++)
		topics[query.topic_count++] = o->alert->topics[i].topic;
	hy_routing_decide(turn->rules, &query, &o->routing);
	hy_buf_add_str(&o->routing.because, turn->because);
	o->use = hy_presets_use(turn->rules->presets, topics[0], o->alert->severity);
}

static const char *route_name(const struct hy_routing *routing, char out[ROUTE_BYTES])
{
	(void)snprintf(out, ROUTE_BYTES, "%s%s%.*s", hy_route_class_id(routing->class),
		       routing->row ? ":" : "",
		       HY_STR_ARGS(routing->row ? routing->row->id : (struct hy_str){0}));
	return out;
}

static void write_text(const struct hy_turn *turn, struct opening *o)
{
	const struct hy_topic *topic = hy_topics_get(turn->rules->topics,
						     o->alert->topics[0].topic);
	struct hy_str name = topic ? topic->title : o->alert->topics[0].topic;

	hy_buf_addf(&o->text, "【%s】%s %.*s：%.*s（主办：%.*s",
		    hy_severity_title(o->alert->severity), o->id.text, HY_STR_ARGS(name),
		    HY_STR_ARGS(o->alert->title), HY_STR_ARGS(o->routing.lead->name));
	for (int i = 0; i < HY_LADDER_COUNT; i++) {
		const struct hy_preset *preset = o->use->ladder[i];
		char at[HY_RFC3339_BYTES];

		if (preset && hy_ladder_opens((enum hy_ladder)i))
			hy_buf_addf(&o->text, "；%s时限 %s", hy_ladder_title((enum hy_ladder)i),
				    hy_wall_format_people(hy_preset_due(preset, o->clock_start, 100),
							  at));
	}
	hy_buf_add_c(&o->text, "）");
}

static enum hy_err insert_case(struct hy_turn *turn, const struct opening *o,
			       const struct hy_id *event, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, put_case);
	char name[ROUTE_BYTES];

	hy_query_bind_c(q, 1, o->id.text);
	hy_query_bind_text(q, 2, hy_id_str(event));
	hy_query_bind_text(q, 3, o->routing.lead->id);
	if (o->routing.supervisor)
		hy_query_bind_text(q, 4, o->routing.supervisor->id);
	else
		hy_query_bind_null(q, 4);
	hy_query_bind_int(q, 5, o->alert->severity);
	hy_query_bind_text(q, 6, o->alert->topics[0].topic);
	hy_query_bind_text(q, 7, o->alert->title);
	hy_query_bind_text(q, 8, o->alert->url);
	hy_query_bind_wall(q, 9, o->clock_start);
	hy_query_bind_wall(q, 10, o->alert->published_at);
	hy_query_bind_wall(q, 11, o->detected_at);
	hy_query_bind_wall(q, 12, turn->now);
	hy_query_bind_c(q, 13, route_name(&o->routing, name));
	hy_query_bind_text(q, 14, hy_buf_str(&o->routing.because));
	hy_query_bind_text(q, 15, hy_id_str(&turn->rules->version));
	return hy_query_later(q, e);
}

static enum hy_err insert_assists(struct hy_turn *turn, const struct opening *o,
				  struct hy_error *e)
{
	enum hy_err err = HY_OK;

	for (size_t i = 0; i < o->routing.assist_count && !err; i++) {
		struct hy_query *q = hy_store_query(turn->store, put_assist);
		struct hy_clock clock = {.case_id = hy_str_of(o->id.text),
					 .unit = o->routing.assist[i]->id,
					 .start = o->clock_start,
					 .is_first = true};

		hy_query_bind_c(q, 1, o->id.text);
		hy_query_bind_text(q, 2, o->routing.assist[i]->id);
		err = hy_query_later(q, e);
		if (!err)
			err = hy_deadlines_assist(turn, o->use, &clock, e);
	}
	return err;
}

/* The lead and those who assist; the supervisor at once where the matter is grave. */
static enum hy_err tell(struct hy_turn *turn, const struct opening *o, struct hy_error *e)
{
	struct hy_notice_draft draft = {.case_id = hy_str_of(o->id.text),
					.step = HY_STR_LIT("assigned"),
					.text = hy_buf_str(&o->text),
					.severity = o->alert->severity};
	enum hy_err err = hy_notice_duty(turn, &draft, o->routing.lead, HY_DUTY_OFFICER, e);

	draft.step = HY_STR_LIT("assist");
	for (size_t i = 0; i < o->routing.assist_count && !err; i++)
		err = hy_notice_duty(turn, &draft, o->routing.assist[i], HY_DUTY_OFFICER, e);
	draft.step = HY_STR_LIT("supervise");
	if (!err && o->alert->severity >= HY_SEVERITY_MAJOR && o->routing.supervisor)
		err = hy_notice_duty(turn, &draft, o->routing.supervisor, HY_DUTY_OFFICER, e);
	return err;
}

static enum hy_err audit(struct hy_turn *turn, const char *act, const char *case_id,
			 struct hy_str detail, struct hy_error *e)
{
	struct hy_audit_entry entry = {.at = turn->now, .actor = HY_STR_LIT("system"),
				       .act = hy_str_of(act), .subject = hy_str_of(case_id),
				       .detail = detail};

	return hy_audit_append(turn, &entry, e);
}

static struct hy_wall last_limit(const struct opening *o)
{
	struct hy_wall last = o->clock_start;

	for (int i = 0; i < HY_LADDER_COUNT; i++) {
		const struct hy_preset *preset = o->use->ladder[i];
		struct hy_wall due = preset && hy_ladder_opens((enum hy_ladder)i)
					     ? hy_preset_due(preset, o->clock_start, 100)
					     : last;

		if (due.ms > last.ms)
			last = due;
	}
	return last;
}

static enum hy_err write_opening(struct hy_turn *turn, struct opening *o,
				 const struct hy_id *event, struct hy_error *e)
{
	enum hy_err err = take_number(turn, &o->id, e);

	if (err)
		return err;
	write_text(turn, o);
	if (hy_buf_err(&o->text))
		return hy_fail(e, HY_ERR_LIMIT, "case: notice text too long");
	err = insert_case(turn, o, event, e);
	if (!err)
		err = insert_assists(turn, o, e);
	if (!err)
		err = hy_deadlines_add(turn, hy_str_of(o->id.text), o->use, o->clock_start, e);
	if (!err)
		err = hy_case_watch_open(turn, hy_str_of(o->id.text), last_limit(o), e);
	if (!err)
		err = hy_span_open(turn, hy_str_of(o->id.text), o->routing.lead->id,
				   o->clock_start, e);
	if (!err)
		err = tell(turn, o, e);
	return err ? err : audit(turn, "case.open", o->id.text, hy_buf_str(&o->text), e);
}

static void opening_fini(struct opening *o)
{
	hy_routing_fini(&o->routing);
	hy_buf_fini(&o->text);
}

enum hy_err hy_case_open(struct hy_turn *turn, const struct hy_msg_alert *alert,
			 const struct hy_id *event, struct hy_case_id *out, struct hy_error *e)
{
	hy_cleanup(opening_fini) struct opening o = {.alert = alert};
	enum hy_err err;

	hy_buf_init(&o.text, HY_NOTICE_TEXT_BYTES);
	set_clock(turn, &o);
	route(turn, &o);
	if (!o.routing.lead || !o.use)
		return hy_fail(e, HY_ERR_MALFORMED, "case: the rules name no lead or no limits");
	err = write_opening(turn, &o, event, e);
	if (!err)
		*out = o.id;
	return err;
}

static enum hy_err raise_row(struct hy_turn *turn, const struct opening *o, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(turn->store, raise_severity);

	hy_query_bind_int(q, 1, o->alert->severity);
	if (o->routing.supervisor)
		hy_query_bind_text(q, 2, o->routing.supervisor->id);
	else
		hy_query_bind_null(q, 2);
	hy_query_bind_c(q, 3, o->id.text);
	return hy_query_later(q, e);
}

static enum hy_err raise(struct hy_turn *turn, struct opening *o, const struct hy_unit *lead,
			 struct hy_error *e)
{
	char step[32];
	struct hy_notice_draft draft = {.case_id = hy_str_of(o->id.text),
					.severity = o->alert->severity};
	enum hy_err err = raise_row(turn, o, e);
	struct hy_str because = turn->because, line;

	(void)snprintf(step, sizeof step, "raised-%s", hy_severity_id(o->alert->severity));
	draft.step = hy_str_of(step);
	hy_buf_addf(&o->text, "【%s】%s 等级提高：%.*s",
		    hy_severity_title(o->alert->severity), o->id.text,
		    HY_STR_ARGS(o->alert->title));
	while (hy_str_next(&because, '\n', &line))
		if (line.n)
			hy_buf_addf(&o->text, "；%.*s", HY_STR_ARGS(line));
	if (!err)
		err = hy_deadlines_tighten(turn, hy_str_of(o->id.text), o->use, o->clock_start, e);
	if (hy_buf_err(&o->text))
		return hy_fail(e, HY_ERR_LIMIT, "case: notice text too long");
	draft.text = hy_buf_str(&o->text);
	if (!err)
		err = hy_notice_duty(turn, &draft, lead, HY_DUTY_OFFICER, e);
	if (!err && o->routing.supervisor)
		err = hy_notice_duty(turn, &draft, o->routing.supervisor, HY_DUTY_OFFICER, e);
	return err ? err : audit(turn, "case.raise", o->id.text, draft.text, e);
}

/* Each version is on record, also one that no officer made. */
static enum hy_err record_raise(struct hy_turn *turn, const struct opening *o,
				struct hy_error *e)
{
	struct hy_case_change change = {.case_id = hy_str_of(o->id.text), .act = "case.raise",
					.actor = HY_STR_LIT(HY_CASE_SYSTEM),
					.done = HY_STR_LIT("等级提高"),
					.note = hy_str_of(hy_severity_title(o->alert->severity))};
	struct hy_query *q = hy_store_query(turn->store, get_version);
	enum hy_err err;
	bool row;

	hy_query_bind_c(q, 1, o->id.text);
	err = hy_query_next(q, &row, e);
	if (err || !row)
		return err;
	change.version = hy_query_int(q, 0);
	if (!hy_case_state_parse(hy_query_text(q, 1), &change.state))
		err = hy_fail(e, HY_ERR_MALFORMED, "case %s: unknown state", o->id.text);
	hy_query_reset(q);
	return err ? err : hy_case_change_put(turn, &change, e);
}

static enum hy_err raise_case(struct hy_turn *turn, const struct hy_msg_alert *alert,
			      const struct hy_case_present *present, struct hy_error *e)
{
	hy_cleanup(opening_fini) struct opening o = {.alert = alert, .id = present->id};
	enum hy_err err;

	hy_buf_init(&o.text, HY_NOTICE_TEXT_BYTES);
	set_clock(turn, &o);
	route(turn, &o);
	if (!o.routing.lead || !o.use)
		return hy_fail(e, HY_ERR_MALFORMED, "case: the rules name no lead or no limits");
	err = raise(turn, &o, present->lead, e);
	return err ? err : record_raise(turn, &o, e);
}

/* Whether the matter has come up again: a repost of what was answered is no news. */
static bool comes_up_again(const struct hy_msg_alert *alert,
			   const struct hy_case_present *present)
{
	struct hy_wall at = hy_wall_known(alert->published_at) ? alert->published_at
							       : alert->detected_at;

	if (hy_case_state_is_answered(present->state))
		return alert->severity > present->severity;
	return !hy_case_state_is_open(present->state) && hy_wall_known(present->closed_at) &&
	       at.ms > present->closed_at.ms;
}

enum hy_err hy_case_add_alert(struct hy_turn *turn, const struct hy_msg_alert *alert,
			      const struct hy_case_present *present, struct hy_error *e)
{
	const struct hy_case_finding finding = {hy_str_of(present->id.text), HY_CASE_DO_FOLLOW,
						alert->title};
	bool again = comes_up_again(alert, present), moved;
	enum hy_err err = HY_OK;

	if (alert->severity > present->severity &&
	    (again || hy_case_state_is_open(present->state)))
		err = raise_case(turn, alert, present, e);
	if (!err && again)
		err = hy_case_system_event(turn, &finding, &moved, e);
	return err;
}
