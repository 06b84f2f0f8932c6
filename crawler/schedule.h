/*
 * Schedule: when a source is asked next. What waits undiscovered since the last poll adds up to
 *
 *	W(t) = integral from the last poll to t of rate(s) * (t - s) ds	(items * days)
 *
 * and the source is due when W reaches the price of a request. One price for all sources of a
 * host gives the least total delay for so many requests (the price is the multiplier of that
 * problem); at a constant rate the interval is sqrt(2 * price / rate). Polls in proportion to
 * the rate, or all equally often, give the same total delay as each other and a longer one.
 *
 * A source's goal sets a price of its own, at which the mean delay of its items is the goal:
 * more requests would do better than was wanted. The host's budget sets the other, as
 * hy_schedule_price finds it; the higher one holds.
 *
 * Pure arithmetic with the moment as a parameter, as crawler/rate.h.
 */
#ifndef HY_CRAWLER_SCHEDULE_H
#define HY_CRAWLER_SCHEDULE_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/time.h"
#include "crawler/rate.h"

/* However seldom a source publishes, it is asked so often: it may have been silent for a reason. */
#define HY_SCHEDULE_LONGEST_MS (INT64_C(24) * 3600 * 1000)
#define HY_SCHEDULE_LEAST_MS INT64_C(30000)	/* however much it publishes */

/* Of a request at one host, in item-days; 0 where the budget is ample. */
struct hy_price {
	double today, later;
	struct hy_wall turns_at;	/* the end of that day, China time; later holds from there */
};

struct hy_schedule_terms {
	const struct hy_rate *rate;
	struct hy_wall now;	/* of the poll that just ended */
	int64_t interval_ms;	/* fixed; 0: adapts to the rate */
	int64_t goal_ms;	/* wanted mean delay; 0: as the price alone gives */
	struct hy_price price;
	int64_t wish_ms;	/* what the site called fresh (max-age, ttl); 0: it did not */
	uint64_t seed;		/* differs between sources; spreads those that are in phase */
};

/*
 * After now. A site's wish holds back what is done beyond the goal, not what the goal needs: a
 * forgotten `ttl` must not hide a concern for a day.
 */
struct hy_wall hy_schedule_next(const struct hy_schedule_terms *terms);

/* What a source wants of its host: up to the day's end, and in the whole day behind it. */
struct hy_demand {
	double own_price;		/* of its goal */
	struct hy_demand_span {
		double roots;		/* integral of sqrt(rate); 0 where the interval is fixed */
		double least, most;	/* polls, whatever the price */
		double items;		/* expected */
	} today, tomorrow;
};

/* Requests that the host's budget leaves. */
struct hy_supply {
	double today;		/* until the day's end */
	double per_day;		/* in the days to come */
	double per_item;	/* requests that each new item takes, besides the poll */
	struct hy_wall now;
};

/*
 * Of what is left until midnight, what new articles leave to polls however many there are: a
 * burst must not hide what comes after it. It falls evenly with the day, used or not, so what
 * polls do not need goes to articles.
 */
double hy_schedule_polls_share(double per_day, struct hy_wall now);

/* From terms->now on; price, wish and seed are not looked at. Days end at midnight, China time. */
void hy_schedule_demand(const struct hy_schedule_terms *terms, struct hy_demand *out);
/*
 * The lowest prices at which these sources and their items want no more than there is, today and
 * later; 0 where their goals want no more. Today is never the cheaper one: what a quiet day
 * leaves is not spent on its evening. Where even the least is more than there is, a price at
 * which they want the least: the host's budget must stop them.
 */
struct hy_price hy_schedule_price(const struct hy_demand *demands, size_t count,
				  const struct hy_supply *supply);

#endif
