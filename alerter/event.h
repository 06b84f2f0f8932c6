/*
 * Events: alerts about the same thing. An alert joins the event of its document (an edited
 * version), or one whose text it nearly repeats, if the topics are compatible and neither the
 * places nor the named firms and estates contradict: near-identical words about another place
 * stay another event. Everything happens in the transaction that stores the alert.
 */
#ifndef HY_ALERTER_EVENT_H
#define HY_ALERTER_EVENT_H

#include <stdbool.h>

#include "alerter/signature.h"
#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/sys/content_id.h"
#include "common/sys/msg.h"

#define HY_EVENT_SIMILAR 0.5		/* of the shingles */
#define HY_EVENT_CANDIDATES_MAX 64	/* compared for one alert */

/* What an alert is compared by; worked out once, before the transaction. */
struct hy_likeness {
	const struct hy_msg_alert *alert;	/* borrowed */
	struct hy_signature signature;
	struct hy_buf subjects;		/* subject.h */
	struct hy_buf topics, places;	/* JSON arrays, the strongest topic first */
};
void hy_likeness_of(const struct hy_msg_alert *alert, struct hy_likeness *out);
void hy_likeness_fini(struct hy_likeness *likeness);

/* The event the alert belongs to; *out_found false where it is a new one. */
enum hy_err hy_event_find(struct hy_turn *turn, const struct hy_likeness *likeness,
			  struct hy_id *out, bool *out_found, struct hy_error *e) HY_MUST_CHECK;

/* A new event, or one alert more on it. */
enum hy_err hy_event_open(struct hy_turn *turn, const struct hy_msg_alert *alert,
			  const struct hy_id *event, struct hy_error *e) HY_MUST_CHECK;
enum hy_err hy_event_join(struct hy_turn *turn, const struct hy_id *event, struct hy_error *e)
	HY_MUST_CHECK;

/* Makes the alert findable by its likeness. */
enum hy_err hy_event_index(struct hy_turn *turn, struct hy_str alert, const struct hy_id *event,
			   const struct hy_likeness *likeness, struct hy_error *e) HY_MUST_CHECK;

#endif
