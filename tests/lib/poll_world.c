#include "tests/lib/poll_world.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "crawler/rate.h"
#include "crawler/schedule.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)
#define CELL (10 * MINUTE)		/* the true rate is constant in it */
#define HISTORY (30 * DAY)		/* published before the month begins */
#define LISTED 20			/* items a source shows */
#define BURSTS 3
#define PRICE_EVERY (10 * MINUTE)

/* Wednesday 2026-07-01 00:00 +08:00. */
static const int64_t month = INT64_C(1782835200000);

/* How different kinds of publishers spread their day; hours 0-23, then a weekend day's share. */
static const struct {
	double hour[24], weekend;
} shapes[] = {
	/* office: nothing at night, nothing at noon, hardly a weekend */
	{{0, 0, 0, 0, 0, 0, 0, .2, 1.5, 3, 3.2, 2.5, .5, .4, 2, 3, 3.2, 2.8, 1, .3, .1, .1, 0, 0},
	 .08},
	/* city news */
	{{.2, .1, .1, .1, .1, .3, 1, 1.8, 2, 2, 2, 1.6, 1.2, 1.2, 1.5, 1.7, 1.8, 1.7, 1.4, 1.2, 1.1,
	  1, .7, .4}, .6},
	/* wire: round the clock */
	{{.9, .8, .8, .8, .8, .9, 1, 1, 1.1, 1.1, 1.1, 1.1, 1, 1, 1.1, 1.1, 1.1, 1.1, 1, 1, 1, 1, 1,
	  .9}, .9},
	/* evening accounts */
	{{1, .5, .1, 0, 0, 0, .2, .8, .5, .3, .3, .6, 1.2, .6, .3, .3, .5, 1.2, 2, 2.5, 3, 3.5, 3, 2},
	 1.3},
	/* the morning paper, all at once */
	{{.1, 0, 0, 0, .2, 4, 12, 5, 1, .4, .2, .2, .1, .1, .1, .1, .2, .2, .1, .1, .1, 0, .1, .1},
	 .8},
};

struct source {
	double per_day, batch;		/* items; mean items published at once */
	size_t shape;
	double shape_sum;
	int64_t added, dies;		/* ms from the month's beginning */
	bool is_dated;			/* says when each item was published */
	struct {
		int64_t from, until;
		double factor;
	} bursts[BURSTS];
	int64_t *items;			/* ms from the month's beginning, sorted; owned */
	size_t count, cap;
};

struct poll_world {
	struct poll_world_options o;
	uint64_t random;
	struct source *sources;
	double *delays;
	size_t delay_count, delay_cap;
	size_t *by_day;
	int64_t grid;			/* the optimum polls at its moments */
	double *lambda, *moment;	/* sums over the grid, of one source */
};

/* ---- chance ---- */

static double unit(struct poll_world *w)
{
	uint64_t x = w->random += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (double)((x ^ (x >> 31)) >> 11) * 0x1p-53;
}

static int64_t between(struct poll_world *w, int64_t from, int64_t until)
{
	return from + (int64_t)(unit(w) * (double)(until - from));
}

static size_t poisson(struct poll_world *w, double mean)
{
	double product = unit(w), limit = exp(-mean);
	size_t n = 0;

	while (product > limit && n < 10000) {
		product *= unit(w);
		n++;
	}
	return n;
}

/* ---- what is published ---- */

static double shape_at(const struct source *s, int64_t ms)
{
	int64_t hours = (ms + 60 * DAY) / HOUR;		/* the 60 days before began on a Saturday */
	int64_t weekday = (hours / 24 + 5) % 7;
	double share = shapes[s->shape].hour[hours % 24];

	return (weekday >= 5 ? share * shapes[s->shape].weekend : share) / s->shape_sum;
}

/* What can be known: not the bursts. */
static double known_rate_at(const struct source *s, int64_t ms)
{
	return ms >= s->dies ? 0 : s->per_day * shape_at(s, ms);
}

static double rate_at(const struct source *s, int64_t ms)
{
	double rate = known_rate_at(s, ms);

	for (size_t i = 0; i < BURSTS; i++)
		if (ms >= s->bursts[i].from && ms < s->bursts[i].until)
			rate *= s->bursts[i].factor;
	return rate;
}

static int compare_times(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static void publish(struct poll_world *w, struct source *s)
{
	int64_t end = w->o.days * DAY;

	for (int64_t cell = -HISTORY; cell < end; cell += CELL) {
		double mean = rate_at(s, cell) * (double)CELL / (double)DAY / s->batch;

		for (size_t n = poisson(w, mean); n; n--) {
			int64_t at = between(w, cell, cell + CELL);

			/* As many more as make the mean: geometric. */
			do {
				s->items = hy_grow(s->items, &s->cap, s->count + 1, sizeof *s->items);
				s->items[s->count++] = at;
			} while (unit(w) > 1 / s->batch);
		}
	}
	if (s->count)
		qsort(s->items, s->count, sizeof *s->items, compare_times);
}

static void make_source(struct poll_world *w, struct source *s, double place)
{
	int64_t end = w->o.days * DAY;

	s->per_day = w->o.slowest * pow(w->o.fastest / w->o.slowest, place);
	s->shape = (size_t)(unit(w) * (double)HY_COUNT(shapes));
	for (size_t i = 0; i < 24; i++)
		s->shape_sum += shapes[s->shape].hour[i] / 24;
	s->shape_sum *= (5 + 2 * shapes[s->shape].weekend) / 7;
	s->batch = unit(w) < 0.3 ? 1 + 3 * unit(w) : 1;
	s->is_dated = unit(w) < 0.7;
	s->added = unit(w) < 0.1 ? between(w, 0, end) : 0;
	s->dies = unit(w) < 0.08 ? between(w, 0, end) / CELL * CELL : INT64_MAX;
	for (size_t i = 0; i < BURSTS; i++) {
		if (unit(w) > 0.15)
			continue;
		s->bursts[i].from = between(w, 0, end) / CELL * CELL;
		s->bursts[i].until = s->bursts[i].from + between(w, 3, 36) * HOUR;
		s->bursts[i].factor = 3 + 5 * unit(w);
	}
	publish(w, s);
}

struct poll_world *poll_world_new(const struct poll_world_options *options)
{
	struct poll_world *w = hy_xcalloc(1, sizeof *w);
	size_t grid;

	w->o = *options;
	w->grid = options->sources > 50 ? MINUTE : MINUTE / 6;
	grid = (size_t)(options->days * DAY / w->grid) + 1;
	w->random = options->seed;
	w->sources = hy_xcalloc(options->sources, sizeof *w->sources);
	w->by_day = hy_xcalloc((size_t)options->days + 1, sizeof *w->by_day);
	w->lambda = hy_xcalloc(grid, sizeof *w->lambda);
	w->moment = hy_xcalloc(grid, sizeof *w->moment);
	for (size_t i = 0; i < options->sources; i++)
		make_source(w, &w->sources[i], ((double)i + 0.5) / (double)options->sources);
	return w;
}

void poll_world_free(struct poll_world *w)
{
	for (size_t i = 0; i < w->o.sources; i++)
		free(w->sources[i].items);
	free(w->sources);
	free(w->delays);
	free(w->by_day);
	free(w->lambda);
	free(w->moment);
	free(w);
}

/* ---- judging ---- */

static void begin_run(struct poll_world *w, struct poll_result *out)
{
	*out = (struct poll_result){0};
	w->delay_count = 0;
	memset(w->by_day, 0, ((size_t)w->o.days + 1) * sizeof *w->by_day);
}

/* The first item after that moment. */
static size_t first_after(const struct source *s, int64_t ms)
{
	size_t low = 0, high = s->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (s->items[middle] <= ms)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What appeared from `from` up to a poll at `at` is discovered; all that is counted is after added. */
static void discover(struct poll_world *w, const struct source *s, int64_t from, int64_t at)
{
	from = from > s->added ? from : s->added;
	for (size_t i = first_after(s, from); i < s->count && s->items[i] <= at; i++) {
		w->delays = hy_grow(w->delays, &w->delay_cap, w->delay_count + 1, sizeof *w->delays);
		w->delays[w->delay_count++] = (double)(at - s->items[i]) / 1000;
	}
}

static int compare_delays(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void end_run(struct poll_world *w, struct poll_result *out)
{
	double sum = 0;

	out->items = w->delay_count;
	if (!out->items)
		return;
	qsort(w->delays, w->delay_count, sizeof *w->delays, compare_delays);
	for (size_t i = 0; i < w->delay_count; i++)
		sum += w->delays[i];
	out->mean_s = sum / (double)w->delay_count;
	out->p90_s = w->delays[w->delay_count * 9 / 10];
	for (int day = 0; day < w->o.days; day++)
		if (w->by_day[day] > out->most_in_a_day)
			out->most_in_a_day = w->by_day[day];
}

/* ---- policies that need nothing but the clock ---- */

static void run_fixed(struct poll_world *w, size_t polls, struct poll_result *out)
{
	int64_t end = w->o.days * DAY, all = 0, interval;

	for (size_t i = 0; i < w->o.sources; i++)
		all += end - w->sources[i].added;
	interval = all / (int64_t)polls;
	for (size_t i = 0; i < w->o.sources; i++) {
		const struct source *s = &w->sources[i];
		int64_t last = s->added;

		for (int64_t at = s->added + between(w, 0, interval); at < end; at += interval) {
			discover(w, s, last, at);
			last = at;
			w->by_day[at / DAY]++;
			out->polls++;
		}
		discover(w, s, last, end);
	}
}

/* As many feed readers do: the more it published in the last week, the sooner again. */
static size_t poll_by_frequency(struct poll_world *w, const struct source *s, double gaps)
{
	int64_t end = w->o.days * DAY, at = s->added, last = s->added;
	size_t first = 0, next = 0, polls = 0;

	while (at < end) {
		double week;

		discover(w, s, last, at);
		last = at;
		polls++;
		w->by_day[at / DAY]++;
		while (next < s->count && s->items[next] <= at)
			next++;
		while (first < next && s->items[first] <= at - 7 * DAY)
			first++;
		week = (double)(next > first ? next - first : 1);
		at += (int64_t)fmin(fmax(gaps * 7 * (double)DAY / week, (double)MINUTE),
				    (double)HY_SCHEDULE_LONGEST_MS);
	}
	discover(w, s, last, end);
	return polls;
}

static void run_frequency(struct poll_world *w, size_t polls, struct poll_result *out)
{
	double low = -10, high = 10;

	for (int i = 0; i < 24; i++) {
		double middle = (low + high) / 2;

		begin_run(w, out);
		for (size_t j = 0; j < w->o.sources; j++)
			out->polls += poll_by_frequency(w, &w->sources[j], exp2(middle));
		if (out->polls > polls)
			low = middle;
		else
			high = middle;
	}
}

/* ---- the optimum ---- */

struct optimum {
	double *cost;		/* least up to a poll at this point of the grid */
	size_t *from, *line;	/* the poll before; the lower hull */
	bool foresees;
};

static void sum_rates(struct poll_world *w, const struct source *s, bool foresees)
{
	size_t grid = (size_t)(w->o.days * DAY / w->grid);

	for (size_t i = 0; i < grid; i++) {
		int64_t at = (int64_t)i * w->grid;
		double rate = foresees ? rate_at(s, at) : known_rate_at(s, at);

		rate = at < s->added ? 0 : rate * (double)w->grid / (double)DAY;
		w->lambda[i + 1] = w->lambda[i] + rate;
		w->moment[i + 1] = w->moment[i] + rate * ((double)i + 0.5);
	}
}

/* Where the line of b is below that of a, as moments of the grid. */
static double crossing(const struct poll_world *w, const struct optimum *o, size_t a, size_t b)
{
	double slope = w->lambda[b] - w->lambda[a];

	return slope > 0 ? (o->cost[b] + w->moment[b] - o->cost[a] - w->moment[a]) / slope
			 : INFINITY;
}

/*
 * cost[j] = price + min over i of cost[i] + sum of rate * (j - s) for s in i..j. In j each i is
 * a line of slope -lambda[i], which falls with i: a lower hull of lines, in linear time.
 */
static size_t solve(struct poll_world *w, struct optimum *o, double price)
{
	size_t grid = (size_t)(w->o.days * DAY / w->grid), first = 0, lines = 1;

	o->cost[0] = 0;
	o->line[0] = 0;
	for (size_t j = 1; j <= grid; j++) {
		double x = (double)j, own = j < grid ? price : 0;
		size_t i;

		while (first + 1 < lines &&
		       crossing(w, o, o->line[first], o->line[first + 1]) <= x)
			first++;
		i = o->line[first];
		o->from[j] = i;
		o->cost[j] = own + o->cost[i] + x * (w->lambda[j] - w->lambda[i]) -
			     (w->moment[j] - w->moment[i]);
		if (w->lambda[j] <= w->lambda[o->line[lines - 1]]) {
			/* Nothing was published since: worth it only where it was cheaper. */
			if (o->cost[j] + w->moment[j] >=
			    o->cost[o->line[lines - 1]] + w->moment[o->line[lines - 1]])
				continue;
			lines--;
		}
		while (lines > first + 1 && crossing(w, o, o->line[lines - 2], o->line[lines - 1]) >=
						    crossing(w, o, o->line[lines - 1], j))
			lines--;
		o->line[lines++] = j;
		if (first >= lines)
			first = lines - 1;
	}
	return o->from[grid];
}

static size_t poll_at_best(struct poll_world *w, const struct source *s, struct optimum *o,
			   double price)
{
	size_t last, polls = 0;

	sum_rates(w, s, o->foresees);
	last = solve(w, o, price);
	discover(w, s, (int64_t)last * w->grid, w->o.days * DAY);
	for (; last; last = o->from[last]) {
		int64_t at = (int64_t)last * w->grid;

		discover(w, s, (int64_t)o->from[last] * w->grid, at);
		w->by_day[at / DAY]++;
		polls++;
	}
	return polls;
}

static void run_optimum(struct poll_world *w, size_t polls, bool foresees,
			struct poll_result *out)
{
	size_t grid = (size_t)(w->o.days * DAY / w->grid) + 1;
	struct optimum o = {hy_xcalloc(grid, sizeof *o.cost), hy_xcalloc(grid, sizeof *o.from),
			    hy_xcalloc(grid, sizeof *o.line), foresees};
	double low = -10, high = 20;

	for (int i = 0; i < 18; i++) {
		double middle = (low + high) / 2;

		begin_run(w, out);
		for (size_t j = 0; j < w->o.sources; j++)
			out->polls += poll_at_best(w, &w->sources[j], &o, exp2(middle));
		if (out->polls > polls)
			low = middle;
		else
			high = middle;
	}
	free(o.cost);
	free(o.from);
	free(o.line);
}

/* ---- ours ---- */

struct adaptive {
	struct hy_rate *rates;
	int64_t *next, *last;		/* last -1: never */
	struct hy_price price;
	int64_t priced_at;
	double used;			/* requests of the day */
	double owed;			/* requests that found items wait for */
	int64_t day;
};

static struct hy_wall wall(int64_t ms)
{
	return (struct hy_wall){month + ms};
}

static struct hy_schedule_terms terms_of(const struct poll_world *w, const struct adaptive *a,
					 size_t i, int64_t now)
{
	return (struct hy_schedule_terms){.rate = &a->rates[i], .now = wall(now),
					  .goal_ms = w->o.goal_ms, .price = a->price, .seed = i};
}

static void set_price(struct poll_world *w, struct adaptive *a, int64_t now)
{
	struct hy_demand *demands = hy_xcalloc(w->o.sources, sizeof *demands);
	struct hy_supply supply = {w->o.budget - a->used, w->o.budget, w->o.per_item,
				   wall(now)};
	size_t count = 0;

	for (size_t i = 0; i < w->o.sources; i++) {
		struct hy_schedule_terms terms = terms_of(w, a, i, now);

		if (w->sources[i].added > now)
			continue;
		hy_schedule_demand(&terms, &demands[count++]);
	}
	a->price = hy_schedule_price(demands, count, &supply);
	a->priced_at = now;
	free(demands);
}

static void observe(struct adaptive *a, const struct source *s, size_t i, int64_t now)
{
	size_t first = first_after(s, a->last[i] >= 0 ? a->last[i] : -HISTORY);
	size_t count = first_after(s, now) - first;
	struct hy_wall *times = hy_xcalloc(count + 1, sizeof *times);

	for (size_t j = 0; j < count; j++)
		times[j] = s->is_dated ? wall(s->items[first + j]) : HY_WALL_NONE;
	if (a->last[i] >= 0)
		hy_rate_observe(&a->rates[i], wall(now), times, count);
	else
		hy_rate_begin(&a->rates[i], wall(now),
			      times + (count > LISTED ? count - LISTED : 0),
			      count > LISTED ? LISTED : count);
	free(times);
}

/* As the daemon does: articles first, but for the polls' share. */
static void fetch_items(const struct poll_world *w, struct adaptive *a, int64_t now)
{
	double room = w->o.budget - a->used - hy_schedule_polls_share(w->o.budget, wall(now));
	double requests = fmax(0, fmin(a->owed, room));

	a->owed -= requests;
	a->used += requests;
}

static void poll_source(struct poll_world *w, struct adaptive *a, size_t i, int64_t now)
{
	const struct source *s = &w->sources[i];
	size_t before = w->delay_count;
	struct hy_schedule_terms terms;

	if (a->last[i] >= 0)
		discover(w, s, a->last[i], now);
	observe(a, s, i, now);
	a->last[i] = now;
	w->by_day[now / DAY]++;
	a->used++;
	a->owed += w->o.per_item * (double)(w->delay_count - before);
	fetch_items(w, a, now);
	if (now - a->priced_at >= PRICE_EVERY)
		set_price(w, a, now);
	terms = terms_of(w, a, i, now);
	a->next[i] = hy_schedule_next(&terms).ms - month;
}

static size_t earliest(const struct adaptive *a, size_t count)
{
	size_t best = 0;

	for (size_t i = 1; i < count; i++)
		if (a->next[i] < a->next[best])
			best = i;
	return best;
}

static void run_adaptive(struct poll_world *w, struct adaptive *a, struct poll_result *out)
{
	int64_t end = w->o.days * DAY;

	for (;;) {
		size_t i = earliest(a, w->o.sources);
		int64_t now = a->next[i];

		if (now >= end)
			break;
		if (now / DAY != a->day) {
			a->day = now / DAY;
			a->used = 0;
		}
		/* The day's budget is used up: on at midnight. */
		if (a->used >= w->o.budget) {
			a->next[i] = (a->day + 1) * DAY + (int64_t)i;
			continue;
		}
		poll_source(w, a, i, now);
		out->polls++;
	}
	for (size_t i = 0; i < w->o.sources; i++)
		if (a->last[i] >= 0)
			discover(w, &w->sources[i], a->last[i], end);
}

void poll_world_adapt(struct poll_world *w, struct poll_result *out)
{
	struct adaptive a = {hy_xcalloc(w->o.sources, sizeof *a.rates),
			     hy_xcalloc(w->o.sources, sizeof *a.next),
			     hy_xcalloc(w->o.sources, sizeof *a.last), {0, 0, {0}}, -DAY, 0, 0, 0};

	begin_run(w, out);
	for (size_t i = 0; i < w->o.sources; i++) {
		hy_rate_init(&a.rates[i]);
		a.next[i] = w->sources[i].added;
		a.last[i] = -1;
	}
	run_adaptive(w, &a, out);
	end_run(w, out);
	free(a.rates);
	free(a.next);
	free(a.last);
}

void poll_world_run(struct poll_world *w, enum poll_policy policy, size_t polls,
		    struct poll_result *out)
{
	begin_run(w, out);
	switch (policy) {
	case POLL_FIXED:
		run_fixed(w, polls, out);
		break;
	case POLL_FREQUENCY:
		run_frequency(w, polls, out);
		break;
	case POLL_OPTIMUM:
	case POLL_FORESIGHT:
		run_optimum(w, polls, policy == POLL_FORESIGHT, out);
		break;
	case POLL_ADAPTIVE:
	case POLL_POLICY_COUNT:
		poll_world_adapt(w, out);
		return;
	}
	end_run(w, out);
}
