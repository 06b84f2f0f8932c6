/*
 * A turn: one transaction's work. The functions that open cases, fire deadlines and take
 * commands write through the store of the turn and leave in it what must happen after the
 * commit and must not happen without it: the notices to publish.
 */
#ifndef HY_ALERTER_TURN_H
#define HY_ALERTER_TURN_H

#include <stddef.h>

#include "alerter/audit.h"
#include "alerter/event_index.h"
#include "alerter/rule_set.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"
#include "common/sys/store.h"

struct hy_known;
struct hy_heat_memory;

/* A row of alerter_counter as it will be. */
struct hy_turn_counter {
	char name[24];
	int64_t value;
	char text[HY_SHA256_DIGITS + 1];
};
#define HY_TURN_COUNTERS_MAX 4

struct hy_turn {
	struct hy_store *store;			/* in a transaction */
	const struct hy_rule_set *rules;
	struct hy_event_index *events;		/* goes and comes with the transaction */
	struct hy_heat_memory *heat;		/* or NULL: the store is asked */
	struct hy_wall now;
	struct hy_id *publish;			/* notices in state `sending`, in order */
	size_t publish_count, publish_cap;
	struct hy_str because;			/* why the alert in hand is graver than it was judged */
	bool woke_channels;			/* notices in state `waiting` were added */
	const struct hy_known *known;		/* of the batch of alerts in hand, or NULL */
	/* What this transaction has read or written last, so that it is not read again. */
	struct hy_audit_head audit;
	bool audit_is_read;
	int case_year;				/* 0: no number was taken yet */
	int64_t case_number;
	struct hy_turn_counter counters[HY_TURN_COUNTERS_MAX];
	size_t counter_count;
};

void hy_turn_init(struct hy_turn *turn, struct hy_store *store, const struct hy_rule_set *rules,
		  struct hy_wall now);
/*
 * The counter gets this value and text when the transaction commits, once however often it is
 * set: until then the store has the old ones. The turn must outlive the transaction.
 */
void hy_turn_count(struct hy_turn *turn, const char *name, int64_t value, const char *text);
/* Forgets what was to happen, as after a rollback. */
void hy_turn_clear(struct hy_turn *turn);
void hy_turn_fini(struct hy_turn *turn);

#endif
