/* What STATUS says about the crawler's store; counted when asked. */
#ifndef HY_CRAWLER_FIGURES_H
#define HY_CRAWLER_FIGURES_H

#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/store.h"

/* Gets each figure by name, for as long as the call lasts. */
typedef void hy_figure_fn(void *ctx, const char *name, int64_t value);

enum hy_err hy_figures_read(struct hy_store *store, struct hy_wall now, hy_figure_fn *fn, void *ctx,
			    struct hy_error *e) HY_MUST_CHECK;

#endif
