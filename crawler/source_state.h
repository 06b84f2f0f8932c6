/*
 * What is known of each source: when it is due, how it answered last, since when it is
 * silent. The configuration (sources.yaml) is brought in by sync; polls are taken under a
 * lease as in the frontier.
 *
 * All functions write inside the caller's transaction and can be repeated.
 */
#ifndef HY_CRAWLER_SOURCE_STATE_H
#define HY_CRAWLER_SOURCE_STATE_H

#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/store.h"
#include "crawler/frontier.h"
#include "crawler/job.h"
#include "crawler/sources.h"

/* New sources become due at once, changed addresses start anew, missing ones are inactive. */
enum hy_err hy_source_state_sync(struct hy_store *store, const struct hy_sources *sources,
				 struct hy_wall now, struct hy_error *e) HY_MUST_CHECK;

enum hy_err hy_source_state_lease(struct hy_store *store, struct hy_str host,
				  const struct hy_lease_terms *terms, struct hy_job **out,
				  struct hy_error *e) HY_MUST_CHECK;

struct hy_poll_outcome {
	struct hy_str url;		/* asked next; normalised */
	int64_t url_index, hops;
	struct hy_wall now, next_at;
	bool success;
	int64_t failures;
	int64_t new_items;
	struct hy_str etag, last_modified, content_hash;
	struct hy_str reason;		/* in words, Chinese; empty where all is well */
};

/* Without effect where the lease was lost to a change of the configuration. */
enum hy_err hy_source_state_finish(struct hy_store *store, const char *id, struct hy_str owner,
				   const struct hy_poll_outcome *outcome,
				   struct hy_error *e) HY_MUST_CHECK;
/* Is the source still leased by that owner? Not where the outcome was written before. */
enum hy_err hy_source_state_is_held(struct hy_store *store, const char *id, struct hy_str owner,
				    bool *out_held, struct hy_error *e) HY_MUST_CHECK;
/* Gives a poll back unread. */
enum hy_err hy_source_state_release(struct hy_store *store, const char *id, struct hy_str owner,
				    struct hy_wall next_at, struct hy_error *e) HY_MUST_CHECK;
enum hy_err hy_source_state_release_owner(struct hy_store *store, struct hy_str owner,
					  struct hy_wall now, struct hy_error *e) HY_MUST_CHECK;
/*
 * This crawler was cut off, and is no more: what it could not reach is not to blame for it and
 * becomes due, however far off its next attempt had been put.
 */
enum hy_err hy_source_state_forgive(struct hy_store *store, struct hy_wall now,
				    struct hy_error *e) HY_MUST_CHECK;

#endif
