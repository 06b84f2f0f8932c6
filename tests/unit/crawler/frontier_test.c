/* Frontier: known once, leased to one, never lost. */
#include "crawler/frontier.h"

#include <stdio.h>

#include "crawler/host_lease.h"
#include "crawler/identity.h"
#include "tests/unit/crawler/store_fixture.h"

static const struct hy_wall t0 = {INT64_C(1795395600000)};

static struct hy_wall at(int64_t ms)
{
	return hy_wall_add_ms(t0, ms);
}

static bool add(struct store_fixture *f, const char *url, int64_t found_ms)
{
	struct hy_frontier_link link = {.url = hy_str_of(url), .source = HY_STR_LIT("s"),
					.title = HY_STR_LIT("题"), .published_at = HY_WALL_NONE,
					.found_at = at(found_ms)};
	struct hy_error e = {0};
	bool is_new = false;

	if (hy_frontier_add(f->store, &link, &is_new, &e) != HY_OK)
		fail_msg("%s: %s", url, e.text);
	return is_new;
}

static struct hy_job *lease(struct store_fixture *f, const char *owner, int64_t now_ms, size_t max)
{
	struct hy_lease_terms terms = {.owner = hy_str_of(owner), .now = at(now_ms),
				       .until = at(now_ms + 60000), .max = max};
	struct hy_job *jobs = NULL;
	struct hy_error e = {0};

	if (hy_frontier_lease(f->store, HY_STR_LIT("a.example"), &terms, &jobs, &e) != HY_OK)
		fail_msg("lease: %s", e.text);
	return jobs;
}

static size_t count(const struct hy_job *jobs)
{
	size_t n = 0;

	for (; jobs; jobs = jobs->next)
		n++;
	return n;
}

static void one_row_per_document(void **state)
{
	struct store_fixture *f = *state;

	assert_true(add(f, "http://a.example/1.html", 0));
	assert_false(add(f, "http://a.example/1.html", 1));
	/* Where the reader came from makes no other document. */
	assert_false(add(f, "http://a.example/1.html?utm_source=x", 2));
	assert_true(add(f, "http://a.example/2.html", 3));
	assert_true(add(f, "https://b.example/1.html", 3));
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM v_page"), 3);
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM v_host"), 2);
}

static void a_row_is_leased_to_one(void **state)
{
	struct store_fixture *f = *state;
	struct hy_job *mine, *others;

	for (int i = 0; i < 5; i++) {
		char url[64];

		(void)snprintf(url, sizeof url, "http://a.example/%d.html", i);
		assert_true(add(f, url, i));
	}
	mine = lease(f, "one", 10, 3);
	others = lease(f, "two", 10, 10);
	assert_int_equal(count(mine), 3);
	assert_int_equal(count(others), 2);
	assert_int_equal(count(lease(f, "two", 20, 10)), 0);
	/* The oldest first. */
	for (const struct hy_job *j = mine; j; j = j->next)
		assert_true(j->url[strlen("http://a.example/")] <= '2');
	assert_string_equal(mine->title, "题");
	assert_int_equal(mine->lease_until.ms, at(60010).ms);
	hy_jobs_free(mine);
	hy_jobs_free(others);
}

static void a_lease_that_ran_out_is_taken_over(void **state)
{
	struct store_fixture *f = *state;
	struct hy_job *first, *second;

	assert_true(add(f, "http://a.example/1.html", 0));
	first = lease(f, "one", 0, 9);
	assert_int_equal(count(first), 1);
	assert_int_equal(first->crashes, 0);
	assert_null(lease(f, "two", 59999, 9));
	second = lease(f, "two", 60000, 9);
	assert_int_equal(count(second), 1);
	assert_int_equal(second->crashes, 1);
	hy_jobs_free(first);
	hy_jobs_free(second);
}

static void what_a_dead_crawler_held_is_due_at_once(void **state)
{
	struct store_fixture *f = *state;
	struct hy_job *jobs;

	assert_true(add(f, "http://a.example/1.html", 0));
	assert_true(add(f, "http://a.example/2.html", 0));
	hy_jobs_free(lease(f, "one", 0, 1));
	hy_jobs_free(lease(f, "two", 0, 1));
	assert_int_equal(hy_frontier_release_owner(f->store, HY_STR_LIT("one"), at(5), NULL), HY_OK);
	jobs = lease(f, "one", 5, 9);
	assert_int_equal(count(jobs), 1);
	assert_int_equal(jobs->crashes, 1);
	hy_jobs_free(jobs);
}

static void finish(struct store_fixture *f, const struct hy_job *job,
		   const struct hy_frontier_outcome *outcome)
{
	struct hy_error e = {0};

	if (hy_frontier_finish(f->store, job->id, outcome, &e) != HY_OK)
		fail_msg("finish: %s", e.text);
}

static void what_is_done_stays_done(void **state)
{
	struct store_fixture *f = *state;
	struct hy_frontier_outcome done = {.state = HY_FRONTIER_DONE, .kind = "article",
					   .next_at = HY_WALL_NONE, .visits = 1,
					   .document = HY_STR_LIT("d1")};
	struct hy_job *jobs;

	assert_true(add(f, "http://a.example/1.html", 0));
	jobs = lease(f, "one", 0, 9);
	finish(f, jobs, &done);
	finish(f, jobs, &done);	/* repeated after an uncertain commit */
	hy_jobs_free(jobs);
	assert_false(add(f, "http://a.example/1.html", 1));
	assert_null(lease(f, "one", INT64_C(1) << 40, 9));
	store_fixture_text(f->store, "SELECT document FROM v_page", "d1");
}

static void new_pages_come_before_revisits(void **state)
{
	struct store_fixture *f = *state;
	struct hy_frontier_outcome again = {.state = HY_FRONTIER_REVISIT, .kind = "article",
					    .next_at = at(100), .visits = 1,
					    .etag = HY_STR_LIT("\"e\""),
					    .document = HY_STR_LIT("d1")};
	struct hy_job *jobs;

	assert_true(add(f, "http://a.example/1.html", 0));
	jobs = lease(f, "one", 0, 9);
	finish(f, jobs, &again);
	hy_jobs_free(jobs);
	assert_true(add(f, "http://a.example/2.html", 150));
	assert_null(lease(f, "one", 99, 9));
	jobs = lease(f, "one", 200, 1);
	assert_string_equal(jobs->url, "http://a.example/2.html");
	hy_jobs_free(jobs);
	jobs = lease(f, "one", 200, 1);
	assert_string_equal(jobs->url, "http://a.example/1.html");
	assert_string_equal(jobs->etag, "\"e\"");
	assert_string_equal(jobs->document, "d1");
	assert_int_equal(jobs->visits, 1);
	/* Given back unread, it is still one to be read again. */
	assert_int_equal(hy_frontier_release(f->store, jobs, HY_STR_LIT("two"), at(300), NULL),
			 HY_OK);
	store_fixture_text(f->store, "SELECT state FROM v_page WHERE url LIKE '%1.html'", "leased");
	assert_int_equal(hy_frontier_release(f->store, jobs, HY_STR_LIT("one"), at(300), NULL),
			 HY_OK);
	store_fixture_text(f->store, "SELECT state FROM v_page WHERE url LIKE '%1.html'", "revisit");
	hy_jobs_free(jobs);
}

static void a_moved_page_goes_on_under_its_new_address(void **state)
{
	struct store_fixture *f = *state;
	struct hy_frontier_link to = {.url = HY_STR_LIT("http://a.example/1.html?utm_id=2"),
				      .hops = 1, .found_at = at(1)};
	struct hy_job *jobs;

	assert_true(add(f, "http://a.example/1.html", 0));
	jobs = lease(f, "one", 0, 9);
	assert_int_equal(hy_frontier_move(f->store, jobs->id, &to, NULL), HY_OK);
	hy_jobs_free(jobs);
	jobs = lease(f, "one", 1, 9);
	assert_string_equal(jobs->url, "http://a.example/1.html?utm_id=2");
	assert_int_equal(jobs->hops, 1);
	hy_jobs_free(jobs);
}

/* A host is one crawler's at a time, so its delay holds for all crawlers together. */
static size_t due_for(struct store_fixture *f, const char *owner, int64_t now_ms)
{
	struct hy_lease_terms terms = {.owner = hy_str_of(owner), .now = at(now_ms), .max = 4};
	struct hy_host_due due[4];
	size_t n = 0;

	assert_int_equal(hy_host_due(f->store, &terms, due, &n, NULL), HY_OK);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(due[i].host, "a.example");
		free(due[i].host);
	}
	return n;
}

static bool claim(struct store_fixture *f, const char *owner, int64_t now_ms, int64_t until_ms)
{
	struct hy_lease_terms terms = {.owner = hy_str_of(owner), .now = at(now_ms),
				       .until = at(until_ms)};
	struct hy_host_memory memory;
	bool mine = false;

	terms.host = HY_STR_LIT("a.example");
	terms.look_at = at(now_ms);
	assert_int_equal(hy_host_claim(f->store, &terms, &memory, &mine, NULL), HY_OK);
	return mine;
}

static void a_host_belongs_to_one_crawler(void **state)
{
	struct store_fixture *f = *state;

	assert_true(add(f, "http://a.example/1.html", 0));
	assert_int_equal(due_for(f, "one", 0), 1);
	assert_true(claim(f, "one", 0, 1000));
	assert_int_equal(due_for(f, "two", 999), 0);
	assert_false(claim(f, "two", 999, 2000));
	assert_true(claim(f, "one", 999, 2000));
	assert_false(claim(f, "two", 1999, 3000));
	assert_true(claim(f, "two", 2000, 3000));
}

static void doze(struct store_fixture *f, int64_t now_ms)
{
	assert_int_equal(hy_host_doze(f->store, HY_STR_LIT("a.example"), at(now_ms), NULL), HY_OK);
}

/* A host is looked at when its next row is due, or another comes before; never much later. */
static void a_host_sleeps_until_it_has_work(void **state)
{
	struct store_fixture *f = *state;
	struct hy_frontier_outcome again = {.state = HY_FRONTIER_REVISIT, .visits = 1,
					    .next_at = at(30000), .held_until = at(60000)};
	struct hy_job *jobs;

	assert_true(add(f, "http://a.example/1.html", 0));
	assert_int_equal(due_for(f, "one", 0), 1);
	jobs = lease(f, "one", 0, 9);
	doze(f, 0);
	/* While the page is leased: when the lease ends. */
	assert_int_equal(due_for(f, "one", 59999), 0);
	assert_int_equal(due_for(f, "one", 60000), 1);
	finish(f, jobs, &again);
	hy_jobs_free(jobs);
	assert_int_equal(due_for(f, "one", 29999), 0);
	assert_int_equal(due_for(f, "one", 30000), 1);
	assert_true(add(f, "http://a.example/2.html", 20000));
	assert_int_equal(due_for(f, "one", 19999), 0);
	assert_int_equal(due_for(f, "one", 20000), 1);
	/* A page given back, and the pages of one who died. */
	jobs = lease(f, "one", 20000, 9);
	doze(f, 20000);
	assert_int_equal(hy_frontier_release(f->store, jobs, HY_STR_LIT("one"), at(21000), NULL),
			 HY_OK);
	hy_jobs_free(jobs);
	assert_int_equal(due_for(f, "one", 20999), 0);
	assert_int_equal(due_for(f, "one", 21000), 1);
	hy_jobs_free(lease(f, "one", 21000, 9));
	doze(f, 21000);
	assert_int_equal(due_for(f, "two", 25000), 0);
	assert_int_equal(hy_frontier_release_owner(f->store, HY_STR_LIT("one"), at(22000), NULL),
			 HY_OK);
	assert_int_equal(due_for(f, "two", 22000), 1);
}

static void an_idle_host_is_looked_at_now_and_then(void **state)
{
	struct store_fixture *f = *state;
	struct hy_frontier_outcome done = {.state = HY_FRONTIER_DONE, .next_at = HY_WALL_NONE};
	struct hy_job *jobs;

	assert_true(add(f, "http://a.example/1.html", 0));
	jobs = lease(f, "one", 0, 9);
	finish(f, jobs, &done);
	hy_jobs_free(jobs);
	doze(f, 0);
	assert_int_equal(due_for(f, "one", 299999), 0);
	assert_int_equal(due_for(f, "one", 300000), 1);
}

/* Two programs at the same store: no row twice, and none waits for the other. */
static void two_connections_share_the_rows(void **state)
{
	struct store_fixture *f = *state;
	struct store_fixture other = {.store = store_fixture_open(f->url)};
	struct hy_job *mine, *others;

	for (int i = 0; i < 4; i++) {
		char url[64];

		(void)snprintf(url, sizeof url, "http://a.example/%d.html", i);
		assert_true(add(f, url, i));
	}
	if (f->engine == TEST_POSTGRES)
		store_fixture_begin(f->store);
	mine = lease(f, "one", 10, 2);
	others = lease(&other, "two", 10, 9);
	if (f->engine == TEST_POSTGRES)
		store_fixture_commit(f->store);
	assert_int_equal(count(mine), 2);
	assert_int_equal(count(others), 2);
	for (const struct hy_job *a = mine; a; a = a->next)
		for (const struct hy_job *b = others; b; b = b->next)
			assert_string_not_equal(a->id, b->id);
	hy_jobs_free(mine);
	hy_jobs_free(others);
	hy_store_free(other.store);
}

static void useless_addresses_are_refused(void **state)
{
	struct store_fixture *f = *state;
	struct hy_frontier_link link = {.url = HY_STR_LIT("mailto:a@a.example"), .found_at = t0};

	assert_int_equal(hy_frontier_add(f->store, &link, NULL, NULL), HY_ERR_MALFORMED);
}

static int run(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(one_row_per_document),
		STORE_TEST(a_row_is_leased_to_one),
		STORE_TEST(a_lease_that_ran_out_is_taken_over),
		STORE_TEST(what_a_dead_crawler_held_is_due_at_once),
		STORE_TEST(what_is_done_stays_done),
		STORE_TEST(new_pages_come_before_revisits),
		STORE_TEST(a_moved_page_goes_on_under_its_new_address),
		STORE_TEST(a_host_belongs_to_one_crawler),
		STORE_TEST(a_host_sleeps_until_it_has_work),
		STORE_TEST(an_idle_host_is_looked_at_now_and_then),
		STORE_TEST(two_connections_share_the_rows),
		STORE_TEST(useless_addresses_are_refused),
	};

	return cmocka_run_group_tests_name(f->engine == TEST_SQLITE ? "sqlite" : "postgresql",
					   tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run);
}
