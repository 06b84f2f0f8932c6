/*
 * Audit: every act with a name on it, append-only, each entry hashed together with the hash of
 * the one before it. The head is kept beside the chain, so that a missing tail shows too; told
 * to people every day (audit_day.h), it shows what was cut off together with the head.
 *
 * The hash is over "length:bytes" of seq, at, actor, act, subject, detail, algorithm and
 * previous, in this order; the algorithm stands in the entry so that another can follow. The
 * store itself refuses to change an entry, and to delete one younger than half a year.
 */
#ifndef HY_ALERTER_AUDIT_H
#define HY_ALERTER_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"
#include "common/sys/store.h"

#define HY_AUDIT_DETAIL_BYTES 16384
/* Six months are at most this long (网络安全法第二十一条：不少于六个月). */
#define HY_AUDIT_KEEP_DAYS_MIN 184

struct hy_audit_entry {
	struct hy_wall at;
	struct hy_str actor;	/* "system", a unit, a post or an account */
	struct hy_str act;	/* "case.open", "case.sign" ... */
	struct hy_str subject;	/* a case id */
	struct hy_str detail;	/* for people; over-long is LIMIT */
};

/* The last entry of a chain, or of what was looked at: its number and its hash. */
struct hy_audit_head {
	int64_t seq;		/* 0: before the first */
	char hash[HY_SHA256_DIGITS + 1];
};
/* "1234:0f3a…"; false where it is not of that form. */
bool hy_audit_head_parse(struct hy_str text, struct hy_audit_head *out);

struct hy_turn;

/* Within the turn's transaction, together with the act itself. */
enum hy_err hy_audit_append(struct hy_turn *turn, const struct hy_audit_entry *entry,
			    struct hy_error *e) HY_MUST_CHECK;

/* The head as it is kept beside the chain; all zeros where nothing was written yet. */
enum hy_err hy_audit_head(struct hy_store *store, struct hy_audit_head *out, struct hy_error *e)
	HY_MUST_CHECK;

/*
 * A walk along the chain from `at`, which is taken as it is. Breaks are lines (Chinese) in
 * findings and are told once each; of more than HY_AUDIT_TOLD only the number is known.
 */
#define HY_AUDIT_TOLD 1000
struct hy_audit_walk {
	struct hy_audit_head at;	/* the last entry looked at */
	int64_t entries, bad;
	bool ended;			/* there is no further entry */
};
enum hy_err hy_audit_walk(struct hy_store *store, struct hy_audit_walk *walk, int64_t limit,
			  struct hy_buf *findings, struct hy_error *e) HY_MUST_CHECK;

struct hy_audit_verdict {
	int64_t entries, bad;
	struct hy_audit_head pruned;	/* the last entry that was pruned; seq 0: none was */
	struct hy_audit_head head;
};
/*
 * Walks the whole chain: each changed, missing or reordered entry is a line in `findings`.
 * What was pruned in time is vouched for by an entry of the chain itself. `given` (or NULL) is a
 * head that was told before and must stand in the chain. In a transaction of a read-only store,
 * or else nobody may append meanwhile. Fails only where the store cannot be read.
 */
enum hy_err hy_audit_verify(struct hy_store *store, const struct hy_audit_head *given,
			    struct hy_buf *findings, struct hy_audit_verdict *out,
			    struct hy_error *e) HY_MUST_CHECK;

/*
 * Deletes at most `limit` of the oldest entries that are older than keep_days, and appends the
 * entry that vouches for them, in the turn's transaction. LIMIT where keep_days is less than
 * HY_AUDIT_KEEP_DAYS_MIN. *out_pruned 0: nothing is that old.
 */
struct hy_audit_pruning {
	struct hy_wall now;
	int64_t keep_days, limit;
};
enum hy_err hy_audit_prune(struct hy_turn *turn, const struct hy_audit_pruning *pruning,
			   int64_t *out_pruned, struct hy_error *e) HY_MUST_CHECK;

#endif
