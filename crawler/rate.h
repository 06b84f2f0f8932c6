/*
 * Rate: what is known of how often a source publishes. Items come as a Poisson process whose
 * rate is a mean, times a profile by hour of day and by weekday (China Standard Time), times
 * what the last hours say of a burst or a lull.
 *
 * The mean is a Gamma posterior: a weak prior that spans three orders of magnitude, then what
 * was seen, forgotten by half in three weeks. Each cell of the profile begins as that of the kind
 * the source seems to be of (crawler/rate_shape.h) and departs from it as its own items outweigh
 * it. Exposure is counted in
 * profile time, so that a source first seen at night is not taken for a dead one.
 *
 * Pure arithmetic with the moment as a parameter: the daemon, the unit tests and the simulator
 * (tests/helpers/schedule_sim.c) run the same code.
 */
#ifndef HY_CRAWLER_RATE_H
#define HY_CRAWLER_RATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/str.h"
#include "common/base/time.h"

#define HY_RATE_TEXT_BYTES 2048
#define HY_RATE_GAP_MAX_MS (INT64_C(366) * 86400 * 1000)

/* A value; kept in the store as text. "days" are of profile time: 7 in any whole week. */
struct hy_rate {
	struct hy_wall seen_until;	/* unknown: never observed */
	double items, days;
	double recent_items, recent_days;	/* of the last hours */
	double silent_days;		/* since the last item */
	double hour_items[24], hour_days[24];
	double weekday_items[7], weekday_days[7];	/* 0 Monday */
};

/* The posterior in a form for integrals: per_day * hour * weekday * (1 + excess, fading). */
struct hy_rate_curve {
	struct hy_wall at;
	double per_day;
	double hour[24], weekday[7];	/* mean 1 */
	double excess;			/* above -1; halves in HY_RATE_RECENT_MS */
};

#define HY_RATE_RECENT_MS (INT64_C(4) * 3600 * 1000)

void hy_rate_init(struct hy_rate *rate);	/* nothing is known but the prior */

/*
 * The first reading of a source: the times of what it lists are its history, so that its rate
 * is known from the first day. Unknown times and times after `now` are left out. What it lists
 * without times says nothing: it may be a day's or a year's.
 */
void hy_rate_begin(struct hy_rate *rate, struct hy_wall now, const struct hy_wall *times,
		   size_t count);
/*
 * `count` items appeared since seen_until, `now` being the moment of the reading. A time within
 * that span is believed, any other item appeared somewhere in it. A source that was never
 * observed begins here. A clock that was set back changes nothing.
 */
void hy_rate_observe(struct hy_rate *rate, struct hy_wall now, const struct hy_wall *times,
		     size_t count);

/* Items a day in the long run, whatever the hour. Above 0. */
double hy_rate_per_day(const struct hy_rate *rate);
/* The long-run expectation of how many items are published in the span; 0 where it is empty. */
double hy_rate_expected(const struct hy_rate *rate, struct hy_wall from, struct hy_wall until);
/*
 * The usual gap between two items at this time: the span up to now in which the long-run rate
 * brings one item, so longer on a Sunday morning than on a Monday evening. At most
 * HY_RATE_GAP_MAX_MS. A source is silent for three usual gaps where
 * hy_rate_expected(rate, last item, now) >= 3.
 */
int64_t hy_rate_usual_gap_ms(const struct hy_rate *rate, struct hy_wall now);

void hy_rate_curve(const struct hy_rate *rate, struct hy_wall now, struct hy_rate_curve *out);
/* Items a day expected at that moment, which is not before curve->at. */
double hy_rate_curve_at(const struct hy_rate_curve *curve, struct hy_wall at);
/* The end of the hour that the moment is in: the rate is taken as constant up to there. */
struct hy_wall hy_rate_cell_end(struct hy_wall at);

/* One line of printable text, at most HY_RATE_TEXT_BYTES. */
void hy_rate_encode(const struct hy_rate *rate, struct hy_buf *out);
/* False where it is no such text, *out untouched; "" is a source never observed. */
bool hy_rate_decode(struct hy_str text, struct hy_rate *out);

#endif
