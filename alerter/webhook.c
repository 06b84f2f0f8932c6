#include "alerter/webhook.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/mem.h"

#define CONNECT_TIMEOUT_MS 5000L
#define HEADER_BYTES 256

/* One transfer. */
struct post {
	struct hy_webhook *owner;
	struct post *next, *previous;
	struct hy_id notice;
	CURL *easy;
	struct curl_slist *headers;
	char *body;
	char reason[CURL_ERROR_SIZE];
};

/* One socket of libcurl's, watched; freed by its close callback. */
struct watch {
	uv_poll_t poll;
	struct hy_webhook *owner;
	curl_socket_t socket;
};

struct hy_webhook {
	struct hy_loop *loop;
	hy_webhook_fn *fn;
	void *ctx;
	CURLM *multi;
	struct hy_timer *timer;		/* libcurl's own time-outs */
	struct post *posts;
	size_t count;
};

static size_t drop_body(char *data, size_t size, size_t count, void *ctx)
{
	(void)data;
	(void)ctx;
	return size * count;
}

static void post_free(struct post *post)
{
	if (post->easy) {
		(void)curl_multi_remove_handle(post->owner->multi, post->easy);
		curl_easy_cleanup(post->easy);
	}
	curl_slist_free_all(post->headers);
	free(post->body);
	free(post);
}

static void unlink_post(struct post *post)
{
	if (post->previous)
		post->previous->next = post->next;
	else
		post->owner->posts = post->next;
	if (post->next)
		post->next->previous = post->previous;
	post->owner->count--;
}

static enum hy_webhook_outcome judge_status(long status)
{
	if (status >= 200 && status < 300)
		return HY_WEBHOOK_ACCEPTED;
	if (status == 429 || status == 503)
		return HY_WEBHOOK_UNSENT;
	return HY_WEBHOOK_REFUSED;
}

/*
 * Without a finished connection nothing can have arrived. After it, whatever went wrong, the
 * receiver may have read the whole of it.
 */
static enum hy_webhook_outcome judge(struct post *post, CURLcode code, char out[HEADER_BYTES])
{
	long status = 0;
	curl_off_t request_bytes = 0;

	if (code == CURLE_OK) {
		(void)curl_easy_getinfo(post->easy, CURLINFO_RESPONSE_CODE, &status);
		(void)snprintf(out, HEADER_BYTES, "status %ld", status);
		return judge_status(status);
	}
	(void)snprintf(out, HEADER_BYTES, "%.200s",
		       post->reason[0] ? post->reason : curl_easy_strerror(code));
	(void)curl_easy_getinfo(post->easy, CURLINFO_SIZE_UPLOAD_T, &request_bytes);
	(void)curl_easy_getinfo(post->easy, CURLINFO_REQUEST_SIZE, &status);
	return request_bytes == 0 && status == 0 ? HY_WEBHOOK_UNSENT : HY_WEBHOOK_UNCERTAIN;
}

static void finish(struct hy_webhook *w)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(w->multi, &left))) {
		char detail[HEADER_BYTES];
		enum hy_webhook_outcome outcome;
		struct post *post = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&post);
		outcome = judge(post, message->data.result, detail);
		unlink_post(post);
		w->fn(w->ctx, &post->notice, outcome, detail);
		post_free(post);
	}
}

static void on_timer(void *ctx)
{
	struct hy_webhook *w = ctx;
	int running;

	(void)curl_multi_socket_action(w->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	finish(w);
}

static int set_timer(CURLM *multi, long timeout_ms, void *ctx)
{
	struct hy_webhook *w = ctx;

	(void)multi;
	if (timeout_ms < 0)
		hy_timer_stop(w->timer);
	else
		hy_timer_start(w->timer, timeout_ms, 0);
	return 0;
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = hy_container_of(poll, struct watch, poll);
	struct hy_webhook *w = watch->owner;
	int flags = 0, running;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	(void)curl_multi_socket_action(w->multi, watch->socket, flags, &running);
	finish(w);
}

static void on_closed(uv_handle_t *handle)
{
	free(hy_container_of((uv_poll_t *)handle, struct watch, poll));
}

static void unwatch(struct hy_webhook *w, curl_socket_t s, struct watch *watch)
{
	if (!watch)
		return;
	(void)uv_poll_stop(&watch->poll);
	(void)curl_multi_assign(w->multi, s, NULL);
	uv_close((uv_handle_t *)&watch->poll, on_closed);
}

static int set_socket(CURL *easy, curl_socket_t s, int what, void *ctx, void *socket_ctx)
{
	struct hy_webhook *w = ctx;
	struct watch *watch = socket_ctx;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		unwatch(w, s, watch);
		return 0;
	}
	if (!watch) {
		watch = hy_xcalloc(1, sizeof *watch);
		watch->owner = w;
		watch->socket = s;
		if (uv_poll_init_socket(hy_loop_uv(w->loop), &watch->poll, s)) {
			free(watch);
			return -1;
		}
		(void)curl_multi_assign(w->multi, s, watch);
	}
	if (what != CURL_POLL_OUT)
		events |= UV_READABLE;
	if (what != CURL_POLL_IN)
		events |= UV_WRITABLE;
	return uv_poll_start(&watch->poll, events, on_socket);
}

struct hy_webhook *hy_webhook_new(struct hy_loop *loop, hy_webhook_fn *fn, void *ctx)
{
	struct hy_webhook *w = hy_xcalloc(1, sizeof *w);

	w->loop = loop;
	w->fn = fn;
	w->ctx = ctx;
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	w->multi = curl_multi_init();
	hy_assert(w->multi != NULL);
	w->timer = hy_timer_new(loop, on_timer, w);
	(void)curl_multi_setopt(w->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	(void)curl_multi_setopt(w->multi, CURLMOPT_SOCKETDATA, w);
	(void)curl_multi_setopt(w->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	(void)curl_multi_setopt(w->multi, CURLMOPT_TIMERDATA, w);
	return w;
}

void hy_webhook_free(struct hy_webhook *webhook)
{
	if (!webhook)
		return;
	while (webhook->posts) {
		struct post *post = webhook->posts;

		unlink_post(post);
		post_free(post);
	}
	(void)curl_multi_cleanup(webhook->multi);
	hy_timer_free(webhook->timer);
	free(webhook);
}

size_t hy_webhook_running(const struct hy_webhook *webhook)
{
	return webhook->count;
}

static void add_header(struct post *post, const char *name, const char *value)
{
	char line[HEADER_BYTES];
	int n = snprintf(line, sizeof line, "%s: %s", name, value);
	struct curl_slist *longer;

	hy_assert(n > 0 && (size_t)n < sizeof line);
	longer = curl_slist_append(post->headers, line);
	hy_assert(longer != NULL);
	post->headers = longer;
}

static void set_headers(struct post *post, const struct hy_webhook_post *from)
{
	char now[HY_RFC3339_BYTES];

	add_header(post, "Content-Type", "application/json; charset=utf-8");
	add_header(post, "Expect", "");
	add_header(post, "X-Huiying-Event-Type", from->event_type);
	add_header(post, "X-Huiying-Delivery", from->notice.hex);
	add_header(post, "X-Huiying-Timestamp", hy_wall_format(hy_wall_now(), now));
	if (from->signature)
		add_header(post, "X-Huiying-Signature", from->signature);
}

/* False where libcurl refuses an option, such as the address. */
static bool set_options(struct post *post, const char *url, const struct hy_webhook_post *from)
{
	CURL *c = post->easy;

	return !curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https") &&
	       !curl_easy_setopt(c, CURLOPT_URL, url) &&
	       !curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) &&
	       !curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) &&
	       !curl_easy_setopt(c, CURLOPT_USERAGENT, "huiying") &&
	       !curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS) &&
	       !curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)from->timeout_ms) &&
	       !curl_easy_setopt(c, CURLOPT_HTTPHEADER, post->headers) &&
	       !curl_easy_setopt(c, CURLOPT_POSTFIELDS, post->body) &&
	       !curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)from->body.n) &&
	       !curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, drop_body) &&
	       !curl_easy_setopt(c, CURLOPT_ERRORBUFFER, post->reason) &&
	       !curl_easy_setopt(c, CURLOPT_PRIVATE, post);
}

enum hy_err hy_webhook_post(struct hy_webhook *webhook, const struct hy_webhook_post *post,
			    struct hy_error *e)
{
	struct post *p = hy_xcalloc(1, sizeof *p);
	hy_cleanup(hy_free_p) char *url = hy_str_dup(post->url);

	p->owner = webhook;
	p->notice = post->notice;
	p->body = hy_str_dup(post->body);
	p->easy = curl_easy_init();
	hy_assert(p->easy != NULL);
	set_headers(p, post);
	if (!set_options(p, url, post) || curl_multi_add_handle(webhook->multi, p->easy)) {
		curl_easy_cleanup(p->easy);
		p->easy = NULL;
		post_free(p);
		return hy_fail(e, HY_ERR_MALFORMED, "webhook: libcurl refuses the request");
	}
	p->next = webhook->posts;
	if (p->next)
		p->next->previous = p;
	webhook->posts = p;
	webhook->count++;
	return HY_OK;
}
