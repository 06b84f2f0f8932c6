/* When a source is asked next, and what that is worth over a simulated fortnight. */
#include "crawler/schedule.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/poll_world.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

/* Monday 2026-11-02 00:00 +08:00. */
static const struct hy_wall monday = {INT64_C(1793548800000)};

static struct hy_wall at(int64_t ms)
{
	return hy_wall_add_ms(monday, ms);
}

#define assert_near(value, low, high) \
	do { \
		double near_ = (value); \
		if (!(near_ >= (low) && near_ <= (high))) \
			fail_msg("%s is %g, not in %g..%g", #value, near_, (double)(low), \
				 (double)(high)); \
	} while (0)

/* Round the clock, so many items a day. */
static struct hy_rate steady(double per_day)
{
	struct hy_rate rate;

	hy_rate_init(&rate);
	rate.seen_until = monday;
	rate.items = per_day * 1e6;
	rate.days = 1e6;
	for (size_t i = 0; i < 24; i++) {
		struct hy_rate_curve curve;
		struct hy_rate prior;

		hy_rate_init(&prior);
		hy_rate_curve(&prior, monday, &curve);
		rate.hour_items[i] = per_day * 1e6;
		rate.hour_days[i] = curve.hour[i] * 1e6;
	}
	return rate;
}

static double minutes_to_next(const struct hy_schedule_terms *terms)
{
	return (double)(hy_schedule_next(terms).ms - terms->now.ms) / (double)MINUTE;
}

static void a_fixed_interval_stays_and_leaves_its_phase(void **state)
{
	struct hy_rate rate = steady(1000);
	struct hy_schedule_terms terms = {.rate = &rate, .now = monday, .interval_ms = 10 * MINUTE,
					  .price = {5, 5, {0}}, .wish_ms = DAY};
	double first, sum = 0;
	size_t same = 0;

	(void)state;
	first = minutes_to_next(&terms);
	for (terms.seed = 1; terms.seed <= 1000; terms.seed++) {
		double minutes = minutes_to_next(&terms);

		assert_near(minutes, 9.5, 10.5);
		same += minutes == first;
		sum += minutes;
	}
	assert_near(sum / 1000, 9.95, 10.05);
	assert_true(same < 5);
}

static void a_goal_is_kept_at_any_rate(void **state)
{
	static const double rates[] = {0.1, 1, 10, 100, 1000};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rates); i++) {
		struct hy_rate rate = steady(rates[i]);
		struct hy_schedule_terms terms = {.rate = &rate, .goal_ms = 15 * MINUTE};

		/* The hours are learned from their neighbours, so not to the last. */
		for (int64_t hour = 0; hour < 24; hour++) {
			terms.now = at(hour * HOUR + 20 * MINUTE);
			assert_near(minutes_to_next(&terms), 18, 45);
		}
	}
}

static void a_goal_asks_less_at_night(void **state)
{
	struct hy_rate rate;
	struct hy_schedule_terms terms = {.rate = &rate, .goal_ms = 15 * MINUTE};
	double day, night;

	(void)state;
	hy_rate_init(&rate);
	terms.now = at(10 * HOUR);
	day = minutes_to_next(&terms);
	terms.now = at(2 * HOUR);
	night = minutes_to_next(&terms);
	assert_near(day, 15, 30);
	assert_near(night, 2.5 * day, 6 * 60);	/* seldom, and never forgotten */
}

static void the_interval_follows_the_root_of_the_rate(void **state)
{
	struct hy_rate slow = steady(4), fast = steady(400);
	struct hy_schedule_terms a = {.rate = &slow, .now = at(10 * HOUR), .price = {0.02, 0.02, {0}}};
	struct hy_schedule_terms b = {.rate = &fast, .now = at(10 * HOUR), .price = {0.02, 0.02, {0}}};

	(void)state;
	/* sqrt(2 * 0.02 / 400) days = 14.4 minutes */
	assert_near(minutes_to_next(&b), 12, 17);
	assert_near(minutes_to_next(&a) / minutes_to_next(&b), 8.5, 11.5);
}

static void limits_hold(void **state)
{
	struct hy_rate none = steady(0), flood = steady(1e6);
	struct hy_schedule_terms terms = {.rate = &none, .now = at(10 * HOUR), .price = {1, 1, {0}}};

	(void)state;
	assert_near(minutes_to_next(&terms), 0.95 * 24 * 60, 1.05 * 24 * 60);
	terms.rate = &flood;
	terms.price = (struct hy_price){0, 0, {0}};
	assert_near(minutes_to_next(&terms), 0.95 * 0.5, 1.05 * 0.5);
}

static void a_sites_wish_holds_back_only_what_is_beyond_the_goal(void **state)
{
	struct hy_rate rate = steady(1000);
	struct hy_schedule_terms terms = {.rate = &rate, .now = at(10 * HOUR), .wish_ms = HOUR,
					  .goal_ms = 15 * MINUTE};

	(void)state;
	rate.recent_items = 2000;	/* a burst: sooner than the goal needs, were it not for the wish */
	assert_near(minutes_to_next(&terms), 28, 32);
	terms.wish_ms = 0;
	assert_near(minutes_to_next(&terms), 0.4, 10);
}

static void todays_price_ends_at_midnight(void **state)
{
	struct hy_rate rate = steady(100);
	struct hy_schedule_terms terms = {.rate = &rate, .now = at(22 * HOUR),
					  .price = {1e6, 0.0001, at(DAY)}};

	(void)state;
	assert_near(minutes_to_next(&terms), 113, 127);
	terms.now = at(DAY + HOUR);
	assert_near(minutes_to_next(&terms), 1, 10);
}

static void a_price_clears_the_budget(void **state)
{
	static const double budgets[] = {300, 1000, 5000};
	struct hy_demand demands[40];
	struct hy_rate rates[40];

	(void)state;
	for (size_t i = 0; i < 40; i++) {
		struct hy_schedule_terms terms = {.rate = &rates[i], .now = monday,
						  .interval_ms = i ? 0 : HOUR};

		rates[i] = steady(pow(1000, (double)i / 40) / 10);
		hy_schedule_demand(&terms, &demands[i]);
	}
	for (size_t b = 0; b < HY_COUNT(budgets); b++) {
		struct hy_supply supply = {budgets[b], budgets[b], 0, monday};
		struct hy_price price = hy_schedule_price(demands, 40, &supply);
		double polls = 24;

		assert_int_equal(price.turns_at.ms, at(DAY).ms);
		for (size_t i = 1; i < 40; i++)
			polls += demands[i].today.roots / sqrt(2 * price.today);
		assert_near(polls, 0.97 * budgets[b], 1.001 * budgets[b]);
		assert_near(price.later / price.today, 0.8, 1);
	}
}

static void goals_that_fit_cost_nothing(void **state)
{
	struct hy_rate rate = steady(10);
	struct hy_schedule_terms terms = {.rate = &rate, .now = monday, .goal_ms = 15 * MINUTE};
	struct hy_supply supply = {100, 100, 1, monday};
	struct hy_demand demand;
	struct hy_price price;

	(void)state;
	hy_schedule_demand(&terms, &demand);
	price = hy_schedule_price(&demand, 1, &supply);
	assert_true(price.today == 0 && price.later == 0);
	supply.today = 10;	/* most of today's is gone: dear today, free tomorrow */
	price = hy_schedule_price(&demand, 1, &supply);
	assert_true(price.today > 0 && price.later == 0);
}

static void articles_leave_a_share_to_polls(void **state)
{
	struct poll_world_options options = {3, 30, 60, 0.1, 100, 960, 1, 0};
	struct poll_world *world = poll_world_new(&options);
	struct poll_result ours, fixed;

	(void)state;
	assert_near(hy_schedule_polls_share(1000, at(0)), 199, 201);
	assert_near(hy_schedule_polls_share(1000, at(18 * HOUR)), 49, 51);
	/* Bursts bring more articles in a day than there are requests. */
	poll_world_adapt(world, &ours);
	poll_world_run(world, POLL_FIXED, ours.polls, &fixed);
	poll_world_free(world);
	assert_near(ours.mean_s / fixed.mean_s, 0.1, 0.6);
}

/* What was promised: at most 0.6 of a fixed interval's delay, and 1.2 of the optimum's. */
static void it_is_soon_with_few_requests(void **state)
{
	double sums[POLL_POLICY_COUNT] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct poll_world_options options = {seed, 30, 60, 0.1, 100, 1500, 0, 0};
		struct poll_world *world = poll_world_new(&options);
		struct poll_result ours, fixed, best;

		poll_world_adapt(world, &ours);
		poll_world_run(world, POLL_FIXED, ours.polls, &fixed);
		poll_world_run(world, POLL_OPTIMUM, ours.polls, &best);
		poll_world_free(world);
		assert_near((double)fixed.polls / (double)ours.polls, 0.99, 1.01);
		assert_near((double)best.polls / (double)ours.polls, 0.99, 1.01);
		assert_int_equal(ours.items, fixed.items);
		assert_int_equal(ours.items, best.items);
		sums[POLL_ADAPTIVE] += ours.mean_s;
		sums[POLL_FIXED] += fixed.mean_s;
		sums[POLL_OPTIMUM] += best.mean_s;
	}
	assert_near(sums[POLL_ADAPTIVE] / sums[POLL_FIXED], 0.1, 0.6);
	assert_near(sums[POLL_ADAPTIVE] / sums[POLL_OPTIMUM], 1.0, 1.2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fixed_interval_stays_and_leaves_its_phase),
		cmocka_unit_test(a_goal_is_kept_at_any_rate),
		cmocka_unit_test(a_goal_asks_less_at_night),
		cmocka_unit_test(the_interval_follows_the_root_of_the_rate),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(a_sites_wish_holds_back_only_what_is_beyond_the_goal),
		cmocka_unit_test(todays_price_ends_at_midnight),
		cmocka_unit_test(a_price_clears_the_budget),
		cmocka_unit_test(goals_that_fit_cost_nothing),
		cmocka_unit_test(articles_leave_a_share_to_polls),
		cmocka_unit_test(it_is_soon_with_few_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
