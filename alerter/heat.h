/*
 * Heat of an event: how many distinct outlets tell of it, how fast they came, and how much it
 * brings against what its topic brings on usual days (traffic.h). The steps of outlets.yaml say
 * which heat makes it graver.
 *
 * An outlet is the publisher's name as the page gives it, or the source where it gives none. It
 * counts from when it first told: a timespan holds those that began in it. Of an event the
 * HY_HEAT_TELLERS_MAX outlets that came last are looked at. Who told is also kept in memory
 * (heat_memory.h), so that the store is asked only where a step may hold.
 */
#ifndef HY_ALERTER_HEAT_H
#define HY_ALERTER_HEAT_H

#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/sys/content_id.h"
#include "common/sys/msg.h"
#include "common/sys/severity.h"

#define HY_HEAT_TELLERS_MAX 1000

struct hy_heated {
	enum hy_severity severity;
	struct hy_buf because;		/* Chinese, a line */
};

/* The alert opens the event. */
void hy_heat_open(struct hy_turn *turn, const struct hy_id *event,
		  const struct hy_msg_alert *alert);

/*
 * Looks whether the event, with `alert`, which is not stored yet, as one of its own, is to be
 * graver than heated->severity; then that is raised and a line appended. In the caller's
 * transaction; nothing is read where no step asks for more.
 */
enum hy_err hy_heat_raise(struct hy_turn *turn, const struct hy_id *event,
			  const struct hy_msg_alert *alert, struct hy_heated *heated,
			  struct hy_error *e) HY_MUST_CHECK;

#endif
