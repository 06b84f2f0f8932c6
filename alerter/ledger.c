#include "alerter/ledger.h"

#include <stdlib.h>

#include "alerter/alarm.h"
#include "alerter/case_command.h"
#include "alerter/case_table.h"
#include "alerter/clock_watch.h"
#include "alerter/correlation.h"
#include "alerter/deadline.h"
#include "alerter/duty_watch.h"
#include "alerter/event.h"
#include "alerter/handover.h"
#include "alerter/heat_memory.h"
#include "alerter/known.h"
#include "alerter/outbox.h"
#include "alerter/policy_digest.h"
#include "alerter/policy_watch.h"
#include "alerter/refusal.h"
#include "alerter/replay.h"
#include "alerter/rule_version.h"
#include "alerter/schema.h"
#include "alerter/traffic.h"
#include "alerter/traffic_alarm.h"
#include "common/base/mem.h"

#define LOCK_NAME "alerter"

struct hy_ledger {
	struct hy_store *store;
	struct hy_turn turn;
	const struct hy_rule_set *rules;
	struct hy_event_index *events;
	struct hy_heat_memory *heat;
	struct hy_wall set_now;		/* of a drill; else unknown */
};

enum hy_err hy_ledger_open(const char *url, int64_t timeout_ms, struct hy_ledger **out,
			   struct hy_error *e)
{
	struct hy_store_options options = {.timeout_ms = timeout_ms};
	struct hy_store *store = NULL;
	struct hy_ledger *ledger;
	struct hy_event_index *events = hy_event_index_new();
	enum hy_err err = hy_store_open(url, &options, &store, e);

	if (!err)
		err = hy_store_lock(store, LOCK_NAME, e);
	/* Only the active one may change the tables. */
	if (!err)
		err = hy_schema_migrate(store, e);
	if (!err)
		err = hy_event_load(store, events, hy_wall_now(), e);
	if (err) {
		hy_event_index_free(events);
		hy_store_free(store);
		return err;
	}
	ledger = hy_xcalloc(1, sizeof *ledger);
	ledger->store = store;
	ledger->events = events;
	ledger->heat = hy_heat_memory_new();
	ledger->set_now = HY_WALL_NONE;
	*out = ledger;
	return HY_OK;
}

void hy_ledger_free(struct hy_ledger *ledger)
{
	if (!ledger)
		return;
	hy_turn_fini(&ledger->turn);
	hy_event_index_free(ledger->events);
	hy_heat_memory_free(ledger->heat);
	hy_store_free(ledger->store);
	free(ledger);
}

struct hy_store *hy_ledger_store(struct hy_ledger *ledger)
{
	return ledger->store;
}

void hy_ledger_set_now(struct hy_ledger *ledger, struct hy_wall now)
{
	ledger->set_now = now;
}

const struct hy_turn *hy_ledger_turn(const struct hy_ledger *ledger)
{
	return &ledger->turn;
}

static enum hy_err begin(struct hy_ledger *ledger, struct hy_error *e)
{
	struct hy_turn *turn = &ledger->turn;

	hy_turn_clear(turn);
	turn->store = ledger->store;
	turn->rules = ledger->rules;
	turn->events = ledger->events;
	turn->heat = ledger->heat;
	turn->now = hy_wall_known(ledger->set_now) ? ledger->set_now : hy_wall_now();
	return hy_store_begin(ledger->store, e);
}

/* Commits, or takes everything back: also what the turn was going to have done. */
static enum hy_err end(struct hy_ledger *ledger, enum hy_err err, struct hy_error *e)
{
	if (!err)
		err = hy_store_commit(ledger->store, e);
	if (err) {
		hy_store_rollback(ledger->store);
		hy_turn_clear(&ledger->turn);
		hy_event_index_rollback(ledger->events);
		hy_heat_memory_clear(ledger->heat);
	} else {
		hy_event_index_commit(ledger->events);
	}
	return err;
}

enum hy_err hy_ledger_set_rules(struct hy_ledger *ledger, const struct hy_rule_set *rules,
				struct hy_error *e)
{
	size_t recounted;
	enum hy_err err = begin(ledger, e);

	if (!err)
		err = hy_schema_put_units(ledger->store, rules->units, e);
	ledger->turn.rules = rules;
	if (!err)
		err = hy_rule_version_put(&ledger->turn, e);
	if (!err)
		err = hy_policy_watch_list(&ledger->turn, e);
	if (!err)
		err = hy_traffic_use_rules(&ledger->turn, e);
	if (!err)
		err = hy_deadlines_recount(&ledger->turn, &recounted, e);
	err = end(ledger, err, e);
	if (!err)
		ledger->rules = rules;
	hy_heat_memory_clear(ledger->heat);	/* other steps ask otherwise */
	return err;
}

enum hy_err hy_ledger_recover(struct hy_ledger *ledger, int64_t *out_uncertain,
			      struct hy_error *e)
{
	enum hy_err err = begin(ledger, e);

	if (!err)
		err = hy_outbox_recover(ledger->store, ledger->rules->channels,
					ledger->turn.now, out_uncertain, e);
	return end(ledger, err, e);
}

static enum hy_err take_alerts(struct hy_turn *turn, struct hy_ledger_alert *alerts,
			       size_t count, struct hy_error *e)
{
	hy_cleanup(hy_known_fini) struct hy_known known = {.ids = {0}};
	hy_cleanup(hy_free_p) const struct hy_msg **messages =
		hy_xcalloc(count + 1, sizeof *messages);
	enum hy_err err;

	for (size_t i = 0; i < count; i++)
		messages[i] = alerts[i].message;
	err = hy_known_ask(turn->store, messages, count, &known, e);
	turn->known = &known;
	for (size_t i = 0; i < count && !err; i++) {
		err = hy_intake_alert(turn, messages[i]->id, &messages[i]->as.alert,
				      &alerts[i].result, e);
		if (!err)
			err = hy_known_add(&known, messages[i], e);
	}
	turn->known = NULL;
	return err ? err : hy_sightings_forget(turn, e);
}

enum hy_err hy_ledger_alerts(struct hy_ledger *ledger, struct hy_ledger_alert *alerts,
			     size_t count, struct hy_error *e)
{
	enum hy_err err = begin(ledger, e);

	if (!err)
		err = take_alerts(&ledger->turn, alerts, count, e);
	return end(ledger, err, e);
}

enum hy_err hy_ledger_command(struct hy_ledger *ledger, const struct hy_msg *message,
			      enum hy_err *out_code, struct hy_buf *out_text, struct hy_error *e)
{
	enum hy_command command = message->as.command.command;
	enum hy_err err = begin(ledger, e);

	if (!err && (command == HY_COMMAND_HANDOVER || command == HY_COMMAND_HANDOVER_SIGN))
		err = hy_handover_command(&ledger->turn, message, out_code, out_text, e);
	else if (!err && command == HY_COMMAND_REPLAY)
		err = hy_replay_command(&ledger->turn, message, out_code, out_text, e);
	else if (!err)
		err = hy_case_command(&ledger->turn, message, out_code, out_text, e);
	return end(ledger, err, e);
}

enum hy_err hy_ledger_case_event(struct hy_ledger *ledger, const struct hy_case_finding *finding,
				 bool *out_moved, struct hy_error *e)
{
	enum hy_err err = begin(ledger, e);

	if (!err)
		err = hy_case_system_event(&ledger->turn, finding, out_moved, e);
	return end(ledger, err, e);
}

enum hy_err hy_ledger_alarm(struct hy_ledger *ledger, const struct hy_msg *message,
			    bool *out_fresh, struct hy_error *e)
{
	enum hy_err err = begin(ledger, e);

	if (!err)
		err = hy_alarm_take(&ledger->turn, &message->as.alarm, out_fresh, e);
	return end(ledger, err, e);
}

enum hy_err hy_ledger_tally(struct hy_ledger *ledger, const struct hy_msg *message,
			    bool *out_fresh, struct hy_error *e)
{
	enum hy_err err = begin(ledger, e);

	if (!err)
		err = hy_traffic_take(&ledger->turn, message->id, &message->as.tally, out_fresh, e);
	if (!err && *out_fresh)
		err = hy_traffic_look(&ledger->turn, e);
	return end(ledger, err, e);
}

enum hy_err hy_ledger_refuse(struct hy_ledger *ledger, const struct hy_msg *message,
			     const char *reason, struct hy_error *e)
{
	enum hy_err err = begin(ledger, e);

	if (!err)
		err = hy_refusal_take(&ledger->turn, message, hy_str_of(reason), e);
	return end(ledger, err, e);
}

enum hy_err hy_ledger_audit(struct hy_ledger *ledger, const struct hy_audit_rules *rules,
			    bool *out_done, struct hy_error *e)
{
	enum hy_err err = begin(ledger, e);

	if (!err)
		err = hy_audit_day(&ledger->turn, rules, out_done, e);
	return end(ledger, err, e);
}

enum hy_err hy_ledger_fire(struct hy_ledger *ledger, size_t limit, size_t *out_fired,
			   struct hy_error *e)
{
	struct hy_deadline_row stuck = {.step = 0};
	struct hy_error why = {0};
	enum hy_err err = begin(ledger, e);

	if (!err)
		err = hy_deadlines_fire(&ledger->turn, limit, out_fired, &stuck, e);
	if (!err)
		err = hy_alarms_lapse(&ledger->turn, e);
	if (!err)
		err = hy_policy_digests(&ledger->turn, e);
	err = end(ledger, err, e);
	if (!err || !stuck.case_id[0] || hy_err_is_retryable(err) || err == HY_ERR_UNCERTAIN ||
	    err == HY_ERR_DENIED)
		return err;
	why = *e;
	err = begin(ledger, e);
	if (!err)
		err = hy_deadlines_hold(&ledger->turn, &stuck, why.text, e);
	err = end(ledger, err, e);
	if (!err)
		*out_fired = 0;
	return err;
}

enum hy_err hy_ledger_watch(struct hy_ledger *ledger, struct hy_error *e)
{
	enum hy_err err = begin(ledger, e);

	if (!err)
		err = hy_duty_watch(&ledger->turn, e);
	return end(ledger, err, e);
}

enum hy_err hy_ledger_clock_step(struct hy_ledger *ledger, int64_t step_ms, struct hy_error *e)
{
	enum hy_err err = begin(ledger, e);

	if (!err)
		err = hy_clock_step_tell(&ledger->turn, step_ms, e);
	return end(ledger, err, e);
}

/* One number; $1 is now where the query asks for it. */
static enum hy_err read_figure(struct hy_ledger *ledger, const char *sql, bool asks_now,
			       int64_t *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(ledger->store, sql);
	enum hy_err err;
	bool row;

	if (asks_now)
		hy_query_bind_wall(q, 1, hy_wall_now());
	err = hy_query_next(q, &row, e);
	if (err)
		return err;
	*out = row ? hy_query_int(q, 0) : 0;
	hy_query_reset(q);
	return HY_OK;
}

enum hy_err hy_ledger_figures(struct hy_ledger *ledger, struct hy_ledger_figures *out,
			      struct hy_error *e)
{
	struct hy_ledger_figures f = {0};
	const struct {
		const char *sql;
		bool asks_now;
		int64_t *value;
	} all[] = {
		{"SELECT count(*) FROM case_ WHERE state IN " HY_CASE_UNANSWERED, false,
		 &f.cases_open},
		{"SELECT count(*) FROM case_ c JOIN deadline d ON d.case_id = c.id"
		 " AND d.ladder = 'answer' AND d.step = 100"
		 " WHERE c.state IN " HY_CASE_UNANSWERED " AND d.due_at <= $1",
		 true, &f.cases_overdue},
		{"SELECT count(*) FROM alert", false, &f.alerts},
		{"SELECT count(*) FROM event", false, &f.events},
		{"SELECT count(*) FROM notice WHERE state <> 'uncertain' AND " HY_NOTICE_OPEN,
		 false, &f.notices_waiting},
		{"SELECT count(*) FROM notice WHERE state = 'uncertain' AND " HY_NOTICE_OPEN,
		 false, &f.notices_uncertain},
		{"SELECT count(*) FROM alarm WHERE cleared_at IS NULL", false, &f.alarms_open},
	};

	for (size_t i = 0; i < HY_COUNT(all); i++) {
		enum hy_err err = read_figure(ledger, all[i].sql, all[i].asks_now, all[i].value, e);

		if (err)
			return err;
	}
	*out = f;
	return HY_OK;
}
