/* Reactions to policies and the questions they ask, as rows. */
#ifndef HY_ALERTER_REACTION_H
#define HY_ALERTER_REACTION_H

#include <stdbool.h>

#include "alerter/turn.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/msg.h"

/* One policy that an alert reacts to; borrowed. */
struct hy_reaction {
	struct hy_str policy, alert_id;
	const struct hy_msg_alert *alert;
	struct hy_wall at;		/* detected; filled by hy_reaction_put */
};

/*
 * Keeps it with its questions, each beside the earlier one that it repeats in other words.
 * *out_new false: its document was known to react to this policy, and nothing changed.
 */
enum hy_err hy_reaction_put(struct hy_turn *turn, struct hy_reaction *reaction, bool *out_new,
			    struct hy_error *e) HY_MUST_CHECK;

#endif
