#include "common/sys/bus.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>
#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/bus_world.h"
#include "tests/lib/msg_samples.h"

static bool one_request(const struct world *w)
{
	return w->requests == 1;
}

static bool two_requests(const struct world *w)
{
	return w->requests == 2;
}

static bool three_requests(const struct world *w)
{
	return w->requests == 3;
}

/* ---- tests: requests and answers ---- */

static void test_round_trip(void **state)
{
	struct world *w = *state;

	world_start_server(w);
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	assert_true(hy_bus_client_holds(w->client, HY_STR_LIT("a")));
	world_run_until(w, world_one_answer);
	assert_string_equal(w->last_answer, "a");
	assert_string_equal(w->last_request, "a");
	assert_false(hy_bus_client_holds(w->client, HY_STR_LIT("a")));
	assert_int_equal(hy_bus_client_waiting(w->client), 0);
	assert_int_equal(hy_bus_server_refused(w->server), 0);
}

static void test_client_before_server(void **state)
{
	struct world *w = *state;

	w->options.resend_ms = 600000;	/* only the connection can bring it about */
	world_start_client(w);
	assert_int_equal(world_send(w, "early"), HY_OK);
	world_let_pass(w, 20);
	world_start_server(w);
	world_run_until(w, world_one_answer);
	assert_string_equal(w->last_answer, "early");
	assert_int_equal(w->requests, 1);
	assert_int_equal(hy_bus_client_resent(w->client), 0);
}

static void test_window(void **state)
{
	struct world *w = *state;

	w->options.window = 3;
	world_start_client(w);
	assert_int_equal(hy_bus_client_room(w->client), 3);
	assert_int_equal(world_send(w, "1"), HY_OK);
	assert_int_equal(world_send(w, "1"), HY_ERR_CONFLICT);
	assert_int_equal(world_send(w, "2"), HY_OK);
	assert_int_equal(world_send(w, "3"), HY_OK);
	assert_int_equal(hy_bus_client_room(w->client), 0);
	assert_int_equal(world_send(w, "4"), HY_ERR_LIMIT);
	assert_int_equal(world_send(w, "3"), HY_ERR_CONFLICT);
	hy_bus_client_forget(w->client, HY_STR_LIT("2"));
	hy_bus_client_forget(w->client, HY_STR_LIT("nobody"));
	assert_false(hy_bus_client_holds(w->client, HY_STR_LIT("2")));
	assert_int_equal(world_send(w, "4"), HY_OK);
	world_start_server(w);
	world_run_until(w, world_nothing_waits);
	assert_int_equal(w->answers, 3);
	assert_int_equal(hy_bus_client_room(w->client), 3);
}

static void test_what_is_not_sent(void **state)
{
	struct world *w = *state;
	struct hy_msg m = world_command("a");
	struct hy_error e = {0};
	char *long_note = hy_xcalloc(HY_MSG_NOTE_BYTES + 2, 1);

	world_start_client(w);
	m.type = HY_MSG_REPLY;
	assert_int_equal(hy_bus_client_send(w->client, &m, &e), HY_ERR_MALFORMED);
	m = world_command("");
	assert_int_equal(hy_bus_client_send(w->client, &m, &e), HY_ERR_MALFORMED);
	m = world_command("a");
	memset(long_note, 'x', HY_MSG_NOTE_BYTES + 1);
	m.as.command.note = hy_str_of(long_note);
	assert_int_equal(hy_bus_client_send(w->client, &m, &e), HY_ERR_MALFORMED);
	assert_int_equal(e.code, HY_ERR_MALFORMED);
	assert_int_equal(hy_bus_client_waiting(w->client), 0);
	free(long_note);
}

/* The answer is lost with the server; the next one gets the request again. */
static void test_server_restarts(void **state)
{
	struct world *w = *state;

	w->options.resend_ms = 600000;
	w->answering = false;
	world_start_server(w);
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	assert_int_equal(world_send(w, "b"), HY_OK);
	world_run_until(w, two_requests);
	world_stop_server(w);
	w->answering = true;
	world_start_server(w);
	world_run_until(w, world_nothing_waits);
	assert_int_equal(w->answers, 2);
	assert_int_equal(w->requests, 4);
	assert_int_equal(hy_bus_client_resent(w->client), 2);
}

static void test_resend_and_duplicates(void **state)
{
	struct world *w = *state;

	w->options.resend_ms = 20;
	w->answering = false;
	world_start_server(w);
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, three_requests);
	assert_true(hy_bus_client_resent(w->client) >= 2);
	/* Each copy is answered, the owner hears one answer. */
	for (int i = 0; i < 3; i++)
		world_answer(w, HY_STR_LIT("a"));
	world_run_until(w, world_one_answer);
	w->options.resend_ms = 600000;
	w->answering = true;
	assert_int_equal(world_send(w, "b"), HY_OK);
	world_run_until(w, world_nothing_waits);
	assert_int_equal(w->answers, 2);
	assert_string_equal(w->last_answer, "b");
}

static void test_resend_backs_off(void **state)
{
	struct world *w = *state;

	w->options.resend_ms = 40;
	w->answering = false;
	world_start_server(w);
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, one_request);
	world_let_pass(w, 300);
	/* At 40, 120, 280 ms: without doubling it would be seven times. */
	assert_in_range(hy_bus_client_resent(w->client), 2, 4);
}

static void test_forgotten_is_dropped(void **state)
{
	struct world *w = *state;

	w->answering = false;
	world_start_server(w);
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, one_request);
	hy_bus_client_forget(w->client, HY_STR_LIT("a"));
	world_answer(w, HY_STR_LIT("a"));
	w->answering = true;
	assert_int_equal(world_send(w, "b"), HY_OK);
	world_run_until(w, world_nothing_waits);
	assert_int_equal(w->answers, 1);
	assert_string_equal(w->last_answer, "b");
}

static void test_answer_of_wrong_type(void **state)
{
	struct world *w = *state;
	struct hy_msg verdict = {.type = HY_MSG_VERDICT, .id = HY_STR_LIT("a")};

	w->answering = false;
	w->options.resend_ms = 600000;
	world_start_server(w);
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, one_request);
	assert_int_equal(hy_bus_server_answer(w->server, &w->from, &verdict, NULL), HY_OK);
	w->answering = true;
	assert_int_equal(world_send(w, "b"), HY_OK);
	world_run_until(w, world_one_answer);
	assert_string_equal(w->last_answer, "b");
	assert_true(hy_bus_client_holds(w->client, HY_STR_LIT("a")));
}

/* ---- tests: pause, free inside calls, peers that vanish ---- */

static void test_pause(void **state)
{
	struct world *w = *state;

	w->pausing = true;
	w->options.resend_ms = 600000;
	world_start_server(w);
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	assert_int_equal(world_send(w, "b"), HY_OK);
	world_run_until(w, world_one_answer);
	world_let_pass(w, 30);
	assert_int_equal(w->requests, 1);
	hy_bus_server_pause(w->server, false);
	world_run_until(w, two_requests);
	world_run_until(w, world_nothing_waits);
}

static void test_free_inside_calls(void **state)
{
	struct world *w = *state;

	world_start_server(w);
	world_start_client(w);
	w->freeing_client = true;
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, world_one_answer);
	assert_null(w->client);
	w->freeing_server = true;
	world_start_client(w);
	assert_int_equal(world_send(w, "b"), HY_OK);
	assert_int_equal(world_send(w, "c"), HY_OK);
	world_run_until(w, two_requests);
	assert_null(w->server);
}

static void test_answer_to_vanished_peer(void **state)
{
	struct world *w = *state;

	w->answering = false;
	world_start_server(w);
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, one_request);
	hy_bus_client_free(w->client);
	w->client = NULL;
	world_let_pass(w, 30);
	world_answer(w, HY_STR_LIT("a"));
	w->from = (struct hy_bus_peer){.id = "never seen", .n = 10};
	world_answer(w, HY_STR_LIT("a"));
}

/* Many more than one turn reads: all come, each once. */
static void test_many(void **state)
{
	struct world *w = *state;
	char id[20];

	w->options.resend_ms = 600000;
	world_start_server(w);
	world_start_client(w);
	for (int i = 0; i < 256; i++) {
		(void)snprintf(id, sizeof id, "m-%d", i);
		assert_int_equal(world_send(w, id), HY_OK);
	}
	world_run_until(w, world_nothing_waits);
	assert_int_equal(w->answers, 256);
	assert_int_equal(w->requests, 256);
	assert_string_equal(w->last_answer, "m-255");
}

/* Of ten requests half go to each server, once both are connected; one never answers. */
static size_t send_until_some_are_stuck(struct world *w)
{
	char id[20];
	size_t sent = 0;

	while (sent < 1000) {
		for (int i = 0; i < 10; i++) {
			(void)snprintf(id, sizeof id, "m-%zu", sent++);
			assert_int_equal(world_send(w, id), HY_OK);
		}
		world_let_pass(w, 50);
		if (w->answers > 0 && hy_bus_client_waiting(w->client) > 0)
			break;
	}
	return sent;
}

static void test_two_servers_one_dies(void **state)
{
	struct world *w = *state;
	struct hy_bus_server *mute;
	char both[WORLD_PATH_BYTES], endpoint[WORLD_PATH_BYTES];
	size_t sent;

	w->options.resend_ms = 600000;
	(void)snprintf(endpoint, sizeof endpoint, "%s", w->endpoint);
	(void)snprintf(w->endpoint, sizeof w->endpoint, "ipc://%.150s/t", w->dir);
	world_start_server(w);
	mute = w->server;
	hy_bus_server_pause(mute, true);
	(void)snprintf(both, sizeof both, "%.90s , %.90s", endpoint, w->endpoint);
	(void)snprintf(w->endpoint, sizeof w->endpoint, "%s", endpoint);
	world_start_server(w);
	(void)snprintf(w->endpoint, sizeof w->endpoint, "%s", both);
	world_start_client(w);
	sent = send_until_some_are_stuck(w);
	assert_true(w->answers < sent);
	hy_bus_server_free(mute);
	world_run_until(w, world_nothing_waits);
	assert_int_equal(w->answers, sent);
}

/* ---- tests: hostile peers ---- */

static void raw_send(void *socket, const char *const *part, const size_t *n, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_true(zmq_send(socket, part[i], n[i], i + 1 < count ? ZMQ_SNDMORE : 0) >= 0);
}

static bool six_refused(const struct world *w)
{
	return hy_bus_server_refused(w->server) == 6;
}

/* Good frames, and one more behind those a peer may send at all. */
static void raw_send_with_trailing_frame(void *socket)
{
	struct hy_frames frames;

	assert_int_equal(hy_msg_encode(&msg_samples[HY_MSG_DOCUMENT], &frames, NULL), HY_OK);
	for (size_t i = 0; i < frames.count; i++)
		assert_true(zmq_send(socket, frames.frame[i].p, frames.frame[i].n, ZMQ_SNDMORE) >= 0);
	assert_int_equal(zmq_send(socket, "x", 1, 0), 1);
	hy_frames_fini(&frames);
}

static void test_malformed_requests(void **state)
{
	struct world *w = *state;
	void *context = zmq_ctx_new(), *raw = zmq_socket(context, ZMQ_DEALER);
	static const struct {
		const char *part[6];
		size_t n[6], count;
	} bad[] = {
		{{"x"}, {1}, 1},
		{{"HY\3\7\0id", "{}", "extra"}, {7, 2, 5}, 3},
		{{"HY\3\7\0id", "{}", "a", "b", "c", "d"}, {7, 2, 1, 1, 1, 1}, 6},
		{{"HY\4\7\0id", "{}"}, {7, 2}, 2},
		/* Well-formed, but no request. */
		{{"HY\3\3\0id",
		  "{\"outcome\":\"taken\",\"event\":\"\",\"case_id\":\"\",\"fresh\":true,\"note\":\"\"}"},
		 {7, 66}, 2},
	};

	world_start_server(w);
	assert_int_equal(zmq_connect(raw, w->endpoint), 0);
	for (size_t i = 0; i < HY_COUNT(bad); i++)
		raw_send(raw, bad[i].part, bad[i].n, bad[i].count);
	raw_send_with_trailing_frame(raw);
	world_run_until(w, six_refused);
	assert_int_equal(w->requests, 0);
	/* A good one on the same connection still passes. */
	raw_send(raw, (const char *const[]){"HY\3\7\0id", "{}"}, (const size_t[]){7, 2}, 2);
	world_run_until(w, one_request);
	assert_int_equal(zmq_close(raw), 0);
	assert_int_equal(zmq_ctx_term(context), 0);
}

/* A frame over the limit costs its sender the connection and us nothing. */
static void test_oversized_frame(void **state)
{
	struct world *w = *state;
	void *context = zmq_ctx_new(), *raw = zmq_socket(context, ZMQ_DEALER);
	size_t n = HY_MSG_TEXT_BYTES + 65536;
	char *big = hy_xcalloc(n, 1);
	int linger_ms = 0;

	world_start_server(w);
	assert_int_equal(zmq_setsockopt(raw, ZMQ_LINGER, &linger_ms, sizeof linger_ms), 0);
	assert_int_equal(zmq_connect(raw, w->endpoint), 0);
	assert_true(zmq_send(raw, big, n, 0) >= 0);
	free(big);
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	world_run_until(w, world_nothing_waits);
	world_let_pass(w, 50);
	assert_int_equal(w->requests, 1);
	assert_int_equal(hy_bus_server_refused(w->server), 0);
	assert_int_equal(zmq_close(raw), 0);
	assert_int_equal(zmq_ctx_term(context), 0);
}

static void wait_for_input(struct world *w, void *socket)
{
	int events = 0;
	size_t size = sizeof events;

	for (int i = 0; i < 2000 && !(events & ZMQ_POLLIN); i++) {
		world_let_pass(w, 5);
		assert_int_equal(zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size), 0);
	}
	assert_true(events & ZMQ_POLLIN);
}

static void test_malformed_answers(void **state)
{
	struct world *w = *state;
	void *context = zmq_ctx_new(), *raw = zmq_socket(context, ZMQ_ROUTER);
	char id[16], rest[4096];
	int n;

	w->options.resend_ms = 600000;
	assert_int_equal(zmq_bind(raw, w->endpoint), 0);
	world_start_client(w);
	assert_int_equal(world_send(w, "a"), HY_OK);
	wait_for_input(w, raw);
	n = zmq_recv(raw, id, sizeof id, 0);
	assert_true(n > 0);
	assert_true(zmq_recv(raw, rest, sizeof rest, 0) > 0);
	assert_true(zmq_recv(raw, rest, sizeof rest, 0) > 0);
	for (int i = 0; i < 3; i++) {
		assert_true(zmq_send(raw, id, (size_t)n, ZMQ_SNDMORE) >= 0);
		assert_true(zmq_send(raw, "junk", 4, 0) >= 0);
	}
	assert_true(zmq_send(raw, id, (size_t)n, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(raw, "HY\3\5\0a", 6, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(raw, "{\"code\":\"OK\",\"text\":\"\"}", 23, 0) >= 0);
	world_run_until(w, world_nothing_waits);
	assert_int_equal(w->answers, 1);
	assert_int_equal(zmq_close(raw), 0);
	assert_int_equal(zmq_ctx_term(context), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_round_trip),
		TEST(test_client_before_server),
		TEST(test_window),
		TEST(test_what_is_not_sent),
		TEST(test_server_restarts),
		TEST(test_resend_and_duplicates),
		TEST(test_resend_backs_off),
		TEST(test_forgotten_is_dropped),
		TEST(test_answer_of_wrong_type),
		TEST(test_pause),
		TEST(test_free_inside_calls),
		TEST(test_answer_to_vanished_peer),
		TEST(test_many),
		TEST(test_two_servers_one_dies),
		TEST(test_malformed_requests),
		TEST(test_oversized_frame),
		TEST(test_malformed_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
