#include "analyzer/analyzer.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyzer/analyzer_conf.h"
#include "analyzer/flights.h"
#include "analyzer/judge.h"
#include "analyzer/pattern_alarm.h"
#include "analyzer/rules_holder.h"
#include "analyzer/tally.h"
#include "common/base/mem.h"
#include "common/sys/bus.h"

#define TOO_LARGE "标题或正文超过 4 MiB，未作判断"
#define NOT_ENCODABLE "预警无法编码，未能上报"

struct analyzer {
	struct hy_service *service;
	struct hy_rules_holder rules;
	struct hy_pattern_alarms alarms;
	struct hy_tally tally;
	struct hy_timer *tally_timer;
	struct hy_bus_server *server;
	struct hy_bus_client *client;
	struct hy_flights flights;
	struct hy_judgement *judgement;		/* too large for the stack */
	bool draining;
	uint64_t documents, redelivered, outcomes[HY_OUTCOME_COUNT];
};

static const struct hy_analyzer_conf *conf_of(const struct analyzer *a)
{
	return a->service->conf;
}

/* ---- verdicts ---- */

static void give_verdict(struct analyzer *a, struct hy_str document, const struct hy_bus_peer *to,
			 const struct hy_msg_verdict *verdict)
{
	struct hy_msg m = {.type = HY_MSG_VERDICT, .id = document};
	struct hy_error e = {0};

	m.as.verdict = *verdict;
	a->outcomes[verdict->outcome]++;
	if (hy_bus_server_answer(a->server, to, &m, &e))
		hy_log(a->service->log, HY_LOG_ERROR, "verdict not sent",
		       hy_kv_str("document", document), hy_kv("error", e.text));
}

static void refuse(struct analyzer *a, const struct hy_msg *document,
		   const struct hy_bus_peer *from, const char *note)
{
	const struct hy_msg_verdict verdict = {.outcome = HY_OUTCOME_UNJUDGED,
					       .rules = hy_id_str(&a->rules.ruleset->version),
					       .note = hy_str_of(note)};

	hy_log(a->service->log, HY_LOG_ERROR, "document not judged",
	       hy_kv_str("document", document->id), hy_kv("note", note));
	give_verdict(a, document->id, from, &verdict);
}

/* ---- alarms ---- */

/* What finds no room waits for the next receipt. */
static void tell_alarms(struct analyzer *a)
{
	struct hy_pattern_told told;
	struct hy_error e = {0};

	while (hy_pattern_alarms_next(&a->alarms, &told)) {
		enum hy_err err = hy_bus_client_send(a->client, &told.message, &e);

		if (err == HY_ERR_LIMIT)
			return;
		if (err && err != HY_ERR_CONFLICT)
			hy_log(a->service->log, HY_LOG_ERROR, "alarm not sent",
			       hy_kv_str("topic", told.message.as.alarm.subject),
			       hy_kv("error", e.text));
		hy_pattern_alarms_told(&a->alarms, &told);
	}
}

static void note_limits(struct analyzer *a, const struct hy_scan_result *result)
{
	if (result->limited_count == 0)
		return;
	hy_rules_holder_count_limited(&a->rules, result);
	for (size_t i = 0; i < result->limited_count; i++)
		hy_pattern_alarms_hit(&a->alarms, result->limited[i], hy_wall_now());
	tell_alarms(a);
}

/* ---- tallies ---- */

/* Likewise. */
static void tell_tally(struct analyzer *a)
{
	struct hy_msg m;
	struct hy_error e = {0};

	while (hy_tally_next(&a->tally, &m)) {
		enum hy_err err = hy_bus_client_send(a->client, &m, &e);

		if (err == HY_ERR_LIMIT)
			return;
		if (err && err != HY_ERR_CONFLICT)
			hy_log(a->service->log, HY_LOG_ERROR, "tally not sent",
			       hy_kv("error", e.text));
		hy_tally_told(&a->tally);
	}
}

/* While one waits for room, nothing more is closed: it goes on being counted. */
static void on_tally(void *ctx)
{
	struct analyzer *a = ctx;
	struct hy_msg waiting;

	if (!hy_tally_next(&a->tally, &waiting))
		hy_tally_close(&a->tally, hy_wall_now());
	tell_tally(a);
}

static void arm_tally(struct analyzer *a)
{
	hy_timer_start(a->tally_timer, conf_of(a)->tally_ms, conf_of(a)->tally_ms);
}

/* ---- documents ---- */

/*
 * No room, no more documents: they wait in the crawlers' windows. What was read before the pause
 * and does not fit is dropped unanswered, and asked again.
 */
static void apply_pressure(struct analyzer *a)
{
	bool full = hy_bus_client_room(a->client) == 0;

	hy_bus_server_pause(a->server, a->draining || full);
}

static enum hy_err send_alert(struct analyzer *a, struct hy_error *e)
{
	struct hy_judgement *j = a->judgement;
	struct hy_msg m = {.type = HY_MSG_ALERT, .id = hy_id_str(&j->alert_id)};

	m.as.alert = j->alert;
	enum hy_err err = hy_bus_client_send(a->client, &m, e);
	if (err != HY_ERR_MALFORMED || j->alert.hit_count == 0)
		return err;
	/* The hits are for reading; the alert counts without them. */
	m.as.alert.hit_count = 0;
	return hy_bus_client_send(a->client, &m, e);
}

/* False where the document will be asked again, or was refused. */
static bool raise_alert(struct analyzer *a, const struct hy_msg *document,
			const struct hy_bus_peer *from)
{
	const struct hy_judgement *j = a->judgement;
	struct hy_error e = {0};
	enum hy_err err = send_alert(a, &e);

	if (err == HY_ERR_LIMIT)
		return false;
	/* CONFLICT: the request is under way already, so its receipt will come. */
	if (err && err != HY_ERR_CONFLICT) {
		hy_log(a->service->log, HY_LOG_ERROR, "alert not sent", hy_kv("error", e.text));
		refuse(a, document, from, NOT_ENCODABLE);
		return false;
	}
	if (hy_flights_add(&a->flights, document->id, &j->alert_id, &a->rules.ruleset->version,
			   from))
		hy_log(a->service->log, HY_LOG_ERROR, "more flights than the window holds",
		       hy_kv_str("document", document->id));
	return true;
}

static void judge(struct analyzer *a, const struct hy_msg *document,
		  const struct hy_bus_peer *from)
{
	const struct hy_msg_document *d = &document->as.document;
	const struct hy_scan_input input = {
		.title = d->title, .text = d->text, .region = d->region, .source = d->source,
		.outlet = d->outlet, .at = d->detected_at};
	struct hy_str rules = hy_id_str(&a->rules.ruleset->version);
	struct hy_scan_result result;

	if (hy_scan(a->rules.scanner, &input, &result)) {
		refuse(a, document, from, TOO_LARGE);
		return;
	}
	note_limits(a, &result);
	hy_judge(document, &result, conf_of(a)->need_place, rules, a->judgement);
	if (a->judgement->outcome != HY_OUTCOME_QUIET) {
		if (raise_alert(a, document, from))
			hy_tally_count(&a->tally, &result, a->judgement->outcome == HY_OUTCOME_ALERTED);
	} else {
		const struct hy_msg_verdict verdict = {.outcome = HY_OUTCOME_QUIET, .rules = rules};

		give_verdict(a, document->id, from, &verdict);
		hy_tally_count(&a->tally, &result, false);
	}
}

static void on_request(void *ctx, const struct hy_bus_peer *from, struct hy_msg *request)
{
	struct analyzer *a = ctx;

	if (request->type != HY_MSG_DOCUMENT) {
		hy_log(a->service->log, HY_LOG_WARN, "unexpected message",
		       hy_kv("type", hy_msg_type_name(request->type)));
	} else {
		struct hy_flight *flight = hy_flights_find(&a->flights, request->id);

		a->documents++;
		if (flight) {
			/* Its crawler was restarted, or is impatient: the verdict goes where it
			 * was asked for last, the alert is not raised again. */
			flight->peer = *from;
			a->redelivered++;
		} else {
			judge(a, request, from);
		}
		apply_pressure(a);
	}
	hy_msg_free(request);
}

/* ---- receipts ---- */

/* Of what waits for the alerter, `answered` are no longer waited for: an alarm counts as well. */
static void drained_if_empty(struct analyzer *a, size_t answered)
{
	if (a->draining && hy_bus_client_waiting(a->client) <= answered)
		hy_service_drained(a->service);
}

/* An alert that was refused for good concerns nobody any more but whom the alerter has told. */
static void give_verdict_of(struct analyzer *a, const struct hy_flight *flight,
			    const struct hy_msg_receipt *receipt)
{
	struct hy_msg_verdict verdict = {.outcome = receipt->event.n ? HY_OUTCOME_ALERTED
								     : HY_OUTCOME_REACTION,
					 .rules = hy_id_str(&flight->rules)};

	if (receipt->outcome == HY_RECEIPT_REFUSED) {
		verdict.outcome = HY_OUTCOME_UNJUDGED;
		verdict.note = receipt->note;
		hy_log(a->service->log, HY_LOG_ERROR, "alert refused",
		       hy_kv("document", flight->document), hy_kv_str("note", receipt->note));
	}
	give_verdict(a, hy_str_of(flight->document), &flight->peer, &verdict);
}

static void on_receipt(void *ctx, const struct hy_msg *answer)
{
	struct analyzer *a = ctx;
	struct hy_flight *flight = hy_flights_take(&a->flights, answer->id);

	if (flight) {
		give_verdict_of(a, flight, &answer->as.receipt);
		hy_flight_free(flight);
	}
	/* The answered request leaves the window after this call: there is room. */
	hy_bus_server_pause(a->server, a->draining);
	drained_if_empty(a, 1);
	if (a->draining)
		return;
	tell_alarms(a);
	tell_tally(a);
}

/* ---- life ---- */

/* "analyzer3" listens at the third of the comma-separated endpoints. */
static enum hy_err own_endpoint(const struct analyzer *a, char **out, struct hy_error *e)
{
	const struct hy_common_conf *common = a->service->common;
	struct hy_str name = hy_str_of(a->service->name), rest, endpoint;
	size_t digits = name.n;
	int64_t number = 1;

	if (conf_of(a)->listen[0]) {
		*out = hy_xstrdup(conf_of(a)->listen);
		return HY_OK;
	}
	while (digits > 0 && name.p[digits - 1] >= '0' && name.p[digits - 1] <= '9')
		digits--;
	(void)hy_str_to_int(hy_str_sub(name, digits, name.n), 1, 1000, &number);
	rest = hy_str_of(common->analyzer_endpoint);
	for (int64_t i = 1; hy_str_next(&rest, ',', &endpoint); i++)
		if (i == number) {
			*out = hy_str_dup(hy_str_trim(endpoint));
			return HY_OK;
		}
	return hy_fail(e, HY_ERR_MALFORMED,
		       "common.analyzer_endpoint has no endpoint number %lld for %s: add it there, "
		       "or set analyzer.listen",
		       (long long)number, a->service->name);
}

static enum hy_err open_bus(struct analyzer *a, struct hy_error *e)
{
	const struct hy_common_conf *common = a->service->common;
	struct hy_bus_options options = hy_common_bus_options(common);
	hy_cleanup(hy_free_p) char *endpoint = NULL;
	enum hy_err err = own_endpoint(a, &endpoint, e);

	if (err)
		return err;
	options.window = conf_of(a)->window;
	err = hy_bus_client_new(a->service->bus, common->alerter_endpoint, &options, &a->client, e);
	if (!err)
		err = hy_bus_server_new(a->service->bus, endpoint, &options, &a->server, e);
	if (err)
		return err;
	hy_bus_client_on_answer(a->client, on_receipt, a);
	hy_bus_server_on_request(a->server, on_request, a);
	return HY_OK;
}

static enum hy_err take_rules(struct analyzer *a, struct hy_error *e)
{
	enum hy_err err;

	if (a->tally.ruleset)
		hy_tally_close(&a->tally, hy_wall_now());
	err = hy_rules_holder_load(&a->rules, a->service->common->rules, e);
	if (!err) {
		hy_pattern_alarms_use(&a->alarms, a->rules.ruleset, hy_wall_now());
		hy_tally_use(&a->tally, a->rules.ruleset);
	}
	return err;
}

static void analyzer_stop(void *daemon)
{
	struct analyzer *a = daemon;

	hy_timer_free(a->tally_timer);
	hy_bus_server_free(a->server);
	hy_bus_client_free(a->client);
	hy_flights_fini(&a->flights);
	hy_pattern_alarms_fini(&a->alarms);
	hy_tally_fini(&a->tally);
	hy_rules_holder_fini(&a->rules);
	free(a->judgement);
	free(a);
}

static enum hy_err analyzer_start(struct hy_service *service, void **out_daemon,
				  struct hy_error *e)
{
	struct analyzer *a = hy_xcalloc(1, sizeof *a);
	enum hy_err err;

	a->service = service;
	a->judgement = hy_xcalloc(1, sizeof *a->judgement);
	hy_rules_holder_init(&a->rules, service->log);
	hy_flights_init(&a->flights, (size_t)conf_of(a)->window);
	err = hy_tally_init(&a->tally, e);
	if (!err)
		err = take_rules(a, e);
	if (!err)
		err = open_bus(a, e);
	if (err) {
		analyzer_stop(a);
		return err;
	}
	a->tally_timer = hy_timer_new(service->loop, on_tally, a);
	arm_tally(a);
	*out_daemon = a;
	return HY_OK;
}

static enum hy_err analyzer_reload(void *daemon, struct hy_error *e)
{
	struct analyzer *a = daemon;
	enum hy_err err = take_rules(a, e);

	tell_tally(a);
	arm_tally(a);
	if (!err)
		tell_alarms(a);
	return err;
}

static void analyzer_drain(void *daemon)
{
	struct analyzer *a = daemon;

	a->draining = true;
	hy_bus_server_pause(a->server, true);
	hy_timer_stop(a->tally_timer);
	hy_tally_close(&a->tally, hy_wall_now());
	tell_tally(a);
	drained_if_empty(a, 0);
}

static void add_limited(const struct analyzer *a, struct hy_status_sink *sink)
{
	const struct hy_atoms *atoms = &a->rules.ruleset->atoms;
	int shown = 0;

	for (size_t i = 0; i < atoms->pattern_count && shown < HY_LIMITED_SHOWN; i++) {
		char name[HY_MSG_NAME_BYTES];
		int n = snprintf(name, sizeof name, "pattern_at_limit %.*s",
				 HY_STR_ARGS(atoms->patterns[i].written));

		if (a->rules.limited[i] == 0)
			continue;
		/* A pattern too long for a name goes by its number; the log has it in full. */
		if (n < 0 || (size_t)n >= sizeof name)
			(void)snprintf(name, sizeof name, "pattern_at_limit #%zu", i);
		hy_status_figure(sink, name, (int64_t)a->rules.limited[i]);
		shown++;
	}
}

static void analyzer_status(void *daemon, struct hy_status_sink *sink)
{
	const struct analyzer *a = daemon;
	char state[100];

	hy_status_figure(sink, "documents", (int64_t)a->documents);
	hy_status_figure(sink, "documents_redelivered", (int64_t)a->redelivered);
	for (int i = 0; i < HY_OUTCOME_COUNT; i++) {
		char name[40];

		(void)snprintf(name, sizeof name, "verdicts_%s",
			       hy_outcome_name((enum hy_outcome)i));
		hy_status_figure(sink, name, (int64_t)a->outcomes[i]);
	}
	hy_status_figure(sink, "alerts_waiting", (int64_t)hy_flights_count(&a->flights));
	hy_status_figure(sink, "alerts_resent", (int64_t)hy_bus_client_resent(a->client));
	hy_status_figure(sink, "requests_refused", (int64_t)hy_bus_server_refused(a->server));
	hy_status_figure(sink, "topics", (int64_t)a->rules.ruleset->count);
	hy_status_figure(sink, "rules_loaded", (int64_t)a->rules.reloads);
	hy_status_figure(sink, "rules_load_ms", a->rules.load_ms);
	hy_status_figure(sink, "rules_swap_ms", a->rules.swap_ms);
	hy_status_figure(sink, "rules_refused", (int64_t)a->rules.refused);
	hy_status_figure(sink, "patterns_at_limit", (int64_t)a->rules.limited_total);
	add_limited(a, sink);
	if (a->draining) {
		hy_status_state(sink, "draining");
	} else if (a->rules.findings) {
		(void)snprintf(state, sizeof state, "degraded: new rules refused, %zu findings",
			       a->rules.findings);
		hy_status_state(sink, state);
	}
}

/*
 * No check of its own beside the configuration's: rules are proved by start and by reload, which
 * know what to do with a bad set, and by `huiying check`.
 */
const struct hy_service_spec hy_analyzer_spec = {
	.name = "analyzer",
	.summary = "judges documents by the rules and raises alerts",
	.section = &hy_analyzer_section,
	.start = analyzer_start,
	.reload = analyzer_reload,
	.drain = analyzer_drain,
	.stop = analyzer_stop,
	.status = analyzer_status,
};
