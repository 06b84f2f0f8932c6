/*
 * Traffic: on how many of the documents judged each topic fires, by day. Analyzers tell it in
 * tallies, each of which is counted once; days are those of China's time.
 *
 * A topic's figures begin anew when its form changes (topic_form.h), so that days before and
 * after an edit are never compared; a reload or restart that changes nothing changes none of them.
 * All alerts together keep their days, but today counts from the last change of the rules on.
 * Read by v_topic_day (topic, day, fired) and v_judged_day (day, documents).
 */
#ifndef HY_ALERTER_TRAFFIC_H
#define HY_ALERTER_TRAFFIC_H

#include "alerter/share.h"
#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/msg.h"
#include "common/sys/store.h"

/* What stands for all alerts together, in the place of a topic. */
#define HY_TRAFFIC_ALL "*"

/* The topics of the turn's rules: those that are new or were changed begin to be counted. */
enum hy_err hy_traffic_use_rules(struct hy_turn *turn, struct hy_error *e) HY_MUST_CHECK;

/* Counts a TALLY; the same id again changes nothing, *out_fresh is false then. */
enum hy_err hy_traffic_take(struct hy_turn *turn, struct hy_str id,
			    const struct hy_msg_tally *tally, bool *out_fresh,
			    struct hy_error *e) HY_MUST_CHECK;

/* The usual of one topic, as in hy_traffic below; days 0 where it is not counted. */
enum hy_err hy_traffic_usual(struct hy_store *store, struct hy_wall now, struct hy_str topic,
			     struct hy_share_usual *out, struct hy_error *e) HY_MUST_CHECK;

/* A topic's figures at a moment; borrowed for the call. */
struct hy_traffic {
	struct hy_str topic;		/* or HY_TRAFFIC_ALL */
	struct hy_wall since;		/* counted since then */
	struct hy_share_usual usual;	/* of the whole days since, before today */
	struct hy_share_day today;	/* by the rules in force */
};
typedef void hy_traffic_fn(void *ctx, const struct hy_traffic *traffic);

/* Of every topic in force, by id. The store may be read-only. */
enum hy_err hy_traffic_each(struct hy_store *store, struct hy_wall now, hy_traffic_fn *each,
			    void *ctx, struct hy_error *e) HY_MUST_CHECK;

#endif
