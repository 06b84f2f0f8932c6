#include "common/sys/loop.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/queue.h>
#include <zmq.h>

#include "common/base/mem.h"

TAILQ_HEAD(deferred_list, hy_deferred);
TAILQ_HEAD(watch_list, hy_zmq_watch);

/*
 * A turn of libuv: timers, idle, prepare, poll (input), check, close. All watches and deferred
 * calls share one prepare, check and idle handle: in check first every watch is served, then
 * the deferred calls run, so that these see all input of the turn. An active idle handle only
 * keeps the poll from sleeping.
 */
struct hy_loop {
	uv_loop_t uv;
	uv_prepare_t prepare;
	uv_check_t check;
	uv_idle_t awake;
	struct watch_list watches;
	struct hy_zmq_watch *next_watch;	/* to be served next; survives any free */
	struct deferred_list scheduled, running;
};

struct hy_timer {
	uv_timer_t uv;
	hy_timer_fn *fn;
	void *ctx;
};

struct hy_signal {
	uv_signal_t uv;
	hy_signal_fn *fn;
	void *ctx;
};

struct hy_deferred {
	struct hy_loop *loop;
	hy_deferred_fn *fn;
	void *ctx;
	struct deferred_list *in;	/* which list it is on, NULL for none */
	TAILQ_ENTRY(hy_deferred) entry;
};

struct hy_zmq_watch {
	uv_poll_t uv;
	struct hy_loop *loop;
	void *socket;
	hy_zmq_watch_fn *fn;
	void *ctx;
	bool paused;
	bool look;	/* the socket may have input: ask it in check */
	TAILQ_ENTRY(hy_zmq_watch) entry;
};

static void ignore_idle(uv_idle_t *idle)
{
	(void)idle;
}

/* Asking also makes the socket handle what its own threads reported meanwhile. */
static bool has_input(void *socket)
{
	int events = 0;
	size_t size = sizeof events;

	while (zmq_getsockopt(socket, ZMQ_EVENTS, &events, &size) != 0)
		if (errno != EINTR)
			return false;
	return events & ZMQ_POLLIN;
}

static void before_poll(uv_prepare_t *prepare)
{
	struct hy_loop *loop = prepare->data;
	struct hy_zmq_watch *watch;
	bool busy = !TAILQ_EMPTY(&loop->scheduled);

	TAILQ_FOREACH(watch, &loop->watches, entry) {
		watch->look = has_input(watch->socket);
		busy |= watch->look && !watch->paused;
	}
	if (busy)
		hy_assert(uv_idle_start(&loop->awake, ignore_idle) == 0);
	else
		hy_assert(uv_idle_stop(&loop->awake) == 0);
}

static void serve_watches(struct hy_loop *loop)
{
	struct hy_zmq_watch *watch;

	loop->next_watch = TAILQ_FIRST(&loop->watches);
	while ((watch = loop->next_watch)) {
		loop->next_watch = TAILQ_NEXT(watch, entry);
		if (!watch->look)
			continue;
		watch->look = false;
		if (has_input(watch->socket) && !watch->paused)
			watch->fn(watch->ctx);
	}
}

static void run_deferred(struct hy_loop *loop)
{
	struct hy_deferred *deferred;

	/* What is scheduled from here on belongs to the next turn. */
	while ((deferred = TAILQ_FIRST(&loop->scheduled))) {
		TAILQ_REMOVE(&loop->scheduled, deferred, entry);
		TAILQ_INSERT_TAIL(&loop->running, deferred, entry);
		deferred->in = &loop->running;
	}
	while ((deferred = TAILQ_FIRST(&loop->running))) {
		TAILQ_REMOVE(&loop->running, deferred, entry);
		deferred->in = NULL;
		deferred->fn(deferred->ctx);
	}
}

static void after_poll(uv_check_t *check)
{
	struct hy_loop *loop = check->data;

	serve_watches(loop);
	run_deferred(loop);
	/* Scheduled just now: they alone must be able to keep the loop alive for a turn. */
	if (!TAILQ_EMPTY(&loop->scheduled))
		hy_assert(uv_idle_start(&loop->awake, ignore_idle) == 0);
	else
		hy_assert(uv_idle_stop(&loop->awake) == 0);
}

struct hy_loop *hy_loop_new(void)
{
	struct hy_loop *loop = hy_xcalloc(1, sizeof *loop);

	hy_assert(uv_loop_init(&loop->uv) == 0);
	TAILQ_INIT(&loop->watches);
	TAILQ_INIT(&loop->scheduled);
	TAILQ_INIT(&loop->running);
	hy_assert(uv_prepare_init(&loop->uv, &loop->prepare) == 0);
	hy_assert(uv_check_init(&loop->uv, &loop->check) == 0);
	hy_assert(uv_idle_init(&loop->uv, &loop->awake) == 0);
	loop->prepare.data = loop;
	loop->check.data = loop;
	hy_assert(uv_prepare_start(&loop->prepare, before_poll) == 0);
	hy_assert(uv_check_start(&loop->check, after_poll) == 0);
	/* The loop's own handles are no reason to keep running. */
	uv_unref((uv_handle_t *)&loop->prepare);
	uv_unref((uv_handle_t *)&loop->check);
	return loop;
}

void hy_loop_free(struct hy_loop *loop)
{
	if (!loop)
		return;
	hy_assert(TAILQ_EMPTY(&loop->watches) && TAILQ_EMPTY(&loop->scheduled));
	uv_close((uv_handle_t *)&loop->prepare, NULL);
	uv_close((uv_handle_t *)&loop->check, NULL);
	uv_close((uv_handle_t *)&loop->awake, NULL);
	(void)uv_run(&loop->uv, UV_RUN_DEFAULT);
	hy_assert(uv_loop_close(&loop->uv) == 0);
	free(loop);
}

void hy_loop_run(struct hy_loop *loop)
{
	(void)uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void hy_loop_stop(struct hy_loop *loop)
{
	uv_stop(&loop->uv);
}

uv_loop_t *hy_loop_uv(struct hy_loop *loop)
{
	return &loop->uv;
}

struct hy_mono hy_loop_now(const struct hy_loop *loop)
{
	(void)loop;
	return hy_mono_now();
}

/* Each handle is the first member of its structure, so that its memory is the structure's. */
static void release(uv_handle_t *handle)
{
	free(handle);
}

static void timer_due(uv_timer_t *uv)
{
	struct hy_timer *timer = hy_container_of(uv, struct hy_timer, uv);

	timer->fn(timer->ctx);
}

struct hy_timer *hy_timer_new(struct hy_loop *loop, hy_timer_fn *fn, void *ctx)
{
	struct hy_timer *timer = hy_xcalloc(1, sizeof *timer);

	timer->fn = fn;
	timer->ctx = ctx;
	hy_assert(uv_timer_init(&loop->uv, &timer->uv) == 0);
	return timer;
}

void hy_timer_free(struct hy_timer *timer)
{
	if (timer)
		uv_close((uv_handle_t *)&timer->uv, release);
}

void hy_timer_start(struct hy_timer *timer, int64_t delay_ms, int64_t repeat_ms)
{
	hy_assert(delay_ms >= 0 && repeat_ms >= 0);
	/* libuv counts from the turn's start, which a long turn would take off the delay. */
	uv_update_time(timer->uv.loop);
	hy_assert(uv_timer_start(&timer->uv, timer_due, (uint64_t)delay_ms,
				 (uint64_t)repeat_ms) == 0);
}

void hy_timer_stop(struct hy_timer *timer)
{
	hy_assert(uv_timer_stop(&timer->uv) == 0);
}

static void signal_came(uv_signal_t *uv, int signal_number)
{
	struct hy_signal *signal = hy_container_of(uv, struct hy_signal, uv);

	signal->fn(signal->ctx, signal_number);
}

struct hy_signal *hy_signal_new(struct hy_loop *loop, int signal_number, hy_signal_fn *fn,
				void *ctx)
{
	struct hy_signal *signal = hy_xcalloc(1, sizeof *signal);

	signal->fn = fn;
	signal->ctx = ctx;
	hy_assert(uv_signal_init(&loop->uv, &signal->uv) == 0);
	hy_assert(uv_signal_start(&signal->uv, signal_came, signal_number) == 0);
	return signal;
}

void hy_signal_free(struct hy_signal *signal)
{
	if (signal)
		uv_close((uv_handle_t *)&signal->uv, release);
}

struct hy_deferred *hy_deferred_new(struct hy_loop *loop, hy_deferred_fn *fn, void *ctx)
{
	struct hy_deferred *deferred = hy_xcalloc(1, sizeof *deferred);

	*deferred = (struct hy_deferred){.loop = loop, .fn = fn, .ctx = ctx};
	return deferred;
}

void hy_deferred_schedule(struct hy_deferred *deferred)
{
	struct hy_loop *loop = deferred->loop;

	/* One that is about to run in this turn has not run yet: that call will do. */
	if (deferred->in)
		return;
	TAILQ_INSERT_TAIL(&loop->scheduled, deferred, entry);
	deferred->in = &loop->scheduled;
	hy_assert(uv_idle_start(&loop->awake, ignore_idle) == 0);
}

void hy_deferred_free(struct hy_deferred *deferred)
{
	if (!deferred)
		return;
	if (deferred->in)
		TAILQ_REMOVE(deferred->in, deferred, entry);
	free(deferred);
}

static void socket_stirred(uv_poll_t *uv, int status, int events)
{
	struct hy_zmq_watch *watch = hy_container_of(uv, struct hy_zmq_watch, uv);

	(void)status;
	(void)events;
	watch->look = true;
}

struct hy_zmq_watch *hy_zmq_watch_new(struct hy_loop *loop, void *zmq_socket, hy_zmq_watch_fn *fn,
				      void *ctx)
{
	struct hy_zmq_watch *watch = hy_xcalloc(1, sizeof *watch);
	int fd;
	size_t size = sizeof fd;

	watch->loop = loop;
	watch->socket = zmq_socket;
	watch->fn = fn;
	watch->ctx = ctx;
	hy_assert(zmq_getsockopt(zmq_socket, ZMQ_FD, &fd, &size) == 0);
	hy_assert(uv_poll_init(&loop->uv, &watch->uv, fd) == 0);
	hy_assert(uv_poll_start(&watch->uv, UV_READABLE, socket_stirred) == 0);
	TAILQ_INSERT_TAIL(&loop->watches, watch, entry);
	return watch;
}

void hy_zmq_watch_pause(struct hy_zmq_watch *watch, bool paused)
{
	watch->paused = paused;
}

void hy_zmq_watch_free(struct hy_zmq_watch *watch)
{
	if (!watch)
		return;
	if (watch->loop->next_watch == watch)
		watch->loop->next_watch = TAILQ_NEXT(watch, entry);
	TAILQ_REMOVE(&watch->loop->watches, watch, entry);
	uv_close((uv_handle_t *)&watch->uv, release);
}
