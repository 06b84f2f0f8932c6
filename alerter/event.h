/*
 * Events: alerts about the same thing. An alert joins the event of its document (an edited
 * version), or the likest one of the event index, unless their topics, places or subjects
 * contradict. Everything happens in the transaction that stores the alert; the index follows
 * the transaction (hy_event_index_commit and _rollback).
 */
#ifndef HY_ALERTER_EVENT_H
#define HY_ALERTER_EVENT_H

#include <stdbool.h>

#include "alerter/event_index.h"
#include "alerter/likeness.h"
#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/sys/content_id.h"
#include "common/sys/msg.h"

/*
 * Fills an empty index with the newest stored texts. What is older than this is about another
 * matter, whatever its words: an event's memory costs the same however long the record is.
 */
#define HY_EVENT_REMEMBERED_DAYS 365
enum hy_err hy_event_load(struct hy_store *store, struct hy_event_index *index,
			  struct hy_wall now, struct hy_error *e) HY_MUST_CHECK;

/* The event the alert belongs to; *out_found false where it is a new one. */
enum hy_err hy_event_find(struct hy_turn *turn, struct hy_likeness *likeness,
			  struct hy_id *out, bool *out_found, struct hy_error *e) HY_MUST_CHECK;

/* A new event, or one alert more on it. */
enum hy_err hy_event_open(struct hy_turn *turn, const struct hy_msg_alert *alert,
			  const struct hy_id *event, struct hy_error *e) HY_MUST_CHECK;
enum hy_err hy_event_join(struct hy_turn *turn, const struct hy_id *event, struct hy_error *e)
	HY_MUST_CHECK;

/* Makes the alert findable by its likeness; after hy_event_find of the same likeness. */
enum hy_err hy_event_index(struct hy_turn *turn, struct hy_str alert, const struct hy_id *event,
			   const struct hy_likeness *likeness, struct hy_error *e) HY_MUST_CHECK;

#endif
