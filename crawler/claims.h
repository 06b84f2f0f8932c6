/*
 * Claims: takes due work out of the store for the visitor, host by host, under leases, in one
 * transaction. Articles come before polls; each claim of a host with both holds one poll, so
 * that a backlog does not keep us from learning of what is new.
 *
 * No more is taken than can be asked soon, of many hosts a little rather than of few all, and
 * among several crawlers each takes its share of the hosts.
 */
#ifndef HY_CRAWLER_CLAIMS_H
#define HY_CRAWLER_CLAIMS_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/sys/store.h"
#include "crawler/batch.h"
#include "crawler/hosts.h"
#include "crawler/visitor.h"
#include "crawler/work.h"

struct hy_claims_parts {
	struct hy_store *store;
	struct hy_visitor *visitor;
	struct hy_hosts *hosts;
	struct hy_batch *batch;
};

struct hy_claim;	/* hosts taken, each with its jobs */

struct hy_claims {
	struct hy_claim *first;
	bool is_shared;		/* another crawler lives: it may want what this one does not need */
};

/*
 * In the caller's transaction. What is taken is held once that is committed; where that is
 * uncertain it comes back when its leases end.
 */
enum hy_err hy_claims_take(const struct hy_claims_parts *parts, const struct hy_work *work,
			   struct hy_claims *out, struct hy_error *e) HY_MUST_CHECK;
/* After the commit: the jobs pass to the visitor, and nothing is left. */
void hy_claims_hand_over(const struct hy_claims_parts *parts, const struct hy_work *work,
			 struct hy_claims *claims);
void hy_claims_fini(struct hy_claims *claims);	/* legal where nothing is left */

/* What an earlier process of this name held becomes due at once. In the caller's transaction. */
enum hy_err hy_claims_release_own(struct hy_store *store, const struct hy_work *work,
				  struct hy_error *e) HY_MUST_CHECK;

#endif
