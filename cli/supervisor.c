#include "cli/supervisor.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

#include "common/base/mem.h"

#define PAUSE_FIRST_MS 100
#define PAUSE_MOST_MS 10000
#define STEADY_MS 10000

struct child {
	struct hy_supervisor *supervisor;
	char *name;
	char *argv[HY_SUPERVISOR_ARGUMENTS_MAX + 1];
	int stage;
	uv_process_t *process;		/* NULL while it is not running */
	struct hy_timer *restart;
	struct hy_mono started_at;
	int64_t pause_ms;
};

struct hy_supervisor {
	struct hy_loop *loop;
	const struct hy_log *log;
	struct child children[HY_SUPERVISOR_CHILDREN_MAX];
	size_t count;
	int64_t stop_timeout_ms;
	struct hy_timer *stop_timer;
	int stage;			/* being stopped; meaningful when stopping */
	bool stopping;
	hy_supervisor_done_fn *done;
	void *done_ctx;
};

static void stop_stage(struct hy_supervisor *s);

static void kill_stage(void *ctx)
{
	struct hy_supervisor *s = ctx;

	for (size_t i = 0; i < s->count; i++)
		if (s->children[i].process && s->children[i].stage <= s->stage) {
			hy_log(s->log, HY_LOG_WARN, "child did not end in time, killing it",
			       hy_kv("name", s->children[i].name));
			(void)uv_process_kill(s->children[i].process, SIGKILL);
		}
}

struct hy_supervisor *hy_supervisor_new(struct hy_loop *loop, const struct hy_log *log,
					int64_t stop_timeout_ms)
{
	struct hy_supervisor *s = hy_xcalloc(1, sizeof *s);

	s->loop = loop;
	s->log = log;
	s->stop_timeout_ms = stop_timeout_ms;
	s->stop_timer = hy_timer_new(loop, kill_stage, s);
	return s;
}

void hy_supervisor_free(struct hy_supervisor *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++) {
		struct child *c = &s->children[i];

		hy_assert(c->process == NULL);
		hy_timer_free(c->restart);
		free(c->name);
		for (size_t k = 0; c->argv[k]; k++)
			free(c->argv[k]);
	}
	hy_timer_free(s->stop_timer);
	free(s);
}

static void free_process(uv_handle_t *handle)
{
	free(handle);
}

static void pause_then_start(struct child *c)
{
	if (hy_mono_diff_ms(hy_mono_now(), c->started_at) >= STEADY_MS)
		c->pause_ms = PAUSE_FIRST_MS;
	hy_timer_start(c->restart, c->pause_ms, 0);
	c->pause_ms = c->pause_ms * 2 < PAUSE_MOST_MS ? c->pause_ms * 2 : PAUSE_MOST_MS;
}

static void child_ended(uv_process_t *process, int64_t exit_status, int term_signal)
{
	struct child *c = process->data;
	struct hy_supervisor *s = c->supervisor;

	hy_log(s->log, s->stopping ? HY_LOG_INFO : HY_LOG_WARN, "child ended",
	       hy_kv("name", c->name), hy_kv_int("pid", process->pid),
	       hy_kv_int("code", exit_status), hy_kv_int("signal", term_signal));
	c->process = NULL;
	uv_close((uv_handle_t *)process, free_process);
	if (s->stopping)
		stop_stage(s);
	else
		pause_then_start(c);
}

static void start_child(void *ctx)
{
	struct child *c = ctx;
	uv_stdio_container_t stdio[3] = {
		{.flags = UV_IGNORE},
		{.flags = UV_INHERIT_FD, .data.fd = STDOUT_FILENO},
		{.flags = UV_INHERIT_FD, .data.fd = STDERR_FILENO},
	};
	uv_process_options_t options = {
		.file = c->argv[0],
		.args = c->argv,
		.exit_cb = child_ended,
		.flags = UV_PROCESS_DETACHED,
		.stdio = stdio,
		.stdio_count = 3,
	};
	uv_process_t *process = hy_xcalloc(1, sizeof *process);
	int rc;

	process->data = c;
	c->started_at = hy_mono_now();
	rc = uv_spawn(hy_loop_uv(c->supervisor->loop), process, &options);
	if (rc != 0) {
		hy_log(c->supervisor->log, HY_LOG_ERROR, "cannot start child",
		       hy_kv("name", c->name), hy_kv("program", c->argv[0]),
		       hy_kv("reason", uv_strerror(rc)));
		uv_close((uv_handle_t *)process, free_process);
		pause_then_start(c);
		return;
	}
	c->process = process;
	hy_log(c->supervisor->log, HY_LOG_INFO, "child started", hy_kv("name", c->name),
	       hy_kv_int("pid", process->pid));
}

enum hy_err hy_supervisor_add(struct hy_supervisor *s, const char *name, int stage,
			      const char *const *argv, struct hy_error *e)
{
	struct child *c = &s->children[s->count];
	size_t n = 0;

	while (argv[n])
		n++;
	if (s->count == HY_SUPERVISOR_CHILDREN_MAX || n > HY_SUPERVISOR_ARGUMENTS_MAX)
		return hy_fail(e, HY_ERR_LIMIT, "too many children or arguments (at %s)", name);
	*c = (struct child){.supervisor = s, .stage = stage, .pause_ms = PAUSE_FIRST_MS};
	c->name = hy_xstrdup(name);
	for (size_t i = 0; i < n; i++)
		c->argv[i] = hy_xstrdup(argv[i]);
	c->restart = hy_timer_new(s->loop, start_child, c);
	s->count++;
	return HY_OK;
}

void hy_supervisor_start(struct hy_supervisor *s)
{
	for (size_t i = 0; i < s->count; i++)
		start_child(&s->children[i]);
}

void hy_supervisor_signal(struct hy_supervisor *s, int signal_number)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->children[i].process)
			(void)uv_process_kill(s->children[i].process, signal_number);
}

/* The lowest stage that still has a running child, or -1. */
static int lowest_running(const struct hy_supervisor *s)
{
	int lowest = -1;

	for (size_t i = 0; i < s->count; i++)
		if (s->children[i].process && (lowest < 0 || s->children[i].stage < lowest))
			lowest = s->children[i].stage;
	return lowest;
}

/* Goes on to the next stage when the current one is empty; each child is told once. */
static void stop_stage(struct hy_supervisor *s)
{
	int stage = lowest_running(s);

	if (stage < 0) {
		hy_timer_stop(s->stop_timer);
		s->done(s->done_ctx);
		return;
	}
	if (stage == s->stage)
		return;
	s->stage = stage;
	for (size_t i = 0; i < s->count; i++)
		if (s->children[i].process && s->children[i].stage == stage)
			(void)uv_process_kill(s->children[i].process, SIGTERM);
	hy_timer_start(s->stop_timer, s->stop_timeout_ms, 0);
}

void hy_supervisor_stop(struct hy_supervisor *s, hy_supervisor_done_fn *done, void *ctx)
{
	if (s->stopping) {
		hy_supervisor_signal(s, SIGKILL);
		return;
	}
	s->stopping = true;
	s->stage = -1;
	s->done = done;
	s->done_ctx = ctx;
	for (size_t i = 0; i < s->count; i++)
		hy_timer_stop(s->children[i].restart);
	stop_stage(s);
}
