/* Outbox: every pending version is sent until its verdict is in the store, and no longer. */
#include "crawler/outbox.h"

#include <stdio.h>
#include <string.h>

#include "crawler/archive.h"
#include "tests/unit/crawler/store_fixture.h"

#define WATCHDOG_MS 20000
#define WINDOW 4

struct world {
	struct store_fixture *f;
	char endpoint[128];
	struct hy_loop *loop;
	struct hy_bus *near, *far;
	struct hy_bus_server *server;
	struct hy_batch *batch;
	struct hy_outbox *outbox;
	struct hy_timer *tick, *watchdog;
	unsigned documents, silent;	/* asked; of these left unanswered at first */
	size_t most_waiting;
	char first_text[64];
	int64_t wanted_judged;
	enum hy_msg_type answer_type;
};

static const struct hy_log quiet_log = {.name = "test", .level = HY_LOG_ERROR};

static void too_late(void *ctx)
{
	(void)ctx;
	fail_msg("not all was judged");
}

static void put(struct world *w, int number)
{
	char url[64], text[64];
	struct hy_archive_version v = {
		.source = HY_STR_LIT("s"), .title = HY_STR_LIT("题"), .published_at = HY_WALL_NONE,
		.detected_at = {1000 + number}, .kind = "article", .charset = "", .flags = "",
		.raw_sha256 = "", .holder = HY_STR_LIT("one")};
	struct hy_archive_put stored;

	(void)snprintf(url, sizeof url, "http://a.example/%d", number);
	(void)snprintf(text, sizeof text, "第 %d 篇", number);
	v.url = v.own_url = v.page = hy_str_of(url);
	v.text = hy_str_of(text);
	assert_int_equal(hy_archive_put(w->f->store, &v, &stored, NULL), HY_OK);
}

static int64_t judged(struct world *w)
{
	return store_fixture_int(w->f->store, "SELECT COUNT(*) FROM v_document"
					      " WHERE state = 'judged'");
}

static void on_request(void *ctx, const struct hy_bus_peer *from, struct hy_msg *request)
{
	struct world *w = ctx;
	struct hy_msg answer = {.type = HY_MSG_VERDICT, .id = request->id,
				.as.verdict = {.outcome = HY_OUTCOME_QUIET,
					       .rules = HY_STR_LIT("r1")}};

	assert_int_equal(request->type, HY_MSG_DOCUMENT);
	if (!w->documents++)
		(void)snprintf(w->first_text, sizeof w->first_text, "%.*s",
			       HY_STR_ARGS(request->as.document.text));
	if (hy_outbox_waiting(w->outbox) > w->most_waiting)
		w->most_waiting = hy_outbox_waiting(w->outbox);
	if (w->documents > w->silent)
		assert_int_equal(hy_bus_server_answer(w->server, from, &answer, NULL), HY_OK);
	hy_msg_free(request);
}

static void look(void *ctx)
{
	struct world *w = ctx;

	if (judged(w) >= w->wanted_judged)
		hy_loop_stop(w->loop);
}

static void start_server(struct world *w)
{
	struct hy_error e = {0};

	if (hy_bus_server_new(w->far, w->endpoint, &hy_bus_defaults, &w->server, &e) != HY_OK)
		fail_msg("%s", e.text);
	hy_bus_server_on_request(w->server, on_request, w);
}

static void world_start(struct world *w, void **state)
{
	struct hy_outbox_options options = {.holder = "one", .bus = hy_bus_defaults};
	struct hy_outbox_parts parts;
	struct hy_error e = {0};

	*w = (struct world){.f = *state, .loop = hy_loop_new()};
	(void)snprintf(w->endpoint, sizeof w->endpoint, "ipc://%s/analyzer",
		       w->f->engines.folder);
	w->near = hy_bus_new(w->loop, &quiet_log);
	w->far = hy_bus_new(w->loop, &quiet_log);
	w->batch = hy_batch_new(w->loop, w->f->store, &quiet_log);
	parts = (struct hy_outbox_parts){w->loop, w->near, w->f->store, w->batch, &quiet_log};
	options.endpoint = w->endpoint;
	options.bus.window = WINDOW;
	options.bus.resend_ms = 100;
	if (hy_outbox_new(&parts, &options, &w->outbox, &e) != HY_OK)
		fail_msg("%s", e.text);
	w->tick = hy_timer_new(w->loop, look, w);
	w->watchdog = hy_timer_new(w->loop, too_late, w);
	hy_timer_start(w->tick, 5, 5);
	hy_timer_start(w->watchdog, WATCHDOG_MS, 0);
}

static void world_run(struct world *w, int64_t wanted_judged)
{
	w->wanted_judged = wanted_judged;
	hy_loop_run(w->loop);
}

static void world_stop(struct world *w)
{
	hy_timer_free(w->tick);
	hy_timer_free(w->watchdog);
	hy_batch_free(w->batch);
	hy_outbox_free(w->outbox);
	hy_bus_server_free(w->server);
	hy_bus_free(w->near);
	hy_bus_free(w->far);
	hy_loop_free(w->loop);
}

static void all_that_is_pending_oldest_first(void **state)
{
	struct world w;

	world_start(&w, state);
	for (int i = 19; i >= 0; i--)
		put(&w, i);
	start_server(&w);
	hy_outbox_wake(w.outbox);
	world_run(&w, 20);
	assert_int_equal(w.documents, 20);
	assert_string_equal(w.first_text, "第 0 篇");
	assert_true(w.most_waiting <= WINDOW);
	store_fixture_text(w.f->store, "SELECT rules FROM v_document", "r1");
	store_fixture_text(w.f->store, "SELECT outcome FROM v_document", "quiet");
	world_stop(&w);
}

static void the_analyzer_may_come_late_and_lose_things(void **state)
{
	struct world w;

	world_start(&w, state);
	for (int i = 0; i < 6; i++)
		put(&w, i);
	hy_outbox_wake(w.outbox);
	w.silent = 3;
	start_server(&w);
	world_run(&w, 6);
	assert_true(w.documents >= 9);
	assert_true(hy_outbox_resent(w.outbox) >= 3);
	world_stop(&w);
}

static void sent_again_after_a_restart(void **state)
{
	struct world w;

	world_start(&w, state);
	put(&w, 1);
	put(&w, 2);
	w.silent = 1000;
	start_server(&w);
	hy_outbox_wake(w.outbox);
	w.wanted_judged = 0;	/* a few turns */
	hy_loop_run(w.loop);
	world_stop(&w);
	/* The same store, another process. */
	world_start(&w, state);
	start_server(&w);
	hy_outbox_wake(w.outbox);
	world_run(&w, 2);
	assert_int_equal(w.documents, 2);
	world_stop(&w);
}

static void what_others_hold_is_not_sent(void **state)
{
	struct world w;

	world_start(&w, state);
	put(&w, 1);
	put(&w, 2);
	assert_int_equal(hy_query_run(hy_store_query(w.f->store, "UPDATE version SET holder = 'two'"
							       " WHERE detected_at = 1001"), NULL, NULL),
			 HY_OK);
	start_server(&w);
	hy_outbox_wake(w.outbox);
	world_run(&w, 1);
	assert_int_equal(w.documents, 1);
	assert_string_equal(w.first_text, "第 2 篇");
	world_stop(&w);
}

static int run(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(all_that_is_pending_oldest_first),
		STORE_TEST(the_analyzer_may_come_late_and_lose_things),
		STORE_TEST(sent_again_after_a_restart),
		STORE_TEST(what_others_hold_is_not_sent),
	};

	return cmocka_run_group_tests_name(f->engine == TEST_SQLITE ? "sqlite" : "postgresql",
					   tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run);
}
