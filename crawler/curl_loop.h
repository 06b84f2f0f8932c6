/*
 * libcurl's multi interface on the event loop: sockets by uv_poll, time-outs by a timer. A turn
 * reports what has ended for some milliseconds; the rest is reported in the turns behind it.
 */
#ifndef HY_CRAWLER_CURL_LOOP_H
#define HY_CRAWLER_CURL_LOOP_H

#include <curl/curl.h>

#include "common/sys/loop.h"

struct hy_curl_loop;

/* Called for each transfer that ended, before it leaves the multi handle. */
typedef void hy_curl_done_fn(void *ctx, CURL *easy, CURLcode result);

/* curl_global_init must have been called. */
struct hy_curl_loop *hy_curl_loop_new(struct hy_loop *loop, hy_curl_done_fn *fn, void *ctx);
/* All transfers must have been removed. free(NULL) is legal. */
void hy_curl_loop_free(struct hy_curl_loop *c);
CURLM *hy_curl_loop_multi(struct hy_curl_loop *c);	/* borrowed */
void hy_curl_loop_add(struct hy_curl_loop *c, CURL *easy);
void hy_curl_loop_remove(struct hy_curl_loop *c, CURL *easy);

#endif
