/*
 * Purge: what is older than the retention loses its text and title and keeps its address, its
 * hash and its verdict, so that it is known what was read and judged, and nothing is fetched or
 * sent again. Only judged versions: what is pending is never touched. Titles that links gave,
 * and reasons, go the same way; the row of the address stays, or the address would be new again.
 *
 * Goes in steps that are short enough for a batch. SQLite keeps the freed pages for what comes
 * next (and overwrites them, as Debian builds it), so a store stops growing once the retention
 * is reached; it does not shrink.
 */
#ifndef HY_CRAWLER_PURGE_H
#define HY_CRAWLER_PURGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/store.h"

struct hy_purge_terms {
	struct hy_wall now;
	struct hy_wall texts_before;	/* when it was read; unknown: texts stay */
	struct hy_wall ledger_before;	/* days of the ledgers, alarms; unknown: they stay */
	size_t max;			/* versions in one step */
};

struct hy_purge_done {
	int64_t texts, pages, days;	/* of this step */
	bool is_all;			/* nothing is left to do */
};

/* True for one of all that ask when it is due; the next time is at `next`. */
enum hy_err hy_purge_claim(struct hy_store *store, struct hy_wall now, struct hy_wall next,
			   bool *out, struct hy_error *e) HY_MUST_CHECK;
/* One step inside the caller's transaction. */
enum hy_err hy_purge_step(struct hy_store *store, const struct hy_purge_terms *terms,
			  struct hy_purge_done *out, struct hy_error *e) HY_MUST_CHECK;
/* Every judged version of one document, whatever its age; inside the caller's transaction. */
enum hy_err hy_purge_document(struct hy_store *store, struct hy_str document, struct hy_wall now,
			      int64_t *out_texts, struct hy_error *e) HY_MUST_CHECK;

#endif
