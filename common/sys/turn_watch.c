#include "common/sys/turn_watch.h"

#include <stdlib.h>
#include <uv.h>

#include "common/base/mem.h"

#define SAY_EVERY_MS 10000

/*
 * Most callbacks run inside libuv's poll phase, so only its own account of the time slept
 * tells work from waiting: a turn's work is what lies between two check phases, less that.
 */
struct hy_turn_watch {
	uv_check_t check;
	const struct hy_log *log;
	int64_t limit_ms;
	struct hy_mono began, said;
	uint64_t idle_ns;	/* slept until `began`, since the loop's start */
};

static void turn_ends(uv_check_t *check)
{
	struct hy_turn_watch *w = check->data;
	struct hy_mono now = hy_mono_now();
	uint64_t idle_ns = uv_metrics_idle_time(check->loop);
	int64_t slept_ms = (int64_t)(idle_ns - w->idle_ns) / 1000000;
	int64_t took_ms = hy_mono_diff_ms(now, w->began) - slept_ms;

	w->began = now;
	w->idle_ns = idle_ns;
	if (took_ms <= w->limit_ms || (w->said.ns && hy_mono_diff_ms(now, w->said) < SAY_EVERY_MS))
		return;
	w->said = now;
	hy_log(w->log, HY_LOG_WARN, "a turn of the loop took long", hy_kv_int("ms", took_ms));
}

struct hy_turn_watch *hy_turn_watch_new(struct hy_loop *loop, const struct hy_log *log,
					int64_t limit_ms)
{
	struct hy_turn_watch *w = hy_xcalloc(1, sizeof *w);
	uv_loop_t *uv = hy_loop_uv(loop);

	w->log = log;
	w->limit_ms = limit_ms;
	w->began = hy_mono_now();
	w->check.data = w;
	hy_assert(uv_loop_configure(uv, UV_METRICS_IDLE_TIME) == 0);
	hy_assert(uv_check_init(uv, &w->check) == 0);
	hy_assert(uv_check_start(&w->check, turn_ends) == 0);
	uv_unref((uv_handle_t *)&w->check);	/* watching alone keeps no loop alive */
	return w;
}

static void closed(uv_handle_t *handle)
{
	free(handle->data);
}

void hy_turn_watch_free(struct hy_turn_watch *w)
{
	if (w)
		uv_close((uv_handle_t *)&w->check, closed);
}
