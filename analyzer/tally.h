/*
 * Tally: how many documents were judged, and on how many of them each topic fired, since it was
 * told last. A document counts when its verdict is sure, so one that is asked again counts once.
 *
 * Kept in memory only: what a crash takes is some minutes of counting. What was closed and found
 * no room to the alerter waits here.
 */
#ifndef HY_ANALYZER_TALLY_H
#define HY_ANALYZER_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyzer/ruleset.h"
#include "analyzer/scanner.h"
#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"
#include "common/sys/msg.h"

struct hy_tally_part;

struct hy_tally {
	const struct hy_ruleset *ruleset;
	struct hy_id sender;		/* of this process's tallies */
	int64_t *fired;			/* by rule of the set */
	int64_t documents, alerted;
	uint64_t number;		/* of the next part */
	struct hy_tally_part *parts;	/* closed, the oldest first */
	size_t part_count, part_cap;
};

/* Gives this process's tallies an id of their own. IO: the system gives no random bytes. */
enum hy_err hy_tally_init(struct hy_tally *tally, struct hy_error *e) HY_MUST_CHECK;
void hy_tally_fini(struct hy_tally *tally);

/* Counts by this set, which lives until the next call or fini. What was counted is closed before. */
void hy_tally_use(struct hy_tally *tally, const struct hy_ruleset *ruleset);
/* A document of that result has its verdict. */
void hy_tally_count(struct hy_tally *tally, const struct hy_scan_result *result, bool alerted);
/* Makes what was counted ready to be told; nothing where nothing was. The set must still be there. */
void hy_tally_close(struct hy_tally *tally, struct hy_wall now);

/* The next message to be sent, borrowed from the tally; false where there is none. */
bool hy_tally_next(const struct hy_tally *tally, struct hy_msg *out);
/* It is in the window to the alerter. */
void hy_tally_told(struct hy_tally *tally);

#endif
