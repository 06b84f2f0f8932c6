/*
 * Delivery: brings notices out. Published ones go right after the commit that made them and
 * are marked sent in batches; webhooks are taken from the store, marked `sending` and committed
 * before the attempt. Failing channels back off; nothing that may have arrived goes again.
 */
#ifndef HY_ALERTER_DELIVERY_H
#define HY_ALERTER_DELIVERY_H

#include <stddef.h>

#include "alerter/rule_set.h"
#include "common/base/err.h"
#include "common/base/log.h"
#include "common/sys/bus.h"
#include "common/sys/content_id.h"
#include "common/sys/loop.h"
#include "common/sys/store.h"

#define HY_DELIVERY_POSTS_MAX 8

struct hy_delivery;

struct hy_delivery_parts {
	struct hy_loop *loop;
	struct hy_store *store;
	struct hy_bus_publisher *publisher;
	const struct hy_log *log;
};

/* All parts are borrowed for life. */
struct hy_delivery *hy_delivery_new(const struct hy_delivery_parts *parts);
/* Marks what was published, if the store allows. */
void hy_delivery_free(struct hy_delivery *delivery);

/* The rules in force, borrowed until the next call, and their folder, where secrets lie; copied. */
void hy_delivery_set_rules(struct hy_delivery *delivery, const struct hy_rule_set *rules,
			   const char *rules_dir);

/* Publishes notices that are committed as `sending`. */
void hy_delivery_publish(struct hy_delivery *delivery, const struct hy_id *notices, size_t count);

/* Looks for waiting notices now; they are looked for again when one is due. */
void hy_delivery_wake(struct hy_delivery *delivery);

/* Takes nothing new from the store; calls fn once when no post is under way any more. */
typedef void hy_delivery_idle_fn(void *ctx);
void hy_delivery_drain(struct hy_delivery *delivery, hy_delivery_idle_fn *fn, void *ctx);

#endif
