#include "crawler/rate_shape.h"

#include <math.h>
#include <stddef.h>

#include "common/base/mem.h"

#define BELIEF 0.6	/* items come in batches: each says less than an independent one would */

/* Hours of the day, then what a day of the weekend has of a working day's items. */
static const struct kind {
	double before, hour[24], weekend;	/* how likely, nothing being seen */
} kinds[] = {
	/* news and government pages together: office hours, a dip at noon, quiet weekends */
	{0.4,
	 {0.28, 0.14, 0.09, 0.07, 0.07, 0.13, 0.47, 0.95, 1.50, 1.95, 2.05, 1.70,
	  1.15, 1.05, 1.45, 1.75, 1.90, 1.75, 1.35, 1.10, 1.05, 0.93, 0.70, 0.45},
	 0.52},
	/* offices */
	{0.2,
	 {0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.08, 0.40, 1.70, 2.70, 2.90, 2.20,
	  0.80, 0.60, 1.80, 2.70, 3.00, 2.40, 1.10, 0.40, 0.25, 0.15, 0.10, 0.05},
	 0.12},
	/* wires: round the clock */
	{0.1,
	 {0.80, 0.75, 0.70, 0.70, 0.75, 0.80, 0.90, 1.00, 1.10, 1.20, 1.20, 1.15,
	  1.05, 1.05, 1.10, 1.15, 1.15, 1.15, 1.10, 1.10, 1.10, 1.05, 1.00, 0.90},
	 0.85},
	/* accounts that are read after work */
	{0.2,
	 {0.80, 0.40, 0.15, 0.05, 0.05, 0.05, 0.30, 0.70, 0.70, 0.50, 0.50, 0.70,
	  1.00, 0.80, 0.50, 0.50, 0.70, 1.20, 1.90, 2.40, 2.80, 3.00, 2.60, 1.70},
	 1.1},
	/* morning papers, published at once */
	{0.1,
	 {0.30, 0.20, 0.10, 0.10, 0.40, 2.50, 6.00, 5.50, 2.50, 1.00, 0.50, 0.40,
	  0.30, 0.30, 0.25, 0.25, 0.30, 0.30, 0.30, 0.30, 0.30, 0.30, 0.30, 0.30},
	 0.85},
};

static void shape_of(const struct kind *kind, struct hy_rate_shape *out)
{
	double sum = 0;

	for (size_t i = 0; i < 24; i++)
		sum += kind->hour[i] / 24;
	for (size_t i = 0; i < 24; i++)
		out->hour[i] = kind->hour[i] / sum;
	for (size_t i = 0; i < 7; i++)
		out->weekday[i] = (i < 5 ? 1 : kind->weekend) * 7 / (5 + 2 * kind->weekend);
}

/* The logarithm of the chance that the items fell into these cells of all that were watched. */
static double likelihood(const double *items, const double *days, const double *shape, size_t count)
{
	double log_sum = 0, all = 0, expected = 0;

	for (size_t i = 0; i < count; i++) {
		log_sum += items[i] * log(shape[i]);
		all += items[i];
		expected += days[i] * shape[i];
	}
	return all > 0 && expected > 0 ? log_sum - all * log(expected) : 0;
}

static void add(struct hy_rate_shape *sum, const struct hy_rate_shape *shape, double weight)
{
	for (size_t i = 0; i < 24; i++)
		sum->hour[i] += weight * shape->hour[i];
	for (size_t i = 0; i < 7; i++)
		sum->weekday[i] += weight * shape->weekday[i];
}

void hy_rate_shape_guess(const struct hy_rate_seen *seen, struct hy_rate_shape *out)
{
	struct hy_rate_shape shapes[HY_COUNT(kinds)], sum = {0};
	double logs[HY_COUNT(kinds)], best = -INFINITY, weights = 0;

	for (size_t i = 0; i < HY_COUNT(kinds); i++) {
		shape_of(&kinds[i], &shapes[i]);
		logs[i] = likelihood(seen->hour_items, seen->hour_days, shapes[i].hour, 24) +
			  likelihood(seen->weekday_items, seen->weekday_days, shapes[i].weekday, 7);
		logs[i] = log(kinds[i].before) + BELIEF * logs[i];
		best = fmax(best, logs[i]);
	}
	for (size_t i = 0; i < HY_COUNT(kinds); i++)
		weights += exp(logs[i] - best);
	for (size_t i = 0; i < HY_COUNT(kinds); i++)
		add(&sum, &shapes[i], exp(logs[i] - best) / weights);
	*out = sum;
}
