/* Claims: a fair share of the hosts, a little of each, and no more than can be asked soon. */
#include "crawler/claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crawler/frontier.h"
#include "crawler/host_lease.h"
#include "tests/unit/crawler/store_fixture.h"

#define HOSTS 10
#define PAGES 12

static const struct hy_wall t0 = {INT64_C(1795395600000)};
static const struct hy_log quiet_log = {.name = "test", .level = HY_LOG_ERROR};
static char agent[] = "TestBot";
static const char sources_text[] =
	"sources:\n"
	"  - id: s\n"
	"    name: 甲\n"
	"    kind: list\n"
	"    region: zone\n"
	"    url: http://elsewhere.example/\n"
	"    interval: 1h\n";

/* One of the crawlers, as far as it takes work: none asks anybody. */
struct taker {
	const char *name;
	struct hy_crawler_conf conf;
	struct hy_batch *batch;
	struct hy_hosts *hosts;
	struct hy_visitor *visitor;
};

struct world {
	struct store_fixture *f;
	struct hy_loop *loop;
	struct hy_sources *sources;
	struct taker one, two;
	size_t done;
};

static void on_visit(void *ctx, struct hy_job *job, const struct hy_visit *visit)
{
	struct world *w = ctx;

	(void)visit;
	w->done++;
	hy_job_free(job);
}

static void start_taker(struct world *w, struct taker *t, const char *name)
{
	struct hy_visitor_parts parts;

	*t = (struct taker){.name = name,
			    .conf = {.agent = agent, .connections = 64, .total_ms = 1000,
				     .redirects = 2, .lease_ms = 60000, .attempts = 3},
			    .batch = hy_batch_new(w->loop, w->f->store, &quiet_log),
			    .hosts = hy_hosts_new(name)};
	parts = (struct hy_visitor_parts){.loop = w->loop, .hosts = t->hosts,
					  .store = w->f->store, .batch = t->batch};
	t->visitor = hy_visitor_new(&parts, &t->conf, on_visit, w);
	/* The loop's turns never come: what is claimed stays in hand. */
}

static void run(struct world *w, const char *sql)
{
	struct hy_error e = {0};

	if (hy_query_run(hy_store_query(w->f->store, sql), NULL, &e) != HY_OK)
		fail_msg("%s: %s", sql, e.text);
}

static struct hy_sources *load_sources(void)
{
	hy_cleanup(hy_findings_fini) struct hy_findings findings = {0};
	char path[] = "/tmp/hy-claims-XXXXXX";
	struct hy_sources *sources = NULL;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, sources_text, strlen(sources_text)), strlen(sources_text));
	(void)close(fd);
	hy_findings_init(&findings);
	if (hy_sources_load(path, &findings, &sources) != HY_OK)
		fail_msg("%s", hy_buf_str(&findings.text).p);
	(void)unlink(path);
	return sources;
}

static void world_start(struct world *w, void **state)
{
	*w = (struct world){.f = *state, .loop = hy_loop_new(), .sources = load_sources()};
	start_taker(w, &w->one, "one");
	start_taker(w, &w->two, "two");
	for (int i = 0; i < HOSTS * PAGES; i++) {
		char url[64];
		struct hy_frontier_link link = {.source = HY_STR_LIT("s"),
						.published_at = HY_WALL_NONE, .found_at = t0};

		(void)snprintf(url, sizeof url, "http://h%d.example/%d.html", i % HOSTS, i / HOSTS);
		link.url = hy_str_of(url);
		assert_int_equal(hy_frontier_add(w->f->store, &link, NULL, NULL), HY_OK);
	}
}

static void world_stop(struct world *w)
{
	struct taker *const all[] = {&w->one, &w->two};

	for (size_t i = 0; i < HY_COUNT(all); i++) {
		hy_visitor_free(all[i]->visitor);
		hy_batch_free(all[i]->batch);
		hy_hosts_free(all[i]->hosts);
	}
	hy_sources_free(w->sources);
	hy_loop_free(w->loop);
}

static void both_live(struct world *w)
{
	run(w, "INSERT INTO crawler (instance, alive_until)"
	       " VALUES ('one', 1795395660000), ('two', 1795395660000)");
}

/* The jobs that it has then. */
static size_t take(struct world *w, struct taker *t, int64_t ms, bool *out_shared)
{
	struct hy_claims_parts parts = {w->f->store, t->visitor, t->hosts, t->batch};
	struct hy_work work = {&t->conf, w->sources, t->name, hy_wall_add_ms(t0, ms)};
	struct hy_claims claims;
	struct hy_error e = {0};

	store_fixture_begin(w->f->store);
	if (hy_claims_take(&parts, &work, &claims, &e) != HY_OK)
		fail_msg("take: %s", e.text);
	store_fixture_commit(w->f->store);
	if (out_shared)
		*out_shared = claims.is_shared;
	hy_claims_hand_over(&parts, &work, &claims);
	return hy_hosts_waiting_jobs(t->hosts);
}

static void finish_all(struct taker *t)
{
	for (struct hy_host *h = hy_hosts_active(t->hosts), *next; h; h = next) {
		next = h->next_active;
		while (h->first_job)
			hy_job_free(hy_hosts_pop(t->hosts, h));
	}
}

static void give_back(struct world *w, struct taker *t, int64_t ms)
{
	struct hy_change *change = hy_hosts_give_back(t->hosts, hy_mono_now(),
						      hy_wall_add_ms(t0, ms));

	if (!change)
		return;
	assert_int_equal(change->type->write(change, w->f->store, NULL), HY_OK);
	change->type->end(change, true);
}

static void alone_it_takes_a_little_of_all(void **state)
{
	struct world w;
	bool is_shared = true;

	world_start(&w, state);
	assert_int_equal(take(&w, &w.one, 0, &is_shared), HOSTS * (PAGES - 1) + HOSTS);
	assert_int_equal(hy_hosts_working(w.one.hosts), HOSTS);
	assert_false(is_shared);
	assert_int_equal(take(&w, &w.two, 0, NULL), 0);
	world_stop(&w);
}

static void no_more_than_can_be_asked_soon(void **state)
{
	struct world w;

	world_start(&w, state);
	w.one.conf.connections = 1;
	assert_in_range(take(&w, &w.one, 0, NULL), 12, 19);
	assert_in_range(hy_hosts_working(w.one.hosts), 4, 6);
	/* And nothing more while that is in hand. */
	assert_in_range(take(&w, &w.one, 1, NULL), 12, 19);
	/* The rest is for others. */
	assert_in_range(take(&w, &w.two, 1, NULL), 40, 120);
	world_stop(&w);
}

static void two_take_half_of_the_hosts_each(void **state)
{
	struct world w;
	bool is_shared = false;

	world_start(&w, state);
	both_live(&w);
	assert_true(take(&w, &w.one, 0, &is_shared) > 0);
	assert_true(is_shared);
	assert_int_equal(hy_hosts_working(w.one.hosts), HOSTS / 2);
	assert_true(take(&w, &w.one, 10, NULL) > 0);
	assert_int_equal(hy_hosts_working(w.one.hosts), HOSTS / 2);
	assert_true(take(&w, &w.two, 20, NULL) > 0);
	assert_int_equal(hy_hosts_working(w.two.hosts), HOSTS / 2);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(*) FROM host"
					   " WHERE lease_owner = 'one'"), HOSTS / 2);
	world_stop(&w);
}

static void what_the_other_does_not_take_is_not_left(void **state)
{
	struct world w;

	world_start(&w, state);
	both_live(&w);
	(void)take(&w, &w.one, 0, NULL);
	assert_int_equal(hy_hosts_working(w.one.hosts), HOSTS / 2);
	(void)take(&w, &w.one, 1000, NULL);
	assert_int_equal(hy_hosts_working(w.one.hosts), HOSTS);
	world_stop(&w);
}

static size_t hosts_with(struct taker *t, size_t jobs)
{
	size_t count = 0;

	for (struct hy_host *h = hy_hosts_active(t->hosts); h; h = h->next_active)
		count += h->job_count == jobs;
	return count;
}

/* Of what one has more than its share it takes no more pages, so that it becomes free. */
static void too_many_hosts_are_let_go(void **state)
{
	struct world w;

	world_start(&w, state);
	w.one.conf.connections = 3;
	(void)take(&w, &w.one, 0, NULL);
	assert_int_equal(hosts_with(&w.one, 3), HOSTS);
	for (size_t i = 0; i < 2 * HOSTS; i++)
		hy_job_free(hy_hosts_pop(w.one.hosts, hy_hosts_active(w.one.hosts)));
	both_live(&w);
	(void)take(&w, &w.one, 20, NULL);
	assert_int_equal(hosts_with(&w.one, 1), HOSTS / 2);
	world_stop(&w);
}

/* One was alone and has all; when the second comes, its half goes over with the next jobs. */
static void a_newcomer_gets_its_half(void **state)
{
	struct world w;
	bool is_shared = false;

	world_start(&w, state);
	w.one.conf.connections = 3;	/* four pages of each host */
	(void)take(&w, &w.one, 0, &is_shared);
	assert_int_equal(hy_hosts_working(w.one.hosts), HOSTS);
	assert_false(is_shared);
	both_live(&w);
	assert_int_equal(take(&w, &w.two, 10, NULL), 0);
	finish_all(&w.one);
	give_back(&w, &w.one, 20);
	(void)take(&w, &w.one, 20, &is_shared);
	assert_true(is_shared);
	assert_int_equal(hy_hosts_working(w.one.hosts), HOSTS / 2);
	assert_true(take(&w, &w.two, 20, NULL) > 0);
	assert_int_equal(hy_hosts_working(w.two.hosts), HOSTS / 2);
	world_stop(&w);
}

/* With fewer connections than hosts, none is asked to its last page while others wait. */
static void hosts_take_turns(void **state)
{
	struct world w;

	world_start(&w, state);
	(void)take(&w, &w.one, 0, NULL);
	for (size_t i = 0; i < 3 * HOSTS; i++) {
		struct hy_host *host = hy_hosts_active(w.one.hosts);

		assert_int_equal(host->job_count, PAGES - i / HOSTS);
		hy_job_free(hy_hosts_pop(w.one.hosts, host));
	}
	world_stop(&w);
}

static void an_uncommitted_claim_is_forgotten(void **state)
{
	struct world w;
	struct hy_claims claims;
	struct hy_claims_parts parts;
	struct hy_work work;

	world_start(&w, state);
	parts = (struct hy_claims_parts){w.f->store, w.one.visitor, w.one.hosts, w.one.batch};
	work = (struct hy_work){&w.one.conf, w.sources, "one", t0};
	store_fixture_begin(w.f->store);
	assert_int_equal(hy_claims_take(&parts, &work, &claims, NULL), HY_OK);
	hy_store_rollback(w.f->store);
	hy_claims_fini(&claims);
	assert_int_equal(hy_hosts_working(w.one.hosts), 0);
	assert_null(hy_hosts_give_back(w.one.hosts, hy_mono_now(), t0));
	assert_int_equal(take(&w, &w.two, 0, NULL), HOSTS * PAGES);
	world_stop(&w);
}

static int run_all(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(alone_it_takes_a_little_of_all),
		STORE_TEST(no_more_than_can_be_asked_soon),
		STORE_TEST(two_take_half_of_the_hosts_each),
		STORE_TEST(what_the_other_does_not_take_is_not_left),
		STORE_TEST(too_many_hosts_are_let_go),
		STORE_TEST(a_newcomer_gets_its_half),
		STORE_TEST(hosts_take_turns),
		STORE_TEST(an_uncommitted_claim_is_forgotten),
	};

	return cmocka_run_group_tests_name(f->engine == TEST_SQLITE ? "sqlite" : "postgresql",
					   tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run_all);
}
