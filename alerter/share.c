#include "alerter/share.h"

#include <stdbool.h>
#include <stdlib.h>

#include "common/base/err.h"

#define MAD_TO_DEVIATION 1.4826		/* of a normal distribution */

/* What makes a surge, and what still is one. */
struct bounds {
	double fired, share, times, deviations;
	double implausible;		/* share of a topic without a usual */
};

static const struct bounds begins = {HY_SHARE_SURGE_FIRED, 0.02, 3, 6, 0.5};
static const struct bounds goes_on = {HY_SHARE_SURGE_FIRED / 2.0, 0.01, 2, 4, 0.4};

double hy_share_of(const struct hy_share_day *day)
{
	return day->documents > 0 ? (double)day->fired / (double)day->documents : 0;
}

/* ---- the usual ---- */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Sorts. */
static double median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, by_value);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

void hy_share_usual(const struct hy_share_day *days, size_t count, struct hy_share_usual *out)
{
	double shares[HY_SHARE_DAYS], documents[HY_SHARE_DAYS];
	size_t n = 0;

	hy_assert(count <= HY_SHARE_DAYS);
	for (size_t i = 0; i < count; i++) {
		if (days[i].documents < HY_SHARE_DAY_DOCUMENTS)
			continue;
		shares[n] = hy_share_of(&days[i]);
		documents[n++] = (double)days[i].documents;
	}
	*out = (struct hy_share_usual){.days = n};
	if (n < HY_SHARE_DAYS_MIN)
		return;
	out->documents = (int64_t)median(documents, n);
	out->median = median(shares, n);
	out->low = shares[n / 4];
	for (size_t i = 0; i < n; i++)
		shares[i] = shares[i] < out->median ? out->median - shares[i]
						    : shares[i] - out->median;
	out->deviation = MAD_TO_DEVIATION * median(shares, n);
}

/* ---- today ---- */

static bool is_surge(const struct hy_share_usual *usual, const struct hy_share_day *today,
		     const struct bounds *b)
{
	double n = (double)today->documents, share = hy_share_of(today), p = usual->median;
	double above = share - p;
	double variance = p * (1 - p) / n + usual->deviation * usual->deviation;

	return (double)today->fired >= b->fired && share >= b->share && share >= b->times * p &&
	       above * above >= b->deviations * b->deviations * variance;
}

/*
 * At night there are other documents than by day: shares are compared from a quarter of the usual
 * day's on, or once more fired than makes a surge of a whole day.
 */
static bool is_far_enough(const struct hy_share_usual *usual, const struct hy_share_day *today,
			  const struct bounds *b)
{
	double usual_fired = usual->median * (double)usual->documents;

	return today->documents * 4 >= usual->documents ||
	       (double)today->fired >= b->times * usual_fired;
}

/* What it should have fired at the least: half of what three of four days reach. */
static double expected(const struct hy_share_usual *usual, const struct hy_share_day *today)
{
	return usual->low / 2 * (double)today->documents;
}

static bool fires(const struct hy_share_usual *usual, const struct hy_share_day *today)
{
	return (double)today->fired * 20 > expected(usual, today);
}

/* By half of the usual day's documents: what is missing may come by day. */
static bool is_silent(const struct hy_share_usual *usual, const struct hy_share_day *today)
{
	return today->documents * 2 >= usual->documents &&
	       expected(usual, today) >= HY_SHARE_SILENT_EXPECTED && !fires(usual, today);
}

enum hy_share_state hy_share_judge(const struct hy_share_usual *usual,
				   const struct hy_share_day *today, enum hy_share_state was)
{
	const struct bounds *surge = was == HY_SHARE_SURGE ? &goes_on : &begins;
	bool has_usual = usual->days >= HY_SHARE_DAYS_MIN;

	if (was == HY_SHARE_SILENT && today->fired > 0 && (!has_usual || fires(usual, today)))
		return HY_SHARE_USUAL;
	if (today->documents < HY_SHARE_DOCUMENTS_MIN)
		return HY_SHARE_UNKNOWN;
	if (!has_usual && hy_share_of(today) < surge->implausible)
		return was == HY_SHARE_SURGE ? HY_SHARE_USUAL : HY_SHARE_UNKNOWN;
	if (has_usual && !is_far_enough(usual, today, surge))
		return HY_SHARE_UNKNOWN;
	if (!has_usual || is_surge(usual, today, surge))
		return HY_SHARE_SURGE;
	if (is_silent(usual, today))
		return HY_SHARE_SILENT;
	/* Silent until now, and too early in the day to say otherwise. */
	return was == HY_SHARE_SILENT ? HY_SHARE_UNKNOWN : HY_SHARE_USUAL;
}
