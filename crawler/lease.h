/*
 * Leases of rows: how work of either kind (pages of the frontier, polls of the sources) is
 * taken for a crawler, given back, and freed when its crawler is gone. A leased row's moment
 * is the end of its lease: one that ran out is due again.
 *
 * All functions write inside the caller's transaction and can be repeated.
 */
#ifndef HY_CRAWLER_LEASE_H
#define HY_CRAWLER_LEASE_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/store.h"
#include "crawler/job.h"

/* The statements of one kind of row; all constants. */
struct hy_lease_kind {
	const char *take;		/* $1 owner, $2 until, $3 host, $4 now, $5 how many */
	bool has_priorities;		/* take has $6: the highest priority number wanted */
	const char *release;		/* $1 id, $2 owner, $3 due at */
	const char *release_owner;	/* $1 owner, $2 now */
	const char *wake;		/* the row's host: $1 id, $2 due at */
	const char *wake_owner;		/* the hosts of all its rows: $1 owner, $2 now */
	enum hy_job_kind job;
	void (*read)(const struct hy_query *q, struct hy_job *job);	/* take's RETURNING */
};

/* *out is a list, the caller's. */
enum hy_err hy_lease_take(struct hy_store *store, const struct hy_lease_kind *kind,
			  const struct hy_lease_terms *terms, struct hy_job **out,
			  struct hy_error *e) HY_MUST_CHECK;

struct hy_lease_end {
	const char *id;
	struct hy_str owner;
	struct hy_wall due_at;
};
/* Gives a row back unread; without effect where the lease is another's by now. */
enum hy_err hy_lease_release(struct hy_store *store, const struct hy_lease_kind *kind,
			     const struct hy_lease_end *end, struct hy_error *e) HY_MUST_CHECK;
/* What a crawler of that name had taken when it died becomes due. */
enum hy_err hy_lease_release_owner(struct hy_store *store, const struct hy_lease_kind *kind,
				   struct hy_str owner, struct hy_wall now,
				   struct hy_error *e) HY_MUST_CHECK;
/* The row's host is looked at by then; see crawler/host_lease.h. */
enum hy_err hy_lease_wake(struct hy_store *store, const struct hy_lease_kind *kind,
			  const char *id, struct hy_wall due_at, struct hy_error *e) HY_MUST_CHECK;

#endif
