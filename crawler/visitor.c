#include "crawler/visitor.h"

#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/url.h"
#include "crawler/visit_table.h"

#define ROBOTS_REDIRECTS 5	/* RFC 9309, 2.3.1.2 */
#define JOBS_PER_HOST 16
#define STRIKES 3
#define HASTE_MS 100

/* One running request. */
struct errand {
	struct errand *next, *previous;
	struct hy_visitor *visitor;
	struct hy_host *host;
	struct hy_job *job;		/* for robots.txt: the one that waits for it, borrowed */
	struct hy_robots_entry *robots;	/* NULL where the job's own page is asked for */
};

struct hy_visitor {
	struct hy_visitor_parts parts;
	const struct hy_crawler_conf *conf;
	hy_visit_fn *fn;
	void *ctx;
	struct hy_deferred *deferred, *idle;
	struct hy_timer *timer;
	struct errand *errands;
	size_t running;
	bool is_held, is_draining;
};

static void on_errand_done(void *ctx, const struct hy_fetch_result *result);

/* ---- reporting ---- */

static void report(struct hy_visitor *v, struct hy_job *job, const struct hy_visit *visit)
{
	v->fn(v->ctx, job, visit);
}

static void release_front(struct hy_visitor *v, struct hy_host *host, struct hy_wall not_before)
{
	struct hy_visit visit = {.end = HY_VISIT_RELEASED, .not_before = not_before};

	report(v, hy_hosts_pop(v->parts.hosts, host), &visit);
}

static void release_all(struct hy_visitor *v, struct hy_host *host, struct hy_wall not_before)
{
	while (host->first_job)
		release_front(v, host, not_before);
}

static void report_robots(struct hy_visitor *v, struct hy_host *host,
			  const struct hy_robots_entry *robots, enum hy_robots_answer answer,
			  int line)
{
	struct hy_job *job = hy_hosts_pop(v->parts.hosts, host);
	struct hy_visit visit = {.kind = "robots"};
	char reason[200];

	if (answer == HY_ROBOTS_ANSWER_FORBIDDEN) {
		visit.end = HY_VISIT_REFUSED;
		(void)snprintf(reason, sizeof reason, "robots.txt 不允许（第 %d 行）", line);
	} else {
		visit.end = HY_VISIT_LATER;
		visit.not_before = robots->expires_at;
		visit.is_unanswered = robots->status == 0;
		(void)snprintf(reason, sizeof reason, "robots.txt 暂时无法取得（%d），按规定不抓取",
			       (int)robots->status);
	}
	visit.reason = hy_str_of(reason);
	report(v, job, &visit);
}

/* ---- pauses ---- */

static int64_t retry_after_ms(const struct hy_fetch_result *result)
{
	int64_t ms;

	return hy_retry_after_parse(result->retry_after, hy_wall_now(), &ms) ? ms : -1;
}

/* The jobs that wait go back to the store: their leases are shorter than many a pause. */
static struct hy_wall pause_host(struct hy_visitor *v, struct hy_host *host, int64_t base_ms,
				 int64_t wish_ms, const char *reason)
{
	struct hy_mono now = hy_loop_now(v->parts.loop);
	int64_t ms = hy_pace_pause(&host->pace, now, base_ms, wish_ms);
	struct hy_wall until = hy_wall_add_ms(hy_wall_now(), ms);

	(void)snprintf(host->reason, sizeof host->reason, "%s", reason);
	host->is_dirty = true;
	release_all(v, host, until);
	return until;
}

/* While the network is ours that failed, a host's pause does not double: it did nothing. */
static int64_t strike_ms(const struct hy_visitor *v)
{
	struct hy_outage_count count;

	return v->parts.outage &&
	       hy_outage_judge(v->parts.outage, hy_wall_now(), &count) == HY_JUDGEMENT_BAD
		       ? v->conf->pause_ms
		       : -1;
}

static struct hy_wall apply_manner(struct hy_visitor *v, struct hy_host *host,
				   const struct hy_visit_rule *rule,
				   const struct hy_fetch_result *result)
{
	host->strikes = rule->manner == HY_MANNER_STRIKE ? host->strikes + 1 : 0;
	switch (rule->manner) {
	case HY_MANNER_PAUSE:
		return pause_host(v, host, v->conf->pause_ms, retry_after_ms(result), rule->reason);
	case HY_MANNER_STRIKE:
		if (host->strikes % STRIKES == 0)
			return pause_host(v, host, v->conf->pause_ms, strike_ms(v), rule->reason);
		break;
	case HY_MANNER_AWAIT:
		return hy_wall_add_ms(hy_wall_now(), v->conf->blocked_ms);
	case HY_MANNER_NONE:
		break;
	}
	return HY_WALL_NONE;
}

/* ---- ends of requests ---- */

static void report_moved(struct hy_visitor *v, struct hy_job *job, struct hy_visit *visit,
			 const struct hy_fetch_result *result)
{
	hy_cleanup(hy_buf_fini) struct hy_buf location = HY_BUF(HY_URL_MAX_BYTES + 1);

	if (!result->location.n ||
	    hy_url_resolve(hy_str_of(job->url), result->location, &location) != HY_OK) {
		visit->end = HY_VISIT_REFUSED;
		visit->reason = HY_STR_LIT("重定向的目标不是可用的网址");
	} else if (job->hops >= v->conf->redirects) {
		visit->end = HY_VISIT_REFUSED;
		visit->reason = HY_STR_LIT("重定向次数过多");
	} else {
		visit->location = hy_buf_str(&location);
		visit->is_permanent = result->status == 301 || result->status == 308;
	}
	report(v, job, visit);
}

static void end_page(struct hy_visitor *v, struct hy_host *host, struct hy_job *job,
		     const struct hy_fetch_result *result)
{
	const struct hy_visit_rule *rule = hy_visit_rule_of(result->end, result->status);
	struct hy_visit visit = {
		.end = rule->end,
		.kind = rule->kind,
		.reason = hy_str_of(rule->reason),
		.counts = rule->counts,
		.not_before = apply_manner(v, host, rule, result),
	};

	if (visit.end == HY_VISIT_MOVED) {
		report_moved(v, job, &visit, result);
		return;
	}
	if (visit.end == HY_VISIT_PAGE || visit.end == HY_VISIT_UNCHANGED)
		visit.response = result;
	report(v, job, &visit);
	/* Unless the reader found a captcha in the page and paused the host. */
	if (visit.response && !hy_pace_is_paused(&host->pace, hy_loop_now(v->parts.loop)))
		hy_pace_went_well(&host->pace);
}

/* True where the answer is a redirect that is to be followed first. */
static bool follow_robots(struct hy_robots_entry *robots, const struct hy_fetch_result *result)
{
	hy_cleanup(hy_free_p) char *from = hy_robots_entry_url(robots);
	struct hy_buf to;

	if (result->end != HY_FETCH_ANSWERED || result->status < 300 || result->status > 399 ||
	    robots->legs >= ROBOTS_REDIRECTS)
		return false;
	hy_buf_init(&to, HY_URL_MAX_BYTES + 1);
	if (hy_url_resolve(hy_str_of(from), result->location, &to) != HY_OK) {
		hy_buf_fini(&to);
		return false;
	}
	free(robots->leg);
	robots->leg = hy_buf_take(&to);
	robots->legs++;
	return true;
}

static void end_robots(struct hy_visitor *v, const struct errand *errand,
		       const struct hy_fetch_result *result)
{
	struct hy_host *host = errand->host;
	struct hy_robots_entry *robots = errand->robots;
	const struct hy_job *job = errand->job;
	struct hy_wall now = hy_wall_now();
	int64_t status = result->end == HY_FETCH_ANSWERED ? result->status : 0;
	int64_t life_ms = v->conf->robots_life_ms, wish_ms;

	if (follow_robots(robots, result))
		return;
	if (result->end == HY_FETCH_ADDRESS && host->first_job == job) {
		const struct hy_visit_rule *rule = hy_visit_rule_of(result->end, 0);
		struct hy_visit visit = {.end = rule->end, .kind = rule->kind,
					 .reason = hy_str_of(rule->reason)};

		/* The rules stay unknown: another source's job may be allowed in. */
		report(v, hy_hosts_pop(v->parts.hosts, host), &visit);
		return;
	}
	if (hy_robots_verdict_for_status((int)status) == HY_ROBOTS_DISALLOW_ALL) {
		wish_ms = retry_after_ms(result);
		life_ms = wish_ms > v->conf->robots_retry_ms ? wish_ms : v->conf->robots_retry_ms;
	}
	hy_batch_add(v->parts.batch, hy_robots_entry_set(robots, status, result->body, now,
							 hy_wall_add_ms(now, life_ms)));
}

/* Between two requests: the longest that the site or either job's source wants. */
static int64_t delay_of(struct hy_visitor *v, struct hy_host *host, const char *url,
			int64_t delay_ms)
{
	const struct hy_robots_entry *robots = hy_robots_entry_of(&host->robots, v->parts.store,
								  hy_str_of(url));
	int64_t wish_ms = hy_robots_entry_delay_ms(robots, hy_str_of(v->conf->agent));

	if (host->first_job && host->first_job->delay_ms > delay_ms)
		delay_ms = host->first_job->delay_ms;
	return wish_ms > delay_ms ? wish_ms : delay_ms;
}

static void errand_free(struct errand *errand)
{
	struct hy_visitor *v = errand->visitor;

	if (errand->next)
		errand->next->previous = errand->previous;
	if (errand->previous)
		errand->previous->next = errand->next;
	else
		v->errands = errand->next;
	v->running--;
	free(errand);
}

static void note_answer(struct hy_visitor *v, const struct hy_host *host, enum hy_fetch_end end)
{
	/* An address of our own network is not asked at all. */
	if (v->parts.outage && end != HY_FETCH_ADDRESS)
		hy_outage_note(v->parts.outage, hy_str_of(host->name),
			       end != HY_FETCH_NETWORK && end != HY_FETCH_TIMED_OUT, hy_wall_now());
}

static void on_errand_done(void *ctx, const struct hy_fetch_result *result)
{
	struct errand *errand = ctx;
	struct hy_visitor *v = errand->visitor;
	struct hy_host *host = errand->host;
	hy_cleanup(hy_free_p) char *url = hy_xstrdup(errand->job->url);
	int64_t delay_ms = errand->job->delay_ms;

	hy_hosts_set_busy(v->parts.hosts, host, false);
	host->used_at = hy_loop_now(v->parts.loop);
	hy_host_count(host, result->wire_bytes, result->end != HY_FETCH_ANSWERED);
	note_answer(v, host, result->end);
	/* The job may be gone after this, and robots.txt known. */
	if (errand->robots)
		end_robots(v, errand, result);
	else
		end_page(v, host, errand->job, result);
	hy_pace_ended(&host->pace, host->used_at, delay_of(v, host, url, delay_ms));
	if (hy_pace_is_paused(&host->pace, host->used_at))
		hy_batch_add(v->parts.batch, hy_host_flush(v->parts.hosts, host, host->used_at,
							   hy_wall_now()));
	if (v->is_draining)
		release_all(v, host, hy_wall_now());
	errand_free(errand);
	hy_deferred_schedule(v->deferred);
}

/* ---- beginnings ---- */

static void start_errand(struct hy_visitor *v, struct hy_host *host, struct hy_job *job,
			 struct hy_robots_entry *robots)
{
	struct errand *errand = hy_xcalloc(1, sizeof *errand);
	hy_cleanup(hy_free_p) char *robots_url = robots ? hy_robots_entry_url(robots) : NULL;
	struct hy_fetch_request request = {.allow_private = job->allow_private};

	*errand = (struct errand){.next = v->errands, .visitor = v, .host = host, .job = job,
				  .robots = robots};
	if (v->errands)
		v->errands->previous = errand;
	v->errands = errand;
	v->running++;
	hy_hosts_set_busy(v->parts.hosts, host, true);
	if (robots) {
		request.url = robots_url;
		request.accept = HY_FETCH_ANY;
		request.enough_bytes = HY_ROBOTS_MAX_BYTES;
	} else {
		request.url = job->url;
		request.accept = job->kind == HY_JOB_POLL ? HY_FETCH_FEED : HY_FETCH_PAGE;
		request.etag = job->etag;
		request.last_modified = job->last_modified;
	}
	hy_fetch_start(v->parts.fetcher, &request, on_errand_done, errand);
}

/* Would the lease run out before the answer must have come (or has half of it been waited)? */
static bool lease_is_short(const struct hy_visitor *v, const struct hy_job *job, struct hy_wall now)
{
	int64_t left_ms = job->lease_until.ms - now.ms;

	return left_ms < v->conf->total_ms && left_ms < v->conf->lease_ms / 2;
}

/* Handles the front job of a host that may be asked now. */
static void serve_front(struct hy_visitor *v, struct hy_host *host)
{
	struct hy_job *job = host->first_job;
	struct hy_wall now = hy_wall_now();
	struct hy_robots_entry *robots;
	enum hy_robots_answer answer;
	int line;

	if (lease_is_short(v, job, now)) {
		release_front(v, host, now);
		return;
	}
	robots = hy_robots_entry_of(&host->robots, v->parts.store, hy_str_of(job->url));
	if (!hy_robots_entry_is_fresh(robots, now)) {
		start_errand(v, host, job, robots);
		return;
	}
	answer = hy_robots_entry_ask(robots, hy_str_of(v->conf->agent), hy_str_of(job->url), &line);
	if (answer == HY_ROBOTS_ANSWER_ALLOWED)
		start_errand(v, host, hy_hosts_pop(v->parts.hosts, host), NULL);
	else
		report_robots(v, host, robots, answer, line);
}

static struct hy_mono ready_at(struct hy_visitor *v, struct hy_host *host)
{
	/* Known only with a job at hand: the delay is the source's. */
	if (host->owes_delay && host->first_job) {
		host->owes_delay = false;
		hy_pace_ended(&host->pace, hy_loop_now(v->parts.loop),
			      delay_of(v, host, host->first_job->url, 0));
	}
	return hy_pace_ready_at(&host->pace);
}

static void serve(struct hy_visitor *v)
{
	struct hy_mono now = hy_loop_now(v->parts.loop), next_ready = {INT64_MAX};
	struct hy_host *next;
	bool is_short_of_work = false;

	for (struct hy_host *host = hy_hosts_active(v->parts.hosts); host; host = next) {
		struct hy_mono ready = ready_at(v, host);

		next = host->next_active;
		while (host->first_job && !host->is_busy && ready.ns <= now.ns &&
		       v->running < (size_t)v->conf->connections) {
			serve_front(v, host);
			ready = ready_at(v, host);
		}
		if (host->first_job && !host->is_busy && ready.ns < next_ready.ns)
			next_ready = ready;
		is_short_of_work |= host->job_count == 0;
	}
	if (next_ready.ns != INT64_MAX && v->running < (size_t)v->conf->connections)
		hy_timer_start(v->timer, hy_mono_diff_ms(next_ready, now) + 1, 0);
	if (is_short_of_work && v->idle)
		hy_deferred_schedule(v->idle);
}

static void on_turn_end(void *ctx)
{
	struct hy_visitor *v = ctx;

	if (!v->is_held && !v->is_draining)
		serve(v);
}

static void on_timer(void *ctx)
{
	struct hy_visitor *v = ctx;

	hy_deferred_schedule(v->deferred);
}

/* ---- lifetime ---- */

struct hy_visitor *hy_visitor_new(const struct hy_visitor_parts *parts,
				  const struct hy_crawler_conf *conf, hy_visit_fn *fn, void *ctx)
{
	struct hy_visitor *v = hy_xcalloc(1, sizeof *v);

	v->parts = *parts;
	v->conf = conf;
	v->fn = fn;
	v->ctx = ctx;
	v->deferred = hy_deferred_new(parts->loop, on_turn_end, v);
	v->timer = hy_timer_new(parts->loop, on_timer, v);
	return v;
}

void hy_visitor_free(struct hy_visitor *visitor)
{
	if (!visitor)
		return;
	/* The fetcher's owner frees it first, so none of these is called any more. */
	while (visitor->errands) {
		if (!visitor->errands->robots)
			hy_job_free(visitor->errands->job);
		errand_free(visitor->errands);
	}
	hy_deferred_free(visitor->deferred);
	hy_deferred_free(visitor->idle);
	hy_timer_free(visitor->timer);
	free(visitor);
}

void hy_visitor_configure(struct hy_visitor *visitor, const struct hy_crawler_conf *conf)
{
	visitor->conf = conf;
}

void hy_visitor_on_idle(struct hy_visitor *visitor, hy_deferred_fn *fn, void *ctx)
{
	hy_deferred_free(visitor->idle);
	visitor->idle = hy_deferred_new(visitor->parts.loop, fn, ctx);
}

/* ---- work ---- */

void hy_visitor_add(struct hy_visitor *visitor, struct hy_job *job)
{
	struct hy_host *host = hy_hosts_get(visitor->parts.hosts, hy_str_of(job->host),
					    hy_loop_now(visitor->parts.loop));
	struct hy_visit visit = {.end = HY_VISIT_RELEASED, .not_before = hy_wall_now()};

	if (!host || visitor->is_draining) {
		report(visitor, job, &visit);
		return;
	}
	host->used_at = hy_loop_now(visitor->parts.loop);
	hy_hosts_push(visitor->parts.hosts, host, job);
	hy_deferred_schedule(visitor->deferred);
}

void hy_visitor_pause(struct hy_visitor *visitor, struct hy_str host, int64_t base_ms,
		      const char *reason)
{
	struct hy_host *h = hy_hosts_find(visitor->parts.hosts, host);

	if (h)
		(void)pause_host(visitor, h, base_ms, -1, reason);
}

static int64_t known_delay_ms(const struct hy_visitor *v, const struct hy_host *host)
{
	int64_t delay_ms = v->conf->delay_ms;

	if (host && host->delay_ms >= 0)
		delay_ms = host->delay_ms;
	for (const struct hy_robots_entry *r = host ? host->robots : NULL; r; r = r->next)
		if (hy_robots_entry_delay_ms(r, hy_str_of(v->conf->agent)) > delay_ms)
			delay_ms = hy_robots_entry_delay_ms(r, hy_str_of(v->conf->agent));
	return delay_ms;
}

struct hy_visitor_room hy_visitor_room(const struct hy_visitor *visitor, struct hy_str host,
				       size_t at_most)
{
	const struct hy_host *h = hy_hosts_find(visitor->parts.hosts, host);
	int64_t delay_ms = known_delay_ms(visitor, h), useful = JOBS_PER_HOST;
	struct hy_visitor_room room = {.is_in_hand = h && h->is_working};

	if (visitor->is_draining || visitor->is_held)
		return room;
	/* What would only wait for longer than half the lease stays in the store. */
	if (delay_ms > 0 && visitor->conf->lease_ms / 2 / delay_ms < useful)
		useful = visitor->conf->lease_ms / 2 / delay_ms + 1;
	if (useful > (int64_t)at_most)
		useful = (int64_t)at_most;
	room.jobs = (size_t)useful;
	if (h && hy_pace_is_paused(&h->pace, hy_loop_now(visitor->parts.loop)))
		room.jobs = 0;
	else if (h)
		room.jobs = h->job_count * 2 > (size_t)useful ? 0 : (size_t)useful - h->job_count;
	/* Half of them are done by then, as far as the delay goes: half of that is early enough. */
	if (h && h->delay_ms >= 0 && delay_ms >= HASTE_MS)
		room.look_in_ms = delay_ms * useful / 4;
	return room;
}

int64_t hy_visitor_uncounted(const struct hy_visitor *visitor, struct hy_str host)
{
	const struct hy_host *h = hy_hosts_find(visitor->parts.hosts, host);

	return h ? (int64_t)h->job_count + h->requests + h->is_busy : 0;
}

size_t hy_visitor_load(const struct hy_visitor *visitor)
{
	return visitor->running + hy_hosts_waiting_jobs(visitor->parts.hosts);
}

void hy_visitor_drain(struct hy_visitor *visitor)
{
	struct hy_host *next;

	visitor->is_draining = true;
	for (struct hy_host *h = hy_hosts_active(visitor->parts.hosts); h; h = next) {
		next = h->next_active;
		/* The front job of a host that is asked for robots.txt is still needed there. */
		if (!h->is_busy)
			release_all(visitor, h, hy_wall_now());
	}
}

void hy_visitor_hold(struct hy_visitor *visitor, bool hold)
{
	visitor->is_held = hold;
	if (!hold)
		hy_deferred_schedule(visitor->deferred);
}
