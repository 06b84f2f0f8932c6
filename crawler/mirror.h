/*
 * Back to the preferred address: a source that was read at another one than its first, since
 * that failed, tries the first again after a while.
 */
#ifndef HY_CRAWLER_MIRROR_H
#define HY_CRAWLER_MIRROR_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/store.h"

#define HY_MIRROR_AWAY_MS (INT64_C(3600) * 1000)

/*
 * The source was read well at another address than its first. *out_return: the next poll asks
 * the first. Inside the caller's transaction, which writes that poll.
 */
enum hy_err hy_mirror_is_over(struct hy_store *store, struct hy_str source, struct hy_wall now,
			      bool *out_return, struct hy_error *e) HY_MUST_CHECK;

#endif
