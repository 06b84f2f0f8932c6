/*
 * Alarm post: untold alarms to the alerter, a few at a time; receipts back into the store. What
 * is untold is read from the store, never kept here, so a restart, a lost receipt or a commit
 * that failed end the same way: it is sent again, and the alerter takes it once.
 */
#ifndef HY_CRAWLER_ALARM_POST_H
#define HY_CRAWLER_ALARM_POST_H

#include "common/base/err.h"
#include "common/base/log.h"
#include "common/sys/bus.h"
#include "common/sys/loop.h"
#include "common/sys/store.h"
#include "crawler/batch.h"

struct hy_alarm_post;

struct hy_alarm_post_parts {
	struct hy_loop *loop;
	struct hy_bus *bus;
	struct hy_store *store;
	struct hy_batch *batch;
	const struct hy_log *log;
};

/* Parts are borrowed for life; `endpoint` is the alerter's. */
enum hy_err hy_alarm_post_new(const struct hy_alarm_post_parts *parts, const char *endpoint,
			      const struct hy_bus_options *options, struct hy_alarm_post **out,
			      struct hy_error *e) HY_MUST_CHECK;
void hy_alarm_post_free(struct hy_alarm_post *post);	/* free(NULL) is legal */

/* Something may be untold: look at the end of this turn. */
void hy_alarm_post_wake(struct hy_alarm_post *post);
/* Sends nothing new any more; receipts still count. */
void hy_alarm_post_drain(struct hy_alarm_post *post);

#endif
