/*
 * What each host saw, and whether it was treated as its robots.txt and Retry-After ask.
 */
#ifndef SIM_STATS_H
#define SIM_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/str.h"

struct sim_stats {
	uint64_t requests, robots, articles, not_modified, bytes;
	uint64_t disallowed;	/* fetched although robots.txt forbids it */
	uint64_t too_soon;	/* before Crawl-delay was over */
	uint64_t too_eager;	/* before Retry-After was over */
	uint64_t anonymous;	/* without User-Agent */
	int64_t last_ms;	/* of the last request but for robots.txt; -1 none yet */
	int64_t closest_ms;	/* shortest time between two of them; -1 none yet */
};

struct sim_visit {
	struct hy_str path;
	int64_t now_ms, closed_until_ms;
	int crawl_delay_s;
	bool allowed, named;
};

void sim_stats_init(struct sim_stats *s);
void sim_stats_count(struct sim_stats *s, const struct sim_visit *v);
uint64_t sim_stats_violations(const struct sim_stats *s);

#endif
