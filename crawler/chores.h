/*
 * Chores: what the crawler does for its store when nothing is waiting: it indexes new texts for
 * the search, writes evidence, and once a day purges what is older than the retention. In small steps through
 * the batch, smaller ones while pages or verdicts are on their way, so that neither is delayed.
 * Of several crawlers that share a store, one purges.
 */
#ifndef HY_CRAWLER_CHORES_H
#define HY_CRAWLER_CHORES_H

#include "common/base/log.h"
#include "common/sys/loop.h"
#include "crawler/batch.h"
#include "crawler/crawler_conf.h"
#include "crawler/outbox.h"
#include "crawler/visitor.h"

struct hy_chores;

/* Borrowed. */
struct hy_chores_parts {
	struct hy_loop *loop;
	struct hy_batch *batch;
	const struct hy_visitor *visitor;
	const struct hy_outbox *outbox;
	const char *instance;
	const struct hy_log *log;
};

struct hy_chores *hy_chores_new(const struct hy_chores_parts *parts,
				const struct hy_crawler_conf *conf);
/* After the batch, which may hold a change of its. free(NULL) is legal. */
void hy_chores_free(struct hy_chores *chores);
void hy_chores_configure(struct hy_chores *chores, const struct hy_crawler_conf *conf);
/* Begins nothing any more. */
void hy_chores_stop(struct hy_chores *chores);

#endif
