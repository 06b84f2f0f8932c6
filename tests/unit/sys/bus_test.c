#include "common/sys/bus.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <zmq.h>
#include <cmocka.h>

#include "common/base/mem.h"

#define PATH_BYTES 200
#define WATCHDOG_MS 20000
#define TICK_MS 2
#define HELD_MAX 32

/* Nothing is logged: every test here provokes what would be. */
static const struct hy_log quiet = {.name = "bus_test", .level = HY_LOG_ERROR};

struct world {
	struct hy_loop *loop;
	struct hy_bus *near, *far;	/* the client's and the server's process, as it were */
	struct hy_timer *tick, *watchdog;
	bool (*done)(const struct world *w);
	char dir[PATH_BYTES];
	char endpoint[PATH_BYTES];
	struct hy_bus_options options;

	struct hy_bus_server *server;
	struct hy_bus_client *client;
	bool answering;			/* answer at once */
	bool pausing;			/* pause after each request */
	bool freeing_server, freeing_client;	/* inside the call */
	unsigned requests, answers, events;
	char last_request[HY_MSG_ID_BYTES + 1], last_answer[HY_MSG_ID_BYTES + 1];
	char last_text[200];
	struct hy_bus_peer from;	/* of the last request */
	struct hy_msg *held[HELD_MAX];	/* requests not answered yet */
	size_t held_count;
};

/* ---- world ---- */

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

static int setup(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);
	const char *base = getenv("TMPDIR");

	(void)snprintf(w->dir, sizeof w->dir, "%s/bus_test.XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->endpoint, sizeof w->endpoint, "ipc://%.150s/s", w->dir);
	w->loop = hy_loop_new();
	w->near = hy_bus_new(w->loop, &quiet);
	w->far = hy_bus_new(w->loop, &quiet);
	w->tick = hy_timer_new(w->loop, look, w);
	w->watchdog = hy_timer_new(w->loop, bark, w);
	w->options = hy_bus_defaults;
	w->options.resend_ms = 50;
	w->options.linger_ms = 100;
	w->answering = true;
	*state = w;
	return 0;
}

static void remove_in(const char *dir, const char *name)
{
	char path[PATH_BYTES * 2];

	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	(void)unlink(path);
}

static int teardown(void **state)
{
	static const char *const names[] = {"s", "t", "server", "server.pub", "client",
					    "client.pub", "other", "other.pub", "keys", "x"};
	struct world *w = *state;

	for (size_t i = 0; i < w->held_count; i++)
		hy_msg_free(w->held[i]);
	hy_bus_client_free(w->client);
	hy_bus_server_free(w->server);
	hy_timer_free(w->tick);
	hy_timer_free(w->watchdog);
	hy_bus_free(w->near);
	hy_bus_free(w->far);
	hy_loop_free(w->loop);
	for (size_t i = 0; i < HY_COUNT(names); i++)
		remove_in(w->dir, names[i]);
	assert_int_equal(rmdir(w->dir), 0);
	free(w);
	return 0;
}

/* ---- both sides ---- */

static void copy_id(char out[HY_MSG_ID_BYTES + 1], struct hy_str id)
{
	(void)snprintf(out, HY_MSG_ID_BYTES + 1, "%.*s", HY_STR_ARGS(id));
}

static void answer(struct world *w, struct hy_str id)
{
	struct hy_msg reply = {.type = HY_MSG_REPLY, .id = id,
			       .as.reply = {HY_OK, HY_STR_LIT("好")}};

	assert_int_equal(hy_bus_server_answer(w->server, &w->from, &reply, NULL), HY_OK);
}

static void on_request(void *ctx, const struct hy_bus_peer *from, struct hy_msg *request)
{
	struct world *w = ctx;

	w->requests++;
	w->from = *from;
	copy_id(w->last_request, request->id);
	if (w->answering)
		answer(w, request->id);
	if (w->pausing)
		hy_bus_server_pause(w->server, true);
	if (w->freeing_server) {
		hy_bus_server_free(w->server);
		w->server = NULL;
	}
	if (!w->answering && w->held_count < HELD_MAX)
		w->held[w->held_count++] = request;
	else
		hy_msg_free(request);
}

static void on_answer(void *ctx, const struct hy_msg *m)
{
	struct world *w = ctx;

	assert_int_equal(m->type, HY_MSG_REPLY);
	w->answers++;
	copy_id(w->last_answer, m->id);
	/* It leaves the window after the call. */
	assert_true(hy_bus_client_holds(w->client, m->id));
	if (w->freeing_client) {
		hy_bus_client_free(w->client);
		w->client = NULL;
	}
}

static void start_server(struct world *w)
{
	struct hy_error e = {0};

	if (hy_bus_server_new(w->far, w->endpoint, &w->options, &w->server, &e))
		fail_msg("%s", e.text);
	hy_bus_server_on_request(w->server, on_request, w);
}

/* The address is free for sure only when the whole bus is gone, as with a process. */
static void stop_server(struct world *w)
{
	hy_bus_server_free(w->server);
	w->server = NULL;
	hy_bus_free(w->far);
	w->far = hy_bus_new(w->loop, &quiet);
}

static void start_client(struct world *w)
{
	struct hy_error e = {0};

	if (hy_bus_client_new(w->near, w->endpoint, &w->options, &w->client, &e))
		fail_msg("%s", e.text);
	hy_bus_client_on_answer(w->client, on_answer, w);
}

static struct hy_msg command(const char *id)
{
	return (struct hy_msg){
		.type = HY_MSG_COMMAND,
		.id = hy_str_of(id),
		.as.command = {.command = HY_COMMAND_SIGN,
			       .case_id = HY_STR_LIT("case-1"),
			       .actor = HY_STR_LIT("water")},
	};
}

static enum hy_err send_id(struct world *w, const char *id)
{
	struct hy_msg m = command(id);

	return hy_bus_client_send(w->client, &m, NULL);
}

static bool one_answer(const struct world *w)
{
	return w->answers == 1;
}

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

static bool nothing_waits(const struct world *w)
{
	return hy_bus_client_waiting(w->client) == 0;
}

/* ---- tests: requests and answers ---- */

static void test_round_trip(void **state)
{
	struct world *w = *state;

	start_server(w);
	start_client(w);
	assert_int_equal(send_id(w, "a"), HY_OK);
	assert_true(hy_bus_client_holds(w->client, HY_STR_LIT("a")));
	run_until(w, one_answer);
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
	start_client(w);
	assert_int_equal(send_id(w, "early"), HY_OK);
	let_pass(w, 20);
	start_server(w);
	run_until(w, one_answer);
	assert_string_equal(w->last_answer, "early");
	assert_int_equal(w->requests, 1);
	assert_int_equal(hy_bus_client_resent(w->client), 0);
}

static void test_window(void **state)
{
	struct world *w = *state;

	w->options.window = 3;
	start_client(w);
	assert_int_equal(hy_bus_client_room(w->client), 3);
	assert_int_equal(send_id(w, "1"), HY_OK);
	assert_int_equal(send_id(w, "1"), HY_ERR_CONFLICT);
	assert_int_equal(send_id(w, "2"), HY_OK);
	assert_int_equal(send_id(w, "3"), HY_OK);
	assert_int_equal(hy_bus_client_room(w->client), 0);
	assert_int_equal(send_id(w, "4"), HY_ERR_LIMIT);
	assert_int_equal(send_id(w, "3"), HY_ERR_CONFLICT);
	hy_bus_client_forget(w->client, HY_STR_LIT("2"));
	hy_bus_client_forget(w->client, HY_STR_LIT("nobody"));
	assert_false(hy_bus_client_holds(w->client, HY_STR_LIT("2")));
	assert_int_equal(send_id(w, "4"), HY_OK);
	start_server(w);
	run_until(w, nothing_waits);
	assert_int_equal(w->answers, 3);
	assert_int_equal(hy_bus_client_room(w->client), 3);
}

static void test_what_is_not_sent(void **state)
{
	struct world *w = *state;
	struct hy_msg m = command("a");
	struct hy_error e = {0};
	char *long_note = hy_xcalloc(HY_MSG_NOTE_BYTES + 2, 1);

	start_client(w);
	m.type = HY_MSG_REPLY;
	assert_int_equal(hy_bus_client_send(w->client, &m, &e), HY_ERR_MALFORMED);
	m = command("");
	assert_int_equal(hy_bus_client_send(w->client, &m, &e), HY_ERR_MALFORMED);
	m = command("a");
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
	start_server(w);
	start_client(w);
	assert_int_equal(send_id(w, "a"), HY_OK);
	assert_int_equal(send_id(w, "b"), HY_OK);
	run_until(w, two_requests);
	stop_server(w);
	w->answering = true;
	start_server(w);
	run_until(w, nothing_waits);
	assert_int_equal(w->answers, 2);
	assert_int_equal(w->requests, 4);
	assert_int_equal(hy_bus_client_resent(w->client), 2);
}

static void test_resend_and_duplicates(void **state)
{
	struct world *w = *state;

	w->options.resend_ms = 20;
	w->answering = false;
	start_server(w);
	start_client(w);
	assert_int_equal(send_id(w, "a"), HY_OK);
	run_until(w, three_requests);
	assert_true(hy_bus_client_resent(w->client) >= 2);
	/* Each copy is answered, the owner hears one answer. */
	for (int i = 0; i < 3; i++)
		answer(w, HY_STR_LIT("a"));
	run_until(w, one_answer);
	w->options.resend_ms = 600000;
	w->answering = true;
	assert_int_equal(send_id(w, "b"), HY_OK);
	run_until(w, nothing_waits);
	assert_int_equal(w->answers, 2);
	assert_string_equal(w->last_answer, "b");
}

static void test_resend_backs_off(void **state)
{
	struct world *w = *state;

	w->options.resend_ms = 40;
	w->answering = false;
	start_server(w);
	start_client(w);
	assert_int_equal(send_id(w, "a"), HY_OK);
	run_until(w, one_request);
	let_pass(w, 300);
	/* At 40, 120, 280 ms: without doubling it would be seven times. */
	assert_in_range(hy_bus_client_resent(w->client), 2, 4);
}

static void test_forgotten_is_dropped(void **state)
{
	struct world *w = *state;

	w->answering = false;
	start_server(w);
	start_client(w);
	assert_int_equal(send_id(w, "a"), HY_OK);
	run_until(w, one_request);
	hy_bus_client_forget(w->client, HY_STR_LIT("a"));
	answer(w, HY_STR_LIT("a"));
	w->answering = true;
	assert_int_equal(send_id(w, "b"), HY_OK);
	run_until(w, nothing_waits);
	assert_int_equal(w->answers, 1);
	assert_string_equal(w->last_answer, "b");
}

static void test_answer_of_wrong_type(void **state)
{
	struct world *w = *state;
	struct hy_msg verdict = {.type = HY_MSG_VERDICT, .id = HY_STR_LIT("a")};

	w->answering = false;
	w->options.resend_ms = 600000;
	start_server(w);
	start_client(w);
	assert_int_equal(send_id(w, "a"), HY_OK);
	run_until(w, one_request);
	assert_int_equal(hy_bus_server_answer(w->server, &w->from, &verdict, NULL), HY_OK);
	w->answering = true;
	assert_int_equal(send_id(w, "b"), HY_OK);
	run_until(w, one_answer);
	assert_string_equal(w->last_answer, "b");
	assert_true(hy_bus_client_holds(w->client, HY_STR_LIT("a")));
}

/* ---- tests: pause, free inside calls, peers that vanish ---- */

static void test_pause(void **state)
{
	struct world *w = *state;

	w->pausing = true;
	w->options.resend_ms = 600000;
	start_server(w);
	start_client(w);
	assert_int_equal(send_id(w, "a"), HY_OK);
	assert_int_equal(send_id(w, "b"), HY_OK);
	run_until(w, one_answer);
	let_pass(w, 30);
	assert_int_equal(w->requests, 1);
	hy_bus_server_pause(w->server, false);
	run_until(w, two_requests);
	run_until(w, nothing_waits);
}

static void test_free_inside_calls(void **state)
{
	struct world *w = *state;

	start_server(w);
	start_client(w);
	w->freeing_client = true;
	assert_int_equal(send_id(w, "a"), HY_OK);
	run_until(w, one_answer);
	assert_null(w->client);
	w->freeing_server = true;
	start_client(w);
	assert_int_equal(send_id(w, "b"), HY_OK);
	assert_int_equal(send_id(w, "c"), HY_OK);
	run_until(w, two_requests);
	assert_null(w->server);
}

static void test_answer_to_vanished_peer(void **state)
{
	struct world *w = *state;

	w->answering = false;
	start_server(w);
	start_client(w);
	assert_int_equal(send_id(w, "a"), HY_OK);
	run_until(w, one_request);
	hy_bus_client_free(w->client);
	w->client = NULL;
	let_pass(w, 30);
	answer(w, HY_STR_LIT("a"));
	w->from = (struct hy_bus_peer){.id = "never seen", .n = 10};
	answer(w, HY_STR_LIT("a"));
}

/* Many more than one turn reads: all come, each once. */
static void test_many(void **state)
{
	struct world *w = *state;
	char id[20];

	w->options.resend_ms = 600000;
	start_server(w);
	start_client(w);
	for (int i = 0; i < 256; i++) {
		(void)snprintf(id, sizeof id, "m-%d", i);
		assert_int_equal(send_id(w, id), HY_OK);
	}
	run_until(w, nothing_waits);
	assert_int_equal(w->answers, 256);
	assert_int_equal(w->requests, 256);
	assert_string_equal(w->last_answer, "m-255");
}

static void test_two_servers_one_dies(void **state)
{
	struct world *w = *state;
	struct hy_bus_server *other, *first;
	char both[PATH_BYTES * 3], endpoint[PATH_BYTES];
	char id[20];

	w->options.resend_ms = 600000;
	(void)snprintf(endpoint, sizeof endpoint, "%s", w->endpoint);
	(void)snprintf(w->endpoint, sizeof w->endpoint, "ipc://%.150s/t", w->dir);
	start_server(w);
	other = w->server;
	/* This one takes requests and never answers. */
	hy_bus_server_pause(other, true);
	(void)snprintf(both, sizeof both, "%s , %s", endpoint, w->endpoint);
	(void)snprintf(w->endpoint, sizeof w->endpoint, "%s", endpoint);
	start_server(w);
	first = w->server;
	assert_int_equal(hy_bus_client_new(w->near, both, &w->options, &w->client, NULL), HY_OK);
	hy_bus_client_on_answer(w->client, on_answer, w);
	let_pass(w, 50);	/* both are connected */
	for (int i = 0; i < 10; i++) {
		(void)snprintf(id, sizeof id, "m-%d", i);
		assert_int_equal(send_id(w, id), HY_OK);
	}
	let_pass(w, 50);
	assert_int_equal(w->answers, 5);
	hy_bus_server_free(other);
	run_until(w, nothing_waits);
	assert_int_equal(w->answers, 10);
	assert_ptr_equal(w->server, first);
}

/* ---- tests: hostile peers ---- */

static void raw_send(void *socket, const char *const *part, const size_t *n, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_true(zmq_send(socket, part[i], n[i], i + 1 < count ? ZMQ_SNDMORE : 0) >= 0);
}

static bool five_refused(const struct world *w)
{
	return hy_bus_server_refused(w->server) == 5;
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
		{{"HY\1\7\0id", "{}", "extra"}, {7, 2, 5}, 3},
		{{"HY\1\7\0id", "{}", "a", "b", "c", "d"}, {7, 2, 1, 1, 1, 1}, 6},
		{{"HY\2\7\0id", "{}"}, {7, 2}, 2},
		/* Well-formed, but no request. */
		{{"HY\1\3\0id", "{\"event\":\"\",\"case_id\":\"\",\"fresh\":true}"}, {7, 39}, 2},
	};

	start_server(w);
	assert_int_equal(zmq_connect(raw, w->endpoint), 0);
	for (size_t i = 0; i < HY_COUNT(bad); i++)
		raw_send(raw, bad[i].part, bad[i].n, bad[i].count);
	run_until(w, five_refused);
	assert_int_equal(w->requests, 0);
	/* A good one on the same connection still passes. */
	raw_send(raw, (const char *const[]){"HY\1\7\0id", "{}"}, (const size_t[]){7, 2}, 2);
	run_until(w, one_request);
	assert_int_equal(zmq_close(raw), 0);
	assert_int_equal(zmq_ctx_term(context), 0);
}

static void test_malformed_answers(void **state)
{
	struct world *w = *state;
	void *context = zmq_ctx_new(), *raw = zmq_socket(context, ZMQ_ROUTER);
	char id[16], rest[4096];
	int n;

	w->options.resend_ms = 600000;
	assert_int_equal(zmq_bind(raw, w->endpoint), 0);
	start_client(w);
	assert_int_equal(send_id(w, "a"), HY_OK);
	let_pass(w, 30);
	n = zmq_recv(raw, id, sizeof id, 0);
	assert_true(n > 0);
	assert_true(zmq_recv(raw, rest, sizeof rest, 0) > 0);
	assert_true(zmq_recv(raw, rest, sizeof rest, 0) > 0);
	for (int i = 0; i < 3; i++) {
		assert_true(zmq_send(raw, id, (size_t)n, ZMQ_SNDMORE) >= 0);
		assert_true(zmq_send(raw, "junk", 4, 0) >= 0);
	}
	assert_true(zmq_send(raw, id, (size_t)n, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(raw, "HY\1\5\0a", 6, ZMQ_SNDMORE) >= 0);
	assert_true(zmq_send(raw, "{\"code\":\"OK\",\"text\":\"\"}", 23, 0) >= 0);
	run_until(w, nothing_waits);
	assert_int_equal(w->answers, 1);
	assert_int_equal(zmq_close(raw), 0);
	assert_int_equal(zmq_ctx_term(context), 0);
}

/* ---- tests: addresses ---- */

static void test_endpoints_refused(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *endpoint;
		enum hy_err server, client;
	} rows[] = {
		{"", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"nonsense", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"inproc://x", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"ipc://", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"ipc://@abstract", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"ipc://*", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://127.0.0.1", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://127.0.0.1:", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://127.0.0.1:0", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://127.0.0.1:65536", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://127.0.0.1:http", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://:5555", HY_ERR_MALFORMED, HY_ERR_MALFORMED},
		{"tcp://0.0.0.0:5555", HY_ERR_DENIED, HY_ERR_DENIED},
		{"tcp://*:5555", HY_ERR_DENIED, HY_ERR_DENIED},
		{"tcp://127.example.cn:5555", HY_ERR_DENIED, HY_ERR_DENIED},
		{"tcp://192.0.2.1:5555", HY_ERR_DENIED, HY_ERR_DENIED},
		{"tcp://[::]:5555", HY_ERR_DENIED, HY_ERR_DENIED},
		{"ipc:///nonexistent-folder/s,", HY_ERR_IO, HY_ERR_MALFORMED},
		{"ipc:///nonexistent-folder/s", HY_ERR_IO, HY_OK},
	};

	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_error e = {0};
		enum hy_err err;

		err = hy_bus_server_new(w->far, rows[i].endpoint, &w->options, &w->server, &e);
		if (err != rows[i].server)
			fail_msg("server %s: %d %s", rows[i].endpoint, err, e.text);
		err = hy_bus_client_new(w->near, rows[i].endpoint, &w->options, &w->client, &e);
		if (err != rows[i].client)
			fail_msg("client %s: %d %s", rows[i].endpoint, err, e.text);
		hy_bus_client_free(w->client);
		w->client = NULL;
	}
}

static void test_ipc_file(void **state)
{
	struct world *w = *state;
	const char *path = w->endpoint + strlen("ipc://");
	struct hy_bus_server *second;
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct hy_error e = {0};
	struct stat st;
	int fd;

	start_server(w);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(hy_bus_server_new(w->near, w->endpoint, &w->options, &second, &e),
			 HY_ERR_CONFLICT);
	start_client(w);
	assert_int_equal(send_id(w, "still served"), HY_ERR_MALFORMED);
	assert_int_equal(send_id(w, "still-served"), HY_OK);
	run_until(w, one_answer);
	stop_server(w);
	(void)unlink(path);

	/* What a killed server leaves behind. */
	(void)snprintf(address.sun_path, sizeof address.sun_path, "%.100s", path);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(stat(path, &st), 0);
	start_server(w);
	assert_int_equal(send_id(w, "again"), HY_OK);
	run_until(w, nothing_waits);
	assert_int_equal(w->answers, 2);
}

static void test_ipc_path_is_a_file(void **state)
{
	struct world *w = *state;
	const char *path = w->endpoint + strlen("ipc://");
	struct hy_error e = {0};
	struct stat st;
	int fd = open(path, O_CREAT | O_WRONLY, 0600);

	assert_true(fd >= 0);
	assert_int_equal(close(fd), 0);
	assert_int_equal(hy_bus_server_new(w->far, w->endpoint, &w->options, &w->server, &e),
			 HY_ERR_CONFLICT);
	assert_int_equal(stat(path, &st), 0);
}

static void test_tcp_port_in_use(void **state)
{
	struct world *w = *state;
	struct hy_bus_server *second;

	(void)snprintf(w->endpoint, sizeof w->endpoint, "tcp://127.0.0.1:*");
	start_server(w);
	(void)snprintf(w->endpoint, sizeof w->endpoint, "%s", hy_bus_server_endpoint(w->server));
	assert_null(strchr(w->endpoint, '*'));
	assert_int_equal(hy_bus_server_new(w->near, w->endpoint, &w->options, &second, NULL),
			 HY_ERR_CONFLICT);
	start_client(w);
	assert_int_equal(send_id(w, "a"), HY_OK);
	run_until(w, one_answer);
}

/* ---- tests: leaving ---- */

static void test_free_within_linger(void **state)
{
	struct world *w = *state;
	struct hy_mono before;
	int64_t took_ms;

	/* A peer that never reads: what is queued for it cannot be delivered. */
	w->options.linger_ms = 200;
	w->options.resend_ms = 600000;
	start_server(w);
	hy_bus_server_pause(w->server, true);
	start_client(w);
	let_pass(w, 50);
	assert_int_equal(send_id(w, "a"), HY_OK);
	hy_bus_client_free(w->client);
	w->client = NULL;
	/* And one that is not there at all. */
	(void)snprintf(w->endpoint, sizeof w->endpoint, "tcp://127.0.0.1:1");
	start_client(w);
	assert_int_equal(send_id(w, "a"), HY_OK);
	hy_bus_client_free(w->client);
	w->client = NULL;
	before = hy_mono_now();
	hy_bus_free(w->near);
	took_ms = hy_mono_diff_ms(hy_mono_now(), before);
	assert_true(took_ms < 1000);
	w->near = hy_bus_new(w->loop, &quiet);
}

/* ---- tests: publish ---- */

static void on_event(void *ctx, const struct hy_msg *m)
{
	struct world *w = ctx;

	assert_int_equal(m->type, HY_MSG_EVENT);
	w->events++;
	(void)snprintf(w->last_text, sizeof w->last_text, "%.*s", HY_STR_ARGS(m->as.event.text));
}

struct publishing {
	struct world *w;
	struct hy_bus_publisher *publisher;
	struct hy_timer *timer;
};

static void publish_one(void *ctx)
{
	struct publishing *p = ctx;
	struct hy_msg m = {.type = HY_MSG_EVENT, .id = HY_STR_LIT("n"),
			   .as.event = {.notice = HY_STR_LIT("n"), .at = {1}, .sign_due = {2},
					.answer_due = {3}, .text = HY_STR_LIT("请签收")}};

	assert_int_equal(hy_bus_publish(p->publisher, &m, NULL), HY_OK);
}

static bool three_events(const struct world *w)
{
	return w->events >= 3;
}

static void test_publish(void **state)
{
	struct world *w = *state;
	struct publishing p = {.w = w};
	struct hy_bus_subscriber *subscriber;
	struct hy_msg m = command("a");

	assert_int_equal(hy_bus_publisher_new(w->far, w->endpoint, &w->options, &p.publisher, NULL),
			 HY_OK);
	assert_int_equal(hy_bus_subscriber_new(w->near, w->endpoint, &w->options, &subscriber, NULL),
			 HY_OK);
	assert_string_equal(hy_bus_publisher_endpoint(p.publisher), w->endpoint);
	hy_bus_subscriber_on_event(subscriber, on_event, w);
	assert_int_equal(hy_bus_publish(p.publisher, &m, NULL), HY_ERR_MALFORMED);
	p.timer = hy_timer_new(w->loop, publish_one, &p);
	hy_timer_start(p.timer, 0, TICK_MS);
	run_until(w, three_events);
	assert_string_equal(w->last_text, "请签收");
	hy_timer_free(p.timer);
	hy_bus_subscriber_free(subscriber);
	hy_bus_publisher_free(p.publisher);
}

/* Nobody reads: publishing neither blocks nor fails. */
static void test_publish_to_slow_subscriber(void **state)
{
	struct world *w = *state;
	struct publishing p = {.w = w};
	struct hy_bus_subscriber *subscriber;

	w->options.high_water = 10;
	assert_int_equal(hy_bus_publisher_new(w->far, w->endpoint, &w->options, &p.publisher, NULL),
			 HY_OK);
	assert_int_equal(hy_bus_subscriber_new(w->near, w->endpoint, &w->options, &subscriber, NULL),
			 HY_OK);
	let_pass(w, 50);
	for (int i = 0; i < 2000; i++)
		publish_one(&p);
	hy_bus_subscriber_on_event(subscriber, on_event, w);
	run_until(w, three_events);
	assert_true(w->events < 2000);
	hy_bus_subscriber_free(subscriber);
	hy_bus_publisher_free(p.publisher);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

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
		TEST(test_malformed_answers),
		TEST(test_endpoints_refused),
		TEST(test_ipc_file),
		TEST(test_ipc_path_is_a_file),
		TEST(test_tcp_port_in_use),
		TEST(test_free_within_linger),
		TEST(test_publish),
		TEST(test_publish_to_slow_subscriber),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
