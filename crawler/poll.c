#include "crawler/poll.h"

#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/sys/content_id.h"
#include "crawler/budget.h"
#include "crawler/frontier.h"
#include "crawler/listing.h"
#include "crawler/mirror.h"
#include "crawler/pace.h"
#include "crawler/sitemap_parts.h"
#include "crawler/schedule.h"
#include "crawler/source_health.h"
#include "crawler/source_state.h"
#include "crawler/url.h"

#define RETRY_MAX_MS (INT64_C(24) * 3600 * 1000)
#define REASON_BYTES 400
#define HEADER_BYTES 2048

struct poll {
	struct hy_change change;
	struct hy_job *job;
	char *instance;
	bool is_release;
	struct hy_wall release_at;
	struct hy_poll_outcome outcome;
	struct hy_buf url, reason, etag, last_modified, hash;
	struct hy_listing listing;
	bool is_sitemap;
	struct hy_wall oldest;		/* what is older is left out; or unknown */
	char *home;			/* the preferred address of several, or NULL */
	struct hy_buf part;		/* of a sitemap index: visited next */
	int64_t new_max;
	int64_t goal_ms, interval_ms;	/* the source's; a goal goes first */
	struct hy_budget budget;	/* the host's */
	bool is_over;			/* it went well or badly, and does not go on elsewhere */
	enum hy_poll_failure failure;
	bool is_robots_unknown;
};

/* What a poll found, as it is written. */
struct found {
	struct hy_wall before;		/* the last time that it was read */
	int64_t new_items;
	bool is_cut;			/* there were more than are taken at once */
	struct hy_lags lags;
	struct hy_wall *times;		/* of the new ones; owned */
	size_t times_cap;
	struct hy_wall next_at;		/* of a source that was read */
};

/* ---- writing ---- */

static void count_new(struct found *found, struct hy_wall now, struct hy_wall published)
{
	size_t count = (size_t)found->new_items++;

	found->times = hy_grow(found->times, &found->times_cap, count + 1, sizeof *found->times);
	found->times[count] = published;
	hy_lags_add(&found->lags, found->before, now, published);
}

static void found_fini(struct found *found)
{
	free(found->times);
}

/*
 * New addresses up to the limit; where there were more, the source must not be taken for
 * unchanged next time.
 */
static enum hy_err write_items(struct poll *p, struct hy_store *store, struct found *found,
			       struct hy_error *e)
{
	enum hy_err err = HY_OK;

	for (size_t i = 0; err == HY_OK && i < p->listing.count; i++) {
		struct hy_frontier_link link = {
			.url = hy_str_of(p->listing.items[i].url),
			.source = hy_str_of(p->job->source),
			.title = hy_str_of(p->listing.items[i].title),
			.published_at = p->listing.items[i].published_at,
			.found_at = p->outcome.now,
		};
		bool is_new = false;

		if (found->new_items == p->new_max) {
			found->is_cut = true;
			break;
		}
		err = hy_frontier_add(store, &link, &is_new, e);
		if (err == HY_OK && is_new)
			count_new(found, p->outcome.now, link.published_at);
	}
	return err;
}

static enum hy_err write_health(const struct poll *p, struct hy_store *store,
				const struct hy_source_past *past, const struct found *found,
				struct hy_error *e)
{
	struct hy_coverage_poll poll = {
		.source = hy_str_of(p->job->source),
		.crawler = hy_str_of(p->instance),
		.before = past->polled_at,
		.now = p->outcome.now,
		.failure = p->failure,
		.is_robots_unknown = p->is_robots_unknown,
		.is_first = !hy_wall_known(past->success_at),
		.seen = (int64_t)p->listing.seen,
		.new_items = found->new_items,
		.lags = found->lags,
		.times = found->times,
	};

	return p->is_over ? hy_source_health_polled(store, past, &poll, e) : HY_OK;
}

static uint64_t seed_of(const char *id)
{
	uint64_t seed = 0;

	while (*id)
		seed = seed * 31 + (unsigned char)*id++;
	return seed;
}

/* It was read: when it is read next follows from what was found. */
static enum hy_err schedule(const struct poll *p, struct hy_store *store,
			    const struct hy_source_past *past, struct found *found,
			    struct hy_error *e)
{
	struct hy_rate rate = past->rate;
	struct hy_schedule_terms terms = {
		.rate = &rate,
		.now = p->outcome.now,
		.interval_ms = p->goal_ms ? 0 : p->interval_ms,
		.goal_ms = p->goal_ms,
		.seed = seed_of(p->job->source),
	};
	enum hy_err err = hy_budget_price(store, &p->budget, &terms.price, e);

	if (err != HY_OK)
		return err;
	hy_rate_observe(&rate, terms.now, found->times, (size_t)found->new_items);
	found->next_at = hy_schedule_next(&terms);
	return HY_OK;
}

static void forget_response(struct hy_poll_outcome *outcome)
{
	outcome->etag = outcome->last_modified = outcome->content_hash = (struct hy_str){0};
}

/* From a sitemap index to its parts, one after the other; the poll is over with the last. */
static enum hy_err choose_part(struct poll *p, struct hy_store *store, const struct found *found,
			       struct hy_poll_outcome *outcome, struct hy_error *e)
{
	struct hy_sitemap_visit visit = {
		.source = hy_str_of(p->job->source),
		.url = hy_str_of(p->job->url),
		.now = outcome->now,
		.oldest = p->oldest,
		.parts = p->listing.parts,
		.part_count = p->listing.part_count,
		.is_index = p->listing.is_index,
		.is_failed = !outcome->success,
		.is_unread = found->is_cut || !p->job->hops,
		.is_last = p->job->hops >= HY_SITEMAP_PARTS_PER_POLL,
	};
	enum hy_err err;

	hy_buf_clear(&p->part);
	err = hy_sitemap_parts_visited(store, &visit, &p->part, e);
	if (err != HY_OK)
		return err;
	if (p->job->hops || p->part.n)
		forget_response(outcome);
	if (!p->part.n)
		return HY_OK;
	outcome->url = hy_buf_str(&p->part);
	outcome->hops = p->job->hops + 1;
	outcome->next_at = outcome->now;
	outcome->success = false;
	return HY_OK;
}

/* Where the next request of the source goes, if not where it would without a store. */
static enum hy_err choose_path(struct poll *p, struct hy_store *store, const struct found *found,
			       struct hy_poll_outcome *outcome, struct hy_error *e)
{
	bool goes_home = false, is_held = false;
	enum hy_err err;

	if (!p->is_over || (!p->is_sitemap && !p->home))
		return HY_OK;
	/* Written before: then the steps below have been taken. */
	err = hy_source_state_is_held(store, p->job->id, hy_str_of(p->instance), &is_held, e);
	if (err != HY_OK || !is_held)
		return err;
	if (p->is_sitemap && p->outcome.url_index == 0)
		return choose_part(p, store, found, outcome, e);
	if (outcome->success && p->home && outcome->url_index > 0)
		err = hy_mirror_is_over(store, hy_str_of(p->job->source), outcome->now, &goes_home,
					e);
	if (err == HY_OK && goes_home) {
		forget_response(outcome);
		outcome->url = hy_str_of(p->home);
		outcome->url_index = 0;
	}
	return err;
}

static enum hy_err write_poll(struct hy_change *change, struct hy_store *store, struct hy_error *e)
{
	struct poll *p = hy_container_of(change, struct poll, change);
	struct hy_poll_outcome outcome = p->outcome;
	struct hy_str owner = hy_str_of(p->instance);
	struct hy_source_past past;
	hy_cleanup(found_fini) struct found found = {.new_items = 0};
	enum hy_err err;

	if (p->is_release)
		return hy_source_state_release(store, p->job->id, owner, p->release_at, e);
	err = hy_source_past_load(store, hy_str_of(p->job->source), &past, e);
	found.before = past.success_at;
	if (err == HY_OK)
		err = write_items(p, store, &found, e);
	if (err == HY_OK)
		err = choose_path(p, store, &found, &outcome, e);
	/* An index that leads on brought nothing yet. */
	if (err == HY_OK && !(p->listing.is_index && p->part.n))
		err = write_health(p, store, &past, &found, e);
	if (err == HY_OK && outcome.success)
		err = schedule(p, store, &past, &found, e);
	if (err != HY_OK)
		return err;
	outcome.new_items = found.new_items;
	if (outcome.success)
		outcome.next_at = found.next_at;
	if (found.is_cut)
		forget_response(&outcome);
	return hy_source_state_finish(store, p->job->id, owner, &outcome, e);
}

static void end_poll(struct hy_change *change, bool committed)
{
	struct poll *p = hy_container_of(change, struct poll, change);

	(void)committed;
	hy_job_free(p->job);
	free(p->instance);
	hy_buf_fini(&p->url);
	hy_buf_fini(&p->reason);
	hy_buf_fini(&p->etag);
	hy_buf_fini(&p->last_modified);
	hy_buf_fini(&p->hash);
	hy_buf_fini(&p->part);
	free(p->home);
	hy_listing_fini(&p->listing);
	free(p);
}

static const struct hy_change_type poll_type = {"poll", write_poll, end_poll};

static struct hy_str filled(struct hy_buf *b, struct hy_str text)
{
	hy_buf_clear(b);
	hy_buf_add_str(b, text);
	if (hy_buf_err(b) != HY_OK)
		hy_buf_clear(b);
	return hy_buf_str(b);
}

static struct poll *poll_new(const struct hy_work *work, struct hy_job *job)
{
	struct poll *p = hy_xcalloc(1, sizeof *p);

	p->change.type = &poll_type;
	p->job = job;
	p->instance = hy_xstrdup(work->instance);
	p->new_max = work->conf->new_per_poll;
	p->budget = hy_budget_of(work, hy_str_of(job->host));
	hy_buf_init(&p->url, HY_URL_MAX_BYTES + 1);
	hy_buf_init(&p->reason, REASON_BYTES + HY_URL_MAX_BYTES);
	hy_buf_init(&p->etag, HEADER_BYTES);
	hy_buf_init(&p->last_modified, HEADER_BYTES);
	hy_buf_init(&p->hash, HEADER_BYTES);
	hy_buf_init(&p->part, HY_URL_MAX_BYTES + 1);
	p->oldest = HY_WALL_NONE;
	if (work->conf->max_age_ms)
		p->oldest = hy_wall_add_ms(work->now, -work->conf->max_age_ms);
	p->outcome.now = work->now;
	/* What is not learned anew stays as it was. */
	p->outcome.url = filled(&p->url, hy_str_of(job->url));
	p->outcome.url_index = job->url_index;
	p->outcome.etag = filled(&p->etag, hy_str_of(job->etag));
	p->outcome.last_modified = filled(&p->last_modified, hy_str_of(job->last_modified));
	p->outcome.content_hash = filled(&p->hash, hy_str_of(job->content_hash));
	return p;
}

/* ---- outcomes ---- */

static void aim_at(struct poll *p, const struct hy_source *source, int64_t index)
{
	p->outcome.url_index = index % (int64_t)source->url_count;
	p->outcome.url = filled(&p->url, hy_str_of(source->urls[p->outcome.url_index]));
	p->outcome.hops = 0;
}

static void succeed(struct poll *p, const struct hy_source *source, struct hy_str reason)
{
	p->is_over = true;
	p->outcome.success = true;
	p->goal_ms = source->goal_ms;
	p->interval_ms = source->interval_ms;
	aim_at(p, source, p->job->url_index);
	p->outcome.reason = filled(&p->reason, reason);
	/* Two requests a poll instead of one: whoever keeps sources.yaml should know. */
	if (p->job->hops && !reason.n && source->kind != HY_SOURCE_SITEMAP) {
		hy_buf_clear(&p->reason);
		hy_buf_addf(&p->reason, "来源已移到 %s，请更新 sources.yaml", p->job->url);
		p->outcome.reason = hy_buf_str(&p->reason);
	}
}

/* A site that is down for now comes back sooner than a page that is gone. */
static bool is_passing(enum hy_poll_failure failure)
{
	return failure == HY_POLL_FAILURE_SERVER || failure == HY_POLL_FAILURE_NETWORK;
}

/*
 * The next of the source's addresses is asked soon; when all of them failed, the whole round
 * waits longer each time.
 */
static void fail(struct poll *p, const struct hy_source *source, struct hy_str reason,
		 struct hy_wall not_before)
{
	int64_t failures = p->job->attempts + 1, addresses = (int64_t)source->url_count;
	int64_t wait_ms = source->interval_ms, rounds = failures / addresses - 1;

	if (failures % addresses == 0)
		wait_ms = hy_backoff_ms(source->interval_ms, is_passing(p->failure) ? rounds / 2 : rounds,
					RETRY_MAX_MS);
	else if (p->job->delay_ms < wait_ms)
		wait_ms = p->job->delay_ms;
	p->is_over = true;
	p->outcome.failures = failures;
	p->outcome.next_at = hy_wall_add_ms(p->outcome.now, wait_ms);
	/* Another address may be another host, which the time does not concern. */
	if (addresses == 1 && hy_wall_known(not_before) && not_before.ms > p->outcome.next_at.ms)
		p->outcome.next_at = not_before;
	p->outcome.etag = p->outcome.last_modified = p->outcome.content_hash = (struct hy_str){0};
	aim_at(p, source, p->job->url_index + 1);
	p->outcome.reason = filled(&p->reason, reason);
}

static void go_on_at(struct poll *p, struct hy_str url)
{
	p->outcome.url = filled(&p->url, url);
	p->outcome.hops = p->job->hops + 1;
	p->outcome.failures = p->job->attempts;
	p->outcome.next_at = p->outcome.now;
}

static void end_listing(struct poll *p, const struct hy_source *source, struct hy_str hash)
{
	p->failure = p->listing.is_blocked ? HY_POLL_FAILURE_BLOCKED : HY_POLL_FAILURE_CONTENT;
	if (p->listing.problem) {
		fail(p, source, hy_str_of(p->listing.problem), HY_WALL_NONE);
	} else {
		p->failure = HY_POLL_FAILURE_NONE;
		p->outcome.content_hash = filled(&p->hash, hash);
		succeed(p, source, p->listing.seen || p->listing.is_index ? hy_str_of(p->listing.note)
						   : HY_STR_LIT("来源可以打开，但没有任何条目"));
	}
}

static void end_page(struct poll *p, const struct hy_work *work, const struct hy_source *source,
		     const struct hy_fetch_result *response)
{
	struct hy_listing_terms terms = {.kind = source->kind, .xpath = source->xpath,
					 .url = p->job->url, .now = work->now,
					 .oldest = p->oldest};
	char hash[HY_SHA256_DIGITS + 1];

	p->outcome.etag = filled(&p->etag, response->etag);
	p->outcome.last_modified = filled(&p->last_modified, response->last_modified);
	/* Servers forget ETags and touch dates: the same bytes are the same listing. */
	hy_sha256_hex(response->body, hash);
	if (hy_str_eq_c(hy_str_of(hash), p->job->content_hash)) {
		succeed(p, source, (struct hy_str){0});
		return;
	}
	hy_listing_read(&terms, response, &p->listing);
	end_listing(p, source, hy_str_of(hash));
}

struct hy_change *hy_poll(const struct hy_work *work, struct hy_job *job,
			  const struct hy_visit *visit, bool *out_blocked)
{
	const struct hy_source *source = hy_sources_find(work->sources, hy_str_of(job->source));
	struct poll *p = poll_new(work, job);

	*out_blocked = false;
	if (!source || visit->end == HY_VISIT_RELEASED) {
		p->is_release = true;
		p->release_at = source ? visit->not_before : work->now;
		return &p->change;
	}
	p->is_sitemap = source->kind == HY_SOURCE_SITEMAP;
	if (source->url_count > 1)
		p->home = hy_xstrdup(source->urls[0]);
	switch (visit->end) {
	case HY_VISIT_PAGE:
		end_page(p, work, source, visit->response);
		*out_blocked = p->listing.is_blocked;
		break;
	case HY_VISIT_UNCHANGED:
		succeed(p, source, (struct hy_str){0});
		break;
	case HY_VISIT_MOVED:
		go_on_at(p, visit->location);
		break;
	case HY_VISIT_REFUSED:
	case HY_VISIT_LATER:
	case HY_VISIT_RELEASED:
		p->failure = visit->is_unanswered
				     ? HY_POLL_FAILURE_NETWORK
				     : hy_poll_failure_of(visit->kind,
							  visit->end == HY_VISIT_REFUSED);
		p->is_robots_unknown = visit->end == HY_VISIT_LATER &&
				       strcmp(visit->kind, "robots") == 0;
		fail(p, source, visit->reason, visit->not_before);
		break;
	}
	return &p->change;
}
