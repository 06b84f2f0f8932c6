#include "tests/web/stats.h"

/* What a timer and a busy machine may be off by: a crawler measures at its own end. */
#define TOLERANCE_MS 60

void sim_stats_init(struct sim_stats *s)
{
	*s = (struct sim_stats){.last_ms = -1, .closest_ms = -1};
}

void sim_stats_count(struct sim_stats *s, const struct sim_visit *v)
{
	int64_t gap = v->now_ms - s->last_ms;

	s->requests++;
	s->anonymous += !v->named;
	if (hy_str_eq_c(v->path, "/robots.txt")) {
		s->robots++;
		return;
	}
	s->disallowed += !v->allowed;
	s->too_eager += v->now_ms + TOLERANCE_MS < v->closed_until_ms;
	if (s->last_ms >= 0) {
		s->too_soon += gap + TOLERANCE_MS < (int64_t)v->crawl_delay_s * 1000;
		if (s->closest_ms < 0 || gap < s->closest_ms)
			s->closest_ms = gap;
	}
	s->last_ms = v->now_ms;
}

uint64_t sim_stats_violations(const struct sim_stats *s)
{
	return s->disallowed + s->too_soon + s->too_eager;
}
