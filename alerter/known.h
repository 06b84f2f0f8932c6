/*
 * Known: which alerts and documents of a batch the store may have already, asked for all of them
 * at once, so that each new one need not be looked for by itself. Borrowed by the turn.
 */
#ifndef HY_ALERTER_KNOWN_H
#define HY_ALERTER_KNOWN_H

#include "common/base/map.h"
#include "common/sys/msg.h"
#include "common/sys/store.h"

struct hy_known {
	struct hy_map ids;	/* of alerts and of documents: both are content ids */
};

/* `messages` are ALERTs; in the transaction that stores them. End with hy_known_fini. */
enum hy_err hy_known_ask(struct hy_store *store, const struct hy_msg *const *messages,
			 size_t count, struct hy_known *out, struct hy_error *e) HY_MUST_CHECK;
/* An alert of the batch that is stored now. */
enum hy_err hy_known_add(struct hy_known *known, const struct hy_msg *message,
			 struct hy_error *e) HY_MUST_CHECK;
void hy_known_fini(struct hy_known *known);

/* False: certainly not in the store. Without a batch (NULL) everything may be. */
bool hy_known_maybe(const struct hy_known *known, struct hy_str id);

#endif
