#include "crawler/fetch.h"

#include <curl/curl.h>
#include <stdio.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/address.h"
#include "crawler/curl_loop.h"

#define HEADER_VALUE_BYTES 2048
#define STALL_BYTES_PER_SECOND 100L
/* HTML packs to a tenth, tables of nothing to a fiftieth; beyond that it was made to hurt. */
#define UNPACK_RATIO 100
#define UNPACK_FREE_BYTES ((int64_t)1 << 20)
#define UNPACK_END_BYTES ((int64_t)16 << 10)	/* too few for the ratio to mean anything */
/* A page in one or two reads. */
#define RECEIVE_BYTES (INT64_C(64) << 10)
/* Handles and buffers that wait for the next request; a larger body is not kept. */
#define SPARE_MAX 16
#define SPARE_BODY_BYTES ((size_t)256 << 10)

enum header { CONTENT_TYPE, LOCATION, ETAG, LAST_MODIFIED, RETRY_AFTER, HEADER_COUNT };

static const char *const header_names[HEADER_COUNT] = {
	"content-type", "location", "etag", "last-modified", "retry-after",
};

struct hy_fetcher {
	struct hy_curl_loop *curl;
	struct hy_fetch_limits limits;
	char *user_agent;
	struct hy_fetch *running;	/* doubly linked */
	size_t running_count;
	struct hy_fetch *spare;		/* singly linked, each set up but for the request */
	size_t spare_count;
	uint64_t requests;
};

struct hy_fetch {
	struct hy_fetch *next, *previous;
	struct hy_fetcher *owner;
	CURL *easy;
	struct curl_slist *headers;
	hy_fetch_fn *fn;
	void *ctx;
	enum hy_fetch_accept accept;
	bool allow_private;
	bool refused_address, refused_type, too_large;
	size_t enough_bytes;	/* 0: the whole body is wanted */
	bool has_enough;
	struct hy_buf head, body;
	struct hy_buf values[HEADER_COUNT];
	int64_t header_bytes;
	char detail[CURL_ERROR_SIZE];
};

/* ---- content types ---- */

static bool has_xml_suffix(struct hy_str type)
{
	return type.n > 4 && hy_str_eq_nocase(hy_str_sub(type, type.n - 4, 4), HY_STR_LIT("+xml"));
}

bool hy_fetch_type_suits(enum hy_fetch_accept accept, struct hy_str content_type)
{
	static const struct {
		const char *type;
		enum hy_fetch_accept widest;	/* suits this and what is before it */
	} types[] = {
		{"text/html", HY_FETCH_PAGE}, {"application/xhtml+xml", HY_FETCH_PAGE},
		{"text/xml", HY_FETCH_PAGE}, {"application/xml", HY_FETCH_PAGE},
		{"application/json", HY_FETCH_FEED}, {"application/feed+json", HY_FETCH_FEED},
		{"text/plain", HY_FETCH_FEED}, {"text/json", HY_FETCH_FEED},
	};
	struct hy_str rest = content_type, type = {0};

	if (accept == HY_FETCH_ANY || !hy_str_trim(content_type).n)
		return true;
	(void)hy_str_next(&rest, ';', &type);
	type = hy_str_trim(type);
	for (size_t i = 0; i < HY_COUNT(types); i++)
		if (hy_str_eq_nocase(type, hy_str_of(types[i].type)))
			return accept <= types[i].widest;
	return has_xml_suffix(type);
}

/* ---- what curl calls ---- */

/* While it comes, what has come may count a block less than what was unpacked. */
static bool is_bomb(const struct hy_fetch *f, int64_t uncounted_bytes)
{
	curl_off_t received = 0;

	if ((int64_t)f->body.n <= UNPACK_FREE_BYTES)
		return false;
	(void)curl_easy_getinfo(f->easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
	return (int64_t)f->body.n / UNPACK_RATIO > (int64_t)received + uncounted_bytes;
}

static size_t on_body(char *p, size_t size, size_t n, void *ctx)
{
	struct hy_fetch *f = ctx;

	n *= size;
	if (!f->body.n && !f->refused_type) {
		long status = 0;

		(void)curl_easy_getinfo(f->easy, CURLINFO_RESPONSE_CODE, &status);
		f->refused_type = status == 200 &&
			!hy_fetch_type_suits(f->accept, hy_buf_str(&f->values[CONTENT_TYPE]));
	}
	if (f->refused_type)
		return 0;
	if (f->enough_bytes && n >= f->enough_bytes - f->body.n) {
		hy_buf_add(&f->body, p, f->enough_bytes - f->body.n);
		f->has_enough = true;
		return 0;
	}
	hy_buf_add(&f->body, p, n);
	if (hy_buf_err(&f->body) != HY_OK || is_bomb(f, RECEIVE_BYTES)) {
		f->too_large = true;
		return 0;
	}
	return n;
}

static void keep_header(struct hy_fetch *f, struct hy_str line)
{
	struct hy_str name, value;
	size_t colon = hy_str_find(line, HY_STR_LIT(":"), 0);

	if (colon == SIZE_MAX)
		return;
	name = hy_str_trim(hy_str_sub(line, 0, colon));
	value = hy_str_trim(hy_str_sub(line, colon + 1, line.n));
	for (int i = 0; i < HEADER_COUNT; i++) {
		if (!hy_str_eq_nocase(name, hy_str_of(header_names[i])))
			continue;
		hy_buf_clear(&f->values[i]);
		hy_buf_add_str(&f->values[i], value);
		/* An over-long value is as good as none; cutting it would change its meaning. */
		if (hy_buf_err(&f->values[i]) != HY_OK)
			hy_buf_clear(&f->values[i]);
	}
}

static void clear_head(struct hy_fetch *f)
{
	hy_buf_clear(&f->head);
	for (int i = 0; i < HEADER_COUNT; i++)
		hy_buf_clear(&f->values[i]);
}

static size_t on_header(char *p, size_t size, size_t n, void *ctx)
{
	struct hy_fetch *f = ctx;

	n *= size;
	f->header_bytes += (int64_t)n;
	if (f->header_bytes > f->owner->limits.header_bytes) {
		f->too_large = true;
		return 0;
	}
	/* What an interim answer (RFC 9110, 15.2) said is not what the answer says. */
	if (hy_str_starts((struct hy_str){p, n}, HY_STR_LIT("HTTP/")))
		clear_head(f);
	hy_buf_add(&f->head, p, n);
	keep_header(f, (struct hy_str){p, n});
	return n;
}

static curl_socket_t on_open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct hy_fetch *f = ctx;

	(void)purpose;
	if (!hy_address_may_connect(hy_address_classify(&address->addr,
							(socklen_t)address->addrlen),
				    f->allow_private)) {
		f->refused_address = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* A kept connection passes no on_open_socket: it may have been opened for another source. */
static int on_connected(void *ctx, char *peer, char *own, int peer_port, int own_port)
{
	struct hy_fetch *f = ctx;

	(void)own;
	(void)peer_port;
	(void)own_port;
	if (hy_address_may_connect(hy_address_classify_text(hy_str_of(peer)), f->allow_private))
		return CURL_PREREQFUNC_OK;
	f->refused_address = true;
	return CURL_PREREQFUNC_ABORT;
}

/* ---- lifetime ---- */

static void fetch_free(struct hy_fetch *f)
{
	curl_easy_cleanup(f->easy);
	hy_buf_fini(&f->head);
	hy_buf_fini(&f->body);
	for (int i = 0; i < HEADER_COUNT; i++)
		hy_buf_fini(&f->values[i]);
	free(f);
}

static void keep_spare(struct hy_fetch *f)
{
	struct hy_fetcher *owner = f->owner;

	if (owner->spare_count == SPARE_MAX || f->body.cap > SPARE_BODY_BYTES) {
		fetch_free(f);
		return;
	}
	f->refused_address = f->refused_type = f->too_large = f->has_enough = false;
	f->header_bytes = 0;
	f->detail[0] = '\0';
	clear_head(f);
	hy_buf_clear(&f->body);
	f->next = owner->spare;
	owner->spare = f;
	owner->spare_count++;
}

static void fetch_end(struct hy_fetch *f)
{
	struct hy_fetcher *owner = f->owner;

	hy_curl_loop_remove(owner->curl, f->easy);
	(void)curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, NULL);
	curl_slist_free_all(f->headers);
	f->headers = NULL;
	if (f->next)
		f->next->previous = f->previous;
	if (f->previous)
		f->previous->next = f->next;
	else
		owner->running = f->next;
	owner->running_count--;
	keep_spare(f);
}

static enum hy_fetch_end end_of(const struct hy_fetch *f, CURLcode code)
{
	if (f->refused_address)
		return HY_FETCH_ADDRESS;
	if (f->has_enough)
		return HY_FETCH_ANSWERED;
	if (f->refused_type)
		return HY_FETCH_WRONG_TYPE;
	if (f->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return HY_FETCH_TOO_LARGE;
	switch ((int)code) {
	case CURLE_OK:
		return HY_FETCH_ANSWERED;
	case CURLE_OPERATION_TIMEDOUT:
		return HY_FETCH_TIMED_OUT;
	case CURLE_BAD_CONTENT_ENCODING:
	case CURLE_PARTIAL_FILE:
	case CURLE_WEIRD_SERVER_REPLY:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_WRITE_ERROR:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
		return HY_FETCH_GARBLED;
	default:
		return HY_FETCH_NETWORK;
	}
}

static void on_done(void *ctx, CURL *easy, CURLcode code)
{
	struct hy_fetch *f = NULL;
	struct hy_fetch_result r = {0};
	curl_off_t received = 0;
	long status = 0;

	(void)ctx;
	(void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)(void *)&f);
	(void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(easy, CURLINFO_SIZE_DOWNLOAD_T, &received);
	f->too_large |= is_bomb(f, UNPACK_END_BYTES);
	r.end = end_of(f, code);
	r.status = status;
	r.wire_bytes = (int64_t)received + f->header_bytes;
	if (r.end == HY_FETCH_ANSWERED) {
		r.head = hy_buf_str(&f->head);
		r.body = hy_buf_str(&f->body);
		r.detail = "";
	} else {
		r.detail = f->detail[0] ? f->detail : curl_easy_strerror(code);
	}
	r.content_type = hy_buf_str(&f->values[CONTENT_TYPE]);
	r.location = hy_buf_str(&f->values[LOCATION]);
	r.etag = hy_buf_str(&f->values[ETAG]);
	r.last_modified = hy_buf_str(&f->values[LAST_MODIFIED]);
	r.retry_after = hy_buf_str(&f->values[RETRY_AFTER]);
	f->fn(f->ctx, &r);
	fetch_end(f);
}

enum hy_err hy_fetcher_new(struct hy_loop *loop, const struct hy_fetch_limits *limits,
			   const char *user_agent, struct hy_fetcher **out, struct hy_error *e)
{
	struct hy_fetcher *fetcher;

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return hy_fail(e, HY_ERR_UNAVAILABLE, "libcurl cannot be initialised");
	fetcher = hy_xcalloc(1, sizeof *fetcher);
	fetcher->limits = *limits;
	fetcher->user_agent = hy_xstrdup(user_agent);
	fetcher->curl = hy_curl_loop_new(loop, on_done, fetcher);
	curl_multi_setopt(hy_curl_loop_multi(fetcher->curl), CURLMOPT_MAX_TOTAL_CONNECTIONS,
			  (long)limits->connections);
	curl_multi_setopt(hy_curl_loop_multi(fetcher->curl), CURLMOPT_MAX_HOST_CONNECTIONS, 1L);
	*out = fetcher;
	return HY_OK;
}

void hy_fetcher_free(struct hy_fetcher *fetcher)
{
	if (!fetcher)
		return;
	while (fetcher->running)
		fetch_end(fetcher->running);
	while (fetcher->spare) {
		struct hy_fetch *f = fetcher->spare;

		fetcher->spare = f->next;
		fetch_free(f);
	}
	hy_curl_loop_free(fetcher->curl);
	free(fetcher->user_agent);
	free(fetcher);
	curl_global_cleanup();
}

/* ---- a request ---- */

static void add_header(struct hy_fetch *f, const char *name, const char *value)
{
	hy_cleanup(hy_buf_fini) struct hy_buf line = HY_BUF(HEADER_VALUE_BYTES + 64);

	if (!value || !*value)
		return;
	hy_buf_addf(&line, "%s: %s", name, value);
	if (hy_buf_err(&line) == HY_OK)
		f->headers = curl_slist_append(f->headers, hy_buf_str(&line).p);
}

static void set_limits(CURL *easy, const struct hy_fetch_limits *limits)
{
	curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)limits->connect_ms);
	curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)limits->total_ms);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, STALL_BYTES_PER_SECOND);
	curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)((limits->stall_ms + 999) / 1000));
	curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 0L);
}

static void set_manners(CURL *easy, const char *user_agent)
{
	curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent);
	curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
	curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_2TLS);
	curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
}

static void set_callbacks(struct hy_fetch *f)
{
	curl_easy_setopt(f->easy, CURLOPT_PRIVATE, f);
	curl_easy_setopt(f->easy, CURLOPT_ERRORBUFFER, f->detail);
	curl_easy_setopt(f->easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(f->easy, CURLOPT_WRITEDATA, f);
	curl_easy_setopt(f->easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(f->easy, CURLOPT_HEADERDATA, f);
	curl_easy_setopt(f->easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
	curl_easy_setopt(f->easy, CURLOPT_OPENSOCKETDATA, f);
	curl_easy_setopt(f->easy, CURLOPT_PREREQFUNCTION, on_connected);
	curl_easy_setopt(f->easy, CURLOPT_PREREQDATA, f);
}

static struct hy_fetch *fetch_new(struct hy_fetcher *fetcher)
{
	struct hy_fetch *f = hy_xcalloc(1, sizeof *f);

	f->owner = fetcher;
	f->easy = curl_easy_init();
	hy_assert(f->easy);
	curl_easy_setopt(f->easy, CURLOPT_BUFFERSIZE, (long)RECEIVE_BYTES);
	hy_buf_init(&f->head, (size_t)fetcher->limits.header_bytes);
	for (int i = 0; i < HEADER_COUNT; i++)
		hy_buf_init(&f->values[i], HEADER_VALUE_BYTES);
	set_manners(f->easy, fetcher->user_agent);
	set_limits(f->easy, &fetcher->limits);
	set_callbacks(f);
	return f;
}

static struct hy_fetch *fetch_take(struct hy_fetcher *fetcher)
{
	struct hy_fetch *f = fetcher->spare;

	if (f) {
		fetcher->spare = f->next;
		fetcher->spare_count--;
	} else {
		f = fetch_new(fetcher);
	}
	f->previous = NULL;
	f->next = fetcher->running;
	if (f->next)
		f->next->previous = f;
	fetcher->running = f;
	fetcher->running_count++;
	return f;
}

/* How much of the answer is wanted; where it is the whole, curl refuses a larger one at once. */
static void set_body(struct hy_fetch *f, size_t enough_bytes)
{
	int64_t body_bytes = f->owner->limits.body_bytes;

	f->enough_bytes = enough_bytes;
	f->body.max = enough_bytes ? enough_bytes : (size_t)body_bytes;
	curl_easy_setopt(f->easy, CURLOPT_MAXFILESIZE_LARGE,
			 (curl_off_t)(enough_bytes ? 0 : body_bytes));
}

void hy_fetch_start(struct hy_fetcher *fetcher, const struct hy_fetch_request *request,
		    hy_fetch_fn *fn, void *ctx)
{
	struct hy_fetch *f = fetch_take(fetcher);

	f->fn = fn;
	f->ctx = ctx;
	f->accept = request->accept;
	f->allow_private = request->allow_private;
	add_header(f, "If-None-Match", request->etag);
	add_header(f, "If-Modified-Since", request->last_modified);
	curl_easy_setopt(f->easy, CURLOPT_URL, request->url);
	if (f->headers)
		curl_easy_setopt(f->easy, CURLOPT_HTTPHEADER, f->headers);
	set_body(f, request->enough_bytes);
	fetcher->requests++;
	hy_curl_loop_add(fetcher->curl, f->easy);
}

size_t hy_fetcher_running(const struct hy_fetcher *fetcher)
{
	return fetcher->running_count;
}

uint64_t hy_fetcher_requests(const struct hy_fetcher *fetcher)
{
	return fetcher->requests;
}
