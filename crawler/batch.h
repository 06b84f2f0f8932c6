/*
 * Batch: all that a turn of the loop wants written goes into one transaction at the turn's
 * end (group commit: under load one fsync serves many pages, alone none waits).
 *
 * A change is written whole or not at all, and may be written again: after an uncertain
 * commit or a full disk the same changes are tried until they are in. Meanwhile the batch is
 * stuck, and its owner takes no new work. A change that can never be written (it breaks a
 * constraint or a limit) is dropped alone, so that it does not hold up the others.
 */
#ifndef HY_CRAWLER_BATCH_H
#define HY_CRAWLER_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/log.h"
#include "common/sys/loop.h"
#include "common/sys/store.h"

struct hy_batch;
struct hy_change;

struct hy_change_type {
	const char *name;	/* for the log */
	/* Writes inside the open transaction; idempotent. */
	enum hy_err (*write)(struct hy_change *change, struct hy_store *store, struct hy_error *e);
	/* Called once, last: frees the change. May add new changes where committed. */
	void (*end)(struct hy_change *change, bool committed);
};

/* Embedded in its owner's struct; hy_container_of leads back. */
struct hy_change {
	const struct hy_change_type *type;
	struct hy_change *next;
};

/* After each attempt; HY_OK or why the batch is stuck. DENIED: the store is lost for good. */
typedef void hy_batch_fn(void *ctx, enum hy_err err, const struct hy_error *e);

struct hy_batch *hy_batch_new(struct hy_loop *loop, struct hy_store *store,
			      const struct hy_log *log);
/* Changes not yet written end uncommitted. free(NULL) is legal. */
void hy_batch_free(struct hy_batch *batch);
void hy_batch_on_attempt(struct hy_batch *batch, hy_batch_fn *fn, void *ctx);

/* Takes the change. Only inside loop callbacks, or before the loop runs. */
void hy_batch_add(struct hy_batch *batch, struct hy_change *change);
bool hy_batch_is_stuck(const struct hy_batch *batch);
bool hy_batch_is_empty(const struct hy_batch *batch);

#endif
