/*
 * One attempt to bring a message to another machine: an HTTP POST or a mail, by libcurl on the
 * event loop, so that nothing waits for it. It tells what certainly did not arrive from what
 * may have; whether an answer means yes is the channel type's to judge.
 *
 * Each attempt has a connection of its own: on one that is used again libcurl repeats by itself
 * a request that the other side may have read.
 */
#ifndef HY_ALERTER_TRANSPORT_H
#define HY_ALERTER_TRANSPORT_H

#include <stddef.h>
#include <stdint.h>

#include "alerter/outgoing.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/sys/content_id.h"
#include "common/sys/loop.h"

#define HY_ANSWER_BYTES 8192	/* of an answer's body; the rest is not looked at */

enum hy_arrival {
	HY_ARRIVAL_ANSWERED,	/* the other side said something: status and body */
	HY_ARRIVAL_UNSENT,	/* nothing can have arrived */
	HY_ARRIVAL_UNKNOWN,	/* it may have been read, and no answer came */
};

struct hy_answer {
	enum hy_arrival arrival;
	long status;		/* HTTP, or SMTP's last reply; 0 without one */
	struct hy_str body;
	int64_t retry_after_ms;	/* as the answer asked; 0 without */
	const char *reason;	/* English, where no answer came */
};

struct hy_transport;

/* Once per attempt, never from within hy_transport_send; all is borrowed for the call. */
typedef void hy_transport_fn(void *ctx, const struct hy_id *message,
			     const struct hy_answer *answer);

struct hy_transport *hy_transport_new(struct hy_loop *loop, hy_transport_fn *fn, void *ctx);
/* Gives running attempts up without telling. */
void hy_transport_free(struct hy_transport *transport);
size_t hy_transport_running(const struct hy_transport *transport);
/* Copies everything. */
enum hy_err hy_transport_send(struct hy_transport *transport, const struct hy_id *message,
			      const struct hy_outgoing *outgoing, struct hy_error *e)
	HY_MUST_CHECK;

#endif
