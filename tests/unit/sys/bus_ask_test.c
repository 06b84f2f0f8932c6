#include "common/sys/bus.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>
#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/bus_world.h"

/*
 * hy_bus_ask blocks, so who answers runs in a thread with a plain ZeroMQ socket. It answers
 * according to a script of one letter a request, and ends with the script.
 */
struct answerer {
	const char *script;
	const char *endpoint;
	void *context, *socket;
	pthread_t thread;
};

static void answer_by(void *socket, char letter, const char *peer, size_t peer_bytes)
{
	static const struct {
		char letter;
		const char *head;
		size_t head_bytes;
		const char *body;
	} answers[] = {
		{'a', "HY\3\5\0q", 6, "{\"code\":\"OK\",\"text\":\"好\"}"},
		{'o', "HY\3\5\0other", 10, "{\"code\":\"OK\",\"text\":\"\"}"},
		{'t', "HY\3\3\0q", 6,
		 "{\"outcome\":\"taken\",\"event\":\"\",\"case_id\":\"\",\"fresh\":true,\"note\":\"\"}"},
		{'m', "HY\3\5\0q", 6, "{\"code\":\"OK\"}"},
	};

	for (size_t i = 0; i < HY_COUNT(answers); i++)
		if (answers[i].letter == letter) {
			(void)zmq_send(socket, peer, peer_bytes, ZMQ_SNDMORE);
			(void)zmq_send(socket, answers[i].head, answers[i].head_bytes, ZMQ_SNDMORE);
			(void)zmq_send(socket, answers[i].body, strlen(answers[i].body), 0);
		}
}

static void *answer_script(void *ctx)
{
	struct answerer *a = ctx;
	char peer[64], rest[4096];
	int n;

	for (const char *letter = a->script; *letter; letter++) {
		n = zmq_recv(a->socket, peer, sizeof peer, 0);
		if (n <= 0)
			return NULL;
		(void)zmq_recv(a->socket, rest, sizeof rest, 0);
		(void)zmq_recv(a->socket, rest, sizeof rest, 0);
		answer_by(a->socket, *letter, peer, (size_t)n);
	}
	return NULL;
}

static void answerer_start(struct answerer *a)
{
	int timeout_ms = 10000;

	a->context = zmq_ctx_new();
	a->socket = zmq_socket(a->context, ZMQ_ROUTER);
	assert_int_equal(zmq_setsockopt(a->socket, ZMQ_RCVTIMEO, &timeout_ms, sizeof timeout_ms), 0);
	assert_int_equal(zmq_bind(a->socket, a->endpoint), 0);
	assert_int_equal(pthread_create(&a->thread, NULL, answer_script, a), 0);
}

static void answerer_stop(struct answerer *a)
{
	assert_int_equal(pthread_join(a->thread, NULL), 0);
	assert_int_equal(zmq_close(a->socket), 0);
	assert_int_equal(zmq_ctx_term(a->context), 0);
}

static enum hy_err ask(struct world *w, struct hy_msg **out)
{
	struct hy_msg m = world_command("q");
	struct hy_error e = {0};
	enum hy_err err = hy_bus_ask(w->endpoint, &w->options, &m, out, &e);

	assert_int_equal(e.code, err);
	return err;
}

static void test_scripts(void **state)
{
	struct world *w = *state;
	static const struct {
		const char *script;
		int64_t answer_ms;
		enum hy_err expected;
	} rows[] = {
		{"a", 10000, HY_OK},
		{".a", 10000, HY_OK},		/* the first is lost, the resent one answered */
		{"ota", 10000, HY_OK},		/* another's answer, a wrong type, the right one */
		{"m", 10000, HY_ERR_MALFORMED},
		{"..", 70, HY_ERR_TIMEOUT},
	};

	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct answerer a = {.script = rows[i].script, .endpoint = w->endpoint};
		struct hy_msg *answer = NULL;

		w->options.answer_ms = rows[i].answer_ms;
		w->options.resend_ms = 30;
		answerer_start(&a);
		assert_int_equal(ask(w, &answer), rows[i].expected);
		if (rows[i].expected == HY_OK)
			assert_true(hy_str_eq_c(answer->as.reply.text, "好"));
		else
			assert_null(answer);
		hy_msg_free(answer);
		answerer_stop(&a);
	}
}

static void test_nobody_there(void **state)
{
	struct world *w = *state;
	struct hy_msg *answer = NULL, m = world_command("q");
	struct hy_mono before = hy_mono_now();

	w->options.answer_ms = 60;
	assert_int_equal(ask(w, &answer), HY_ERR_UNAVAILABLE);
	assert_in_range(hy_mono_diff_ms(hy_mono_now(), before), 60, 2000);
	assert_null(answer);
	(void)snprintf(w->endpoint, sizeof w->endpoint, "tcp://192.0.2.1:5555");
	assert_int_equal(ask(w, &answer), HY_ERR_DENIED);
	m.type = HY_MSG_EVENT;
	assert_int_equal(hy_bus_ask(w->endpoint, &w->options, &m, &answer, NULL), HY_ERR_MALFORMED);
	m = world_command("");
	assert_int_equal(hy_bus_ask(w->endpoint, &w->options, &m, &answer, NULL), HY_ERR_MALFORMED);
}

/* The socket file of a dead daemon is in the way of nothing. */
static void test_daemon_restarts(void **state)
{
	struct world *w = *state;
	struct answerer a = {.script = "a", .endpoint = w->endpoint};
	struct hy_msg *answer = NULL;

	answerer_start(&a);
	w->options.answer_ms = 10000;
	assert_int_equal(ask(w, &answer), HY_OK);
	hy_msg_free(answer);
	answerer_stop(&a);
	answer = NULL;
	answerer_start(&a);
	assert_int_equal(ask(w, &answer), HY_OK);
	hy_msg_free(answer);
	answerer_stop(&a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_scripts),
		TEST(test_nobody_there),
		TEST(test_daemon_restarts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
