#include "alerter/transport.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define CONNECT_TIMEOUT_MS 5000L

/* One transfer. */
struct attempt {
	struct hy_transport *owner;
	struct attempt *next, *previous;
	struct hy_id message;
	bool is_mail;
	CURL *easy;
	struct curl_slist *headers, *recipients;
	char *body;
	size_t body_bytes, body_read;
	bool is_whole;			/* mail: libcurl has taken the last of it */
	struct hy_buf answer;
	char reason[CURL_ERROR_SIZE];
};

/* One socket of libcurl's, watched; freed by its close callback. */
struct watch {
	uv_poll_t poll;
	struct hy_transport *owner;
	curl_socket_t socket;
};

struct hy_transport {
	struct hy_loop *loop;
	hy_transport_fn *fn;
	void *ctx;
	CURLM *multi;
	struct hy_timer *timer;		/* libcurl's own time-outs */
	struct attempt *attempts;
	size_t count;
};

static size_t keep_answer(char *data, size_t size, size_t count, void *ctx)
{
	struct attempt *a = ctx;
	size_t n = size * count, room = HY_ANSWER_BYTES - a->answer.n;

	hy_buf_add(&a->answer, data, n < room ? n : room);
	return n;
}

static size_t give_body(char *out, size_t size, size_t count, void *ctx)
{
	struct attempt *a = ctx;
	size_t n = a->body_bytes - a->body_read;

	if (n > size * count)
		n = size * count;
	memcpy(out, a->body + a->body_read, n);
	a->body_read += n;
	a->is_whole = a->body_read == a->body_bytes;
	return n;
}

static void attempt_free(struct attempt *a)
{
	if (a->easy) {
		(void)curl_multi_remove_handle(a->owner->multi, a->easy);
		curl_easy_cleanup(a->easy);
	}
	curl_slist_free_all(a->headers);
	curl_slist_free_all(a->recipients);
	free(a->body);
	hy_buf_fini(&a->answer);
	free(a);
}

static void unlink_attempt(struct attempt *a)
{
	if (a->previous)
		a->previous->next = a->next;
	else
		a->owner->attempts = a->next;
	if (a->next)
		a->next->previous = a->previous;
	a->owner->count--;
}

/* Without a finished connection nothing can have arrived; after it the whole may have. */
static enum hy_arrival arrival_of_post(const struct attempt *a, CURLcode code)
{
	curl_off_t body_bytes = 0;
	long head_bytes = 0;

	if (code == CURLE_OK)
		return HY_ARRIVAL_ANSWERED;
	(void)curl_easy_getinfo(a->easy, CURLINFO_SIZE_UPLOAD_T, &body_bytes);
	(void)curl_easy_getinfo(a->easy, CURLINFO_REQUEST_SIZE, &head_bytes);
	return body_bytes == 0 && head_bytes == 0 ? HY_ARRIVAL_UNSENT : HY_ARRIVAL_UNKNOWN;
}

/*
 * A mail is the server's from its reply to the final dot on (RFC 5321, 4.1.1.4): what broke off
 * before the last of it was handed over is no mail, a reply of 4xx or 5xx to it is a no.
 */
static enum hy_arrival arrival_of_mail(const struct attempt *a, CURLcode code, long status)
{
	if (code == CURLE_OK || status >= 400)
		return HY_ARRIVAL_ANSWERED;
	return a->is_whole ? HY_ARRIVAL_UNKNOWN : HY_ARRIVAL_UNSENT;
}

static void tell(const struct attempt *a, CURLcode code)
{
	struct hy_answer answer = {.body = hy_buf_str(&a->answer)};
	curl_off_t after_s = 0;

	(void)curl_easy_getinfo(a->easy, CURLINFO_RESPONSE_CODE, &answer.status);
	answer.arrival = a->is_mail ? arrival_of_mail(a, code, answer.status)
				    : arrival_of_post(a, code);
	if (!a->is_mail && !curl_easy_getinfo(a->easy, CURLINFO_RETRY_AFTER, &after_s) &&
	    after_s > 0)
		answer.retry_after_ms = (int64_t)after_s * 1000;
	if (code != CURLE_OK)
		answer.reason = a->reason[0] ? a->reason : curl_easy_strerror(code);
	a->owner->fn(a->owner->ctx, &a->message, &answer);
}

static void finish(struct hy_transport *t)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(t->multi, &left))) {
		CURLcode code = message->data.result;
		struct attempt *a = NULL;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&a);
		unlink_attempt(a);
		tell(a, code);
		attempt_free(a);
	}
}

static void on_timer(void *ctx)
{
	struct hy_transport *t = ctx;
	int running;

	(void)curl_multi_socket_action(t->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	finish(t);
}

static int set_timer(CURLM *multi, long timeout_ms, void *ctx)
{
	struct hy_transport *t = ctx;

	(void)multi;
	if (timeout_ms < 0)
		hy_timer_stop(t->timer);
	else
		hy_timer_start(t->timer, timeout_ms, 0);
	return 0;
}

static void on_socket(uv_poll_t *poll, int status, int events)
{
	struct watch *watch = hy_container_of(poll, struct watch, poll);
	struct hy_transport *t = watch->owner;
	int flags = 0, running;

	if (status < 0)
		flags = CURL_CSELECT_ERR;
	if (events & UV_READABLE)
		flags |= CURL_CSELECT_IN;
	if (events & UV_WRITABLE)
		flags |= CURL_CSELECT_OUT;
	(void)curl_multi_socket_action(t->multi, watch->socket, flags, &running);
	finish(t);
}

static void on_closed(uv_handle_t *handle)
{
	free(hy_container_of((uv_poll_t *)handle, struct watch, poll));
}

static void unwatch(struct hy_transport *t, curl_socket_t s, struct watch *watch)
{
	if (!watch)
		return;
	(void)uv_poll_stop(&watch->poll);
	(void)curl_multi_assign(t->multi, s, NULL);
	uv_close((uv_handle_t *)&watch->poll, on_closed);
}

static int set_socket(CURL *easy, curl_socket_t s, int what, void *ctx, void *socket_ctx)
{
	struct hy_transport *t = ctx;
	struct watch *watch = socket_ctx;
	int events = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		unwatch(t, s, watch);
		return 0;
	}
	if (!watch) {
		watch = hy_xcalloc(1, sizeof *watch);
		watch->owner = t;
		watch->socket = s;
		if (uv_poll_init_socket(hy_loop_uv(t->loop), &watch->poll, s)) {
			free(watch);
			return -1;
		}
		(void)curl_multi_assign(t->multi, s, watch);
	}
	if (what != CURL_POLL_OUT)
		events |= UV_READABLE;
	if (what != CURL_POLL_IN)
		events |= UV_WRITABLE;
	return uv_poll_start(&watch->poll, events, on_socket);
}

struct hy_transport *hy_transport_new(struct hy_loop *loop, hy_transport_fn *fn, void *ctx)
{
	struct hy_transport *t = hy_xcalloc(1, sizeof *t);

	t->loop = loop;
	t->fn = fn;
	t->ctx = ctx;
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	t->multi = curl_multi_init();
	hy_assert(t->multi != NULL);
	t->timer = hy_timer_new(loop, on_timer, t);
	(void)curl_multi_setopt(t->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
	(void)curl_multi_setopt(t->multi, CURLMOPT_SOCKETDATA, t);
	(void)curl_multi_setopt(t->multi, CURLMOPT_TIMERFUNCTION, set_timer);
	(void)curl_multi_setopt(t->multi, CURLMOPT_TIMERDATA, t);
	return t;
}

void hy_transport_free(struct hy_transport *transport)
{
	if (!transport)
		return;
	while (transport->attempts) {
		struct attempt *a = transport->attempts;

		unlink_attempt(a);
		attempt_free(a);
	}
	(void)curl_multi_cleanup(transport->multi);
	hy_timer_free(transport->timer);
	free(transport);
}

size_t hy_transport_running(const struct hy_transport *transport)
{
	return transport->count;
}

static bool add_line(struct curl_slist **list, struct hy_str line)
{
	hy_cleanup(hy_free_p) char *text = hy_str_dup(line);
	struct curl_slist *longer = curl_slist_append(*list, text);

	if (longer)
		*list = longer;
	return longer != NULL;
}

/* False where libcurl refuses an option, such as the address. */
static bool set_common(struct attempt *a, const struct hy_outgoing *from)
{
	hy_cleanup(hy_free_p) char *url = hy_str_dup(hy_buf_str(&from->url));
	CURL *c = a->easy;

	return !curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR,
				 from->is_mail ? "smtp,smtps" : "http,https") &&
	       !curl_easy_setopt(c, CURLOPT_URL, url) &&
	       !curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L) &&
	       !curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L) &&
	       !curl_easy_setopt(c, CURLOPT_FRESH_CONNECT, 1L) &&
	       !curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L) &&
	       !curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS) &&
	       !curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long)from->timeout_ms) &&
	       !curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep_answer) &&
	       !curl_easy_setopt(c, CURLOPT_WRITEDATA, a) &&
	       !curl_easy_setopt(c, CURLOPT_ERRORBUFFER, a->reason) &&
	       !curl_easy_setopt(c, CURLOPT_PRIVATE, a);
}

static bool set_post(struct attempt *a, const struct hy_outgoing *from)
{
	struct hy_str rest = hy_buf_str(&from->headers), line = {0};
	CURL *c = a->easy;

	while (hy_str_next(&rest, '\n', &line)) {
		if (line.n && !add_line(&a->headers, line))
			return false;
	}
	return add_line(&a->headers, HY_STR_LIT("Expect:")) &&
	       !curl_easy_setopt(c, CURLOPT_USERAGENT, "huiying") &&
	       !curl_easy_setopt(c, CURLOPT_HTTPHEADER, a->headers) &&
	       !curl_easy_setopt(c, CURLOPT_POSTFIELDS, a->body) &&
	       !curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)a->body_bytes);
}

static bool set_secret(struct attempt *a, const struct hy_outgoing *from)
{
	hy_cleanup(hy_free_p) char *user = hy_str_dup(from->user);
	hy_cleanup(hy_free_p) char *password = hy_str_dup(hy_buf_str(&from->password));

	return from->user.n == 0 || (!curl_easy_setopt(a->easy, CURLOPT_USERNAME, user) &&
				     !curl_easy_setopt(a->easy, CURLOPT_PASSWORD, password));
}

static bool set_mail(struct attempt *a, const struct hy_outgoing *from)
{
	hy_cleanup(hy_free_p) char *sender = hy_str_dup(from->from);
	hy_cleanup(hy_free_p) char *ca_file = hy_str_dup(hy_buf_str(&from->ca_path));
	long tls = from->tls == HY_MAIL_TLS_STARTTLS ? CURLUSESSL_ALL : CURLUSESSL_NONE;
	CURL *c = a->easy;

	for (size_t i = 0; i < from->to_count; i++) {
		if (!add_line(&a->recipients, from->to[i]))
			return false;
	}
	if (ca_file[0] && curl_easy_setopt(c, CURLOPT_CAINFO, ca_file))
		return false;
	return set_secret(a, from) && !curl_easy_setopt(c, CURLOPT_USE_SSL, tls) &&
	       !curl_easy_setopt(c, CURLOPT_MAIL_FROM, sender) &&
	       !curl_easy_setopt(c, CURLOPT_MAIL_RCPT, a->recipients) &&
	       !curl_easy_setopt(c, CURLOPT_UPLOAD, 1L) &&
	       !curl_easy_setopt(c, CURLOPT_READFUNCTION, give_body) &&
	       !curl_easy_setopt(c, CURLOPT_READDATA, a);
}

enum hy_err hy_transport_send(struct hy_transport *transport, const struct hy_id *message,
			      const struct hy_outgoing *outgoing, struct hy_error *e)
{
	struct attempt *a = hy_xcalloc(1, sizeof *a);

	a->owner = transport;
	a->message = *message;
	a->is_mail = outgoing->is_mail;
	a->body = hy_str_dup(hy_buf_str(&outgoing->body));
	a->body_bytes = outgoing->body.n;
	hy_buf_init(&a->answer, HY_ANSWER_BYTES);
	a->easy = curl_easy_init();
	hy_assert(a->easy != NULL);
	if (!set_common(a, outgoing) ||
	    !(a->is_mail ? set_mail(a, outgoing) : set_post(a, outgoing)) ||
	    curl_multi_add_handle(transport->multi, a->easy)) {
		curl_easy_cleanup(a->easy);
		a->easy = NULL;
		attempt_free(a);
		return hy_fail(e, HY_ERR_MALFORMED, "libcurl refuses the request");
	}
	a->next = transport->attempts;
	if (a->next)
		a->next->previous = a;
	transport->attempts = a;
	transport->count++;
	return HY_OK;
}
