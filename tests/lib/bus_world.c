#include "tests/lib/bus_world.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "common/base/mem.h"

#define WATCHDOG_MS 20000
#define TEST_MAX_S 60
#define TICK_MS 2

const struct hy_log world_log = {.name = "bus_test", .level = HY_LOG_ERROR};

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

void world_run_until(struct world *w, bool (*done)(const struct world *w))
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

void world_let_pass(struct world *w, int64_t ms)
{
	struct hy_timer *timer = hy_timer_new(w->loop, stop, w);

	hy_timer_start(timer, ms, 0);
	hy_loop_run(w->loop);
	hy_timer_free(timer);
}

bool world_one_answer(const struct world *w)
{
	return w->answers == 1;
}

bool world_nothing_waits(const struct world *w)
{
	return hy_bus_client_waiting(w->client) == 0;
}

/* ---- making and unmaking ---- */

const char *world_path(const struct world *w, const char *name, char out[WORLD_PATH_BYTES])
{
	int n = snprintf(out, WORLD_PATH_BYTES, "%s/%s", w->dir, name);

	assert_in_range(n, 1, WORLD_PATH_BYTES - 1);
	return out;
}

int world_setup(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);
	const char *base = getenv("TMPDIR");

	/* A test that failed half-way leaves sockets behind, on which ZeroMQ would wait. */
	(void)alarm(TEST_MAX_S);
	(void)snprintf(w->dir, sizeof w->dir, "%s/bus_test.XXXXXX", base ? base : "/tmp");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->endpoint, sizeof w->endpoint, "ipc://%.150s/s", w->dir);
	w->loop = hy_loop_new();
	w->near = hy_bus_new(w->loop, &world_log);
	w->far = hy_bus_new(w->loop, &world_log);
	w->tick = hy_timer_new(w->loop, look, w);
	w->watchdog = hy_timer_new(w->loop, bark, w);
	w->options = hy_bus_defaults;
	w->options.resend_ms = 50;
	w->options.linger_ms = 100;
	w->answering = true;
	*state = w;
	return 0;
}

static void remove_folder(const struct world *w)
{
	DIR *dir = opendir(w->dir);
	char path[WORLD_PATH_BYTES];
	struct dirent *entry;

	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			(void)unlink(world_path(w, entry->d_name, path));
	(void)closedir(dir);
	assert_int_equal(rmdir(w->dir), 0);
}

int world_teardown(void **state)
{
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
	remove_folder(w);
	(void)alarm(0);
	free(w);
	return 0;
}

/* ---- both sides ---- */

static void copy_id(char out[HY_MSG_ID_BYTES + 1], struct hy_str id)
{
	(void)snprintf(out, HY_MSG_ID_BYTES + 1, "%.*s", HY_STR_ARGS(id));
}

void world_answer(struct world *w, struct hy_str id)
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
		world_answer(w, request->id);
	if (w->pausing)
		hy_bus_server_pause(w->server, true);
	if (w->freeing_server) {
		hy_bus_server_free(w->server);
		w->server = NULL;
	}
	if (!w->answering && w->held_count < WORLD_HELD_MAX)
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

void world_start_server(struct world *w)
{
	struct hy_error e = {0};

	if (hy_bus_server_new(w->far, w->endpoint, &w->options, &w->server, &e))
		fail_msg("%s", e.text);
	hy_bus_server_on_request(w->server, on_request, w);
}

void world_stop_server(struct world *w)
{
	hy_bus_server_free(w->server);
	w->server = NULL;
	hy_bus_free(w->far);
	w->far = hy_bus_new(w->loop, &world_log);
}

void world_start_client(struct world *w)
{
	struct hy_error e = {0};

	if (hy_bus_client_new(w->near, w->endpoint, &w->options, &w->client, &e))
		fail_msg("%s", e.text);
	hy_bus_client_on_answer(w->client, on_answer, w);
}

struct hy_msg world_command(const char *id)
{
	return (struct hy_msg){
		.type = HY_MSG_COMMAND,
		.id = hy_str_of(id),
		.as.command = {.command = HY_COMMAND_SIGN,
			       .case_id = HY_STR_LIT("case-1"),
			       .actor = HY_STR_LIT("water")},
	};
}

enum hy_err world_send(struct world *w, const char *id)
{
	struct hy_msg m = world_command(id);

	return hy_bus_client_send(w->client, &m, NULL);
}
