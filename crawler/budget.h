/*
 * Budget: how many requests a host gets in a day (China time), and what one of them is worth.
 * The count is the impact ledger's, so it holds across restarts and for all crawlers together;
 * it lags by what a crawler has under way, which the caller adds. New articles may use all
 * but the polls' share, polls leave them a little, articles that are read again leave more.
 *
 * All functions run inside the caller's transaction and can be repeated.
 */
#ifndef HY_CRAWLER_BUDGET_H
#define HY_CRAWLER_BUDGET_H

#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/sys/store.h"
#include "crawler/schedule.h"
#include "crawler/work.h"

struct hy_budget {
	struct hy_str host;	/* borrowed */
	struct hy_wall now;
	int64_t per_day;	/* requests; 0: no limit */
	int64_t per_item;	/* requests that a new article takes, besides the poll */
};

/* What sources.yaml says of the host, else what the configuration says. */
struct hy_budget hy_budget_of(const struct hy_work *work, struct hy_str host);

/* How many more of each kind may be taken, `left` being what is left of the day's requests. */
struct hy_budget_room {
	int64_t articles, polls, revisits;
};
struct hy_budget_room hy_budget_room(const struct hy_budget *budget, int64_t left);

/* Left of the day's requests, by the ledger; may be below 0. Not for a budget without limit. */
enum hy_err hy_budget_left(struct hy_store *store, const struct hy_budget *budget,
			   int64_t *out_left, struct hy_error *e) HY_MUST_CHECK;
/* The host rests until midnight; the reason stands in v_host. */
enum hy_err hy_budget_rest(struct hy_store *store, const struct hy_budget *budget,
			   struct hy_error *e) HY_MUST_CHECK;

/*
 * The price of a request of the host, see hy_schedule_price. Found anew, from all that is known
 * of its sources, where the one kept in the store is older than ten minutes.
 */
enum hy_err hy_budget_price(struct hy_store *store, const struct hy_budget *budget,
			    struct hy_price *out, struct hy_error *e) HY_MUST_CHECK;

#endif
