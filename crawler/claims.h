/*
 * Claims: takes due work out of the store for the visitor, host by host, under leases, in one
 * transaction. Articles come before polls; each claim of a host with both holds one poll, so
 * that a backlog does not keep us from learning of what is new.
 */
#ifndef HY_CRAWLER_CLAIMS_H
#define HY_CRAWLER_CLAIMS_H

#include "common/base/err.h"
#include "common/sys/store.h"
#include "crawler/batch.h"
#include "crawler/visitor.h"
#include "crawler/work.h"

struct hy_claims_parts {
	struct hy_store *store;
	struct hy_visitor *visitor;
	struct hy_batch *batch;
};

/*
 * In the caller's transaction: a list of jobs, NULL where nothing is due. They are held once it
 * is committed; where that is uncertain they come back when their leases end.
 */
enum hy_err hy_claims_take(const struct hy_claims_parts *parts, const struct hy_work *work,
			   struct hy_job **out, struct hy_error *e) HY_MUST_CHECK;
/* After the commit: the jobs pass to the visitor. */
void hy_claims_hand_over(const struct hy_claims_parts *parts, const struct hy_work *work,
			 struct hy_job *jobs);

/* What an earlier process of this name held becomes due at once. In the caller's transaction. */
enum hy_err hy_claims_release_own(struct hy_store *store, const struct hy_work *work,
				  struct hy_error *e) HY_MUST_CHECK;

#endif
