#include "crawler/claims.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "crawler/budget.h"
#include "crawler/frontier.h"
#include "crawler/hosts.h"
#include "crawler/intake.h"
#include "crawler/source_state.h"

#define HOSTS_PER_CLAIM 64
/* A page that kills its crawler is given up; a crawler that is killed gives up no page. */
#define CRASHES_MAX 50

static struct hy_job **end_of(struct hy_job **list)
{
	while (*list)
		list = &(*list)->next;
	return list;
}

static size_t count_of(const struct hy_job *list)
{
	size_t count = 0;

	for (; list; list = list->next)
		count++;
	return count;
}

/* A host to take work from, and how much its budget allows. */
struct stall {
	struct hy_str host;
	struct hy_budget_room room;
};

static size_t at_most(size_t max, int64_t room)
{
	if (room <= 0)
		return 0;
	return (size_t)room < max ? (size_t)room : max;
}

static enum hy_err take_jobs(struct hy_store *store, const struct stall *stall,
			     const struct hy_lease_terms *terms, struct hy_job **list,
			     struct hy_error *e)
{
	struct hy_lease_terms part = *terms;
	struct hy_str host = stall->host;
	struct hy_job *jobs = NULL;
	enum hy_err err;

	part.max = at_most(terms->max > 1 ? terms->max - 1 : 1, stall->room.articles);
	part.new_only = stall->room.revisits < (int64_t)part.max;
	err = hy_frontier_lease(store, host, &part, &jobs, e);
	if (err != HY_OK)
		return err;
	*end_of(list) = jobs;
	part.max = at_most(jobs ? 1 : terms->max,
			   stall->room.polls - (int64_t)count_of(jobs));
	jobs = NULL;
	err = hy_source_state_lease(store, host, &part, &jobs, e);
	if (err == HY_OK)
		*end_of(list) = jobs;
	return err;
}

/* What the day's budget leaves for the host; where it is used up, the host rests. */
static enum hy_err find_room(const struct hy_claims_parts *parts, const struct hy_work *work,
			     struct stall *stall, struct hy_error *e)
{
	struct hy_budget budget = hy_budget_of(work, stall->host);
	int64_t left, held = hy_visitor_uncounted(parts->visitor, stall->host);
	enum hy_err err;

	if (!budget.per_day) {
		stall->room = (struct hy_budget_room){INT32_MAX, INT32_MAX, INT32_MAX};
		return HY_OK;
	}
	err = hy_budget_left(parts->store, &budget, &left, e);
	if (err != HY_OK)
		return err;
	stall->room = hy_budget_room(&budget, left - held);
	return left > 0 ? HY_OK : hy_budget_rest(parts->store, &budget, e);
}

/* The leases of one host, where this crawler may have it and wants more of it. */
static enum hy_err claim_host(const struct hy_claims_parts *parts, const struct hy_work *work,
			      struct hy_str host, struct hy_job **list, struct hy_error *e)
{
	struct hy_lease_terms terms = {
		.owner = hy_str_of(work->instance),
		.now = work->now,
		.until = hy_wall_add_ms(work->now, work->conf->lease_ms),
		.max = hy_visitor_room(parts->visitor, host),
	};
	struct stall stall = {.host = host};
	bool is_mine;
	enum hy_err err;

	if (!terms.max)
		return HY_OK;
	err = find_room(parts, work, &stall, e);
	if (err != HY_OK || (!stall.room.articles && !stall.room.polls))
		return err;
	err = hy_hosts_claim(parts->store, host, &terms, &is_mine, e);
	if (err != HY_OK || !is_mine)
		return err;
	return take_jobs(parts->store, &stall, &terms, list, e);
}

void hy_claims_hand_over(const struct hy_claims_parts *parts, const struct hy_work *work,
			 struct hy_job *jobs)
{
	while (jobs) {
		struct hy_job *job = jobs;
		const struct hy_source *source =
			hy_sources_find(work->sources, hy_str_of(job->source));

		jobs = job->next;
		job->next = NULL;
		job->allow_private = source && source->allow_private;
		job->delay_ms = source && source->delay_ms >= 0 ? source->delay_ms
								: work->conf->delay_ms;
		/* A source may ask for more time than the rest; for less only in private. */
		if (!job->allow_private && job->delay_ms < work->conf->delay_ms)
			job->delay_ms = work->conf->delay_ms;
		if (job->crashes > CRASHES_MAX)
			hy_batch_add(parts->batch, hy_intake_give_up(job));
		else
			hy_visitor_add(parts->visitor, job);
	}
}

enum hy_err hy_claims_take(const struct hy_claims_parts *parts, const struct hy_work *work,
			   struct hy_job **out, struct hy_error *e)
{
	struct hy_lease_terms terms = {.owner = hy_str_of(work->instance), .now = work->now,
				       .max = HOSTS_PER_CLAIM};
	char *hosts[HOSTS_PER_CLAIM];
	struct hy_job *jobs = NULL;
	size_t count = 0, load = hy_visitor_load(parts->visitor);
	size_t enough = (size_t)work->conf->connections * 4;
	enum hy_err err;

	*out = NULL;
	if (load >= enough)
		return HY_OK;
	err = hy_hosts_due(parts->store, &terms, hosts, &count, e);
	for (size_t i = 0; i < count; i++) {
		/* What this crawler cannot ask soon is for another one. */
		if (err == HY_OK && load + count_of(jobs) < enough)
			err = claim_host(parts, work, hy_str_of(hosts[i]), &jobs, e);
		free(hosts[i]);
	}
	if (err == HY_OK)
		*out = jobs;
	else
		hy_jobs_free(jobs);
	return err;
}

enum hy_err hy_claims_release_own(struct hy_store *store, const struct hy_work *work,
				  struct hy_error *e)
{
	struct hy_str owner = hy_str_of(work->instance);
	enum hy_err err = hy_frontier_release_owner(store, owner, work->now, e);

	return err == HY_OK ? hy_source_state_release_owner(store, owner, work->now, e) : err;
}
