/*
 * The alarms about sources, as rows: raised, cleared, and how much of that the alerter has
 * acknowledged. One alarm is open for a source and a trouble at most, held by a unique index,
 * so that several crawlers over one store raise it once. What is not told yet stays untold over
 * any restart; a clearing is told only after its raising.
 *
 * Writing functions run inside the caller's transaction and can be repeated.
 */
#ifndef HY_CRAWLER_SOURCE_ALARM_H
#define HY_CRAWLER_SOURCE_ALARM_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/msg.h"
#include "common/sys/store.h"
#include "crawler/health.h"

/* Not of a source but of a crawler, whose instance stands for the source. */
#define HY_CRAWLER_ALARM "crawler-network"

struct hy_source_alarm {
	struct hy_str source, owner;
	enum hy_trouble trouble;
	const char *kind;		/* NULL: the trouble's */
	struct hy_wall since, now;
	struct hy_str text;		/* Chinese */
};
/* *out_raised false where one is open already. */
enum hy_err hy_source_alarm_raise(struct hy_store *store, const struct hy_source_alarm *alarm,
				  bool *out_raised, struct hy_error *e) HY_MUST_CHECK;
/* Ends the open one, if there is any; owner and since are not looked at. */
enum hy_err hy_source_alarm_clear(struct hy_store *store, const struct hy_source_alarm *alarm,
				  bool *out_cleared, struct hy_error *e) HY_MUST_CHECK;
/* Ends those about sources not read and crawlers not seen any more; *out_dropped: some were. */
enum hy_err hy_source_alarm_drop(struct hy_store *store, struct hy_wall now, bool *out_dropped,
				 struct hy_error *e) HY_MUST_CHECK;

/* When the open ones of a source were raised; unknown where none is. */
enum hy_err hy_source_alarm_open(struct hy_store *store, struct hy_str source,
				 struct hy_wall out_raised_at[HY_TROUBLE_COUNT],
				 struct hy_error *e) HY_MUST_CHECK;

/* Is a crawler's open, or was it after that moment? source "": any crawler's. */
enum hy_err hy_crawler_alarm_open(struct hy_store *store, struct hy_str crawler,
				  struct hy_wall after, bool *out, struct hy_error *e)
	HY_MUST_CHECK;

/*
 * The place-th untold one, the oldest first, as a message; *out_found false: there are not so
 * many. Views are borrowed from `out`.
 */
struct hy_untold {
	struct hy_msg message;
	struct hy_buf memory;
	char id[HY_MSG_ID_BYTES + 1];
};
enum hy_err hy_source_alarm_untold(struct hy_store *store, int64_t place, struct hy_untold *out,
				   bool *out_found, struct hy_error *e) HY_MUST_CHECK;
void hy_untold_fini(struct hy_untold *untold);
/* Forgets those that ended before that moment and are told. */
enum hy_err hy_source_alarm_purge(struct hy_store *store, struct hy_wall before,
				  struct hy_error *e) HY_MUST_CHECK;
/* The alerter holds the message of that id; one that is unknown changes nothing. */
enum hy_err hy_source_alarm_told(struct hy_store *store, struct hy_str message_id,
				 struct hy_error *e) HY_MUST_CHECK;

#endif
