/*
 * Rate shape: how publishers of the kinds there are spread what they publish over the hours of
 * the day and the week, China time. Which kind a source is of is guessed from what it published
 * so far, so that a dozen items tell an office, which has no nights and weekends, from a paper.
 */
#ifndef HY_CRAWLER_RATE_SHAPE_H
#define HY_CRAWLER_RATE_SHAPE_H

struct hy_rate_shape {
	double hour[24], weekday[7];	/* mean 1; 0 Monday */
};

/* What of a source was seen in each hour of the day and each day of the week. */
struct hy_rate_seen {
	const double *hour_items, *weekday_items;
	double hour_days[24], weekday_days[7];	/* watched */
};

/* The mean of the kinds, each by how likely it is after what was seen. Never 0 at any hour. */
void hy_rate_shape_guess(const struct hy_rate_seen *seen, struct hy_rate_shape *out);

#endif
