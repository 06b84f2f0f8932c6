/* One link of the audit's chain: what its hash covers, and how; audit.c and audit_verify.c. */
#ifndef HY_ALERTER_AUDIT_LINK_H
#define HY_ALERTER_AUDIT_LINK_H

#include <stdint.h>

#include "alerter/audit.h"

/* That new entries are hashed with. */
#define HY_AUDIT_ALGORITHM "sha256"

struct hy_audit_link {
	int64_t seq;
	struct hy_audit_entry entry;
	struct hy_str algorithm, previous;
};

/* MALFORMED where the link names an algorithm that is not known here; LIMIT: too long. */
enum hy_err hy_audit_link_hash(const struct hy_audit_link *link,
			       char out[HY_SHA256_DIGITS + 1]) HY_MUST_CHECK;

/* Where the entry that vouches for what was pruned is found; its subject is the last pruned. */
#define HY_AUDIT_PRUNED_NAME "audit-pruned"
#define HY_AUDIT_PRUNED_ACT "audit.prune"

#endif
