/*
 * Leases of hosts, as the store keeps them. A host is one crawler's at a time, so that one
 * connection, one delay and one pause hold for all crawlers together; what its holder knows
 * passes on with it. Who holds a host when it dies leaves its name in the row: the next one
 * owes the host its delay first.
 *
 * Each row says when the host is to be looked at: at the moment of its next row of work or
 * before, never long after. So what is due is found by an index, not by looking at all hosts.
 *
 * All functions write inside the caller's transaction and can be repeated.
 */
#ifndef HY_CRAWLER_HOST_LEASE_H
#define HY_CRAWLER_HOST_LEASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/store.h"
#include "crawler/job.h"

/* What outlives the process that holds a host, and goes with it to the next. */
struct hy_host_memory {
	struct hy_wall next_allowed_at, paused_until;
	int64_t pauses;		/* in a row */
	bool owes_delay;	/* used by somebody of whom nothing more is known */
	bool was_mine;		/* claimed: nobody else has had it since the owner took it */
	char reason[200];	/* of the pause, Chinese */
};

struct hy_host_due {
	char *host;
	struct hy_wall since;
};

/* The host has work at that moment; its row is made where there is none. */
enum hy_err hy_host_wake(struct hy_store *store, struct hy_str host, struct hy_wall at,
			 struct hy_error *e) HY_MUST_CHECK;
/*
 * Hosts to be looked at that may be asked: not paused, not another crawler's; those first that
 * wait longest. At most terms->max into out; names are malloc'ed.
 */
enum hy_err hy_host_due(struct hy_store *store, const struct hy_lease_terms *terms,
			struct hy_host_due *out, size_t *out_count,
			struct hy_error *e) HY_MUST_CHECK;
/* *out_mine is false where another has terms->host or is just taking it: nobody waits. */
enum hy_err hy_host_claim(struct hy_store *store, const struct hy_lease_terms *terms,
			  struct hy_host_memory *out, bool *out_mine,
			  struct hy_error *e) HY_MUST_CHECK;
/* All that was due is taken: it is looked at when the next row of work is due. */
enum hy_err hy_host_doze(struct hy_store *store, struct hy_str host, struct hy_wall now,
			 struct hy_error *e) HY_MUST_CHECK;
/* It is looked at then, and not before. */
enum hy_err hy_host_postpone(struct hy_store *store, struct hy_str host, struct hy_wall until,
			     struct hy_error *e) HY_MUST_CHECK;
/* Without effect where the host is another's by now. */
enum hy_err hy_host_save(struct hy_store *store, struct hy_str host, struct hy_str owner,
			 const struct hy_host_memory *memory, struct hy_error *e) HY_MUST_CHECK;
/* The owner is done with it. */
enum hy_err hy_host_give_back(struct hy_store *store, struct hy_str host, struct hy_str owner,
			      struct hy_error *e) HY_MUST_CHECK;
/* Hosts of a crawler that died may be taken by any; its name stays, for the delay owed. */
enum hy_err hy_host_release_owner(struct hy_store *store, struct hy_str owner,
				  struct hy_error *e) HY_MUST_CHECK;

/* Who else takes work from this store. */
struct hy_host_others {
	int64_t crawlers;	/* alive */
	int64_t hosts;		/* that they hold */
};
enum hy_err hy_host_others(struct hy_store *store, struct hy_str owner, struct hy_wall now,
			   struct hy_host_others *out, struct hy_error *e) HY_MUST_CHECK;

#endif
