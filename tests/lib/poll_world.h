/*
 * A simulated month of one host's sources and of the policies that poll them, on a simulated
 * clock: rates over three orders of magnitude, day and night, weekends, batches, bursts,
 * sources that die and sources that are added. The adaptive policy is crawler/rate.h and
 * crawler/schedule.h themselves, from a cold start; the optimum knows the true rate of every
 * source at every hour, and when it begins and dies.
 *
 * What a policy finds is judged by the delay from publication to the next poll.
 */
#ifndef TESTS_LIB_POLL_WORLD_H
#define TESTS_LIB_POLL_WORLD_H

#include <stddef.h>
#include <stdint.h>

struct poll_world_options {
	uint64_t seed;
	int days;
	size_t sources;
	double slowest, fastest;	/* items a day; rates are spread evenly in the logarithm */
	double budget;			/* requests a day of the host */
	double per_item;		/* of them for each item found, besides the polls */
	int64_t goal_ms;		/* of every source; 0: none */
};

enum poll_policy {
	POLL_FIXED,		/* all at one interval, out of phase */
	POLL_FREQUENCY,		/* interval in proportion to the mean gap of the last week */
	POLL_ADAPTIVE,		/* ours */
	POLL_OPTIMUM,		/* knows the true rates, and when a source begins and ends */
	POLL_FORESIGHT,		/* foresees the bursts, too: what nobody could */
	POLL_POLICY_COUNT,
};

struct poll_result {
	size_t items, polls;
	double mean_s, p90_s;		/* delay */
	size_t most_in_a_day;		/* polls */
};

struct poll_world;

struct poll_world *poll_world_new(const struct poll_world_options *options);
void poll_world_free(struct poll_world *world);
/* Within the budget. */
void poll_world_adapt(struct poll_world *world, struct poll_result *out);
/* With as many polls as given (nearly: never more than 0.5 % off). */
void poll_world_run(struct poll_world *world, enum poll_policy policy, size_t polls,
		    struct poll_result *out);

#endif
