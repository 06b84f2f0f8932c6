#include "alerter/alerter.h"

#include <stdlib.h>

#include "alerter/alarm.h"
#include "alerter/alerter_conf.h"
#include "alerter/calendar.h"
#include "alerter/clock_watch.h"
#include "alerter/deadline.h"
#include "alerter/delivery.h"
#include "alerter/ledger.h"
#include "alerter/policy_digest.h"
#include "alerter/proof.h"
#include "alerter/rule_set.h"
#include "common/base/mem.h"
#include "common/sys/bus.h"

#define FIRE_LIMIT 100		/* deadlines a turn: some milliseconds of work */
#define LOOK_AT_LEAST_MS 30000	/* a step of the wall clock is noticed within this */
#define RETRY_MS 1000
#define REPLY_BYTES HY_MSG_REPLY_BYTES

struct request {
	struct hy_bus_peer from;
	struct hy_msg *message;		/* owned */
};

struct alerter {
	struct hy_service *service;
	struct hy_rule_set *rules;
	struct hy_ledger *ledger;		/* NULL while standby */
	struct hy_bus_server *server;
	struct hy_bus_publisher *publisher;
	struct hy_delivery *delivery;
	struct hy_deferred *end_of_turn;
	struct hy_timer *activate_timer, *deadline_timer;
	struct request *requests;		/* of this turn */
	size_t request_count, request_cap;
	bool waited;				/* standby was logged */
	struct hy_clock_watch clock;
	struct hy_wall audited;			/* the day whose head was told */
	struct hy_wall watched;			/* the day the rules were last looked through for */
	int64_t store_failures, refused;
};

static const struct hy_alerter_conf *conf_of(const struct alerter *a)
{
	return a->service->conf;
}

static void log_failure(const struct alerter *a, const char *what, const struct hy_error *e)
{
	hy_log(a->service->log, HY_LOG_ERROR, what, hy_kv("error", e->text));
}

/*
 * A failure of the store: counted, told, and the end of an alerter that lost its lock. A commit
 * that may have been made has left notices that nobody was told of: they are looked for.
 */
static void store_failed(struct alerter *a, const char *what, const struct hy_error *e)
{
	a->store_failures++;
	log_failure(a, what, e);
	if (e->code == HY_ERR_DENIED)
		hy_service_fail(a->service, e);
	else if (e->code == HY_ERR_UNCERTAIN && a->delivery)
		hy_delivery_wake(a->delivery);
}

/* ---- deadlines ---- */

static void arm_deadlines(struct alerter *a)
{
	struct hy_wall next = HY_WALL_NONE, digest = HY_WALL_NONE, now = hy_wall_now();
	struct hy_store *store = hy_ledger_store(a->ledger);
	struct hy_error e = {0};
	int64_t delay_ms = LOOK_AT_LEAST_MS;
	enum hy_err err = hy_deadlines_next(store, &next, &e);

	if (!err)
		err = hy_policy_digest_next(store, &digest, &e);
	if (hy_wall_known(digest) && (!hy_wall_known(next) || digest.ms < next.ms))
		next = digest;
	if (err) {
		store_failed(a, "next deadline cannot be read, will try again", &e);
		delay_ms = RETRY_MS;
	} else if (hy_wall_known(next) && next.ms - now.ms < delay_ms) {
		delay_ms = next.ms > now.ms ? next.ms - now.ms : 0;
	}
	hy_timer_start(a->deadline_timer, delay_ms, 0);
}

/* What the last commit made due: notices for all channels, and another next deadline. */
static void after_commit(struct alerter *a)
{
	const struct hy_turn *turn = hy_ledger_turn(a->ledger);

	hy_delivery_publish(a->delivery, turn->publish, turn->publish_count);
	if (turn->woke_channels)
		hy_delivery_wake(a->delivery);
	arm_deadlines(a);
}

/* Once a day, and whenever rules have been put in force: what they will lack. */
static void watch_duty(struct alerter *a)
{
	struct hy_wall today = hy_day_start(hy_wall_now());
	struct hy_error e = {0};

	if (today.ms == a->watched.ms)
		return;
	if (hy_ledger_watch(a->ledger, &e)) {
		store_failed(a, "rosters cannot be looked through, will try again", &e);
		return;
	}
	a->watched = today;
	after_commit(a);
}

/* Piece by piece, so that nothing waits long for the first day of an old record. */
static void watch_audit(struct alerter *a)
{
	struct hy_wall today = hy_day_start(hy_wall_now());
	const struct hy_audit_rules rules = {
		.receiver = hy_str_of(conf_of(a)->audit_receiver),
		.keep_days = conf_of(a)->audit_keep_ms / HY_DAY_MS};
	struct hy_error e = {0};
	bool done = false;

	if (today.ms == a->audited.ms)
		return;
	if (hy_ledger_audit(a->ledger, &rules, &done, &e)) {
		store_failed(a, "head of the audit cannot be told, will try again", &e);
		return;
	}
	after_commit(a);
	if (done)
		a->audited = today;
	else
		hy_timer_start(a->deadline_timer, 0, 0);
}

static void watch_clock(struct alerter *a)
{
	int64_t step_ms = hy_clock_watch_look(&a->clock, hy_wall_now(), hy_clock_steady());
	struct hy_error e = {0};

	if (!step_ms)
		return;
	hy_log(a->service->log, HY_LOG_WARN, "the system's clock was set",
	       hy_kv_int("step_ms", step_ms));
	if (hy_ledger_clock_step(a->ledger, step_ms, &e))
		store_failed(a, "step of the clock not told", &e);
	else
		after_commit(a);
}

static void on_deadline(void *ctx)
{
	struct alerter *a = ctx;
	struct hy_error e = {0};
	size_t fired = 0;

	watch_clock(a);
	if (hy_ledger_fire(a->ledger, FIRE_LIMIT, &fired, &e)) {
		store_failed(a, "deadlines cannot be fired, will try again", &e);
		hy_timer_start(a->deadline_timer, RETRY_MS, 0);
		return;
	}
	after_commit(a);
	watch_duty(a);
	watch_audit(a);
}

/* ---- requests ---- */

static void answer(struct alerter *a, const struct request *r, const struct hy_msg *m)
{
	struct hy_error e = {0};

	if (hy_bus_server_answer(a->server, &r->from, m, &e))
		log_failure(a, "answer not sent", &e);
}

static void send_receipt(struct alerter *a, const struct request *r,
			 const struct hy_ledger_alert *alert)
{
	struct hy_msg m = {.type = HY_MSG_RECEIPT, .id = r->message->id};

	m.as.receipt = (struct hy_msg_receipt){
		.event = hy_str_of(alert->result.event.hex),
		.case_id = hy_str_of(alert->result.case_id.text),
		.fresh = alert->result.fresh};
	answer(a, r, &m);
}

/* Whether sending the same again may help: then no answer is given. */
static bool may_pass_later(enum hy_err err)
{
	return hy_err_is_retryable(err) || err == HY_ERR_UNCERTAIN || err == HY_ERR_DENIED;
}

/*
 * What can never be stored would come again for ever and fill its sender's window. It is refused,
 * and kept as refused first; where even that can never be, the log and the sender have it.
 */
static void refuse(struct alerter *a, const struct request *r, const struct hy_error *why)
{
	struct hy_msg m = {.type = HY_MSG_RECEIPT, .id = r->message->id};
	struct hy_error e = {0};
	enum hy_err err = hy_ledger_refuse(a->ledger, r->message, why->text, &e);

	if (err && may_pass_later(err)) {
		store_failed(a, "refusal not stored, no receipt given", &e);
		return;
	}
	if (err)
		log_failure(a, "refusal cannot be stored", &e);
	else
		after_commit(a);
	a->refused++;
	hy_log(a->service->log, HY_LOG_ERROR, "cannot be stored, refused",
	       hy_kv("type", hy_msg_type_name(r->message->type)),
	       hy_kv_str("id", r->message->id), hy_kv("error", why->text));
	m.as.receipt.outcome = HY_RECEIPT_REFUSED;
	m.as.receipt.note = hy_str_of(why->text[0] ? why->text : hy_err_text(why->code));
	answer(a, r, &m);
}

/* One alert that spoils the batch must not hold up the others: each by itself. */
static void take_singly(struct alerter *a, const struct request *const *requests,
			struct hy_ledger_alert *alerts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct hy_error e = {0};
		enum hy_err err = hy_ledger_alerts(a->ledger, &alerts[i], 1, &e);

		if (!err) {
			after_commit(a);
			send_receipt(a, requests[i], &alerts[i]);
			continue;
		}
		if (may_pass_later(err)) {
			store_failed(a, "alerts not stored, no receipts given", &e);
			return;
		}
		refuse(a, requests[i], &e);
	}
}

static void take_alerts(struct alerter *a, const struct request *const *requests, size_t count)
{
	hy_cleanup(hy_free_p) struct hy_ledger_alert *alerts = hy_xcalloc(count, sizeof *alerts);
	struct hy_error e = {0};
	enum hy_err err;

	for (size_t i = 0; i < count; i++)
		alerts[i].message = requests[i]->message;
	err = hy_ledger_alerts(a->ledger, alerts, count, &e);
	if (!err) {
		after_commit(a);
		for (size_t i = 0; i < count; i++)
			send_receipt(a, requests[i], &alerts[i]);
	} else if (may_pass_later(err)) {
		store_failed(a, "alerts not stored, no receipts given", &e);
	} else {
		take_singly(a, requests, alerts, count);
	}
}

static void take_command(struct alerter *a, const struct request *r)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(REPLY_BYTES);
	struct hy_msg m = {.type = HY_MSG_REPLY, .id = r->message->id};
	struct hy_error e = {0};
	enum hy_err code = HY_OK, err;

	err = hy_ledger_command(a->ledger, r->message, &code, &text, &e);
	if (err) {
		store_failed(a, "command not carried out", &e);
		if (err == HY_ERR_UNCERTAIN)
			return;		/* asked again, the same id finds out */
		hy_buf_clear(&text);
		hy_buf_add_c(&text, "存储暂不可用，请稍后再试");
		code = HY_ERR_UNAVAILABLE;
	} else {
		after_commit(a);
	}
	m.as.reply = (struct hy_msg_reply){.code = code, .text = hy_buf_str(&text)};
	answer(a, r, &m);
}

/* Notices are for what somebody must look after; that it is over, whoever watches may see. */
static void publish_clearing(struct alerter *a, const struct hy_msg_alarm *alarm)
{
	const struct hy_unit *unit = hy_alarm_unit(a->rules, alarm->owner, hy_wall_now());
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(REPLY_BYTES);
	struct hy_msg m = {.type = HY_MSG_EVENT, .id = alarm->alarm};
	struct hy_error e = {0};

	hy_alarm_text(alarm, &text);
	m.as.event = (struct hy_msg_event){
		.notice = alarm->alarm, .step = HY_STR_LIT(HY_ALARM_STEP_CLEARED),
		.recipient = unit->id, .title = alarm->text, .lead = unit->name, .at = alarm->at,
		.sign_due = HY_WALL_NONE, .answer_due = HY_WALL_NONE, .text = hy_buf_str(&text)};
	if (hy_buf_err(&text) == HY_OK && hy_bus_publish(a->publisher, &m, &e))
		log_failure(a, "clearing of an alarm not published", &e);
}

static void take_alarm(struct alerter *a, const struct request *r)
{
	struct hy_msg m = {.type = HY_MSG_RECEIPT, .id = r->message->id};
	struct hy_error e = {0};
	bool fresh = false;
	enum hy_err err = hy_ledger_alarm(a->ledger, r->message, &fresh, &e);

	if (err && may_pass_later(err)) {
		store_failed(a, "alarm not stored, no receipt given", &e);
		return;
	}
	if (err) {
		refuse(a, r, &e);
		return;
	}
	after_commit(a);
	if (fresh && r->message->as.alarm.state == HY_ALARM_CLEARED)
		publish_clearing(a, &r->message->as.alarm);
	m.as.receipt.fresh = fresh;
	answer(a, r, &m);
}

static void take_tally(struct alerter *a, const struct request *r)
{
	struct hy_msg m = {.type = HY_MSG_RECEIPT, .id = r->message->id};
	struct hy_error e = {0};
	bool fresh = false;
	enum hy_err err = hy_ledger_tally(a->ledger, r->message, &fresh, &e);

	if (err && may_pass_later(err)) {
		store_failed(a, "tally not stored, no receipt given", &e);
		return;
	}
	if (err) {
		refuse(a, r, &e);
		return;
	}
	after_commit(a);
	m.as.receipt.fresh = fresh;
	answer(a, r, &m);
}

static void on_end_of_turn(void *ctx)
{
	struct alerter *a = ctx;
	hy_cleanup(hy_free_p) const struct request **alerts =
		hy_xcalloc(a->request_count + 1, sizeof *alerts);
	size_t count = 0;

	for (size_t i = 0; i < a->request_count; i++) {
		if (a->requests[i].message->type == HY_MSG_ALERT)
			alerts[count++] = &a->requests[i];
	}
	if (count)
		take_alerts(a, alerts, count);
	for (size_t i = 0; i < a->request_count; i++) {
		if (a->requests[i].message->type == HY_MSG_COMMAND)
			take_command(a, &a->requests[i]);
		else if (a->requests[i].message->type == HY_MSG_ALARM)
			take_alarm(a, &a->requests[i]);
		else if (a->requests[i].message->type == HY_MSG_TALLY)
			take_tally(a, &a->requests[i]);
		hy_msg_free(a->requests[i].message);
	}
	a->request_count = 0;
}

static void on_request(void *ctx, const struct hy_bus_peer *from, struct hy_msg *request)
{
	struct alerter *a = ctx;

	if (request->type != HY_MSG_ALERT && request->type != HY_MSG_COMMAND &&
	    request->type != HY_MSG_ALARM && request->type != HY_MSG_TALLY) {
		hy_log(a->service->log, HY_LOG_WARN, "unexpected message",
		       hy_kv("type", hy_msg_type_name(request->type)));
		hy_msg_free(request);
		return;
	}
	a->requests = hy_grow(a->requests, &a->request_cap, a->request_count + 1,
			      sizeof *a->requests);
	a->requests[a->request_count++] = (struct request){*from, request};
	if (a->request_count >= (size_t)conf_of(a)->batch)
		on_end_of_turn(a);
	else
		hy_deferred_schedule(a->end_of_turn);
}

/* ---- becoming active ---- */

static void deactivate(struct alerter *a)
{
	hy_delivery_free(a->delivery);
	hy_bus_server_free(a->server);
	hy_bus_publisher_free(a->publisher);
	hy_ledger_free(a->ledger);
	a->delivery = NULL;
	a->server = NULL;
	a->publisher = NULL;
	a->ledger = NULL;
}

static enum hy_err bind_endpoints(struct alerter *a, struct hy_error *e)
{
	const struct hy_common_conf *common = a->service->common;
	struct hy_bus_options options = hy_common_bus_options(common);
	struct hy_delivery_parts parts = {.loop = a->service->loop,
					  .store = hy_ledger_store(a->ledger),
					  .log = a->service->log};
	enum hy_err err = hy_bus_publisher_new(a->service->bus, common->event_endpoint, &options,
					       &a->publisher, e);

	if (err)
		return err;
	parts.publisher = a->publisher;
	a->delivery = hy_delivery_new(&parts);
	hy_delivery_set_rules(a->delivery, a->rules, common->rules);
	err = hy_bus_server_new(a->service->bus, common->alerter_endpoint, &options, &a->server,
				e);
	if (!err)
		hy_bus_server_on_request(a->server, on_request, a);
	return err;
}

static enum hy_err activate(struct alerter *a, struct hy_error *e)
{
	int64_t uncertain = 0;
	enum hy_err err = hy_ledger_open(conf_of(a)->store, conf_of(a)->store_timeout_ms,
					 &a->ledger, e);

	if (!err)
		err = hy_ledger_set_rules(a->ledger, a->rules, e);
	if (!err)
		err = hy_ledger_recover(a->ledger, &uncertain, e);
	if (!err)
		err = bind_endpoints(a, e);
	if (err) {
		deactivate(a);
		return err;
	}
	hy_log(a->service->log, HY_LOG_INFO, "active",
	       hy_kv_int("notices_found_uncertain", uncertain));
	hy_delivery_wake(a->delivery);
	arm_deadlines(a);
	watch_duty(a);
	watch_audit(a);
	return HY_OK;
}

static void on_activate(void *ctx)
{
	struct alerter *a = ctx;
	struct hy_error e = {0};
	enum hy_err err = activate(a, &e);

	if (!err)
		return;
	if (err == HY_ERR_DENIED || err == HY_ERR_MALFORMED) {
		hy_service_fail(a->service, &e);
		return;
	}
	if (!a->waited || err != HY_ERR_CONFLICT)
		hy_log(a->service->log, err == HY_ERR_CONFLICT ? HY_LOG_INFO : HY_LOG_WARN,
		       err == HY_ERR_CONFLICT ? "standby" : "cannot become active yet",
		       hy_kv("why", e.text));
	a->waited = true;
	hy_timer_start(a->activate_timer, conf_of(a)->standby_ms, 0);
}

/* ---- rules ---- */

typedef enum hy_err load_fn(const char *dir, struct hy_wall from, struct hy_findings *findings,
			    struct hy_rule_set **out);

/* The service has checked and told every finding before; here the first one is enough. */
static enum hy_err load_rules(const struct alerter *a, load_fn *load, struct hy_rule_set **out,
			      struct hy_error *e)
{
	struct hy_findings findings;
	enum hy_err err;

	hy_findings_init(&findings);
	err = load(a->service->common->rules, hy_wall_now(), &findings, out);
	if (err) {
		struct hy_str rest = hy_buf_str(&findings.text), line = {0};

		(void)hy_str_next(&rest, '\n', &line);
		(void)hy_fail(e, err, "%zu findings, the first: %.*s", findings.count,
			      HY_STR_ARGS(line));
	}
	hy_findings_fini(&findings);
	return err;
}

static enum hy_err reload(void *daemon, struct hy_error *e)
{
	struct alerter *a = daemon;
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *fresh = NULL;
	struct hy_rule_set *old = a->rules;
	enum hy_err err = load_rules(a, hy_rule_set_load_proved, &fresh, e);

	if (!err && a->ledger)
		err = hy_ledger_set_rules(a->ledger, fresh, e);
	if (err)
		return err;
	a->rules = hy_take(&fresh);
	if (a->delivery)
		hy_delivery_set_rules(a->delivery, a->rules, a->service->common->rules);
	hy_rule_set_free(old);
	a->watched = HY_WALL_NONE;
	if (a->ledger)
		hy_timer_start(a->deadline_timer, 0, 0);
	hy_log(a->service->log, HY_LOG_INFO, "rules in force",
	       hy_kv("version", a->rules->version.hex));
	return HY_OK;
}

/* ---- life ---- */

static void stop(void *daemon)
{
	struct alerter *a = daemon;

	hy_timer_free(a->activate_timer);
	hy_timer_free(a->deadline_timer);
	hy_deferred_free(a->end_of_turn);
	deactivate(a);
	for (size_t i = 0; i < a->request_count; i++)
		hy_msg_free(a->requests[i].message);
	free(a->requests);
	hy_rule_set_free(a->rules);
	free(a);
}

static enum hy_err start(struct hy_service *service, void **out_daemon, struct hy_error *e)
{
	struct alerter *a = hy_xcalloc(1, sizeof *a);
	enum hy_err err;

	a->service = service;
	a->watched = HY_WALL_NONE;
	a->audited = HY_WALL_NONE;
	a->clock = HY_CLOCK_WATCH;
	err = load_rules(a, hy_rule_set_load_again, &a->rules, e);
	if (err) {
		free(a);
		return err;
	}
	a->end_of_turn = hy_deferred_new(service->loop, on_end_of_turn, a);
	a->activate_timer = hy_timer_new(service->loop, on_activate, a);
	a->deadline_timer = hy_timer_new(service->loop, on_deadline, a);
	hy_timer_start(a->activate_timer, 0, 0);
	*out_daemon = a;
	return HY_OK;
}

static void on_idle(void *ctx)
{
	struct alerter *a = ctx;

	hy_service_drained(a->service);
}

static void drain(void *daemon)
{
	struct alerter *a = daemon;

	hy_timer_stop(a->activate_timer);
	hy_timer_stop(a->deadline_timer);
	if (!a->ledger) {
		hy_service_drained(a->service);
		return;
	}
	hy_bus_server_pause(a->server, true);
	on_end_of_turn(a);
	hy_timer_stop(a->deadline_timer);
	hy_delivery_drain(a->delivery, on_idle, a);
}

static enum hy_err check(const struct hy_common_conf *common, const void *conf,
			 struct hy_buf *out)
{
	hy_cleanup(hy_rule_set_free_p) struct hy_rule_set *rules = NULL;
	struct hy_findings findings;
	enum hy_err err;

	(void)conf;
	hy_findings_init(&findings);
	err = hy_rule_set_load_again(common->rules, hy_wall_now(), &findings, &rules);
	hy_buf_add_str(out, hy_buf_str(&findings.text));
	hy_findings_fini(&findings);
	return err;
}

static void status(void *daemon, struct hy_status_sink *sink)
{
	struct alerter *a = daemon;
	struct hy_ledger_figures f;
	struct hy_error e = {0};

	hy_status_figure(sink, "store_failures", a->store_failures);
	hy_status_figure(sink, "alerts_refused", a->refused);
	if (!a->ledger) {
		hy_status_state(sink, "standby");
		return;
	}
	if (hy_ledger_figures(a->ledger, &f, &e)) {
		store_failed(a, "figures cannot be read", &e);
		hy_status_state(sink, "degraded: store");
		return;
	}
	hy_status_figure(sink, "cases_open", f.cases_open);
	hy_status_figure(sink, "cases_overdue", f.cases_overdue);
	hy_status_figure(sink, "alerts", f.alerts);
	hy_status_figure(sink, "events", f.events);
	hy_status_figure(sink, "notices_waiting", f.notices_waiting);
	hy_status_figure(sink, "notices_uncertain", f.notices_uncertain);
	hy_status_figure(sink, "alarms_open", f.alarms_open);
}

const struct hy_service_spec hy_alerter_spec = {
	.name = "alerter",
	.summary = "assigns each concern to one unit and keeps its deadlines",
	.section = &hy_alerter_section,
	.check = check,
	.start = start,
	.reload = reload,
	.drain = drain,
	.stop = stop,
	.status = status,
};
