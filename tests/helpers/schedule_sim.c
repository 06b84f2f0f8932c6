/*
 * Compares polling policies over a simulated month: schedule_sim [SEEDS]
 * Each world is polled by ours within its budget, then by the others with as many requests.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/base/str.h"
#include "tests/lib/poll_world.h"

static const struct {
	const char *name;
	struct poll_world_options options;
} worlds[] = {
	{"one mirror of 200 accounts, 0.1 to 100 items a day", {0, 30, 200, 0.1, 100, 5000, 0, 0}},
	{"20 channels of one newspaper, 0.5 to 200 items a day", {0, 30, 20, 0.5, 200, 3000, 0, 0}},
	{"200 accounts, hardly enough for their articles", {0, 30, 200, 0.1, 100, 3200, 1, 0}},
	{"1000 accounts of a slow mirror, 0.05 to 50 a day", {0, 30, 1000, 0.05, 50, 24000, 1, 0}},
};

static const char *const names[POLL_POLICY_COUNT] = {
	"fixed interval", "by frequency", "adaptive (ours)", "optimum, true rates", "and foresees bursts",
};

static void show(const char *name, const struct poll_result *r, double fixed, double best)
{
	printf("  %-20s %9zu polls  mean %8.1f s  p90 %8.1f s  %5.3f of fixed  %5.3f of optimum\n",
	       name, r->polls, r->mean_s, r->p90_s, r->mean_s / fixed, r->mean_s / best);
}

int main(int argc, char **argv)
{
	int64_t seeds = 2;

	if (argc > 1 && !hy_str_to_int(hy_str_of(argv[1]), 1, 100, &seeds))
		return 2;
	for (size_t i = 0; i < HY_COUNT(worlds); i++) {
		for (int64_t seed = 1; seed <= seeds; seed++) {
			struct poll_world_options options = worlds[i].options;
			struct poll_result results[POLL_POLICY_COUNT];
			struct poll_world *world;

			options.seed = (uint64_t)seed;
			world = poll_world_new(&options);
			poll_world_adapt(world, &results[POLL_ADAPTIVE]);
			for (size_t j = 0; j < POLL_POLICY_COUNT; j++)
				if (j != POLL_ADAPTIVE)
					poll_world_run(world, (enum poll_policy)j,
						       results[POLL_ADAPTIVE].polls, &results[j]);
			printf("%s, seed %" PRId64 ": %zu items, at most %zu polls a day of %.0f requests\n",
			       worlds[i].name, seed, results[POLL_ADAPTIVE].items,
			       results[POLL_ADAPTIVE].most_in_a_day, options.budget);
			for (size_t j = 0; j < POLL_POLICY_COUNT; j++)
				show(names[j], &results[j], results[POLL_FIXED].mean_s,
				     results[POLL_OPTIMUM].mean_s);
			poll_world_free(world);
		}
	}
	return 0;
}
