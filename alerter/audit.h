/*
 * Audit: every act with a name on it, append-only, each entry hashed together with the hash of
 * the one before it. The head is kept beside the chain, so that a missing tail shows too.
 *
 * The hash is over "length:bytes" of seq, at, actor, act, subject, detail, algorithm and
 * previous, in this order; the algorithm stands in the entry so that another can follow.
 */
#ifndef HY_ALERTER_AUDIT_H
#define HY_ALERTER_AUDIT_H

#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/store.h"

#define HY_AUDIT_DETAIL_BYTES 16384

struct hy_audit_entry {
	struct hy_wall at;
	struct hy_str actor;	/* "system", a unit, a post or an account */
	struct hy_str act;	/* "case.open", "case.sign" ... */
	struct hy_str subject;	/* a case id */
	struct hy_str detail;	/* for people; over-long is LIMIT */
};

/* Within the caller's transaction, together with the act itself. */
enum hy_err hy_audit_append(struct hy_store *store, const struct hy_audit_entry *entry,
			    struct hy_error *e) HY_MUST_CHECK;

/*
 * Walks the whole chain. Each changed, missing or reordered entry is a line (Chinese) in
 * `findings`; *out_entries and *out_bad count. Fails only where the store cannot be read.
 */
enum hy_err hy_audit_verify(struct hy_store *store, struct hy_buf *findings,
			    int64_t *out_entries, int64_t *out_bad, struct hy_error *e)
	HY_MUST_CHECK;

#endif
