#include "crawler/crawler.h"

#include <stdio.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/sys/store.h"
#include "crawler/alarm_post.h"
#include "crawler/archive.h"
#include "crawler/batch.h"
#include "crawler/chores.h"
#include "crawler/claims.h"
#include "crawler/crawler_conf.h"
#include "crawler/fetch.h"
#include "crawler/figures.h"
#include "crawler/hosts.h"
#include "crawler/intake.h"
#include "crawler/outage.h"
#include "crawler/outbox.h"
#include "crawler/poll.h"
#include "crawler/schema.h"
#include "crawler/source_state.h"
#include "crawler/sources.h"
#include "crawler/visitor.h"
#include "crawler/watch.h"

#define TICK_MS 250		/* how late a due poll may be noticed */
#define FLUSH_MS 1000		/* the ledger may lack so much after a crash */
#define HEARTBEAT_MS 10000
#define ALIVE_MS 60000		/* silent for longer: others adopt what it held */
#define HOST_IDLE_MS 600000
#define RESYNC_TICKS (600000 / HEARTBEAT_MS)	/* sources whose from or until has come */
#define AGENT_VERSION "1.0"
#define PATH_BYTES 4096

struct crawler {
	struct hy_service *service;
	const struct hy_crawler_conf *conf;
	char *instance;
	struct hy_sources *sources;
	struct hy_store *store;
	struct hy_fetcher *fetcher;
	struct hy_hosts *hosts;
	struct hy_batch *batch;
	struct hy_visitor *visitor;
	struct hy_outbox *outbox;
	struct hy_chores *chores;
	struct hy_outage *outage;
	struct hy_watch *watch;
	struct hy_alarm_post *alarms;
	struct hy_deferred *claim;
	struct hy_timer *tick, *flush, *heartbeat;
	int64_t heartbeats;
	bool is_draining, is_flushed, is_stuck;
	bool is_claiming;
	bool is_shared;		/* another crawler takes work from the store, too */
	bool has_found;		/* new work may be on its way into the store */
};

/* ---- sources ---- */

static enum hy_err load_sources(const struct hy_common_conf *common,
				const struct hy_crawler_conf *conf, struct hy_findings *findings,
				struct hy_sources **out)
{
	return hy_sources_load(conf->sources[0] ? conf->sources : common->rules, findings, out);
}

/* Whoever owns a public site that we read must be able to reach us. */
static bool needs_contact(const struct hy_sources *sources)
{
	for (size_t i = 0; i < hy_sources_count(sources); i++)
		if (!hy_sources_at(sources, i)->allow_private)
			return true;
	return false;
}

static enum hy_err check(const struct hy_common_conf *common, const void *values,
			 struct hy_buf *out)
{
	const struct hy_crawler_conf *conf = values;
	hy_cleanup(hy_findings_fini) struct hy_findings findings = {0};
	struct hy_sources *sources = NULL;
	enum hy_err err;

	hy_findings_init(&findings);
	err = load_sources(common, conf, &findings, &sources);
	hy_buf_add_str(out, hy_buf_str(&findings.text));
	if (err == HY_OK && needs_contact(sources) && !conf->contact[0]) {
		hy_buf_add_c(out, "crawler.contact 未填写：抓取公开网站必须留下联系方式（网址或邮箱）\n");
		err = HY_ERR_MALFORMED;
	}
	hy_sources_free(sources);
	return err;
}

static struct hy_work work_now(const struct crawler *c)
{
	return (struct hy_work){.conf = c->conf, .sources = c->sources, .instance = c->instance,
				.now = hy_wall_now()};
}

/* ---- the turn's work ---- */

/* Work taken out of the store, in the same transaction as what the turn writes. */
struct claim {
	struct hy_change change;
	struct crawler *crawler;
	struct hy_claims claims;
};

static struct hy_claims_parts claims_parts(const struct crawler *c)
{
	return (struct hy_claims_parts){c->store, c->visitor, c->hosts, c->batch};
}

static enum hy_err write_claim(struct hy_change *change, struct hy_store *store,
			       struct hy_error *e)
{
	struct claim *claim = hy_container_of(change, struct claim, change);
	struct hy_claims_parts parts = claims_parts(claim->crawler);
	struct hy_work work = work_now(claim->crawler);

	(void)store;
	hy_claims_fini(&claim->claims);	/* of an attempt that failed */
	return hy_claims_take(&parts, &work, &claim->claims, e);
}

static void end_claim(struct hy_change *change, bool committed)
{
	struct claim *claim = hy_container_of(change, struct claim, change);
	struct crawler *c = claim->crawler;
	struct hy_claims_parts parts = claims_parts(c);
	struct hy_work work = work_now(c);

	c->is_claiming = false;
	if (committed) {
		c->is_shared = claim->claims.is_shared;
		hy_claims_hand_over(&parts, &work, &claim->claims);
	}
	hy_claims_fini(&claim->claims);
	free(claim);
}

static const struct hy_change_type claim_type = {"claim", write_claim, end_claim};

static void give_back(struct crawler *c)
{
	struct hy_change *change;

	while ((change = hy_hosts_give_back(c->hosts, hy_loop_now(c->service->loop),
					    hy_wall_now())))
		hy_batch_add(c->batch, change);
}

static void on_claim(void *ctx)
{
	struct crawler *c = ctx;
	struct claim *claim;

	if (c->is_draining || c->is_claiming || hy_batch_is_stuck(c->batch))
		return;
	if (c->is_shared)
		give_back(c);
	claim = hy_xcalloc(1, sizeof *claim);
	claim->change.type = &claim_type;
	claim->crawler = c;
	c->is_claiming = true;
	hy_batch_add(c->batch, &claim->change);
}

static void on_visit(void *ctx, struct hy_job *job, const struct hy_visit *visit)
{
	struct crawler *c = ctx;
	struct hy_work work = work_now(c);
	bool is_blocked;

	hy_log(c->service->log, HY_LOG_DEBUG, "visited", hy_kv("url", job->url),
	       hy_kv_int("end", visit->end), hy_kv("kind", visit->kind));
	c->has_found |= job->kind == HY_JOB_POLL || visit->end == HY_VISIT_MOVED;
	if (job->kind == HY_JOB_POLL)
		hy_batch_add(c->batch, hy_poll(&work, job, visit, &is_blocked));
	else
		hy_batch_add(c->batch, hy_intake(&work, job, visit, &is_blocked));
	/* The change keeps the job until it is written, at the end of this turn or later. */
	if (is_blocked)
		hy_visitor_pause(c->visitor, hy_str_of(job->host), c->conf->blocked_ms,
				 "网站要求验证或登录");
}

static void leave_when_done(struct crawler *c)
{
	struct hy_change *flush;

	if (!c->is_draining || hy_visitor_load(c->visitor))
		return;
	if (!c->is_flushed) {
		c->is_flushed = true;
		flush = hy_hosts_flush(c->hosts, hy_loop_now(c->service->loop), hy_wall_now());
		if (flush)
			hy_batch_add(c->batch, flush);
		give_back(c);
	}
	if (hy_batch_is_empty(c->batch))
		hy_service_drained(c->service);
}

static void on_batch(void *ctx, enum hy_err err, const struct hy_error *e)
{
	struct crawler *c = ctx;

	if (err == HY_ERR_DENIED) {
		hy_service_fail(c->service, e);
		return;
	}
	if ((err != HY_OK) != c->is_stuck) {
		c->is_stuck = err != HY_OK;
		hy_log(c->service->log, c->is_stuck ? HY_LOG_ERROR : HY_LOG_INFO,
		       c->is_stuck ? "the store takes no writes; waiting" : "the store works again",
		       hy_kv("why", e->text));
		hy_visitor_hold(c->visitor, c->is_stuck);
	}
	if (err == HY_OK) {
		hy_outbox_send(c->outbox);
		if (c->has_found)
			hy_deferred_schedule(c->claim);
		c->has_found = false;
	}
	leave_when_done(c);
}

/* ---- timers ---- */

static void on_tick(void *ctx)
{
	struct crawler *c = ctx;

	hy_deferred_schedule(c->claim);
	leave_when_done(c);
}

static void on_flush(void *ctx)
{
	struct crawler *c = ctx;
	struct hy_change *change;

	if (hy_batch_is_stuck(c->batch))
		return;
	change = hy_hosts_flush(c->hosts, hy_loop_now(c->service->loop), hy_wall_now());
	if (change)
		hy_batch_add(c->batch, change);
}

struct heartbeat {
	struct hy_change change;
	struct crawler *crawler;
	bool resyncs;
};

static enum hy_err write_heartbeat(struct hy_change *change, struct hy_store *store,
				   struct hy_error *e)
{
	struct heartbeat *h = hy_container_of(change, struct heartbeat, change);
	struct hy_wall now = hy_wall_now();
	enum hy_err err = HY_OK;

	if (h->resyncs)
		err = hy_source_state_sync(store, h->crawler->sources, now, e);
	if (err == HY_OK)
		err = hy_archive_heartbeat(store, hy_str_of(h->crawler->instance), now,
					   hy_wall_add_ms(now, ALIVE_MS), e);
	return err;
}

static void end_heartbeat(struct hy_change *change, bool committed)
{
	(void)committed;
	free(hy_container_of(change, struct heartbeat, change));
}

static const struct hy_change_type heartbeat_type = {"heartbeat", write_heartbeat, end_heartbeat};

static void beat(struct crawler *c, bool resyncs)
{
	struct heartbeat *h = hy_xcalloc(1, sizeof *h);

	h->change.type = &heartbeat_type;
	h->crawler = c;
	h->resyncs = resyncs;
	hy_batch_add(c->batch, &h->change);
}

static void on_heartbeat(void *ctx)
{
	struct crawler *c = ctx;

	hy_hosts_sweep(c->hosts, hy_loop_now(c->service->loop), HOST_IDLE_MS);
	if (!hy_batch_is_stuck(c->batch))
		beat(c, ++c->heartbeats % RESYNC_TICKS == 0);
}

/* ---- up and down ---- */

static void stop(void *daemon)
{
	struct crawler *c = daemon;

	hy_timer_free(c->tick);
	hy_timer_free(c->flush);
	hy_timer_free(c->heartbeat);
	hy_deferred_free(c->claim);
	hy_fetcher_free(c->fetcher);
	hy_visitor_free(c->visitor);
	hy_batch_free(c->batch);
	hy_chores_free(c->chores);
	hy_outbox_free(c->outbox);
	hy_watch_free(c->watch);
	hy_outage_free(c->outage);
	hy_alarm_post_free(c->alarms);
	hy_hosts_free(c->hosts);
	hy_store_free(c->store);
	hy_sources_free(c->sources);
	free(c->instance);
	free(c);
}

static enum hy_err read_sources(const struct crawler *c, struct hy_sources **out,
				struct hy_error *e)
{
	hy_cleanup(hy_findings_fini) struct hy_findings findings = {0};
	struct hy_str rest, first = {0};
	enum hy_err err;

	hy_findings_init(&findings);
	err = load_sources(c->service->common, c->service->conf, &findings, out);
	if (err == HY_OK)
		return HY_OK;
	rest = hy_buf_str(&findings.text);
	(void)hy_str_next(&rest, '\n', &first);
	return hy_fail(e, err, "sources: %.*s", HY_STR_ARGS(first));
}

/* Takes the sources over and what an earlier process of this name left behind. */
static enum hy_err prepare(struct crawler *c, struct hy_error *e)
{
	struct hy_work work = work_now(c);
	enum hy_err err = hy_store_begin(c->store, e);

	if (err == HY_OK)
		err = hy_claims_release_own(c->store, &work, e);
	if (err == HY_OK)
		err = hy_source_state_sync(c->store, c->sources, work.now, e);
	if (err == HY_OK)
		err = hy_archive_heartbeat(c->store, hy_str_of(c->instance), work.now,
					   hy_wall_add_ms(work.now, ALIVE_MS), e);
	if (err == HY_OK)
		err = hy_store_commit(c->store, e);
	if (err != HY_OK)
		hy_store_rollback(c->store);
	return err;
}

static enum hy_err open_store(struct crawler *c, struct hy_error *e)
{
	struct hy_store_options options = {.timeout_ms = c->conf->store_timeout_ms};
	char lock[128];
	enum hy_err err = hy_store_open(c->conf->store, &options, &c->store, e);

	if (err == HY_OK)
		err = hy_crawler_migrate(c->store, e);
	if (err != HY_OK)
		return hy_fail_in(e, err, "store");
	(void)snprintf(lock, sizeof lock, "crawler-%s", c->instance);
	err = hy_store_lock(c->store, lock, e);
	if (err != HY_OK)
		return hy_fail_in(e, err, "another crawler %s runs: ", c->instance);
	return prepare(c, e);
}

static enum hy_err make_fetcher(struct crawler *c, struct hy_error *e)
{
	struct hy_fetch_limits limits = {
		.connections = c->conf->connections,
		.connect_ms = c->conf->connect_ms,
		.total_ms = c->conf->total_ms,
		.stall_ms = c->conf->stall_ms,
		.body_bytes = c->conf->body_bytes,
		.header_bytes = c->conf->header_bytes,
	};
	char agent[400];

	if (c->conf->contact[0])
		(void)snprintf(agent, sizeof agent, "%s/" AGENT_VERSION " (+%s)", c->conf->agent,
			       c->conf->contact);
	else
		(void)snprintf(agent, sizeof agent, "%s/" AGENT_VERSION, c->conf->agent);
	return hy_fetcher_new(c->service->loop, &limits, agent, &c->fetcher, e);
}

static enum hy_err make_outbox(struct crawler *c, struct hy_error *e)
{
	struct hy_outbox_parts parts = {c->service->loop, c->service->bus, c->store, c->batch,
					c->service->log};
	struct hy_outbox_options options = {
		.endpoint = c->service->common->analyzer_endpoint,
		.holder = c->instance,
		.bus = hy_common_bus_options(c->service->common),
	};

	options.bus.window = c->conf->window;
	return hy_outbox_new(&parts, &options, &c->outbox, e);
}

static void on_alarm(void *ctx)
{
	struct crawler *c = ctx;

	hy_alarm_post_wake(c->alarms);
}

static enum hy_err make_watch(struct crawler *c, struct hy_error *e)
{
	struct hy_alarm_post_parts parts = {c->service->loop, c->service->bus, c->store, c->batch,
					    c->service->log};
	struct hy_watch_parts watch = {c->service->loop, c->batch, c->outage, c->instance};
	struct hy_bus_options options = hy_common_bus_options(c->service->common);

	c->watch = hy_watch_new(&watch, on_alarm, c);
	return hy_alarm_post_new(&parts, c->service->common->alerter_endpoint, &options,
				 &c->alarms, e);
}

static void make_visitor(struct crawler *c)
{
	struct hy_loop *loop = c->service->loop;
	struct hy_visitor_parts parts = {.loop = loop, .store = c->store, .fetcher = c->fetcher};

	parts.outage = c->outage = hy_outage_new();
	parts.hosts = c->hosts = hy_hosts_new(c->instance);
	parts.batch = c->batch = hy_batch_new(loop, c->store, c->service->log);
	c->visitor = hy_visitor_new(&parts, c->conf, on_visit, c);
	c->claim = hy_deferred_new(loop, on_claim, c);
	hy_visitor_on_idle(c->visitor, on_claim, c);
}

static void set_off(struct crawler *c)
{
	struct hy_loop *loop = c->service->loop;

	struct hy_chores_parts parts = {loop, c->batch, c->visitor, c->outbox, c->instance,
					  c->service->log};

	hy_batch_on_attempt(c->batch, on_batch, c);
	c->chores = hy_chores_new(&parts, c->conf);
	c->tick = hy_timer_new(loop, on_tick, c);
	c->flush = hy_timer_new(loop, on_flush, c);
	c->heartbeat = hy_timer_new(loop, on_heartbeat, c);
	hy_timer_start(c->tick, 0, TICK_MS);
	hy_timer_start(c->flush, FLUSH_MS, FLUSH_MS);
	hy_timer_start(c->heartbeat, HEARTBEAT_MS, HEARTBEAT_MS);
	hy_outbox_wake(c->outbox);
	hy_alarm_post_wake(c->alarms);
	hy_watch_set(c->watch, c->sources, c->conf->watch_ms);
}

static enum hy_err start(struct hy_service *service, void **out_daemon, struct hy_error *e)
{
	struct crawler *c = hy_xcalloc(1, sizeof *c);
	enum hy_err err;

	c->service = service;
	c->conf = service->conf;
	c->instance = hy_xstrdup(c->conf->instance[0] ? c->conf->instance : service->name);
	err = read_sources(c, &c->sources, e);
	if (err == HY_OK)
		err = open_store(c, e);
	if (err == HY_OK)
		err = make_fetcher(c, e);
	if (err == HY_OK) {
		make_visitor(c);
		err = make_outbox(c, e);
	}
	if (err == HY_OK)
		err = make_watch(c, e);
	if (err != HY_OK) {
		stop(c);
		return err;
	}
	set_off(c);
	*out_daemon = c;
	return HY_OK;
}

static enum hy_err reload(void *daemon, struct hy_error *e)
{
	struct crawler *c = daemon;
	struct hy_sources *fresh = NULL, *old = c->sources;
	enum hy_err err = read_sources(c, &fresh, e);

	if (err != HY_OK)
		return err;
	hy_sources_free(old);
	c->sources = fresh;
	c->conf = c->service->conf;
	hy_visitor_configure(c->visitor, c->conf);
	hy_chores_configure(c->chores, c->conf);
	hy_watch_set(c->watch, c->sources, c->conf->watch_ms);
	/* Through the batch: a store that is busy now takes it later. */
	beat(c, true);
	return HY_OK;
}

static void drain(void *daemon)
{
	struct crawler *c = daemon;

	c->is_draining = true;
	hy_outbox_drain(c->outbox);
	hy_chores_stop(c->chores);
	hy_watch_stop(c->watch);
	hy_alarm_post_drain(c->alarms);
	hy_visitor_drain(c->visitor);
	leave_when_done(c);
}

static void add_figure(void *ctx, const char *name, int64_t value)
{
	hy_status_figure(ctx, name, value);
}

static void status(void *daemon, struct hy_status_sink *sink)
{
	struct crawler *c = daemon;
	struct hy_error e = {0};

	if (hy_figures_read(c->store, hy_wall_now(), add_figure, sink, &e) != HY_OK)
		hy_status_state(sink, "degraded: the store cannot be read");
	else if (hy_batch_is_stuck(c->batch))
		hy_status_state(sink, "degraded: the store takes no writes");
	hy_status_figure(sink, "requests", (int64_t)hy_fetcher_requests(c->fetcher));
	hy_status_figure(sink, "requests_running", (int64_t)hy_fetcher_running(c->fetcher));
	hy_status_figure(sink, "unanswered", (int64_t)hy_outbox_waiting(c->outbox));
	hy_status_figure(sink, "resent", (int64_t)hy_outbox_resent(c->outbox));
}

const struct hy_service_spec hy_crawler_service = {
	.name = "crawler",
	.summary = "reads sources, stores their articles, and sends them to the analyzer",
	.section = &hy_crawler_section,
	.check = check,
	.start = start,
	.reload = reload,
	.drain = drain,
	.stop = stop,
	.status = status,
};
