#include "crawler/schedule.h"

#include <math.h>
#include <stdbool.h>

#define DAY_MS (INT64_C(86400) * 1000)
#define JITTER 0.05		/* of the interval, either way */
#define GOAL_LONGEST 12		/* times the interval of the goal: a quiet night's */
#define PRICE_MAX 1e12
#define PRICE_MIN 1e-12
#define HALVINGS 60
#define POLLS_SHARE 0.2		/* of a day's budget, whatever the articles need */

static double days_of(int64_t ms)
{
	return (double)ms / (double)DAY_MS;
}

static struct hy_wall day_end(struct hy_wall now)
{
	int64_t offset_ms = HY_CST_OFFSET_MIN * INT64_C(60000);

	return (struct hy_wall){((now.ms + offset_ms) / DAY_MS + 1) * DAY_MS - offset_ms};
}

/* ---- the goal ---- */

static double mean_root(const double *cells, size_t count)
{
	double sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += sqrt(cells[i]);
	return sum / (double)count;
}

/*
 * At a price p the interval is sqrt(2p/rate), so an item waits half of it. Over the week the
 * mean wait is sqrt(p/2) * mean(sqrt(rate)) / mean(rate); that is the goal at this p.
 */
static double own_price(const struct hy_rate *rate, const struct hy_rate_curve *curve,
			int64_t goal_ms)
{
	double goal = days_of(goal_ms);
	double root = mean_root(curve->hour, 24) * mean_root(curve->weekday, 7);

	return 2 * goal * goal * hy_rate_per_day(rate) / (root * root);
}

/* ---- one source ---- */

static int64_t longest_ms(const struct hy_schedule_terms *t, double own)
{
	int64_t ms = 2 * t->goal_ms * GOAL_LONGEST;

	/* Where the budget is short, it decides. */
	if (!t->goal_ms || t->price.later > own || ms > HY_SCHEDULE_LONGEST_MS)
		return HY_SCHEDULE_LONGEST_MS;
	return ms;
}

/* Within one cell, of a constant rate: when does what waits reach the price? */
static double rest_of_cell(double rate, double waiting, double owed)
{
	return (sqrt(waiting * waiting + 2 * rate * owed) - waiting) / rate;
}

static int64_t until_price(const struct hy_rate_curve *curve, struct hy_wall now,
			   struct hy_price price, int64_t limit_ms)
{
	struct hy_wall end = hy_wall_add_ms(now, limit_ms), at = now;
	double waiting = 0, waited = 0;	/* items; item-days */

	while (at.ms < end.ms) {
		struct hy_wall next = hy_rate_cell_end(at);
		double days = days_of(next.ms - at.ms), rate = hy_rate_curve_at(curve, at);
		double gain = waiting * days + rate * days * days / 2;
		double owed = (at.ms < price.turns_at.ms ? price.today : price.later) - waited;

		if (gain >= owed) {
			days = owed > 0 ? rest_of_cell(rate, waiting, owed) : 0;
			at = hy_wall_add_ms(at, (int64_t)(days * (double)DAY_MS));
			break;
		}
		waited += gain;
		waiting += rate * days;
		at = next;
	}
	return at.ms < end.ms ? at.ms - now.ms : limit_ms;
}

/* SplitMix64, so that neighbours in the list do not stay neighbours. */
static double unit_of(uint64_t seed)
{
	seed += UINT64_C(0x9e3779b97f4a7c15);
	seed = (seed ^ (seed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	seed = (seed ^ (seed >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (double)((seed ^ (seed >> 31)) >> 11) * 0x1p-53;
}

static struct hy_wall after(const struct hy_schedule_terms *t, int64_t ms)
{
	double jitter = 1 + JITTER * (2 * unit_of(t->seed ^ (uint64_t)t->now.ms) - 1);

	ms = (int64_t)((double)ms * jitter);
	return hy_wall_add_ms(t->now, ms > 0 ? ms : 1);
}

/* Never longer than the goal needs at a steady rate, nor for longer than the budget would. */
static int64_t heeded(const struct hy_schedule_terms *t, int64_t ms)
{
	int64_t wish_ms = t->wish_ms;

	if (wish_ms > 2 * t->goal_ms)
		wish_ms = 2 * t->goal_ms;
	return wish_ms > ms ? wish_ms : ms;
}

struct hy_wall hy_schedule_next(const struct hy_schedule_terms *terms)
{
	struct hy_rate_curve curve;
	struct hy_price price = terms->price;
	double own;
	int64_t ms;

	if (terms->interval_ms)
		return after(terms, terms->interval_ms);
	hy_rate_curve(terms->rate, terms->now, &curve);
	own = own_price(terms->rate, &curve, terms->goal_ms);
	price.today = fmax(own, price.today);
	price.later = fmax(own, price.later);
	ms = until_price(&curve, terms->now, price, longest_ms(terms, own));
	if (ms < HY_SCHEDULE_LEAST_MS)
		ms = HY_SCHEDULE_LEAST_MS;
	return after(terms, heeded(terms, ms));
}

/* ---- all sources of a host ---- */

static void add_demand(const struct hy_schedule_terms *terms, const struct hy_rate_curve *curve,
		       struct hy_wall from, struct hy_wall until, struct hy_demand_span *out)
{
	double span_ms = (double)(until.ms - from.ms);

	*out = (struct hy_demand_span){.least = span_ms / (double)HY_SCHEDULE_LONGEST_MS,
				       .most = span_ms / (double)HY_SCHEDULE_LEAST_MS};
	if (terms->interval_ms)
		out->least = out->most = span_ms / (double)terms->interval_ms;
	while (from.ms < until.ms) {
		struct hy_wall next = hy_rate_cell_end(from);
		double rate = hy_rate_curve_at(curve, from), days = days_of(next.ms - from.ms);

		out->items += rate * days;
		if (!terms->interval_ms)
			out->roots += sqrt(rate) * days;
		from = next;
	}
}

void hy_schedule_demand(const struct hy_schedule_terms *terms, struct hy_demand *out)
{
	struct hy_wall midnight = day_end(terms->now);
	struct hy_rate_curve curve;

	hy_rate_curve(terms->rate, terms->now, &curve);
	out->own_price = own_price(terms->rate, &curve, terms->goal_ms);
	add_demand(terms, &curve, terms->now, midnight, &out->today);
	add_demand(terms, &curve, midnight, hy_wall_add_ms(midnight, DAY_MS), &out->tomorrow);
}

double hy_schedule_polls_share(double per_day, struct hy_wall now)
{
	return POLLS_SHARE * per_day * days_of(day_end(now).ms - now.ms);
}

/* One of a demand's two spans, and what there is for it. */
struct market {
	const struct hy_demand *demands;
	size_t count;
	double left, per_item;
	double share;		/* of it that is for polls in any case */
	bool is_today;
};

static double span_wants(const struct hy_demand_span *span, double price)
{
	return fmin(fmax(span->roots / sqrt(2 * price), span->least), span->most);
}

static bool is_enough(const struct market *m, double price)
{
	double polls = 0, items = 0;

	for (size_t i = 0; i < m->count; i++) {
		const struct hy_demand *d = &m->demands[i];
		const struct hy_demand_span *span = m->is_today ? &d->today : &d->tomorrow;

		polls += span_wants(span, fmax(fmax(price, d->own_price), PRICE_MIN));
		items += span->items;
	}
	return polls <= fmax(m->left - m->per_item * items, fmin(m->share, m->left));
}

static double clearing_price(const struct market *m)
{
	double low = log2(PRICE_MIN), high = log2(PRICE_MAX);

	if (is_enough(m, 0))
		return 0;
	for (int i = 0; i < HALVINGS; i++) {
		double middle = (low + high) / 2;

		if (is_enough(m, exp2(middle)))
			high = middle;
		else
			low = middle;
	}
	return exp2(high);
}

struct hy_price hy_schedule_price(const struct hy_demand *demands, size_t count,
				  const struct hy_supply *supply)
{
	struct market today = {demands, count, supply->today, supply->per_item,
			       hy_schedule_polls_share(supply->per_day, supply->now), true};
	struct market later = {demands, count, supply->per_day, supply->per_item,
			       POLLS_SHARE * supply->per_day, false};
	struct hy_price price = {.later = clearing_price(&later), .turns_at = day_end(supply->now)};

	price.today = fmax(clearing_price(&today), price.later);
	return price;
}
