/* The daemon between a crawler and an alerter that do as the test says. */
#include "analyzer/analyzer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/analyzer_conf.h"
#include "analyzer/judge.h"
#include "common/base/mem.h"
#include "common/sys/bus.h"
#include "tests/lib/rules_folder.h"

#define TICK_MS 2
#define WATCHDOG_MS 20000
#define RESEND_MS 100
#define KEPT_MAX 64
#define TALLY_MS 3600000		/* unless a test closes one: never */

static const char topics[] =
	"topics:\n"
	"  - id: wages\n    title: 欠薪\n    owner: labour\n    severity: 较大\n"
	"    match: {any: [拖欠工资]}\n    samples: {hit: [拖欠工资], miss: [晴]}\n"
	"  - id: anywhere\n    title: 处处\n    owner: labour\n    place: any\n"
	"    match: {any: [处处]}\n    samples: {hit: [处处], miss: [晴]}\n";

/* What a crawler got back. */
struct crawler {
	struct hy_bus_client *client;
	unsigned verdicts;
	enum hy_outcome outcome;
	char rules[HY_ID_DIGITS + 1], note[64];
};

struct world {
	struct test_rules folder;
	struct hy_loop *loop;
	struct hy_bus *outer, *inner;	/* of the test's ends, of the daemon */
	struct hy_timer *tick, *watchdog;
	bool (*done)(const struct world *w);

	struct hy_log log;
	struct hy_common_conf common;
	struct hy_analyzer_conf conf;
	struct hy_service service;
	void *daemon;

	struct crawler crawlers[2];
	struct hy_bus_server *alerter;
	bool receipts;			/* given at once; else alerts are kept */
	bool refuses;			/* by them */
	struct hy_msg *alerts[KEPT_MAX];
	struct hy_bus_peer from[KEPT_MAX];
	size_t alert_count;
	struct hy_msg *alarms[KEPT_MAX];
	size_t alarm_count;
	struct hy_msg *tallies[KEPT_MAX];
	size_t tally_count;
};

/* ---- the ends ---- */

static void on_verdict(void *ctx, const struct hy_msg *m)
{
	struct crawler *c = ctx;

	assert_int_equal(m->type, HY_MSG_VERDICT);
	c->verdicts++;
	c->outcome = m->as.verdict.outcome;
	(void)snprintf(c->rules, sizeof c->rules, "%.*s", HY_STR_ARGS(m->as.verdict.rules));
	(void)snprintf(c->note, sizeof c->note, "%.*s", HY_STR_ARGS(m->as.verdict.note));
}

static void give_receipt(struct world *w, size_t number)
{
	struct hy_msg m = {.type = HY_MSG_RECEIPT, .id = w->alerts[number]->id};
	struct hy_error e = {0};

	m.as.receipt = (struct hy_msg_receipt){
		.outcome = HY_RECEIPT_TAKEN, .event = HY_STR_LIT("e"), .case_id = HY_STR_LIT("c"),
		.fresh = true};
	if (w->refuses)
		m.as.receipt = (struct hy_msg_receipt){.outcome = HY_RECEIPT_REFUSED,
						       .note = HY_STR_LIT("不能入库")};
	assert_int_equal(hy_bus_server_answer(w->alerter, &w->from[number], &m, &e), HY_OK);
}

static void on_alert(void *ctx, const struct hy_bus_peer *from, struct hy_msg *m)
{
	struct world *w = ctx;

	if (m->type == HY_MSG_ALARM || m->type == HY_MSG_TALLY) {
		struct hy_msg receipt = {.type = HY_MSG_RECEIPT, .id = m->id};
		struct hy_error e = {0};

		assert_true(w->alarm_count < KEPT_MAX && w->tally_count < KEPT_MAX);
		if (m->type == HY_MSG_ALARM)
			w->alarms[w->alarm_count++] = m;
		else
			w->tallies[w->tally_count++] = m;
		assert_int_equal(hy_bus_server_answer(w->alerter, from, &receipt, &e), HY_OK);
		return;
	}
	assert_int_equal(m->type, HY_MSG_ALERT);
	assert_true(w->alert_count < KEPT_MAX);
	w->alerts[w->alert_count] = m;
	w->from[w->alert_count++] = *from;
	if (w->receipts)
		give_receipt(w, w->alert_count - 1);
}

static void forget_alerts(struct world *w)
{
	for (size_t i = 0; i < w->alert_count; i++)
		hy_msg_free(w->alerts[i]);
	for (size_t i = 0; i < w->alarm_count; i++)
		hy_msg_free(w->alarms[i]);
	for (size_t i = 0; i < w->tally_count; i++)
		hy_msg_free(w->tallies[i]);
	w->tally_count = 0;
	w->alert_count = 0;
	w->alarm_count = 0;
}

/* ---- running ---- */

static void look(void *ctx)
{
	struct world *w = ctx;

	if (w->done(w))
		hy_loop_stop(w->loop);
}

static void bark(void *ctx)
{
	(void)ctx;
	fail_msg("what was waited for did not happen");
}

static void run_until(struct world *w, bool (*done)(const struct world *w))
{
	w->done = done;
	hy_timer_start(w->tick, 0, TICK_MS);
	hy_timer_start(w->watchdog, WATCHDOG_MS, 0);
	hy_loop_run(w->loop);
	hy_timer_stop(w->tick);
	hy_timer_stop(w->watchdog);
}

static void stop(void *ctx)
{
	struct world *w = ctx;

	hy_loop_stop(w->loop);
}

/* For what must not happen. */
static void let_pass(struct world *w, int64_t ms)
{
	struct hy_timer *timer = hy_timer_new(w->loop, stop, w);

	hy_timer_start(timer, ms, 0);
	hy_loop_run(w->loop);
	hy_timer_free(timer);
}

static bool one_alert(const struct world *w)
{
	return w->alert_count >= 1;
}

static bool two_alerts(const struct world *w)
{
	return w->alert_count >= 2;
}

static bool first_has_verdict(const struct world *w)
{
	return w->crawlers[0].verdicts >= 1;
}

static bool second_has_verdict(const struct world *w)
{
	return w->crawlers[1].verdicts >= 1;
}

static bool one_alarm(const struct world *w)
{
	return w->alarm_count >= 1;
}

static bool two_alarms(const struct world *w)
{
	return w->alarm_count >= 2;
}

static bool one_tally(const struct world *w)
{
	return w->tally_count >= 1;
}

static bool first_has_all(const struct world *w)
{
	return hy_bus_client_waiting(w->crawlers[0].client) == 0;
}

/* ---- making and unmaking ---- */

static void start_daemon(struct world *w, int64_t window, bool need_place)
{
	struct hy_error e = {0};

	w->conf = (struct hy_analyzer_conf){
		.need_place = need_place, .window = window, .tally_ms = TALLY_MS,
		.listen = w->common.analyzer_endpoint};
	w->service = (struct hy_service){.name = "analyzer", .loop = w->loop, .bus = w->inner,
					 .log = &w->log, .common = &w->common, .conf = &w->conf};
	assert_int_equal(hy_analyzer_spec.start(&w->service, &w->daemon, &e), HY_OK);
}

static void start_crawler(struct world *w, int number)
{
	struct hy_bus_options options = hy_bus_defaults;
	struct crawler *c = &w->crawlers[number];
	struct hy_error e = {0};

	options.resend_ms = RESEND_MS;
	assert_int_equal(hy_bus_client_new(w->outer, w->common.analyzer_endpoint, &options,
					   &c->client, &e),
			 HY_OK);
	hy_bus_client_on_answer(c->client, on_verdict, c);
}

static char *endpoint(const struct world *w, const char *name)
{
	char text[200];

	(void)snprintf(text, sizeof text, "ipc://%s/%s.ipc", w->folder.folder, name);
	return hy_xstrdup(text);
}

static int setup(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);
	struct hy_error e = {0};

	assert_true(test_rules_make(&w->folder));
	assert_true(test_rules_put(&w->folder, "topics/livelihood.yaml", topics));
	w->log = (struct hy_log){"analyzer_test", HY_LOG_ERROR};
	w->loop = hy_loop_new();
	w->outer = hy_bus_new(w->loop, &w->log);
	w->inner = hy_bus_new(w->loop, &w->log);
	w->tick = hy_timer_new(w->loop, look, w);
	w->watchdog = hy_timer_new(w->loop, bark, w);
	w->receipts = true;
	w->common = (struct hy_common_conf){
		.rules = w->folder.folder, .run = w->folder.folder,
		.analyzer_endpoint = endpoint(w, "a"), .alerter_endpoint = endpoint(w, "b"),
		.key_file = hy_xstrdup(""), .server_key_file = hy_xstrdup(""),
		.client_keys_file = hy_xstrdup("")};
	assert_int_equal(hy_bus_server_new(w->outer, w->common.alerter_endpoint, &hy_bus_defaults,
					   &w->alerter, &e),
			 HY_OK);
	hy_bus_server_on_request(w->alerter, on_alert, w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	forget_alerts(w);
	if (w->daemon)
		hy_analyzer_spec.stop(w->daemon);
	for (int i = 0; i < 2; i++)
		hy_bus_client_free(w->crawlers[i].client);
	hy_bus_server_free(w->alerter);
	hy_timer_free(w->tick);
	hy_timer_free(w->watchdog);
	hy_bus_free(w->inner);
	hy_bus_free(w->outer);
	hy_loop_free(w->loop);
	free(w->common.analyzer_endpoint);
	free(w->common.alerter_endpoint);
	free(w->common.key_file);
	free(w->common.server_key_file);
	free(w->common.client_keys_file);
	test_rules_remove(&w->folder);
	free(w);
	return 0;
}

static void ask(struct world *w, int crawler, const char *id, const char *title, const char *region)
{
	struct hy_msg m = {.type = HY_MSG_DOCUMENT, .id = hy_str_of(id)};
	struct hy_error e = {0};

	m.as.document = (struct hy_msg_document){
		.document = HY_STR_LIT("d"),
		.url = HY_STR_LIT("http://a/1"),
		.title = hy_str_of(title),
		.source = HY_STR_LIT("s"),
		.region = hy_str_of(region),
		.published_at = HY_WALL_NONE,
		.detected_at = hy_wall_now(),
		.text = HY_STR_LIT("正文")};
	assert_int_equal(hy_bus_client_send(w->crawlers[crawler].client, &m, &e), HY_OK);
}

static struct world *started(void **state)
{
	struct world *w = *state;

	start_daemon(w, 256, true);
	start_crawler(w, 0);
	start_crawler(w, 1);
	return w;
}

/* ---- tests ---- */

static void a_quiet_document_is_told_so_at_once(void **state)
{
	struct world *w = started(state);

	ask(w, 0, "v1", "天气晴", "district");
	run_until(w, first_has_verdict);
	assert_int_equal(w->crawlers[0].outcome, HY_OUTCOME_QUIET);
	assert_int_equal(strlen(w->crawlers[0].rules), HY_ID_DIGITS);
	assert_int_equal(w->alert_count, 0);
}

static void the_verdict_waits_for_the_receipt(void **state)
{
	struct world *w = started(state);

	w->receipts = false;
	ask(w, 0, "v1", "东街街道拖欠工资", "");
	run_until(w, one_alert);
	/* Longer than a resend: the document comes again, the alert is under way already. */
	let_pass(w, 5 * RESEND_MS / 2);
	assert_int_equal(w->crawlers[0].verdicts, 0);
	assert_int_equal(w->alert_count, 1);

	const struct hy_msg_alert *alert = &w->alerts[0]->as.alert;
	struct hy_id id = hy_alert_id(HY_STR_LIT("v1"));
	assert_true(hy_str_eq(w->alerts[0]->id, hy_id_str(&id)));
	assert_true(hy_str_eq_c(alert->version, "v1"));
	assert_int_equal(alert->severity, HY_SEVERITY_CONSIDERABLE);
	assert_int_equal(alert->topic_count, 1);
	assert_true(hy_str_eq_c(alert->topics[0].topic, "wages"));
	assert_int_equal(alert->place_count, 1);
	assert_true(hy_str_eq_c(alert->places[0], "east"));
	assert_int_equal(alert->hit_count, 1);
	assert_true(hy_str_eq_c(alert->hits[0].text, "拖欠工资"));
	assert_int_equal(alert->hits[0].start, 12);
	assert_true(hy_str_eq_c(alert->text, "正文"));

	give_receipt(w, 0);
	run_until(w, first_has_verdict);
	assert_int_equal(w->crawlers[0].outcome, HY_OUTCOME_ALERTED);
}

/* What was refused for good is no longer waited for, and the verdict says so. */
static void a_refused_alert_ends_unjudged(void **state)
{
	struct world *w = started(state);

	w->refuses = true;
	ask(w, 0, "v1", "东街街道拖欠工资", "");
	run_until(w, first_has_verdict);
	assert_int_equal(w->crawlers[0].outcome, HY_OUTCOME_UNJUDGED);
	assert_string_equal(w->crawlers[0].note, "不能入库");
	let_pass(w, 5 * RESEND_MS / 2);
	assert_int_equal(w->alert_count, 1);
}

static void the_newest_to_ask_gets_the_verdict_and_both_in_the_end(void **state)
{
	struct world *w = started(state);

	w->receipts = false;
	ask(w, 0, "v1", "东街街道拖欠工资", "");
	run_until(w, one_alert);
	ask(w, 1, "v1", "东街街道拖欠工资", "");
	let_pass(w, RESEND_MS / 2);
	assert_int_equal(w->alert_count, 1);
	w->receipts = true;
	give_receipt(w, 0);
	run_until(w, second_has_verdict);
	/* The first asks again: the same alert under the same id, which its receiver knows. */
	run_until(w, first_has_verdict);
	for (size_t i = 1; i < w->alert_count; i++)
		assert_true(hy_str_eq(w->alerts[i]->id, w->alerts[0]->id));
}

static void place_decides_who_is_concerned(void **state)
{
	static const struct {
		const char *title, *region;
		enum hy_outcome outcome;
		const char *place;
	} cases[] = {
		{"外地拖欠工资", "", HY_OUTCOME_QUIET, NULL},
		{"外地拖欠工资", "mars", HY_OUTCOME_QUIET, NULL},
		{"拖欠工资", "west", HY_OUTCOME_ALERTED, "west"},
		{"西街产业园拖欠工资", "district", HY_OUTCOME_ALERTED, "west-park"},
		{"外地处处", "", HY_OUTCOME_ALERTED, NULL},
	};
	struct world *w = started(state);

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		char id[] = {'v', (char)('a' + i), '\0'};

		forget_alerts(w);
		w->crawlers[0].verdicts = 0;
		ask(w, 0, id, cases[i].title, cases[i].region);
		run_until(w, first_has_verdict);
		assert_int_equal(w->crawlers[0].outcome, cases[i].outcome);
		assert_int_equal(w->alert_count, cases[i].outcome == HY_OUTCOME_ALERTED);
		if (!w->alert_count)
			continue;
		assert_int_equal(w->alerts[0]->as.alert.place_count, cases[i].place != NULL);
		if (cases[i].place)
			assert_true(hy_str_eq_c(w->alerts[0]->as.alert.places[0], cases[i].place));
	}
}

static void without_need_place_every_place_counts(void **state)
{
	struct world *w = *state;

	start_daemon(w, 256, false);
	start_crawler(w, 0);
	ask(w, 0, "v1", "外地拖欠工资", "");
	run_until(w, first_has_verdict);
	assert_int_equal(w->crawlers[0].outcome, HY_OUTCOME_ALERTED);
}

static void a_full_window_stops_the_intake_and_loses_nothing(void **state)
{
	struct world *w = *state;

	start_daemon(w, 2, true);
	start_crawler(w, 0);
	w->receipts = false;
	for (int i = 0; i < 12; i++) {
		char id[] = {'v', (char)('a' + i), '\0'};

		ask(w, 0, id, "东街街道拖欠工资", "");
	}
	run_until(w, two_alerts);
	let_pass(w, 2 * RESEND_MS);
	assert_int_equal(w->alert_count, 2);
	assert_int_equal(w->crawlers[0].verdicts, 0);
	w->receipts = true;
	give_receipt(w, 0);
	give_receipt(w, 1);
	run_until(w, first_has_all);
	assert_int_equal(w->crawlers[0].verdicts, 12);
	/* What was asked again during the pause may be raised again, under the same id. */
	size_t distinct = 0;
	for (size_t i = 0; i < w->alert_count; i++) {
		bool seen = false;

		for (size_t j = 0; j < i && !seen; j++)
			seen = hy_str_eq(w->alerts[i]->id, w->alerts[j]->id);
		distinct += !seen;
	}
	assert_int_equal(distinct, 12);
}

static void a_reload_takes_over_whole_or_not_at_all(void **state)
{
	struct world *w = started(state);
	char before[HY_ID_DIGITS + 1];
	struct hy_error e = {0};

	ask(w, 0, "v1", "天气晴", "district");
	run_until(w, first_has_verdict);
	memcpy(before, w->crawlers[0].rules, sizeof before);

	/* A sample that does not hit: the old set goes on. */
	assert_true(test_rules_put(&w->folder, "topics/livelihood.yaml",
				   "id: rain\ntitle: 雨\nowner: labour\nmatch: {any: [多云]}\n"
				   "samples: {hit: [阵雨], miss: [晴]}\n"));
	assert_int_equal(hy_analyzer_spec.reload(w->daemon, &e), HY_ERR_MALFORMED);
	w->crawlers[0].verdicts = 0;
	ask(w, 0, "v2", "东街街道拖欠工资", "");
	run_until(w, first_has_verdict);
	assert_int_equal(w->crawlers[0].outcome, HY_OUTCOME_ALERTED);
	assert_string_equal(w->crawlers[0].rules, before);

	assert_true(test_rules_put(&w->folder, "topics/livelihood.yaml",
				   "id: rain\ntitle: 雨\nowner: labour\nmatch: {any: [多云]}\n"
				   "samples: {hit: [多云], miss: [晴]}\n"));
	assert_int_equal(hy_analyzer_spec.reload(w->daemon, &e), HY_OK);
	w->crawlers[0].verdicts = 0;
	ask(w, 0, "v3", "东街街道拖欠工资", "");
	run_until(w, first_has_verdict);
	assert_int_equal(w->crawlers[0].outcome, HY_OUTCOME_QUIET);
	assert_string_not_equal(w->crawlers[0].rules, before);
}

#define HOSTILE "/(?:中国|中|国)+[公司]/"

static void put_topics(struct world *w, const char *pattern)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(4096);

	hy_buf_addf(&text, "%s  - id: hostile\n    title: 难题\n    owner: ecology\n    place: any\n"
			   "    match: {any: [\"%s\"]}\n    samples: {hit: [中国公], miss: [晴]}\n",
		    topics, pattern);
	assert_true(test_rules_put(&w->folder, "topics/livelihood.yaml", text.p));
}

static void ask_hostile(struct world *w, const char *id)
{
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(HY_MSG_TITLE_BYTES);

	hy_buf_add_c(&title, "公，处处");
	for (int i = 0; i < 300; i++)
		hy_buf_add_c(&title, "中国");
	ask(w, 0, id, title.p, "");
}

/* The document is judged by the rest; the topic's owner hears of it once, also over a restart. */
static void a_pattern_at_its_limit_is_told_to_its_owner(void **state)
{
	struct world *w = *state;
	struct hy_error e = {0};

	put_topics(w, HOSTILE);
	start_daemon(w, 256, true);
	start_crawler(w, 0);
	ask_hostile(w, "v1");
	ask_hostile(w, "v2");
	run_until(w, first_has_all);
	run_until(w, one_alarm);
	assert_int_equal(w->crawlers[0].outcome, HY_OUTCOME_ALERTED);
	assert_true(hy_str_eq_c(w->alerts[0]->as.alert.topics[0].topic, "anywhere"));
	assert_int_equal(w->alarm_count, 1);

	const struct hy_msg_alarm *alarm = &w->alarms[0]->as.alarm;
	assert_true(hy_str_eq_c(alarm->component, "analyzer"));
	assert_true(hy_str_eq_c(alarm->kind, "pattern-limit"));
	assert_true(hy_str_eq_c(alarm->subject, "hostile"));
	assert_true(hy_str_eq_c(alarm->owner, "ecology"));
	assert_int_equal(alarm->state, HY_ALARM_RAISED);
	hy_cleanup(hy_free_p) char *text = hy_str_dup(alarm->text);
	assert_non_null(strstr(text, "“难题”"));
	assert_non_null(strstr(text, HOSTILE));
	assert_non_null(strstr(text, "topics/livelihood.yaml:"));

	/* Another set with the same pattern there ends nothing. */
	assert_true(test_rules_put(&w->folder, "topics/other.yaml",
				   "id: rain\ntitle: 雨\nowner: labour\nmatch: {any: [多云]}\n"
				   "samples: {hit: [多云], miss: [晴]}\n"));
	assert_int_equal(hy_analyzer_spec.reload(w->daemon, &e), HY_OK);
	let_pass(w, RESEND_MS);
	assert_int_equal(w->alarm_count, 1);
	put_topics(w, "/(?:中国|中)公/");
	assert_int_equal(hy_analyzer_spec.reload(w->daemon, &e), HY_OK);
	run_until(w, two_alarms);
	assert_int_equal(w->alarms[1]->as.alarm.state, HY_ALARM_CLEARED);
	assert_true(hy_str_eq(w->alarms[1]->as.alarm.alarm, w->alarms[0]->as.alarm.alarm));
	assert_false(hy_str_eq(w->alarms[1]->id, w->alarms[0]->id));
	ask_hostile(w, "v3");
	run_until(w, first_has_all);
	assert_int_equal(w->alarm_count, 2);
}

static int64_t fired(const struct hy_msg *tally, const char *topic)
{
	for (size_t i = 0; i < tally->as.tally.share_count; i++)
		if (hy_str_eq_c(tally->as.tally.shares[i].topic, topic))
			return tally->as.tally.shares[i].documents;
	return -1;
}

/* Counted when the verdict is sure, whatever the place, and told when another set comes. */
static void what_fired_is_told(void **state)
{
	struct world *w = started(state);
	struct hy_error e = {0};

	ask(w, 0, "v1", "东街街道拖欠工资，处处", "");
	ask(w, 0, "v2", "外地拖欠工资", "");
	ask(w, 0, "v3", "天气晴", "");
	run_until(w, first_has_all);
	let_pass(w, RESEND_MS / 2);
	assert_int_equal(w->tally_count, 0);
	assert_int_equal(hy_analyzer_spec.reload(w->daemon, &e), HY_OK);
	run_until(w, one_tally);

	const struct hy_msg_tally *tally = &w->tallies[0]->as.tally;
	assert_int_equal(tally->documents, 3);
	assert_int_equal(tally->alerted, 1);
	assert_int_equal(tally->share_count, 2);
	assert_int_equal(fired(w->tallies[0], "wages"), 2);
	assert_int_equal(fired(w->tallies[0], "anywhere"), 1);
	assert_true(hy_str_eq_c(tally->rules, w->crawlers[0].rules));
	/* Nothing judged, nothing told. */
	assert_int_equal(hy_analyzer_spec.reload(w->daemon, &e), HY_OK);
	let_pass(w, RESEND_MS / 2);
	assert_int_equal(w->tally_count, 1);
}

static void a_tally_is_told_in_time_and_before_the_end(void **state)
{
	struct world *w = started(state);
	struct hy_error e = {0};

	w->conf.tally_ms = 5 * TICK_MS;
	assert_int_equal(hy_analyzer_spec.reload(w->daemon, &e), HY_OK);
	ask(w, 0, "v1", "处处", "");
	run_until(w, one_tally);
	assert_int_equal(fired(w->tallies[0], "anywhere"), 1);

	w->conf.tally_ms = TALLY_MS;
	assert_int_equal(hy_analyzer_spec.reload(w->daemon, &e), HY_OK);
	forget_alerts(w);
	ask(w, 0, "v2", "处处", "");
	run_until(w, first_has_all);
	let_pass(w, RESEND_MS / 2);
	assert_int_equal(w->tally_count, 0);
	hy_analyzer_spec.drain(w->daemon);
	run_until(w, one_tally);
	assert_int_equal(w->tallies[0]->as.tally.documents, 1);
}

static void bad_rules_are_no_start(void **state)
{
	struct world *w = *state;
	struct hy_error e = {0};

	assert_true(test_rules_put(&w->folder, "topics/livelihood.yaml",
				   "id: rain\ntitle: 雨\nowner: labour\nmatch: {any: [/(/]}\n"
				   "samples: {hit: [多云], miss: [晴]}\n"));
	w->conf = (struct hy_analyzer_conf){.window = 1, .tally_ms = TALLY_MS,
					    .listen = w->common.analyzer_endpoint};
	w->service = (struct hy_service){.name = "analyzer", .loop = w->loop, .bus = w->inner,
					 .log = &w->log, .common = &w->common, .conf = &w->conf};
	assert_int_equal(hy_analyzer_spec.start(&w->service, &w->daemon, &e), HY_ERR_MALFORMED);
	assert_null(w->daemon);
}

/* analyzer, analyzer2 ... take the endpoints in turn. */
static void each_instance_has_its_endpoint(void **state)
{
	struct world *w = *state;
	char *own = w->common.analyzer_endpoint, both[400];
	struct hy_error e = {0};

	(void)snprintf(both, sizeof both, "ipc://%s/none.ipc, %s", w->folder.folder, own);
	w->conf = (struct hy_analyzer_conf){.need_place = true, .window = 1, .tally_ms = TALLY_MS,
					    .listen = hy_xstrdup("")};
	w->common.analyzer_endpoint = both;
	w->service = (struct hy_service){.name = "analyzer3", .loop = w->loop, .bus = w->inner,
					 .log = &w->log, .common = &w->common, .conf = &w->conf};
	assert_int_equal(hy_analyzer_spec.start(&w->service, &w->daemon, &e), HY_ERR_MALFORMED);
	w->service.name = "analyzer2";
	assert_int_equal(hy_analyzer_spec.start(&w->service, &w->daemon, &e), HY_OK);
	w->common.analyzer_endpoint = own;
	start_crawler(w, 0);
	ask(w, 0, "v1", "天气晴", "district");
	run_until(w, first_has_verdict);
	free(w->conf.listen);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_quiet_document_is_told_so_at_once),
		TEST(the_verdict_waits_for_the_receipt),
		TEST(a_refused_alert_ends_unjudged),
		TEST(the_newest_to_ask_gets_the_verdict_and_both_in_the_end),
		TEST(place_decides_who_is_concerned),
		TEST(without_need_place_every_place_counts),
		TEST(a_full_window_stops_the_intake_and_loses_nothing),
		TEST(a_reload_takes_over_whole_or_not_at_all),
		TEST(a_pattern_at_its_limit_is_told_to_its_owner),
		TEST(what_fired_is_told),
		TEST(a_tally_is_told_in_time_and_before_the_end),
		TEST(bad_rules_are_no_start),
		TEST(each_instance_has_its_endpoint),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
