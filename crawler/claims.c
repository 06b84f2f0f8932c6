#include "crawler/claims.h"

#include <stdlib.h>

#include "common/base/mem.h"
#include "crawler/budget.h"
#include "crawler/frontier.h"
#include "crawler/host_lease.h"
#include "crawler/intake.h"
#include "crawler/source_state.h"

#define HOSTS_PER_CLAIM 64
#define JOBS_PER_CONNECTION 16	/* in hand; a connection serves many hosts that want delays */
#define JOBS_LEAST 4		/* of a host at once, where there are many hosts */
#define BUDGET_WAIT_MS 10000	/* until the host's budget is looked at again */
/* Who has not taken a host for so long does not want it: it is anybody's. */
#define WANTED_MS 1000
/* A page that kills its crawler is given up; a crawler that is killed gives up no page. */
#define CRASHES_MAX 50

struct hy_claim {
	struct hy_claim *next;
	char *host;
	struct hy_host_memory memory;
	struct hy_job *jobs;
	bool has_more;
};

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

/* ---- one host ---- */

struct taking {
	const struct hy_claims_parts *parts;
	const struct hy_work *work;
	struct hy_host_others others;
	size_t jobs, hosts;	/* in hand, with those just taken */
	size_t enough, share;	/* jobs; hosts */
	size_t per_host;
	struct hy_claim **end;
};

static bool is_limited(const struct stall *stall, size_t max)
{
	return stall->room.articles < (int64_t)max || stall->room.polls < (int64_t)max ||
	       stall->room.revisits < (int64_t)max;
}

/* When the host is to be looked at again, now that its due work is taken or may not be. */
static enum hy_err look_again(const struct taking *t, const struct stall *stall, size_t max,
			      struct hy_error *e)
{
	struct hy_store *store = t->parts->store;
	struct hy_wall now = t->work->now;

	if (is_limited(stall, max))
		return hy_host_postpone(store, stall->host, hy_wall_add_ms(now, BUDGET_WAIT_MS),
					e);
	return hy_host_doze(store, stall->host, now, e);
}

static enum hy_err take_host(struct taking *t, const struct stall *stall,
			     const struct hy_visitor_room *room, struct hy_error *e)
{
	struct hy_store *store = t->parts->store;
	struct hy_wall now = t->work->now;
	struct hy_lease_terms terms = {
		.owner = hy_str_of(t->work->instance),
		.now = now,
		.until = hy_wall_add_ms(now, t->work->conf->lease_ms),
		.host = stall->host,
		.look_at = hy_wall_add_ms(now, room->look_in_ms),
		.max = room->jobs,
	};
	struct hy_host_memory memory;
	struct hy_claim *claim;
	size_t count;
	bool is_mine;
	enum hy_err err = hy_host_claim(store, &terms, &memory, &is_mine, e);

	if (err != HY_OK || !is_mine)
		return err;
	claim = hy_xcalloc(1, sizeof *claim);
	claim->host = hy_str_dup(stall->host);
	claim->memory = memory;
	*t->end = claim;
	t->end = &claim->next;
	err = take_jobs(store, stall, &terms, &claim->jobs, e);
	if (err != HY_OK)
		return err;
	count = count_of(claim->jobs);
	/* A place is kept for a poll. */
	claim->has_more = count && count + 1 >= room->jobs;
	t->jobs += count;
	return claim->has_more ? HY_OK : look_again(t, stall, room->jobs, e);
}

/* May another crawler have it instead? */
static bool is_for_others(struct taking *t, const struct hy_host_due *due, bool is_in_hand)
{
	if (!t->others.crawlers)
		return false;
	if (!is_in_hand)
		return t->hosts >= t->share && t->work->now.ms - due->since.ms < WANTED_MS;
	if (t->hosts <= t->share)
		return false;
	t->hosts--;	/* it is given back when its jobs are done */
	return true;
}

static enum hy_err consider(struct taking *t, const struct hy_host_due *due, struct hy_error *e)
{
	struct stall stall = {.host = hy_str_of(due->host)};
	struct hy_visitor_room room = hy_visitor_room(t->parts->visitor, stall.host, t->per_host);
	enum hy_err err;

	if (t->jobs >= t->enough || is_for_others(t, due, room.is_in_hand))
		return HY_OK;
	if (!room.jobs && !room.look_in_ms)
		return HY_OK;
	/* It must not stand before those that wait. */
	if (!room.jobs)
		return hy_host_postpone(t->parts->store, stall.host,
					hy_wall_add_ms(t->work->now, room.look_in_ms), e);
	err = find_room(t->parts, t->work, &stall, e);
	if (err != HY_OK)
		return err;
	if (!stall.room.articles && !stall.room.polls)
		return HY_OK;
	t->hosts += !room.is_in_hand;
	return take_host(t, &stall, &room, e);
}

/* ---- all hosts ---- */

static bool is_in_hand(const struct taking *t, const char *name)
{
	const struct hy_host *host = hy_hosts_find(t->parts->hosts, hy_str_of(name));

	return host && host->is_working;
}

/* What there is, divided: to all crawlers as many hosts, to all hosts as many of our jobs. */
static enum hy_err divide(struct taking *t, const struct hy_host_due *due, size_t count,
			  struct hy_error *e)
{
	size_t fresh = 0, all;
	enum hy_err err = hy_host_others(t->parts->store, hy_str_of(t->work->instance),
					 t->work->now, &t->others, e);

	if (err != HY_OK)
		return err;
	for (size_t i = 0; i < count; i++)
		fresh += !is_in_hand(t, due[i].host);
	all = fresh + t->hosts + (size_t)t->others.hosts;
	t->share = (all + (size_t)t->others.crawlers) / ((size_t)t->others.crawlers + 1);
	t->per_host = count ? (t->enough - t->jobs) / count : 0;
	if (t->per_host < JOBS_LEAST)
		t->per_host = JOBS_LEAST;
	return HY_OK;
}

enum hy_err hy_claims_take(const struct hy_claims_parts *parts, const struct hy_work *work,
			   struct hy_claims *out, struct hy_error *e)
{
	struct hy_lease_terms terms = {.owner = hy_str_of(work->instance), .now = work->now,
				       .max = HOSTS_PER_CLAIM};
	struct hy_claims claims = {0};
	struct taking t = {.parts = parts, .work = work, .end = &claims.first,
			   .jobs = hy_visitor_load(parts->visitor),
			   .hosts = hy_hosts_working(parts->hosts),
			   .enough = (size_t)work->conf->connections * JOBS_PER_CONNECTION};
	struct hy_host_due due[HOSTS_PER_CLAIM];
	size_t count = 0;
	enum hy_err err = HY_OK;

	if (t.jobs < t.enough)
		err = hy_host_due(parts->store, &terms, due, &count, e);
	if (err == HY_OK)
		err = divide(&t, due, count, e);
	for (size_t i = 0; i < count; i++) {
		if (err == HY_OK)
			err = consider(&t, &due[i], e);
		free(due[i].host);
	}
	claims.is_shared = t.others.crawlers > 0;
	if (err == HY_OK)
		*out = claims;
	else
		hy_claims_fini(&claims);
	return err;
}

/* ---- after the commit ---- */

static void hand_over_job(const struct hy_claims_parts *parts, const struct hy_work *work,
			  struct hy_job *job)
{
	const struct hy_source *source = hy_sources_find(work->sources, hy_str_of(job->source));

	job->next = NULL;
	job->allow_private = source && source->allow_private;
	job->delay_ms = source && source->delay_ms >= 0 ? source->delay_ms : work->conf->delay_ms;
	/* A source may ask for more time than the rest; for less only in private. */
	if (!job->allow_private && job->delay_ms < work->conf->delay_ms)
		job->delay_ms = work->conf->delay_ms;
	if (job->crashes > CRASHES_MAX)
		hy_batch_add(parts->batch, hy_intake_give_up(job));
	else
		hy_visitor_add(parts->visitor, job);
}

static void claim_free(struct hy_claim *claim)
{
	hy_jobs_free(claim->jobs);
	free(claim->host);
	free(claim);
}

void hy_claims_hand_over(const struct hy_claims_parts *parts, const struct hy_work *work,
			 struct hy_claims *claims)
{
	struct hy_claim *claim;

	while ((claim = claims->first)) {
		struct hy_host *host = hy_hosts_get(parts->hosts, hy_str_of(claim->host),
						    hy_mono_now());

		if (host) {
			hy_hosts_hold(parts->hosts, host, &claim->memory, hy_mono_now(),
				      work->now);
			host->has_more = claim->has_more;
		}
		while (claim->jobs) {
			struct hy_job *job = claim->jobs;

			claim->jobs = job->next;
			hand_over_job(parts, work, job);
		}
		claims->first = claim->next;
		claim_free(claim);
	}
}

void hy_claims_fini(struct hy_claims *claims)
{
	struct hy_claim *claim;

	while ((claim = claims->first)) {
		claims->first = claim->next;
		claim_free(claim);
	}
}

enum hy_err hy_claims_release_own(struct hy_store *store, const struct hy_work *work,
				  struct hy_error *e)
{
	struct hy_str owner = hy_str_of(work->instance);
	enum hy_err err = hy_frontier_release_owner(store, owner, work->now, e);

	if (err == HY_OK)
		err = hy_source_state_release_owner(store, owner, work->now, e);
	return err == HY_OK ? hy_host_release_owner(store, owner, e) : err;
}
