/*
 * Webhooks: JSON posts by libcurl on the event loop. One attempt each; what the attempt came to
 * is told in words that decide about another one: only what certainly did not arrive may be
 * sent again.
 */
#ifndef HY_ALERTER_WEBHOOK_H
#define HY_ALERTER_WEBHOOK_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/content_id.h"
#include "common/sys/loop.h"

enum hy_webhook_outcome {
	HY_WEBHOOK_ACCEPTED,	/* 2xx */
	HY_WEBHOOK_UNSENT,	/* no connection, or "not now" (429, 503): may be tried again */
	HY_WEBHOOK_REFUSED,	/* any other status */
	HY_WEBHOOK_UNCERTAIN,	/* sent, and no answer came */
};

struct hy_webhook;

/* Once per post, never from within hy_webhook_post; detail is English, for the record. */
typedef void hy_webhook_fn(void *ctx, const struct hy_id *notice, enum hy_webhook_outcome outcome,
			   const char *detail);

struct hy_webhook_post {
	struct hy_id notice;
	struct hy_str url, body;
	const char *event_type;
	const char *signature;	/* hex, or NULL */
	int64_t timeout_ms;
};

struct hy_webhook *hy_webhook_new(struct hy_loop *loop, hy_webhook_fn *fn, void *ctx);
/* Gives running posts up without telling: their notices stay `sending` in the store. */
void hy_webhook_free(struct hy_webhook *webhook);
size_t hy_webhook_running(const struct hy_webhook *webhook);
/* Copies everything. */
enum hy_err hy_webhook_post(struct hy_webhook *webhook, const struct hy_webhook_post *post,
			    struct hy_error *e) HY_MUST_CHECK;

#endif
