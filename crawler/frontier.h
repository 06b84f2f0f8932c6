/*
 * Frontier: every article address ever found, and what became of it. Rows are taken under a
 * lease, so that several crawlers share one frontier and none is lost with a crawler: a
 * lease that ran out makes the row due again.
 *
 * All functions write inside the caller's transaction and can be repeated.
 */
#ifndef HY_CRAWLER_FRONTIER_H
#define HY_CRAWLER_FRONTIER_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/store.h"
#include "crawler/job.h"

struct hy_frontier_link {
	struct hy_str url;		/* normalised */
	struct hy_str source;
	struct hy_str title;		/* masked */
	struct hy_wall published_at;
	struct hy_wall found_at;
	int64_t hops;
};

/* *out_new (may be NULL): it was not known. MALFORMED where the address is not usable. */
enum hy_err hy_frontier_add(struct hy_store *store, const struct hy_frontier_link *link,
			    bool *out_new, struct hy_error *e) HY_MUST_CHECK;

/* Takes due rows of a host, new before revisits; *out is a list, the caller's. */
enum hy_err hy_frontier_lease(struct hy_store *store, struct hy_str host,
			      const struct hy_lease_terms *terms, struct hy_job **out,
			      struct hy_error *e) HY_MUST_CHECK;

enum hy_frontier_state {
	HY_FRONTIER_QUEUED,	/* again at next_at */
	HY_FRONTIER_REVISIT,	/* read, to be read again at next_at */
	HY_FRONTIER_DONE,
	HY_FRONTIER_FAILED,
};

struct hy_frontier_outcome {
	enum hy_frontier_state state;
	struct hy_wall next_at;		/* QUEUED, REVISIT */
	struct hy_wall held_until;	/* end of the lease that ends with this; 0: not known */
	int64_t attempts, visits;
	const char *kind;		/* an article kind or why not; constant; NULL: as it was */
	struct hy_str reason;		/* in words, Chinese; may be empty */
	struct hy_str etag, last_modified;
	struct hy_str document;		/* id, or empty: keeps the one it has */
};

enum hy_err hy_frontier_finish(struct hy_store *store, const char *id,
			       const struct hy_frontier_outcome *outcome,
			       struct hy_error *e) HY_MUST_CHECK;
/* The same address answers elsewhere: go on there. */
enum hy_err hy_frontier_move(struct hy_store *store, const char *id,
			     const struct hy_frontier_link *to, struct hy_error *e) HY_MUST_CHECK;
/* Gives a row back unread; without effect where the lease is another's by now. */
enum hy_err hy_frontier_release(struct hy_store *store, const struct hy_job *job,
				struct hy_str owner, struct hy_wall next_at,
				struct hy_error *e) HY_MUST_CHECK;
/* What a crawler of that name had taken when it died becomes due. */
enum hy_err hy_frontier_release_owner(struct hy_store *store, struct hy_str owner,
				      struct hy_wall now, struct hy_error *e) HY_MUST_CHECK;

#endif
