/* Visitor: the manners of a guest, shown to a server that counts. */
#include "crawler/visitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crawler/identity.h"
#include "tests/lib/tiny_web.h"
#include "tests/unit/crawler/store_fixture.h"

#define WATCHDOG_MS 20000
#define VISITS_MAX 16

static struct tiny_page pages[32];

struct seen {
	enum hy_visit_end end;
	char id[32], kind[32], reason[200], location[300], body[64];
	struct hy_wall not_before;
	bool counts;
	struct hy_mono at;
};

struct world {
	struct store_fixture *f;
	struct tiny_web *web;
	struct hy_loop *loop;
	struct hy_fetcher *fetcher;
	struct hy_hosts *hosts;
	struct hy_batch *batch;
	struct hy_visitor *visitor;
	struct hy_outage *outage;
	struct hy_timer *watchdog;
	struct hy_crawler_conf conf;
	struct seen seen[VISITS_MAX];
	size_t count, wanted;
};

static const struct hy_log quiet_log = {.name = "test", .level = HY_LOG_ERROR};
static char agent[] = "TestBot";

static void too_late(void *ctx)
{
	(void)ctx;
	fail_msg("not all visits ended");
}

static void on_visit(void *ctx, struct hy_job *job, const struct hy_visit *visit)
{
	struct world *w = ctx;
	struct seen *s = &w->seen[w->count];

	assert_true(w->count < VISITS_MAX);
	*s = (struct seen){.end = visit->end, .not_before = visit->not_before,
			   .counts = visit->counts, .at = hy_mono_now()};
	(void)snprintf(s->id, sizeof s->id, "%s", job->id);
	(void)snprintf(s->kind, sizeof s->kind, "%s", visit->kind ? visit->kind : "");
	(void)snprintf(s->reason, sizeof s->reason, "%.*s", HY_STR_ARGS(visit->reason));
	(void)snprintf(s->location, sizeof s->location, "%.*s", HY_STR_ARGS(visit->location));
	if (visit->response)
		(void)snprintf(s->body, sizeof s->body, "%.*s", HY_STR_ARGS(visit->response->body));
	hy_job_free(job);
	if (++w->count == w->wanted)
		hy_loop_stop(w->loop);
}

static void set_pages(const struct tiny_page *from, size_t count)
{
	memset(pages, 0, sizeof pages);
	memcpy(pages, from, count * sizeof *from);
}
#define PAGES(...) \
	set_pages((const struct tiny_page[]){__VA_ARGS__}, \
		  sizeof((const struct tiny_page[]){__VA_ARGS__}) / sizeof(struct tiny_page))

static void world_start(struct world *w, void **state)
{
	struct hy_fetch_limits limits = {.connections = 8, .connect_ms = 2000, .total_ms = 1000,
					 .stall_ms = 1000, .body_bytes = 65536,
					 .header_bytes = 8192};
	struct hy_visitor_parts parts;
	struct hy_error e = {0};

	*w = (struct world){
		.f = *state, .web = tiny_web_start(pages), .loop = hy_loop_new(),
		.conf = {.agent = agent, .connections = 8, .delay_ms = 1000, .total_ms = 1000,
			 .redirects = 2, .lease_ms = 120000, .pause_ms = 60000,
			 .blocked_ms = 1800000, .robots_life_ms = 86400000,
			 .robots_retry_ms = 600000}};
	assert_non_null(w->web);
	if (hy_fetcher_new(w->loop, &limits, agent, &w->fetcher, &e) != HY_OK)
		fail_msg("%s", e.text);
	w->hosts = hy_hosts_new("one");
	w->batch = hy_batch_new(w->loop, w->f->store, &quiet_log);
	w->outage = hy_outage_new();
	parts = (struct hy_visitor_parts){w->loop, w->fetcher, w->hosts, w->f->store, w->batch,
					  w->outage};
	w->visitor = hy_visitor_new(&parts, &w->conf, on_visit, w);
	w->watchdog = hy_timer_new(w->loop, too_late, w);
	hy_timer_start(w->watchdog, WATCHDOG_MS, 0);
}

static void world_stop(struct world *w)
{
	hy_timer_free(w->watchdog);
	hy_fetcher_free(w->fetcher);
	hy_visitor_free(w->visitor);
	hy_batch_free(w->batch);
	hy_hosts_free(w->hosts);
	hy_outage_free(w->outage);
	hy_loop_free(w->loop);
	tiny_web_stop(w->web);
}

static struct hy_job *job_at(const char *url, const char *id, int64_t delay_ms)
{
	struct hy_job *job = hy_xcalloc(1, sizeof *job);

	job->id = hy_xstrdup(id);
	job->url = hy_xstrdup(url);
	job->host = hy_host_of(hy_str_of(url));
	job->source = hy_xstrdup("s");
	job->title = hy_xstrdup("");
	job->document = hy_xstrdup("");
	job->etag = hy_xstrdup("");
	job->last_modified = hy_xstrdup("");
	job->content_hash = hy_xstrdup("");
	job->published_at = HY_WALL_NONE;
	job->lease_until = hy_wall_add_ms(hy_wall_now(), 120000);
	job->allow_private = true;
	job->delay_ms = delay_ms;
	return job;
}

static struct hy_str host_of_web(const struct world *w)
{
	return hy_str_of(tiny_web_url(w->web, "") + 7);
}

/* Takes the host for that owner, in_ms from now, for a minute. */
static struct hy_host *claim_into(struct hy_hosts *hosts, struct hy_store *store, const char *owner,
				  struct hy_str name, int64_t in_ms)
{
	struct hy_wall now = hy_wall_add_ms(hy_wall_now(), in_ms);
	struct hy_lease_terms terms = {.owner = hy_str_of(owner), .host = name,
				       .now = now, .look_at = now,
				       .until = hy_wall_add_ms(now, 60000)};
	struct hy_host *host = hy_hosts_get(hosts, name, hy_mono_now());
	struct hy_host_memory memory;
	bool is_mine = false;

	assert_int_equal(hy_host_wake(store, name, now, NULL), HY_OK);
	assert_int_equal(hy_host_claim(store, &terms, &memory, &is_mine, NULL), HY_OK);
	if (!is_mine)
		return NULL;
	hy_hosts_hold(hosts, host, &memory, hy_mono_now(), hy_wall_now());
	return host;
}

static void write_now(struct world *w, struct hy_change *change)
{
	store_fixture_begin(w->f->store);
	assert_int_equal(change->type->write(change, w->f->store, NULL), HY_OK);
	store_fixture_commit(w->f->store);
	change->type->end(change, true);
}

static size_t room_at(const struct world *w)
{
	return hy_visitor_room(w->visitor, host_of_web(w), 100).jobs;
}

static void send_to(struct world *w, const char *path, int64_t delay_ms)
{
	hy_visitor_add(w->visitor, job_at(tiny_web_url(w->web, path), path, delay_ms));
}

static void run_until(struct world *w, size_t visits)
{
	w->wanted = visits;
	if (w->count < visits)
		hy_loop_run(w->loop);
}

static const struct seen *find(const struct world *w, const char *id)
{
	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->seen[i].id, id) == 0)
			return &w->seen[i];
	fail_msg("no visit of %s", id);
	return NULL;
}

static int64_t ms_from_now(struct hy_wall t)
{
	return t.ms - hy_wall_now().ms;
}

static void robots_come_first_and_once(void **state)
{
	struct world w;

	PAGES({"/robots.txt", 200, "text/plain", "User-agent: *\nDisallow: /private\n", 0, 0, 0, 0},
	      {"/1", 200, "text/html", "one", 0, 0, 0, 0},
	      {"/2", 200, "text/html", "two", 0, 0, 0, 0},
	      {"/private/3", 200, "text/html", "no", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/1", 0);
	send_to(&w, "/private/3", 0);
	send_to(&w, "/2", 0);
	run_until(&w, 3);
	assert_int_equal(find(&w, "/1")->end, HY_VISIT_PAGE);
	assert_string_equal(find(&w, "/1")->body, "one");
	assert_int_equal(find(&w, "/2")->end, HY_VISIT_PAGE);
	assert_int_equal(find(&w, "/private/3")->end, HY_VISIT_REFUSED);
	assert_string_equal(find(&w, "/private/3")->kind, "robots");
	assert_string_equal(find(&w, "/private/3")->reason, "robots.txt 不允许（第 2 行）");
	assert_int_equal(tiny_web_asked(w.web, "/private/3"), 0);
	assert_int_equal(tiny_web_asked(w.web, "/robots.txt"), 1);
	world_stop(&w);
}

static void robots_are_kept_in_the_store(void **state)
{
	struct world w;

	PAGES({"/robots.txt", 200, "text/plain", "User-agent: *\nDisallow: /x\n", 0, 0, 0, 0},
	      {"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/1", 0);
	run_until(&w, 1);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(*) FROM robots"), 1);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT status FROM robots"), 200);
	/* The host is forgotten, as after a restart; robots.txt is not asked for again. */
	hy_hosts_sweep(w.hosts, hy_mono_add_ms(hy_mono_now(), 1000), 1);
	send_to(&w, "/1", 0);
	hy_hosts_sweep(w.hosts, hy_mono_add_ms(hy_mono_now(), 1000), 1);
	run_until(&w, 2);
	assert_int_equal(tiny_web_asked(w.web, "/1"), 2);
	world_stop(&w);
}

static void no_answer_means_no(void **state)
{
	struct world w;

	PAGES({"/robots.txt", 503, "text/plain", "", 0, "Retry-After", "3600", 0},
	      {"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/1", 0);
	send_to(&w, "/1", 0);
	run_until(&w, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(w.seen[i].end, HY_VISIT_LATER);
		assert_string_equal(w.seen[i].kind, "robots");
		assert_false(w.seen[i].counts);
		assert_in_range(ms_from_now(w.seen[i].not_before), 3590000, 3600000);
	}
	assert_int_equal(tiny_web_asked(w.web, "/robots.txt"), 1);
	assert_int_equal(tiny_web_asked(w.web, "/1"), 0);
	world_stop(&w);
}

static void silence_means_no(void **state)
{
	struct world w;

	PAGES({"/robots.txt", 200, "text/plain", "User-agent: *\nAllow: /\n", 0, 0, 0, TINY_SILENT},
	      {"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/1", 0);
	run_until(&w, 1);
	assert_int_equal(w.seen[0].end, HY_VISIT_LATER);
	assert_string_equal(w.seen[0].kind, "robots");
	assert_in_range(ms_from_now(w.seen[0].not_before), 590000, 600000);
	assert_int_equal(tiny_web_asked(w.web, "/1"), 0);
	world_stop(&w);
}

/* Ten times the limit of a page: what stands in its first 500 KiB holds (RFC 9309, 2.5). */
static void long_robots_are_read_in_part(void **state)
{
	static char text[10 * 65536 + 1];
	static const char head[] = "User-agent: *\nDisallow: /1\n#", tail[] = "\nDisallow: /2\n";
	struct world w;

	memset(text, '#', sizeof text - 1);
	memcpy(text, head, sizeof head - 1);
	memcpy(text + sizeof text - sizeof tail, tail, sizeof tail);
	PAGES({"/robots.txt", 200, "text/plain", text, 0, 0, 0, 0},
	      {"/1", 200, "text/html", "one", 0, 0, 0, 0}, {"/2", 200, "text/html", "two", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/1", 0);
	send_to(&w, "/2", 0);
	run_until(&w, 2);
	assert_int_equal(w.seen[0].end, HY_VISIT_REFUSED);
	assert_int_equal(w.seen[1].end, HY_VISIT_PAGE);
	assert_int_equal(tiny_web_asked(w.web, "/robots.txt"), 1);
	world_stop(&w);
}

static void no_robots_means_yes(void **state)
{
	struct world w;

	PAGES({"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/1", 0);
	run_until(&w, 1);
	assert_int_equal(w.seen[0].end, HY_VISIT_PAGE);
	world_stop(&w);
}

static void robots_may_have_moved(void **state)
{
	struct world w;

	PAGES({"/robots.txt", 301, NULL, NULL, 0, "Location", "/r/robots.txt", 0},
	      {"/r/robots.txt", 200, "text/plain", "User-agent: TestBot\nDisallow: /1\n", 0, 0, 0, 0},
	      {"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/1", 0);
	run_until(&w, 1);
	assert_int_equal(w.seen[0].end, HY_VISIT_REFUSED);
	assert_int_equal(tiny_web_asked(w.web, "/1"), 0);
	world_stop(&w);
}

static void robots_that_lead_in_circles_are_no_file(void **state)
{
	struct world w;

	PAGES({"/robots.txt", 302, NULL, NULL, 0, "Location", "/robots.txt", 0},
	      {"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/1", 0);
	run_until(&w, 1);
	assert_int_equal(tiny_web_asked(w.web, "/robots.txt"), 6);
	/* As if there were no file (RFC 9309, 2.3.1.2). */
	assert_int_equal(w.seen[0].end, HY_VISIT_PAGE);
	world_stop(&w);
}

static void one_at_a_time_and_not_too_fast(void **state)
{
	struct world w;

	PAGES({"/robots.txt", 200, "text/plain", "User-agent: *\nCrawl-delay: 0.3\n", 0, 0, 0, 0},
	      {"/1", 200, "text/html", "one", 0, 0, 0, 0},
	      {"/2", 200, "text/html", "two", 0, 0, 0, 0},
	      {"/3", 200, "text/html", "three", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/1", 10);
	send_to(&w, "/2", 10);
	send_to(&w, "/3", 10);
	run_until(&w, 3);
	assert_int_equal(tiny_web_most_at_once(w.web), 1);
	/* The site's wish counts where it is longer than the source's. */
	for (int i = 1; i < 3; i++)
		assert_true(hy_mono_diff_ms(w.seen[i].at, w.seen[i - 1].at) >= 295);
	world_stop(&w);
}

static void a_pause_is_kept_for_the_whole_host(void **state)
{
	struct world w;

	PAGES({"/busy", 429, "text/html", "", 0, "Retry-After", "90", 0},
	      {"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/busy", 0);
	send_to(&w, "/1", 0);
	run_until(&w, 2);
	assert_int_equal(find(&w, "/busy")->end, HY_VISIT_LATER);
	assert_string_equal(find(&w, "/busy")->reason, "网站要求放慢（429）");
	assert_false(find(&w, "/busy")->counts);
	assert_in_range(ms_from_now(find(&w, "/busy")->not_before), 85000, 90000);
	assert_int_equal(find(&w, "/1")->end, HY_VISIT_RELEASED);
	assert_in_range(ms_from_now(find(&w, "/1")->not_before), 85000, 90000);
	assert_int_equal(tiny_web_asked(w.web, "/1"), 0);
	assert_int_equal(room_at(&w), 0);
	world_stop(&w);
}

/* Killed in the turn after the answer: whoever comes next finds the pause in the store. */
static void a_pause_outlives_the_process(void **state)
{
	struct hy_store *store;
	struct hy_hosts *hosts;
	struct hy_host *host;
	struct world w;

	PAGES({"/busy", 429, "text/html", "", 0, "Retry-After", "90", 0});
	world_start(&w, state);
	(void)claim_into(w.hosts, w.f->store, "one", host_of_web(&w), 0);
	send_to(&w, "/busy", 0);
	run_until(&w, 1);
	store = store_fixture_open(w.f->url);
	hosts = hy_hosts_new("two");
	host = claim_into(hosts, store, "two", host_of_web(&w), 200000);
	assert_in_range(hy_mono_diff_ms(host->pace.paused_until, hy_mono_now()), 85000, 90000);
	assert_true(host->owes_delay);
	assert_string_equal(host->reason, "网站要求放慢（429）");
	assert_int_equal(store_fixture_int(store, "SELECT requests FROM v_impact"), 2);
	hy_hosts_free(hosts);
	hy_store_free(store);
	/* And what was asked is counted once. */
	assert_null(hy_hosts_flush(w.hosts, hy_mono_now(), hy_wall_now()));
	world_stop(&w);
}

/* What the next crawler must know goes with the host, and nobody else has it before. */
static void a_host_is_handed_over_with_all_that_is_known(void **state)
{
	struct hy_hosts *hosts = hy_hosts_new("two");
	struct hy_store *store;
	struct hy_change *change;
	struct hy_host *host;
	struct world w;

	PAGES({"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	store = store_fixture_open(w.f->url);
	(void)claim_into(w.hosts, w.f->store, "one", host_of_web(&w), 0);
	send_to(&w, "/1", 2000);
	/* With work in hand it is not given back, whatever the other wants. */
	assert_null(hy_hosts_give_back(w.hosts, hy_mono_now(), hy_wall_now()));
	assert_null(claim_into(hosts, store, "two", host_of_web(&w), 0));
	run_until(&w, 1);
	assert_null(claim_into(hosts, store, "two", host_of_web(&w), 0));
	change = hy_hosts_give_back(w.hosts, hy_mono_now(), hy_wall_now());
	assert_non_null(change);
	assert_null(hy_hosts_give_back(w.hosts, hy_mono_now(), hy_wall_now()));
	write_now(&w, change);
	host = claim_into(hosts, store, "two", host_of_web(&w), 0);
	assert_non_null(host);
	/* The delay goes on where it was, and is not owed a second time. */
	assert_in_range(hy_mono_diff_ms(host->pace.next_at, hy_mono_now()), 500, 2000);
	assert_false(host->owes_delay);
	assert_int_equal(store_fixture_int(store, "SELECT requests FROM v_impact"), 2);
	assert_null(claim_into(w.hosts, w.f->store, "one", host_of_web(&w), 0));
	hy_hosts_free(hosts);
	hy_store_free(store);
	world_stop(&w);
}

/* The other asked it meanwhile and was told to wait: what stood in memory here is stale. */
static void a_host_that_comes_back_brings_its_pause(void **state)
{
	struct hy_hosts *hosts = hy_hosts_new("two");
	struct hy_host *host;
	struct world w;

	PAGES({"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	(void)claim_into(w.hosts, w.f->store, "one", host_of_web(&w), 0);
	send_to(&w, "/1", 0);
	run_until(&w, 1);
	write_now(&w, hy_hosts_give_back(w.hosts, hy_mono_now(), hy_wall_now()));
	host = claim_into(hosts, w.f->store, "two", host_of_web(&w), 0);
	(void)hy_pace_pause(&host->pace, hy_mono_now(), 1000, 90000);
	(void)snprintf(host->reason, sizeof host->reason, "网站要求放慢（429）");
	write_now(&w, hy_hosts_give_back(hosts, hy_mono_now(), hy_wall_now()));
	/* Not before the pause ends, and then it is one of two in a row. */
	assert_null(claim_into(w.hosts, w.f->store, "one", host_of_web(&w), 80000));
	host = claim_into(w.hosts, w.f->store, "one", host_of_web(&w), 91000);
	assert_non_null(host);
	assert_int_equal(host->pace.pauses, 1);
	assert_string_equal(host->reason, "网站要求放慢（429）");
	assert_in_range(hy_mono_diff_ms(host->pace.paused_until, hy_mono_now()), 85000, 90000);
	hy_hosts_free(hosts);
	world_stop(&w);
}

/* Killed with the host in hand, and again by the next: the delay is owed by whoever comes. */
static void a_host_of_the_dead_is_owed_its_delay(void **state)
{
	struct hy_hosts *second = hy_hosts_new("two"), *third = hy_hosts_new("three");
	struct hy_host *host;
	struct world w;

	PAGES({"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	assert_false(claim_into(w.hosts, w.f->store, "one", host_of_web(&w), 0)->owes_delay);
	assert_null(claim_into(second, w.f->store, "two", host_of_web(&w), 59000));
	host = claim_into(second, w.f->store, "two", host_of_web(&w), 61000);
	assert_true(host->owes_delay);
	/* Given back without a request: the next one still owes it. */
	write_now(&w, hy_hosts_give_back(second, hy_mono_now(), hy_wall_now()));
	host = claim_into(third, w.f->store, "three", host_of_web(&w), 61000);
	assert_true(host->owes_delay);
	/* A process of the same name knows nothing of what the killed one did. */
	hy_hosts_free(third);
	third = hy_hosts_new("three");
	host = claim_into(third, w.f->store, "three", host_of_web(&w), 61000);
	assert_true(host->owes_delay);
	/* Who has held it all the time knows. */
	host->owes_delay = false;
	assert_false(claim_into(third, w.f->store, "three", host_of_web(&w), 61000)->owes_delay);
	/* What the first knew, and writes too late, changes nothing. */
	host = hy_hosts_find(w.hosts, host_of_web(&w));
	(void)hy_pace_pause(&host->pace, hy_mono_now(), 1000, 90000);
	write_now(&w, hy_host_flush(w.hosts, host, hy_mono_now(), hy_wall_now()));
	assert_int_equal(store_fixture_int(w.f->store, "SELECT pauses FROM v_host"), 0);
	hy_hosts_free(second);
	hy_hosts_free(third);
	world_stop(&w);
}

static void redirects_are_reported_not_followed(void **state)
{
	struct world w;
	struct hy_job *far;

	PAGES({"/moved", 301, NULL, NULL, 0, "Location", "../2?x=1#part", 0},
	      {"/mail", 302, NULL, NULL, 0, "Location", "mailto:a@b.example", 0},
	      {"/none", 302, NULL, NULL, 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/moved", 0);
	send_to(&w, "/mail", 0);
	send_to(&w, "/none", 0);
	far = job_at(tiny_web_url(w.web, "/moved"), "far", 0);
	far->hops = 2;
	hy_visitor_add(w.visitor, far);
	run_until(&w, 4);
	assert_int_equal(find(&w, "/moved")->end, HY_VISIT_MOVED);
	assert_string_equal(find(&w, "/moved")->location, tiny_web_url(w.web, "/2?x=1"));
	assert_int_equal(find(&w, "/mail")->end, HY_VISIT_REFUSED);
	assert_int_equal(find(&w, "/none")->end, HY_VISIT_REFUSED);
	assert_int_equal(find(&w, "far")->end, HY_VISIT_REFUSED);
	assert_string_equal(find(&w, "far")->reason, "重定向次数过多");
	world_stop(&w);
}

static void private_addresses_are_refused_before_robots(void **state)
{
	struct world w;
	struct hy_job *job;

	PAGES({"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	job = job_at(tiny_web_url(w.web, "/1"), "1", 0);
	job->allow_private = false;
	hy_visitor_add(w.visitor, job);
	send_to(&w, "/1", 0);
	run_until(&w, 2);
	assert_int_equal(w.seen[0].end, HY_VISIT_REFUSED);
	assert_string_equal(w.seen[0].kind, "address");
	/* The next source is allowed in, and its robots.txt is asked for. */
	assert_int_equal(w.seen[1].end, HY_VISIT_PAGE);
	world_stop(&w);
}

static void a_silent_host_is_left_alone(void **state)
{
	struct hy_outage_count count;
	struct world w;
	unsigned late = 0, released = 0;

	PAGES({"/robots.txt", 404, NULL, NULL, 0, 0, 0, 0},
	      {"/slow", 200, "text/html", "", 0, 0, 0, TINY_SILENT});
	world_start(&w, state);
	for (int i = 0; i < 5; i++)
		send_to(&w, "/slow", 0);
	run_until(&w, 5);
	/* After the third time-out in a row the rest is given back unasked. */
	assert_int_equal(tiny_web_asked(w.web, "/slow"), 3);
	for (size_t i = 0; i < w.count; i++) {
		late += w.seen[i].end == HY_VISIT_LATER && strcmp(w.seen[i].kind, "timeout") == 0;
		released += w.seen[i].end == HY_VISIT_RELEASED;
	}
	assert_int_equal(late, 3);
	assert_int_equal(released, 2);
	(void)hy_outage_judge(w.outage, hy_wall_now(), &count);
	assert_int_equal(count.silent, 1);
	world_stop(&w);
}

static void a_captcha_pauses_the_host(void **state)
{
	struct world w;

	PAGES({"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/1", 0);
	run_until(&w, 1);
	send_to(&w, "/1", 0);
	hy_visitor_pause(w.visitor, hy_str_of(tiny_web_url(w.web, "") + 7), 1800000, "验证");
	assert_int_equal(w.count, 2);
	assert_int_equal(w.seen[1].end, HY_VISIT_RELEASED);
	assert_in_range(ms_from_now(w.seen[1].not_before), 1790000, 1800000);
	world_stop(&w);
}

static void draining_finishes_what_runs(void **state)
{
	struct world w;

	PAGES({"/robots.txt", 404, NULL, NULL, 0, 0, 0, 0},
	      {"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	send_to(&w, "/1", 0);
	send_to(&w, "/1", 5000);
	run_until(&w, 1);
	hy_visitor_drain(w.visitor);
	run_until(&w, 2);
	assert_int_equal(w.seen[1].end, HY_VISIT_RELEASED);
	assert_int_equal(hy_visitor_load(w.visitor), 0);
	send_to(&w, "/1", 0);
	assert_int_equal(w.seen[2].end, HY_VISIT_RELEASED);
	world_stop(&w);
}

static void a_short_lease_is_given_back(void **state)
{
	struct world w;
	struct hy_job *job;

	PAGES({"/1", 200, "text/html", "one", 0, 0, 0, 0});
	world_start(&w, state);
	job = job_at(tiny_web_url(w.web, "/1"), "1", 0);
	job->lease_until = hy_wall_add_ms(hy_wall_now(), 500);
	hy_visitor_add(w.visitor, job);
	run_until(&w, 1);
	assert_int_equal(w.seen[0].end, HY_VISIT_RELEASED);
	assert_int_equal(tiny_web_asked_in_all(w.web), 0);
	world_stop(&w);
}

static int run(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(robots_come_first_and_once),
		STORE_TEST(robots_are_kept_in_the_store),
		STORE_TEST(no_answer_means_no),
		STORE_TEST(silence_means_no),
		STORE_TEST(long_robots_are_read_in_part),
		STORE_TEST(no_robots_means_yes),
		STORE_TEST(robots_may_have_moved),
		STORE_TEST(robots_that_lead_in_circles_are_no_file),
		STORE_TEST(one_at_a_time_and_not_too_fast),
		STORE_TEST(a_pause_is_kept_for_the_whole_host),
		STORE_TEST(a_pause_outlives_the_process),
		STORE_TEST(a_host_is_handed_over_with_all_that_is_known),
		STORE_TEST(a_host_that_comes_back_brings_its_pause),
		STORE_TEST(a_host_of_the_dead_is_owed_its_delay),
		STORE_TEST(redirects_are_reported_not_followed),
		STORE_TEST(private_addresses_are_refused_before_robots),
		STORE_TEST(a_silent_host_is_left_alone),
		STORE_TEST(a_captcha_pauses_the_host),
		STORE_TEST(draining_finishes_what_runs),
		STORE_TEST(a_short_lease_is_given_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	struct store_fixture f = {.engine = TEST_SQLITE};
	int failed = 1;

	if (test_engines_start(&f.engines))
		failed = run(&f);
	test_engines_stop(&f.engines);
	return failed != 0;
}
