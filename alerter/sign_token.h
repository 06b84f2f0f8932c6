/*
 * A token that signs a case in one unit's name: who holds the notice may sign with it, as one
 * may with a slip of paper, and for nothing else. HMAC-SHA256 over case, unit and expiry; there
 * is nothing to look up and nothing to store.
 *
 *   CASE:UNIT:SECONDS:MAC	MAC: the first 128 bits as hex digits
 */
#ifndef HY_ALERTER_SIGN_TOKEN_H
#define HY_ALERTER_SIGN_TOKEN_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/str.h"
#include "common/base/time.h"

#define HY_SIGN_TOKEN_BYTES 256

struct hy_sign_claim {
	struct hy_str case_id, unit;
	struct hy_wall expires;		/* whole seconds count */
};

void hy_sign_token_write(struct hy_str key, const struct hy_sign_claim *claim,
			 struct hy_buf *out);

/* False where it is malformed or not made with this key; expiry is the caller's to compare.
 * Views into the token. */
bool hy_sign_token_read(struct hy_str key, struct hy_str token, struct hy_sign_claim *out);

#endif
