/*
 * Search: words in the texts of all versions that still have theirs.
 *
 * A version matches where each word stands in its title or its text, letters A to Z in either
 * case. What the engines keep is only an index: every find is proved on the text itself, so
 * an index that lags or is missing costs time and never a result.
 *
 * SQLite: FTS5 over all runs of three characters. A word of two characters, which is what most
 * Chinese words are, is the range of runs that begin with it; texts are indexed with two blanks
 * behind them, so that their last two characters begin a run too. Indexing costs several times
 * what else is written for a page, so it is done in small batches when the crawler has nothing
 * better to do; what is not indexed yet is read.
 * PostgreSQL: pg_trgm, from three characters on; shorter words and databases without it read
 * the texts, newest first.
 */
#ifndef HY_CRAWLER_SEARCH_H
#define HY_CRAWLER_SEARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/store.h"

#define HY_SEARCH_WORDS_MAX 8
#define HY_SEARCH_WORD_BYTES 256

struct hy_search {
	struct hy_str words;		/* separated by white space, also the full-width one */
	struct hy_wall since, until;	/* when it was read, [since, until); unknown: any */
	struct hy_str source;		/* empty: any */
	int64_t limit;			/* hits */
};

/* Borrowed for the call. */
struct hy_search_hit {
	struct hy_str version, document, url, source, outlet, title, text, outcome;
	struct hy_wall detected_at, published_at;
	struct hy_str word;		/* the first of those asked for */
};

typedef void hy_search_fn(void *ctx, const struct hy_search_hit *hit);

/*
 * Calls fn for each hit, newest first. MALFORMED where no word is given, LIMIT for too many or
 * too long ones. fn does not use the store.
 */
enum hy_err hy_search_run(struct hy_store *store, const struct hy_search *search,
			  hy_search_fn *fn, void *ctx, struct hy_error *e) HY_MUST_CHECK;
/* Is there an index over the texts? Always, but for a PostgreSQL without pg_trgm. */
enum hy_err hy_search_has_index(struct hy_store *store, bool *out, struct hy_error *e)
	HY_MUST_CHECK;

/* Inside the caller's transaction: indexes up to `max` versions; *out_count: how many it were. */
enum hy_err hy_search_index(struct hy_store *store, size_t max, size_t *out_count,
			    struct hy_error *e) HY_MUST_CHECK;
/* Inside the caller's transaction, while title and text are there: takes them out of the index. */
enum hy_err hy_search_forget(struct hy_store *store, struct hy_str version, struct hy_error *e)
	HY_MUST_CHECK;

#endif
