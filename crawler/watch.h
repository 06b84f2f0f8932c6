/*
 * Watch: goes over all sources, a few a turn, judges the health of each, and raises and clears
 * alarms. While a crawler has no network, and for what was asked last until then, no source is
 * called failing: there is one alarm about the crawler instead. Any number of crawlers may watch
 * the same store.
 */
#ifndef HY_CRAWLER_WATCH_H
#define HY_CRAWLER_WATCH_H

#include "common/sys/loop.h"
#include "crawler/batch.h"
#include "crawler/outage.h"
#include "crawler/sources.h"

struct hy_watch;

struct hy_watch_parts {
	struct hy_loop *loop;
	struct hy_batch *batch;
	const struct hy_outage *outage;
	const char *instance;		/* of this crawler */
};

/* After a round's part was committed that raised or cleared something. */
typedef void hy_watch_fn(void *ctx);

struct hy_watch *hy_watch_new(const struct hy_watch_parts *parts, hy_watch_fn *fn, void *ctx);
/* After the batch, whose changes may still lead here. free(NULL) is legal. */
void hy_watch_free(struct hy_watch *watch);

/* The sources to watch, borrowed until the next call, and how long a round waits for the next. */
void hy_watch_set(struct hy_watch *watch, const struct hy_sources *sources, int64_t round_ms);
void hy_watch_stop(struct hy_watch *watch);	/* begins no round any more */

/*
 * Judges one source at that moment, in the caller's transaction. *out_changed: something was
 * raised or cleared. What the watch does with each.
 */
enum hy_err hy_watch_source(struct hy_store *store, const struct hy_source *source,
			    struct hy_wall now, bool *out_changed, struct hy_error *e)
	HY_MUST_CHECK;

/* The same for a crawler and its network. */
enum hy_err hy_watch_crawler(struct hy_store *store, const struct hy_watch_parts *parts,
			     struct hy_wall now, bool *out_changed, struct hy_error *e)
	HY_MUST_CHECK;

#endif
