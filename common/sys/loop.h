/*
 * Event loop: libuv behind the few things the daemons need. One thread, one loop.
 *
 * Handles are made by new and ended by free; free may be called inside any callback of the
 * same loop, and the callback is not called again afterwards. Nothing here blocks.
 */
#ifndef HY_SYS_LOOP_H
#define HY_SYS_LOOP_H

#include <stdint.h>
#include <uv.h>

#include "common/base/err.h"
#include "common/base/time.h"

struct hy_loop;
struct hy_timer;
struct hy_signal;
struct hy_zmq_watch;
struct hy_deferred;

struct hy_loop *hy_loop_new(void);
/* All handles must have been freed; runs the pending close callbacks. free(NULL) is legal. */
void hy_loop_free(struct hy_loop *loop);
/* Runs until hy_loop_stop, or until no handle is left. */
void hy_loop_run(struct hy_loop *loop);
void hy_loop_stop(struct hy_loop *loop);
/* For libraries with an integration of their own (libcurl); borrowed. */
uv_loop_t *hy_loop_uv(struct hy_loop *loop);
/*
 * This moment, by the clock of the loop's timers. Not the moment its turn began: a wait counted
 * from there would end early after a long turn, and a host be asked before it allowed it.
 */
struct hy_mono hy_loop_now(const struct hy_loop *loop);

typedef void hy_timer_fn(void *ctx);
struct hy_timer *hy_timer_new(struct hy_loop *loop, hy_timer_fn *fn, void *ctx);
void hy_timer_free(struct hy_timer *timer);
/* First call after delay_ms, then every repeat_ms (0: once). Restarts a running timer. */
void hy_timer_start(struct hy_timer *timer, int64_t delay_ms, int64_t repeat_ms);
void hy_timer_stop(struct hy_timer *timer);

typedef void hy_signal_fn(void *ctx, int signal_number);
struct hy_signal *hy_signal_new(struct hy_loop *loop, int signal_number, hy_signal_fn *fn,
				void *ctx);
void hy_signal_free(struct hy_signal *signal);

/*
 * Runs fn once at the end of the current turn, after all input of the turn was handled;
 * scheduling again before it ran changes nothing. This is where a batch is committed.
 */
typedef void hy_deferred_fn(void *ctx);
struct hy_deferred *hy_deferred_new(struct hy_loop *loop, hy_deferred_fn *fn, void *ctx);
void hy_deferred_schedule(struct hy_deferred *deferred);
void hy_deferred_free(struct hy_deferred *deferred);

/*
 * Watches a ZeroMQ socket for input. ZMQ_FD is edge-triggered and says only "look again":
 * before sleeping and after waking ZMQ_EVENTS is asked, and while it shows input the loop
 * does not sleep. fn reads at most a bounded number of messages and returns.
 */
typedef void hy_zmq_watch_fn(void *ctx);
struct hy_zmq_watch *hy_zmq_watch_new(struct hy_loop *loop, void *zmq_socket, hy_zmq_watch_fn *fn,
				      void *ctx);
/* Stops calling fn (back-pressure: input stays in the socket) or calls it again. */
void hy_zmq_watch_pause(struct hy_zmq_watch *watch, bool paused);
/* Must be called before the socket is closed. */
void hy_zmq_watch_free(struct hy_zmq_watch *watch);

#endif
