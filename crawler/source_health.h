/*
 * What is remembered of a source for judging its health (crawler/health.h): how its last polls
 * went, its rate, its usual gaps, the verdict of robots.txt about its own address. Written with each poll,
 * by the crawler that holds the source's lease; read by whoever watches.
 *
 * All functions run inside the caller's transaction; writing ones can be repeated.
 */
#ifndef HY_CRAWLER_SOURCE_HEALTH_H
#define HY_CRAWLER_SOURCE_HEALTH_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/store.h"
#include "crawler/coverage.h"
#include "crawler/health.h"
#include "crawler/rate.h"
#include "crawler/sources.h"

/* The source as the last poll left it. */
struct hy_source_past {
	struct hy_wall polled_at, success_at, new_at;
	int64_t successes;
	struct hy_wall failing_since;
	struct hy_rate rate;
	struct hy_gaps gaps;
	int64_t per_day_milli;		/* its rate when something new came last; 0: unknown */
};
enum hy_err hy_source_past_load(struct hy_store *store, struct hy_str source,
				struct hy_source_past *out, struct hy_error *e) HY_MUST_CHECK;

/* A poll ended: into the ledger and into the memory. `poll` has the past's polled_at. */
enum hy_err hy_source_health_polled(struct hy_store *store, const struct hy_source_past *past,
				    const struct hy_coverage_poll *poll,
				    struct hy_error *e) HY_MUST_CHECK;

/* Who answers for the source, and that it is known from now on; for the views. */
enum hy_err hy_source_health_own(struct hy_store *store, struct hy_str source, struct hy_str owner,
				 struct hy_wall now, struct hy_error *e) HY_MUST_CHECK;

/*
 * What the store knows of the source. Where is_owned is false it does not know it yet, or
 * another owner for it: hy_source_health_own is due.
 */
enum hy_err hy_source_health_facts(struct hy_store *store, const struct hy_source *source,
				   struct hy_wall now, struct hy_health_facts *out,
				   struct hy_error *e) HY_MUST_CHECK;

#endif
