/*
 * Messages on their way: which waiting notices go out together, how often that was tried, and
 * what each answer makes of them. Everything is decided in the store, so that a restart finds
 * budgets, pauses and half-sent messages as they were. All functions run in the caller's
 * transaction.
 *
 * A message keeps its notices and its id until it is accepted or given up: whoever receives it
 * twice can tell by the id. What may have arrived (`doubtful`) is tried again only on channels
 * whose receivers do tell; on the others its notices become `uncertain`.
 */
#ifndef HY_ALERTER_OUTBOX_H
#define HY_ALERTER_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alerter/channel_type.h"
#include "alerter/channels.h"
#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"
#include "common/sys/store.h"

#define HY_OUTBOX_GROUP_MAX 20
#define HY_OUTBOX_BACK_OFF_MS 5000		/* doubled for each failure */
#define HY_OUTBOX_BACK_OFF_MAX_MS (10LL * 60 * 1000)
#define HY_OUTBOX_GIVE_UP_MS (24LL * 3600 * 1000)

struct hy_outbox_message {
	struct hy_id id;
	int64_t number;			/* of this attempt, from 1 */
	int64_t parts, accepted;	/* parts is 0 until one was accepted */
	struct hy_id notices[HY_OUTBOX_GROUP_MAX];
	size_t count;
};

/*
 * The channel's next message: its notices are `sending` and its attempt is on record when the
 * transaction is committed. *out_found false: none is due.
 */
enum hy_err hy_outbox_take(struct hy_store *store, const struct hy_channel *channel,
			   struct hy_wall now, struct hy_outbox_message *out,
			   struct hy_error *e) HY_MUST_CHECK;

/* Records how an attempt ended, and what becomes of its notices. */
struct hy_outbox_end {
	struct hy_id message;
	int64_t number;
	size_t part, parts;		/* parts 0: it was never written */
	struct hy_wall at;
	struct hy_verdict verdict;
};
enum hy_err hy_outbox_end(struct hy_store *store, const struct hy_channels *channels,
			  const struct hy_outbox_end *end, struct hy_error *e) HY_MUST_CHECK;

/* Until when the channel keeps still: its budget, its receiver's wish, a full or half hour. */
enum hy_err hy_outbox_blocked_until(struct hy_store *store, const struct hy_channel *channel,
				    struct hy_wall now, struct hy_wall *out, struct hy_error *e)
	HY_MUST_CHECK;

/* When its next waiting notice is due; unknown where none waits. */
enum hy_err hy_outbox_next_at(struct hy_store *store, const struct hy_channel *channel,
			      struct hy_wall now, struct hy_wall *out, struct hy_error *e)
	HY_MUST_CHECK;

/* What has waited longer than its channel's fallback_after goes to the fallback. */
enum hy_err hy_outbox_fall_back(struct hy_store *store, const struct hy_channels *channels,
				const struct hy_channel *channel, struct hy_wall now,
				struct hy_error *e) HY_MUST_CHECK;

/* After new rules: notices of channels that are gone fail, with words. */
enum hy_err hy_outbox_drop_channels(struct hy_store *store, const struct hy_channels *channels,
				    struct hy_wall now, struct hy_error *e) HY_MUST_CHECK;

/*
 * Once, when the alerter becomes active: what was `sending` waits again where it may be repeated
 * and is `uncertain` elsewhere; *out_uncertain counts these.
 */
enum hy_err hy_outbox_recover(struct hy_store *store, const struct hy_channels *channels,
			      struct hy_wall now, int64_t *out_uncertain, struct hy_error *e)
	HY_MUST_CHECK;

/* From 0 to below `range`; steady for the same text and number, different for others. */
int64_t hy_outbox_spread(struct hy_str text, int64_t number, int64_t range);

#endif
