/*
 * One attempt at a message, written as its channel's type wants it: its notices with their
 * texts, cut into parts, the channel's secrets read from their files at this moment, the
 * signature made anew.
 */
#ifndef HY_ALERTER_ATTEMPT_H
#define HY_ALERTER_ATTEMPT_H

#include <stddef.h>

#include "alerter/channel_type.h"
#include "alerter/channels.h"
#include "alerter/outbox.h"
#include "alerter/outgoing.h"
#include "alerter/units.h"
#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/store.h"

struct hy_attempt {
	struct hy_outgoing outgoing;
	struct hy_buf key, secret;	/* as the files hold them, trimmed; "" without */
	size_t part, parts;
};
void hy_attempt_init(struct hy_attempt *attempt);
void hy_attempt_fini(struct hy_attempt *attempt);	/* secrets are overwritten */

struct hy_attempt_job {
	struct hy_store *store;
	const struct hy_channels *channels;
	const struct hy_units *units;
	const char *rules_dir;		/* where file names begin that are not absolute */
	const struct hy_channel *channel;
	const struct hy_outbox_message *message;
	struct hy_wall now;
};
/*
 * IO: a file that cannot be read now; UNAVAILABLE: the store; CONFLICT: the message was cut
 * otherwise when its first part went out; LIMIT, MALFORMED: it can never be written.
 */
enum hy_err hy_attempt_write(const struct hy_attempt_job *job, struct hy_attempt *out,
			     struct hy_error *e) HY_MUST_CHECK;

/* A secret that the other side repeats in its words is not for the record. */
void hy_attempt_mask(const struct hy_attempt *attempt, struct hy_verdict *verdict);

/* The file's content without spaces around it, into out; the error names no content. */
enum hy_err hy_secret_read(const char *rules_dir, struct hy_str name, struct hy_buf *out,
			   struct hy_error *e) HY_MUST_CHECK;

#endif
