/*
 * The text of a mail (RFC 5322) with UTF-8 in its subject and body: encoded words of RFC 2047 and
 * base64, so that any server takes it. Its Message-ID is made of the message's id and is the same
 * at every attempt, so that who gets it twice can tell.
 */
#ifndef HY_ALERTER_MAIL_H
#define HY_ALERTER_MAIL_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"

struct hy_mail {
	struct hy_str from;		/* an address that hy_mail_address_ok took */
	const struct hy_str *to;
	size_t to_count;
	struct hy_str subject, text;	/* UTF-8 */
	struct hy_str id, thread;	/* left of the @ of Message-ID and References; thread may be "" */
	struct hy_wall at;
};

/* Appends head and body with CRLF. LIMIT where it does not fit. */
enum hy_err hy_mail_write(const struct hy_mail *mail, struct hy_buf *out) HY_MUST_CHECK;

/* local@domain in plain ASCII, at most 254 bytes (RFC 5321, 4.5.3.1), without quoting. */
bool hy_mail_address_ok(struct hy_str address);

#endif
