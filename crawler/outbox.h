/*
 * Outbox: pending versions to the analyzer, oldest first, as many as the bus's window takes;
 * verdicts back into the store. What is pending is read from the store, never kept here, so a
 * restart, a lost verdict or a commit that failed end the same way: it is sent again.
 */
#ifndef HY_CRAWLER_OUTBOX_H
#define HY_CRAWLER_OUTBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/log.h"
#include "common/sys/bus.h"
#include "common/sys/loop.h"
#include "common/sys/store.h"
#include "crawler/batch.h"

struct hy_outbox;

struct hy_outbox_parts {
	struct hy_loop *loop;
	struct hy_bus *bus;
	struct hy_store *store;
	struct hy_batch *batch;
	const struct hy_log *log;
};

struct hy_outbox_options {
	const char *endpoint;		/* of the analyzers */
	const char *holder;		/* this crawler's instance */
	struct hy_bus_options bus;
};

/* Parts are borrowed, options copied where they are kept (the bus's file names are not). */
enum hy_err hy_outbox_new(const struct hy_outbox_parts *parts,
			  const struct hy_outbox_options *options, struct hy_outbox **out,
			  struct hy_error *e) HY_MUST_CHECK;
void hy_outbox_free(struct hy_outbox *outbox);

/* Something may have become pending: look at the end of this turn. */
void hy_outbox_wake(struct hy_outbox *outbox);
/* Looks and sends at once, as after a commit. */
void hy_outbox_send(struct hy_outbox *outbox);
/* Sends nothing new any more; answers still count. */
void hy_outbox_drain(struct hy_outbox *outbox);
/* Sent and neither answered nor given up. */
size_t hy_outbox_waiting(const struct hy_outbox *outbox);
uint64_t hy_outbox_resent(const struct hy_outbox *outbox);

#endif
