/*
 * Correlation of alerts: when enough documents, sources, outlets or places tell of a topic within
 * its timespan, its severity is raised, or a topic that comes of it is added to the alert.
 *
 * This is done where alerts are stored and not where documents are judged: only here all alerts of
 * all analyzers come together, in transactions, so that neither a restart nor a redelivery loses
 * or doubles one. What is counted are sightings: a topic of an alert at a place.
 */
#ifndef HY_ALERTER_CORRELATION_H
#define HY_ALERTER_CORRELATION_H

#include <stddef.h>
#include <stdint.h>

#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/time.h"
#include "common/rules/topics.h"
#include "common/sys/msg.h"

/* Borrowed for the call. */
struct hy_sighting {
	struct hy_str topic, place;	/* place "": the alert names none */
	struct hy_str document, source, outlet;
	int64_t at_ms;			/* detected */
};
typedef void hy_sighting_fn(void *ctx, const struct hy_sighting *sighting);

/* Where sightings are looked up, those of the alert in hand not among them. */
struct hy_correlator {
	const struct hy_topics *topics;
	struct hy_wall at;		/* when the alert in hand was detected */
	/* Hands over the sightings of a topic from a timespan before `at` to one behind it. */
	enum hy_err (*read)(void *ctx, const struct hy_correlation *correlation,
			    struct hy_str topic, hy_sighting_fn *each, void *each_ctx);
	void *ctx;
};

/* An alert as it is after correlation. */
struct hy_correlated {
	struct hy_msg_alert alert;	/* its topics are those below, the rest is the given alert's */
	struct hy_msg_topic topics[HY_MSG_TOPICS_MAX];
	struct hy_buf because;		/* Chinese sentences, one a line: why it is as grave as it is */
};
void hy_correlated_fini(struct hy_correlated *correlated);

/* Fails only as `read` does; *out ends with hy_correlated_fini either way. */
enum hy_err hy_correlate(const struct hy_correlator *correlator, const struct hy_msg_alert *alert,
			 struct hy_correlated *out) HY_MUST_CHECK;

/* The same by what the store holds, in the caller's transaction. */
enum hy_err hy_correlate_stored(struct hy_turn *turn, const struct hy_msg_alert *alert,
				struct hy_correlated *out, struct hy_error *e) HY_MUST_CHECK;
/* Stores the sightings of an alert that is stored. */
enum hy_err hy_sightings_put(struct hy_turn *turn, struct hy_str alert_id,
			     const struct hy_msg_alert *alert, struct hy_error *e) HY_MUST_CHECK;
/* Forgets what no timespan reaches: once for a batch. */
enum hy_err hy_sightings_forget(struct hy_turn *turn, struct hy_error *e) HY_MUST_CHECK;
/* Hands over the sightings that an alert detected at that moment is. */
void hy_sightings_of(const struct hy_msg_alert *alert, struct hy_wall at, hy_sighting_fn *each,
		     void *ctx);

#endif
