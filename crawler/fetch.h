/*
 * Fetch: one HTTP request each, within limits of bytes and time, to addresses that may be
 * connected to. Redirects are not followed: the caller decides about each. No cookies, no
 * credentials, no proxy from the environment.
 */
#ifndef HY_CRAWLER_FETCH_H
#define HY_CRAWLER_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/loop.h"

struct hy_fetcher;
struct hy_fetch;

struct hy_fetch_limits {
	int64_t connections;	/* at the same time */
	int64_t connect_ms, total_ms, stall_ms;
	int64_t body_bytes, header_bytes;
};

/* Which content types are worth reading. */
enum hy_fetch_accept {
	HY_FETCH_ANY,	/* robots.txt */
	HY_FETCH_FEED,	/* XML, JSON, HTML, plain text */
	HY_FETCH_PAGE,	/* HTML, XML */
};

/* Borrowed for the call of start. */
struct hy_fetch_request {
	const char *url;		/* normalised */
	const char *etag, *last_modified;	/* NULL or "": not conditional */
	bool allow_private;
	enum hy_fetch_accept accept;
	size_t enough_bytes;	/* not 0: so much of the body is an answer, the rest is not read */
};

enum hy_fetch_end {
	HY_FETCH_ANSWERED,	/* a whole response of any status */
	HY_FETCH_TOO_LARGE,	/* body or headers, or packed as no page is */
	HY_FETCH_WRONG_TYPE,
	HY_FETCH_ADDRESS,	/* resolves to an address that may not be connected to */
	HY_FETCH_TIMED_OUT,	/* also too slow */
	HY_FETCH_NETWORK,	/* name, connection, TLS */
	HY_FETCH_GARBLED,	/* no HTTP, broken compression, cut short */
};

/* Borrowed for the call of the callback. */
struct hy_fetch_result {
	enum hy_fetch_end end;
	const char *detail;	/* English, for the log; "" where ANSWERED */
	int64_t status;		/* of HTTP; 0 where none came */
	struct hy_str head;	/* status line and headers as they came */
	struct hy_str body;	/* unpacked */
	struct hy_str content_type, location, etag, last_modified, retry_after;	/* headers or "" */
	int64_t wire_bytes;	/* body as sent, and headers */
};

typedef void hy_fetch_fn(void *ctx, const struct hy_fetch_result *result);

/* user_agent is copied. The fetcher must be freed before the loop. */
enum hy_err hy_fetcher_new(struct hy_loop *loop, const struct hy_fetch_limits *limits,
			   const char *user_agent, struct hy_fetcher **out,
			   struct hy_error *e) HY_MUST_CHECK;
/* Running fetches end without their callback. free(NULL) is legal. */
void hy_fetcher_free(struct hy_fetcher *fetcher);

/* Never fails at once: whatever goes wrong comes as a result, in a later turn. */
void hy_fetch_start(struct hy_fetcher *fetcher, const struct hy_fetch_request *request,
		    hy_fetch_fn *fn, void *ctx);
size_t hy_fetcher_running(const struct hy_fetcher *fetcher);
/* Requests sent since the start. */
uint64_t hy_fetcher_requests(const struct hy_fetcher *fetcher);

/* Does the media type of a Content-Type value suit? An absent one does. */
bool hy_fetch_type_suits(enum hy_fetch_accept accept, struct hy_str content_type);

#endif
