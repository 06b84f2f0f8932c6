/* A source's visit: what goes into the frontier, and what is remembered of the source. */
#include "crawler/poll.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crawler/source_state.h"
#include "tests/unit/crawler/store_fixture.h"

#define MINUTE INT64_C(60000)

static const struct hy_wall t0 = {INT64_C(1795395600000)};	/* 2026-11-23T09:00:00+08:00 */

static const char sources_text[] =
	"sources:\n"
	"  - {id: feed, name: 甲, kind: feed, url: 'http://a.example/rss', interval: 10m}\n"
	"  - {id: list, name: 乙, kind: list, url: 'http://b.example/', interval: 10m}\n"
	"  - {id: wx, name: 丙, kind: wechat, urls: ['http://m1.example/f', 'http://m2.example/f'],"
	" interval: 10m, delay: 5s}\n"
	"  - {id: map, name: 丁, kind: sitemap, url: 'http://d.example/index.xml', interval: 10m}\n"
	"  - {id: goal, name: 戊, kind: feed, url: 'http://e.example/rss', goal: 10m}\n";

static const char feed_text[] =
	"<?xml version='1.0'?><rss version='2.0'><channel><title>t</title>"
	"<item><title>新稿 13812345678</title><link>http://a.example/1.html</link>"
	"<pubDate>Mon, 23 Nov 2026 00:50:00 GMT</pubDate></item>"
	"<item><title>旧稿</title><link>http://a.example/2.html</link>"
	"<pubDate>Thu, 23 Nov 2006 00:50:00 GMT</pubDate></item>"
	"<item><title>无址</title></item>"
	"<item><title>三</title><link>/3.html</link></item></channel></rss>";

struct world {
	struct store_fixture *f;
	struct hy_sources *sources;
	struct hy_crawler_conf conf;
	struct hy_work work;
};

static char instance[] = "one";

static struct hy_sources *load(const char *text)
{
	char path[] = "/tmp/hy-poll-XXXXXX";
	struct hy_sources *sources = NULL;
	struct hy_findings findings;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	hy_findings_init(&findings);
	if (hy_sources_load(path, &findings, &sources) != HY_OK)
		fail_msg("%s", hy_buf_str(&findings.text).p);
	hy_findings_fini(&findings);
	(void)unlink(path);
	return sources;
}

static void world_start(struct world *w, void **state)
{
	struct hy_error e = {0};

	*w = (struct world){.f = *state,
			    .conf = {.new_per_poll = 100, .redirects = 5,
				     .max_age_ms = 30 * 1440 * MINUTE, .lease_ms = MINUTE,
				     .blocked_ms = 30 * MINUTE}};
	w->sources = load(sources_text);
	w->work = (struct hy_work){&w->conf, w->sources, instance, t0};
	if (hy_source_state_sync(w->f->store, w->sources, t0, &e) != HY_OK)
		fail_msg("sync: %s", e.text);
}

static void world_stop(struct world *w)
{
	hy_sources_free(w->sources);
}

static struct hy_job *lease(struct world *w, const char *host)
{
	struct hy_lease_terms terms = {.owner = hy_str_of(instance), .now = w->work.now,
				       .until = hy_wall_add_ms(w->work.now, MINUTE), .max = 1};
	struct hy_job *job = NULL;
	struct hy_error e = {0};

	if (hy_source_state_lease(w->f->store, hy_str_of(host), &terms, &job, &e) != HY_OK)
		fail_msg("lease: %s", e.text);
	if (job)
		job->delay_ms = 5000;
	return job;
}

static bool poll(struct world *w, struct hy_job *job, const struct hy_visit *visit)
{
	struct hy_error e = {0};
	struct hy_change *change;
	bool blocked;

	assert_non_null(job);
	change = hy_poll(&w->work, job, visit, &blocked);
	/* As often as it takes: a commit may have been uncertain. */
	for (int i = 0; i < 2; i++)
		if (change->type->write(change, w->f->store, &e) != HY_OK)
			fail_msg("write: %s", e.text);
	change->type->end(change, true);
	return blocked;
}

static bool poll_page(struct world *w, const char *host, const char *body)
{
	struct hy_fetch_result response = {.status = 200, .body = hy_str_of(body),
					   .etag = HY_STR_LIT("\"v1\"")};
	struct hy_visit visit = {.end = HY_VISIT_PAGE, .response = &response};

	return poll(w, lease(w, host), &visit);
}

static void fail_poll(struct world *w, const char *host, struct hy_wall not_before)
{
	struct hy_visit visit = {.end = HY_VISIT_LATER, .kind = "network",
				 .reason = HY_STR_LIT("网站无法连接"), .counts = true,
				 .not_before = not_before};

	(void)poll(w, lease(w, host), &visit);
}

static void robots_that_are_not_there_are_no_permission(void **state)
{
	static const struct {
		enum hy_visit_end end;
		const char *kind;
		bool is_unanswered;
		const char *robots, *failure;
	} rows[] = {
		{HY_VISIT_LATER, "network", false, "allowed", "network"},
		{HY_VISIT_LATER, "robots", false, "unreachable", "server"},	/* 5xx */
		{HY_VISIT_LATER, "robots", true, "unreachable", "network"},
		{HY_VISIT_REFUSED, "robots", false, "disallowed", "robots"},
	};
	struct world w;

	world_start(&w, state);
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_visit visit = {.end = rows[i].end, .kind = rows[i].kind,
					 .is_unanswered = rows[i].is_unanswered,
					 .reason = HY_STR_LIT("缘由"),
					 .not_before = w.work.now};

		(void)poll(&w, lease(&w, "a.example"), &visit);
		store_fixture_text(w.f->store, "SELECT robots FROM v_source_health"
					       " WHERE source = 'feed'", rows[i].robots);
		store_fixture_text(w.f->store, "SELECT failure FROM v_source_health"
					       " WHERE source = 'feed'", rows[i].failure);
		w.work.now = hy_wall_add_ms(w.work.now, 1440 * MINUTE);
	}
	world_stop(&w);
}

static int64_t next_of(struct world *w, const char *sql)
{
	return store_fixture_int(w->f->store, sql) - w->work.now.ms;
}

static void new_items_and_the_state_together(void **state)
{
	struct world w;

	world_start(&w, state);
	(void)poll_page(&w, "a.example", feed_text);
	/* Too old and without address are left out; the title is masked before it is stored. */
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(*) FROM v_page"), 2);
	store_fixture_text(w.f->store, "SELECT title FROM frontier WHERE url LIKE '%/1.html'",
			   "新稿 138********");
	assert_int_equal(store_fixture_int(w.f->store, "SELECT published_at FROM frontier"
						       " WHERE url LIKE '%/1.html'"),
			 t0.ms - 10 * MINUTE);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT items FROM v_source WHERE id = 'feed'"),
			 2);
	/* Nearly: sources of one interval shall not stay in phase. */
	assert_in_range(next_of(&w, "SELECT next_poll_at FROM v_source WHERE id = 'feed'"),
			10 * MINUTE * 95 / 100, 10 * MINUTE * 105 / 100);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT last_new_at FROM v_source"
						       " WHERE id = 'feed'"), t0.ms);
	assert_null(lease(&w, "a.example"));
	world_stop(&w);
}

/* Servers lie: what counts is the body that came, not that its tag is the old one. */
static void other_bytes_under_the_same_tag_are_news(void **state)
{
	struct world w;

	world_start(&w, state);
	(void)poll_page(&w, "a.example", feed_text);
	w.work.now = hy_wall_add_ms(t0, 11 * MINUTE);
	(void)poll_page(&w, "a.example",
			"<rss><channel><item><title>后来的稿子</title>"
			"<link>http://a.example/later.html</link></item></channel></rss>");
	assert_int_equal(store_fixture_int(w.f->store, "SELECT last_new_at FROM v_source"
						       " WHERE id = 'feed'"), w.work.now.ms);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(*) FROM v_page"), 3);
	world_stop(&w);
}

static void same_bytes_are_no_news(void **state)
{
	struct world w;

	world_start(&w, state);
	(void)poll_page(&w, "a.example", feed_text);
	w.work.now = hy_wall_add_ms(t0, 11 * MINUTE);
	(void)poll_page(&w, "a.example", feed_text);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT last_new_at FROM v_source"
						       " WHERE id = 'feed'"), t0.ms);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT last_success_at FROM v_source"
						       " WHERE id = 'feed'"), w.work.now.ms);
	w.work.now = hy_wall_add_ms(t0, 22 * MINUTE);
	(void)poll(&w, lease(&w, "a.example"), &(struct hy_visit){.end = HY_VISIT_UNCHANGED});
	assert_int_equal(store_fixture_int(w.f->store, "SELECT last_success_at FROM v_source"
						       " WHERE id = 'feed'"), w.work.now.ms);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(*) FROM v_page"), 2);
	world_stop(&w);
}

static void a_flood_is_taken_in_parts(void **state)
{
	struct world w;

	world_start(&w, state);
	w.conf.new_per_poll = 1;
	(void)poll_page(&w, "a.example", feed_text);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(*) FROM v_page"), 2);
	/* (written twice by the test, so two parts) */
	store_fixture_text(w.f->store, "SELECT content_hash FROM source WHERE id = 'feed'", "");
	world_stop(&w);
}

static void failures_wait_longer_each_time(void **state)
{
	static const int64_t expected[] = {10, 10, 20, 20, 40, 40};
	struct world w;

	world_start(&w, state);
	/* Nobody answers: that passes. */
	for (size_t i = 0; i < HY_COUNT(expected); i++) {
		fail_poll(&w, "a.example", HY_WALL_NONE);
		assert_int_equal(next_of(&w, "SELECT next_poll_at FROM v_source WHERE id = 'feed'"),
				 expected[i] * MINUTE);
		w.work.now = hy_wall_add_ms(w.work.now, expected[i] * MINUTE);
	}
	store_fixture_text(w.f->store, "SELECT reason FROM v_source WHERE id = 'feed'",
			   "网站无法连接");
	assert_int_equal(store_fixture_int(w.f->store, "SELECT failures FROM v_source"
						       " WHERE id = 'feed'"), 6);
	(void)poll_page(&w, "a.example", feed_text);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT failures FROM v_source"
						       " WHERE id = 'feed'"), 0);
	store_fixture_text(w.f->store, "SELECT reason FROM v_source WHERE id = 'feed'", "");
	world_stop(&w);
}

/* A page that is gone: sooner and sooner it would be the same. */
static void what_is_gone_is_asked_ever_less(void **state)
{
	static const int64_t expected[] = {10, 20, 40, 80};
	struct hy_visit visit = {.end = HY_VISIT_REFUSED, .kind = "gone", .counts = true,
				 .reason = HY_STR_LIT("网页不存在（404）"),
				 .not_before = HY_WALL_NONE};
	struct world w;

	world_start(&w, state);
	for (size_t i = 0; i < HY_COUNT(expected); i++) {
		(void)poll(&w, lease(&w, "a.example"), &visit);
		assert_int_equal(next_of(&w, "SELECT next_poll_at FROM v_source WHERE id = 'feed'"),
				 expected[i] * MINUTE);
		w.work.now = hy_wall_add_ms(w.work.now, expected[i] * MINUTE);
	}
	world_stop(&w);
}

static void a_goal_follows_what_is_published(void **state)
{
	struct hy_visit unchanged = {.end = HY_VISIT_UNCHANGED};
	int64_t next;
	struct world w;

	world_start(&w, state);
	(void)poll_page(&w, "e.example", "<rss><channel><item><title>稿子</title>"
					 "<link>http://e.example/1.html</link></item></channel></rss>");
	next = next_of(&w, "SELECT next_poll_at FROM v_source WHERE id = 'goal'");
	assert_in_range(next, 8 * MINUTE, 30 * MINUTE);
	/* At night there is less to wait for. */
	w.work.now = hy_wall_add_ms(t0, 17 * 60 * MINUTE);
	(void)poll(&w, lease(&w, "e.example"), &unchanged);
	assert_true(next_of(&w, "SELECT next_poll_at FROM v_source WHERE id = 'goal'") > 2 * next);
	/* A budget of a few requests a day is kept, whatever the goal. */
	w.conf.budget = 8;
	w.work.now = hy_wall_add_ms(t0, 26 * 60 * MINUTE);
	(void)poll(&w, lease(&w, "e.example"), &unchanged);
	assert_true(next_of(&w, "SELECT next_poll_at FROM v_source WHERE id = 'goal'") > 60 * MINUTE);
	world_stop(&w);
}

static void the_site_may_ask_for_more_time(void **state)
{
	struct world w;

	world_start(&w, state);
	fail_poll(&w, "a.example", hy_wall_add_ms(t0, 60 * MINUTE));
	assert_int_equal(next_of(&w, "SELECT next_poll_at FROM v_source WHERE id = 'feed'"),
			 60 * MINUTE);
	world_stop(&w);
}

static void the_next_mirror_is_asked_soon(void **state)
{
	struct world w;

	world_start(&w, state);
	fail_poll(&w, "m1.example", HY_WALL_NONE);
	store_fixture_text(w.f->store, "SELECT url FROM v_source WHERE id = 'wx'",
			   "http://m2.example/f");
	assert_int_equal(next_of(&w, "SELECT next_poll_at FROM v_source WHERE id = 'wx'"), 5000);
	assert_null(lease(&w, "m1.example"));
	w.work.now = hy_wall_add_ms(t0, 5000);
	/* Both failed: a whole round waits. */
	fail_poll(&w, "m2.example", HY_WALL_NONE);
	store_fixture_text(w.f->store, "SELECT url FROM v_source WHERE id = 'wx'",
			   "http://m1.example/f");
	assert_int_equal(next_of(&w, "SELECT next_poll_at FROM v_source WHERE id = 'wx'"),
			 10 * MINUTE);
	world_stop(&w);
}

static void a_moved_source_is_followed_and_said(void **state)
{
	struct hy_visit moved = {.end = HY_VISIT_MOVED, .kind = "redirect",
				 .location = HY_STR_LIT("http://c.example/rss"),
				 .is_permanent = true};
	struct world w;

	world_start(&w, state);
	(void)poll(&w, lease(&w, "a.example"), &moved);
	(void)poll_page(&w, "c.example", feed_text);
	store_fixture_text(w.f->store, "SELECT reason FROM v_source WHERE id = 'feed'",
			   "来源已移到 http://c.example/rss，请更新 sources.yaml");
	/* The configured address is asked again next time. */
	store_fixture_text(w.f->store, "SELECT url FROM v_source WHERE id = 'feed'",
			   "http://a.example/rss");
	world_stop(&w);
}

static void a_mirror_is_left_for_the_preferred_one(void **state)
{
	struct world w;

	world_start(&w, state);
	fail_poll(&w, "m1.example", HY_WALL_NONE);
	w.work.now = hy_wall_add_ms(t0, 5000);
	(void)poll_page(&w, "m2.example", feed_text);
	store_fixture_text(w.f->store, "SELECT url FROM v_source WHERE id = 'wx'",
			   "http://m2.example/f");
	/* After an hour the first is tried again; while it fails, the second serves. */
	w.work.now = hy_wall_add_ms(w.work.now, 61 * MINUTE);
	(void)poll_page(&w, "m2.example", feed_text);
	store_fixture_text(w.f->store, "SELECT url FROM v_source WHERE id = 'wx'",
			   "http://m1.example/f");
	store_fixture_text(w.f->store, "SELECT etag FROM source WHERE id = 'wx'", "");
	w.work.now = hy_wall_add_ms(w.work.now, 15 * MINUTE);
	fail_poll(&w, "m1.example", HY_WALL_NONE);
	w.work.now = hy_wall_add_ms(w.work.now, 5000);
	(void)poll_page(&w, "m2.example", feed_text);
	w.work.now = hy_wall_add_ms(w.work.now, 15 * MINUTE);
	(void)poll_page(&w, "m2.example", feed_text);
	store_fixture_text(w.f->store, "SELECT url FROM v_source WHERE id = 'wx'",
			   "http://m2.example/f");
	world_stop(&w);
}

#define INDEX(parts) \
	"<?xml version='1.0'?>" \
	"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>" parts "</sitemapindex>"
#define PART(name, date) \
	"<sitemap><loc>http://d.example/" name ".xml</loc><lastmod>" date "</lastmod></sitemap>"
#define MAP(name) \
	"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>" \
	"<url><loc>http://d.example/" name ".html</loc></url></urlset>"

static void map_is_at(struct world *w, const char *name)
{
	char url[64];

	(void)snprintf(url, sizeof url, "http://d.example/%s.xml", name);
	store_fixture_text(w->f->store, "SELECT url FROM v_source WHERE id = 'map'", url);
}

static void a_sitemap_index_leads_to_what_changed(void **state)
{
	struct world w;

	world_start(&w, state);
	(void)poll_page(&w, "d.example", INDEX(PART("1", "2026-11-20") PART("2", "2026-11-22")
					       PART("3", "2026-10-01") PART("index", "2026-11-23")));
	map_is_at(&w, "2");
	(void)poll_page(&w, "d.example", MAP("a"));
	map_is_at(&w, "1");
	(void)poll_page(&w, "d.example", MAP("b"));
	/* The third is older than what is read at all; the poll is over. */
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(*) FROM v_page"), 2);
	map_is_at(&w, "index");
	assert_in_range(next_of(&w, "SELECT next_poll_at FROM v_source WHERE id = 'map'"),
			8 * MINUTE, 12 * MINUTE);
	/* Next time only what changed is asked for; a new one, and one that cannot be read. */
	w.work.now = hy_wall_add_ms(t0, 15 * MINUTE);
	(void)poll_page(&w, "d.example", INDEX(PART("1", "2026-11-23") PART("2", "2026-11-22")
					       PART("4", "2026-11-21")));
	map_is_at(&w, "1");
	fail_poll(&w, "d.example", HY_WALL_NONE);
	map_is_at(&w, "index");
	w.work.now = hy_wall_add_ms(w.work.now, 20 * MINUTE);
	(void)poll_page(&w, "d.example", INDEX(PART("1", "2026-11-23") PART("2", "2026-11-22")
					       PART("4", "2026-11-21")));
	map_is_at(&w, "4");
	(void)poll_page(&w, "d.example", MAP("c"));
	map_is_at(&w, "1");
	(void)poll_page(&w, "d.example", MAP("b"));
	map_is_at(&w, "index");
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(*) FROM v_page"), 3);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(*) FROM sitemap_part"), 3);
	world_stop(&w);
}

/* However many parts an index lists, a poll reads some and the next ones the others. */
static void a_poll_reads_a_bounded_number_of_parts(void **state)
{
	hy_cleanup(hy_buf_fini) struct hy_buf index = HY_BUF(10000);
	struct world w;

	world_start(&w, state);
	hy_buf_add_c(&index, "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>");
	for (int i = 10; i < 25; i++)
		hy_buf_addf(&index, "<sitemap><loc>http://d.example/%d.xml</loc></sitemap>", i);
	hy_buf_add_c(&index, "</sitemapindex>");
	(void)poll_page(&w, "d.example", hy_buf_str(&index).p);
	for (int i = 0; i < 10; i++)
		(void)poll_page(&w, "d.example", MAP("a"));
	map_is_at(&w, "index");
	w.work.now = hy_wall_add_ms(t0, 15 * MINUTE);
	(void)poll_page(&w, "d.example", hy_buf_str(&index).p);
	map_is_at(&w, "20");
	for (int i = 0; i < 5; i++)
		(void)poll_page(&w, "d.example", MAP("a"));
	map_is_at(&w, "index");
	/* What the index gives no date of is read again after some hours. */
	w.work.now = hy_wall_add_ms(t0, 7 * 60 * MINUTE);
	(void)poll_page(&w, "d.example", hy_buf_str(&index).p);
	map_is_at(&w, "10");
	world_stop(&w);
}

static void what_is_no_listing_is_a_failure_in_words(void **state)
{
	struct world w;

	world_start(&w, state);
	assert_false(poll_page(&w, "a.example", "<html><body><p>维护中</p></body></html>"));
	store_fixture_text(w.f->store, "SELECT reason FROM v_source WHERE id = 'feed'",
			   "不是可读的订阅（RSS、Atom、JSON Feed 或站点地图）");
	assert_false(poll_page(&w, "b.example", "<html><body><p>维护中</p></body></html>"));
	store_fixture_text(w.f->store, "SELECT reason FROM v_source WHERE id = 'list'",
			   "页面上没有找到文章列表");
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(*) FROM v_source"
						       " WHERE failures = 1"), 2);
	world_stop(&w);
}

static void given_back_unread(void **state)
{
	struct hy_visit released = {.end = HY_VISIT_RELEASED,
				    .not_before = hy_wall_add_ms(t0, 7 * MINUTE)};
	struct world w;

	world_start(&w, state);
	(void)poll(&w, lease(&w, "a.example"), &released);
	assert_int_equal(next_of(&w, "SELECT next_poll_at FROM v_source WHERE id = 'feed'"),
			 7 * MINUTE);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT failures FROM v_source"
						       " WHERE id = 'feed'"), 0);
	world_stop(&w);
}

/* The list of sources is edited while a poll runs: its end must not bring the old address back. */
static void a_new_address_wins_over_a_running_poll(void **state)
{
	struct world w;
	struct hy_job *job;

	world_start(&w, state);
	job = lease(&w, "a.example");
	hy_sources_free(w.sources);
	w.sources = load("sources:\n  - {id: feed, name: 甲, kind: feed,"
			 " url: 'http://new.example/rss'}\n");
	w.work.sources = w.sources;
	assert_int_equal(hy_source_state_sync(w.f->store, w.sources, t0, NULL), HY_OK);
	(void)poll(&w, job, &(struct hy_visit){.end = HY_VISIT_UNCHANGED});
	store_fixture_text(w.f->store, "SELECT url FROM v_source WHERE id = 'feed'",
			   "http://new.example/rss");
	/* And those that are no longer named are not asked. */
	assert_int_equal(store_fixture_int(w.f->store, "SELECT SUM(active) FROM v_source"), 1);
	assert_null(lease(&w, "b.example"));
	world_stop(&w);
}

static int run(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(robots_that_are_not_there_are_no_permission),
		STORE_TEST(new_items_and_the_state_together),
		STORE_TEST(other_bytes_under_the_same_tag_are_news),
		STORE_TEST(same_bytes_are_no_news),
		STORE_TEST(a_flood_is_taken_in_parts),
		STORE_TEST(failures_wait_longer_each_time),
		STORE_TEST(what_is_gone_is_asked_ever_less),
		STORE_TEST(a_goal_follows_what_is_published),
		STORE_TEST(the_site_may_ask_for_more_time),
		STORE_TEST(the_next_mirror_is_asked_soon),
		STORE_TEST(a_moved_source_is_followed_and_said),
		STORE_TEST(a_mirror_is_left_for_the_preferred_one),
		STORE_TEST(a_sitemap_index_leads_to_what_changed),
		STORE_TEST(a_poll_reads_a_bounded_number_of_parts),
		STORE_TEST(what_is_no_listing_is_a_failure_in_words),
		STORE_TEST(given_back_unread),
		STORE_TEST(a_new_address_wins_over_a_running_poll),
	};

	return cmocka_run_group_tests_name(f->engine == TEST_SQLITE ? "sqlite" : "postgresql",
					   tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run);
}
