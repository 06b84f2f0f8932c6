/*
 * What goes out to another machine, written and not yet sent: an HTTP POST or a mail.
 */
#ifndef HY_ALERTER_OUTGOING_H
#define HY_ALERTER_OUTGOING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

#define HY_OUTGOING_URL_BYTES 4096
#define HY_OUTGOING_HEADER_BYTES 4096
#define HY_OUTGOING_BODY_BYTES (512u << 10)
#define HY_OUTGOING_SECRET_BYTES 4096

/* How a mail's connection is kept from being read on the way. */
enum hy_mail_tls {
	HY_MAIL_TLS_STARTTLS,	/* refused where the server offers none */
	HY_MAIL_TLS_WHOLE,	/* smtps:// */
	HY_MAIL_TLS_NONE,
};

/* What goes out. Its address may hold a key: nothing of it is logged. */
struct hy_outgoing {
	bool is_mail;
	struct hy_buf url, body;
	struct hy_buf headers;		/* HTTP: lines "Name: value\n" */
	struct hy_buf password, ca_path;	/* mail; "" without */
	struct hy_str user, from;	/* mail; borrowed for the call */
	const struct hy_str *to;
	size_t to_count;
	enum hy_mail_tls tls;
	int64_t timeout_ms;
};
void hy_outgoing_init(struct hy_outgoing *outgoing);
void hy_outgoing_fini(struct hy_outgoing *outgoing);
/* LIMIT where a part of it did not fit. */
enum hy_err hy_outgoing_err(const struct hy_outgoing *outgoing) HY_MUST_CHECK;

#endif
