#include "crawler/curl_loop.h"

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/time.h"

/*
 * What a turn reports is committed at its end: the first result must not wait for many, but at
 * full load each commit should hold a good many, which share its flush and the pages it writes.
 */
#define REPORT_MS 24

struct hy_curl_loop {
	struct hy_loop *loop;
	struct hy_timer *timer;
	struct hy_deferred *turn_end;
	struct hy_mono report_until;	/* of this turn, where it has reported */
	bool has_reported, has_more;
	CURLM *multi;
	hy_curl_done_fn *fn;
	void *ctx;
};

/* One a socket; frees itself when libuv has closed it. */
struct socket_watch {
	uv_poll_t poll;
	curl_socket_t socket;
	struct hy_curl_loop *owner;
};

static bool may_report(struct hy_curl_loop *c)
{
	struct hy_mono now = hy_mono_now();

	if (!c->has_reported)
		c->report_until = hy_mono_add_ms(now, REPORT_MS);
	c->has_more = now.ns >= c->report_until.ns;
	return !c->has_more;
}

static void report_done(struct hy_curl_loop *c)
{
	CURLMsg *message;
	int left;

	while (may_report(c) && (message = curl_multi_info_read(c->multi, &left))) {
		if (message->msg == CURLMSG_DONE)
			c->fn(c->ctx, message->easy_handle, message->data.result);
		c->has_reported = true;
		/* Behind the commit that the result may have scheduled. */
		hy_deferred_schedule(c->turn_end);
	}
}

static void on_turn_end(void *ctx)
{
	struct hy_curl_loop *c = ctx;

	c->has_reported = false;
	if (c->has_more)
		report_done(c);
}

static void act(struct hy_curl_loop *c, curl_socket_t socket, int events)
{
	int running;

	(void)curl_multi_socket_action(c->multi, socket, events, &running);
	report_done(c);
}

static void on_socket_event(uv_poll_t *poll, int status, int events)
{
	struct socket_watch *w = poll->data;
	int flags = 0;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	act(w->owner, w->socket, flags);
}

static void on_watch_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static struct socket_watch *watch_new(struct hy_curl_loop *c, curl_socket_t socket)
{
	struct socket_watch *w = hy_xcalloc(1, sizeof *w);

	w->owner = c;
	w->socket = socket;
	w->poll.data = w;
	if (uv_poll_init_socket(hy_loop_uv(c->loop), &w->poll, socket) != 0) {
		free(w);
		return NULL;
	}
	return w;
}

static int on_socket_wanted(CURL *easy, curl_socket_t socket, int what, void *ctx, void *socket_ctx)
{
	struct hy_curl_loop *c = ctx;
	struct socket_watch *w = socket_ctx;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (w) {
			(void)uv_poll_stop(&w->poll);
			uv_close((uv_handle_t *)&w->poll, on_watch_closed);
			(void)curl_multi_assign(c->multi, socket, NULL);
		}
		return 0;
	}
	if (!w) {
		w = watch_new(c, socket);
		if (!w)
			return -1;
		(void)curl_multi_assign(c->multi, socket, w);
	}
	if (what != CURL_POLL_OUT)
		events |= UV_READABLE;
	if (what != CURL_POLL_IN)
		events |= UV_WRITABLE;
	return uv_poll_start(&w->poll, events, on_socket_event) == 0 ? 0 : -1;
}

static void on_timeout(void *ctx)
{
	act(ctx, CURL_SOCKET_TIMEOUT, 0);
}

static int on_timer_wanted(CURLM *multi, long timeout_ms, void *ctx)
{
	struct hy_curl_loop *c = ctx;

	(void)multi;
	if (timeout_ms < 0)
		hy_timer_stop(c->timer);
	else
		hy_timer_start(c->timer, timeout_ms, 0);
	return 0;
}

struct hy_curl_loop *hy_curl_loop_new(struct hy_loop *loop, hy_curl_done_fn *fn, void *ctx)
{
	struct hy_curl_loop *c = hy_xcalloc(1, sizeof *c);

	c->loop = loop;
	c->fn = fn;
	c->ctx = ctx;
	c->timer = hy_timer_new(loop, on_timeout, c);
	c->turn_end = hy_deferred_new(loop, on_turn_end, c);
	c->multi = curl_multi_init();
	hy_assert(c->multi);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, on_socket_wanted);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, on_timer_wanted);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	return c;
}

void hy_curl_loop_free(struct hy_curl_loop *c)
{
	if (!c)
		return;
	curl_multi_cleanup(c->multi);
	hy_timer_free(c->timer);
	hy_deferred_free(c->turn_end);
	free(c);
}

CURLM *hy_curl_loop_multi(struct hy_curl_loop *c)
{
	return c->multi;
}

void hy_curl_loop_add(struct hy_curl_loop *c, CURL *easy)
{
	CURLMcode code = curl_multi_add_handle(c->multi, easy);

	hy_assert(code == CURLM_OK);
}

void hy_curl_loop_remove(struct hy_curl_loop *c, CURL *easy)
{
	(void)curl_multi_remove_handle(c->multi, easy);
}
