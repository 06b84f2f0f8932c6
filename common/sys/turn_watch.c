#include "common/sys/turn_watch.h"

#include <stdlib.h>
#include <uv.h>

#include "common/base/mem.h"

#define SAY_EVERY_MS 10000

/* A turn's work lies between the end of one poll (check) and the begin of the next (prepare). */
struct hy_turn_watch {
	uv_prepare_t prepare;
	uv_check_t check;
	const struct hy_log *log;
	int64_t limit_ms;
	struct hy_mono began, said;
	bool running;
	int open_handles;
};

static void turn_begins(uv_check_t *check)
{
	struct hy_turn_watch *w = check->data;

	w->began = hy_mono_now();
	w->running = true;
}

static void turn_ends(uv_prepare_t *prepare)
{
	struct hy_turn_watch *w = prepare->data;
	struct hy_mono now = hy_mono_now();
	int64_t took_ms = hy_mono_diff_ms(now, w->began);

	if (!w->running || took_ms <= w->limit_ms ||
	    (w->said.ns && hy_mono_diff_ms(now, w->said) < SAY_EVERY_MS))
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
	w->prepare.data = w->check.data = w;
	w->open_handles = 2;
	hy_assert(uv_prepare_init(uv, &w->prepare) == 0 && uv_check_init(uv, &w->check) == 0);
	hy_assert(uv_prepare_start(&w->prepare, turn_ends) == 0);
	hy_assert(uv_check_start(&w->check, turn_begins) == 0);
	/* Watching alone keeps no loop alive. */
	uv_unref((uv_handle_t *)&w->prepare);
	uv_unref((uv_handle_t *)&w->check);
	return w;
}

static void one_closed(uv_handle_t *handle)
{
	struct hy_turn_watch *w = handle->data;

	if (--w->open_handles == 0)
		free(w);
}

void hy_turn_watch_free(struct hy_turn_watch *w)
{
	if (!w)
		return;
	uv_close((uv_handle_t *)&w->prepare, one_closed);
	uv_close((uv_handle_t *)&w->check, one_closed);
}
