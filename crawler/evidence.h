/*
 * Evidence: the raw pages of alerted articles in WARC files, where `warc` is configured.
 *
 * Whether a page is evidence is known only with its verdict, and the raw page is not kept
 * otherwise. So its finished record goes into the store (the spool) in the transaction that
 * makes the version pending, and with the verdict's transaction it is dropped or becomes due;
 * nothing on the way can lose one without the other. A due record is appended to the day's
 * file and flushed before the transaction that enters it in the ledger (which file, from
 * where, how long) and empties the spool. The ledger is the truth: what a crash left behind
 * its end is cut off before the next record, so none is torn and none stands there twice.
 *
 * The spool is bounded: while too many pages await verdicts, further ones are not kept, and
 * if they alert, the ledger says that their evidence is missing (file "").
 *
 * Raw pages hold what masking takes away: that is why this is off by default, in files of mode
 * 0600 in a folder of mode 0700, and only for as long as `warc_retention`.
 */
#ifndef HY_CRAWLER_EVIDENCE_H
#define HY_CRAWLER_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"
#include "common/sys/store.h"

/* All write inside the caller's transaction and can be repeated. */

/* `record`: see hy_warc_add_response; `max`: bytes that the spool may hold. */
enum hy_err hy_evidence_spool(struct hy_store *store, const struct hy_id *version,
			      struct hy_str record, int64_t max, struct hy_error *e) HY_MUST_CHECK;
/* The verdict of that version is in. */
enum hy_err hy_evidence_judge(struct hy_store *store, const struct hy_id *version,
			      bool is_alerted, struct hy_error *e) HY_MUST_CHECK;

struct hy_evidence_terms {
	const char *folder;		/* made where it is not there */
	const char *instance;		/* whose versions, and whose files */
	struct hy_wall now;
	size_t max;			/* records */
};
/*
 * Due records to the file; *out_count: how many. LIMIT where the file cannot be written: they
 * stay due, and the transaction is to be rolled back.
 */
enum hy_err hy_evidence_write(struct hy_store *store, const struct hy_evidence_terms *terms,
			      size_t *out_count, struct hy_error *e) HY_MUST_CHECK;
/* Removes a file whose last record is older, with its ledger; *out_count: files. */
enum hy_err hy_evidence_purge(struct hy_store *store, const char *folder, struct hy_wall before,
			      int64_t *out_count, struct hy_error *e) HY_MUST_CHECK;

#endif
