/* A page's visit: what is stored of it, and when the page is looked at again. */
#include "crawler/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/buf.h"
#include "crawler/frontier.h"
#include "tests/unit/crawler/store_fixture.h"

#define MINUTE INT64_C(60000)
#define PAGE_URL "http://a.example/news/1.html?utm_source=x"

static const struct hy_wall t0 = {INT64_C(1795395600000)};	/* 2026-11-23T09:00:00+08:00 */
static char instance[] = "one";

#define PARAGRAPH \
	"<p>孙村街道的居民近日反映，小区东侧的供热管道从上周三起停止供热，室内温度只有十二度，老人和孩子" \
	"都裹着棉被过夜。物业公司说管道正在抢修，但一直没有给出恢复供热的时间，请有关部门尽快查明原因。</p>"
static const char article[] =
	"<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>供热管道停供一周_甲新闻</title>"
	"</head><body><div class=\"nav\"><a href=\"/\">首页</a></div><h1>供热管道停供一周</h1>"
	"<div class=\"time\">2026-11-23 08:30</div><div class=\"content\">" PARAGRAPH PARAGRAPH
	"<p>联系人张先生，电话 13812345678，身份证 370102199001011234。</p>" PARAGRAPH
	"</div></body></html>";
static const char edited[] =
	"<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>供热管道停供一周_甲新闻</title>"
	"</head><body><h1>供热管道停供一周</h1><div class=\"time\">2026-11-23 08:30</div>"
	"<div class=\"content\">" PARAGRAPH PARAGRAPH PARAGRAPH
	"<p>记者最新获悉，供热已于今晨恢复。</p></div></body></html>";

struct world {
	struct store_fixture *f;
	struct hy_sources *sources;
	struct hy_crawler_conf conf;
	struct hy_work work;
};

static struct hy_sources *load_sources(void)
{
	static const char text[] = "sources:\n  - {id: s, name: 甲, kind: feed, region: jinan,"
				   " url: 'http://a.example/rss'}\n";
	char path[] = "/tmp/hy-intake-XXXXXX";
	struct hy_sources *sources = NULL;
	struct hy_findings findings;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
	hy_findings_init(&findings);
	assert_int_equal(hy_sources_load(path, &findings, &sources), HY_OK);
	hy_findings_fini(&findings);
	(void)unlink(path);
	return sources;
}

static void find_page(struct world *w, const char *url, const char *title)
{
	struct hy_frontier_link link = {.url = hy_str_of(url), .source = HY_STR_LIT("s"),
					.title = hy_str_of(title), .found_at = t0,
					.published_at = hy_wall_add_ms(t0, -90 * MINUTE)};

	assert_int_equal(hy_frontier_add(w->f->store, &link, NULL, NULL), HY_OK);
}

static void world_start(struct world *w, void **state)
{
	*w = (struct world){
		.f = *state, .sources = load_sources(),
		.conf = {.attempts = 3, .retry_ms = MINUTE, .blocked_ms = 30 * MINUTE,
			 .revisit_ms = 360 * MINUTE, .revisit_times = 1, .redirects = 5}};
	w->work = (struct hy_work){&w->conf, w->sources, instance, t0};
	find_page(w, PAGE_URL, "列表上的标题");
}

static void world_stop(struct world *w)
{
	hy_sources_free(w->sources);
}

static struct hy_job *lease_at(struct world *w, const char *host)
{
	struct hy_lease_terms terms = {.owner = hy_str_of(instance), .now = w->work.now,
				       .until = hy_wall_add_ms(w->work.now, MINUTE), .max = 1};
	struct hy_job *job = NULL;

	assert_int_equal(hy_frontier_lease(w->f->store, hy_str_of(host), &terms, &job, NULL), HY_OK);
	return job;
}

static struct hy_job *lease(struct world *w)
{
	return lease_at(w, "a.example");
}

static bool take(struct world *w, const struct hy_visit *visit)
{
	struct hy_job *job = lease(w);
	struct hy_error e = {0};
	struct hy_change *change;
	bool blocked;

	assert_non_null(job);
	change = hy_intake(&w->work, job, visit, &blocked);
	/* As often as it takes: a commit may have been uncertain. */
	for (int i = 0; i < 2; i++)
		if (change->type->write(change, w->f->store, &e) != HY_OK)
			fail_msg("write: %s", e.text);
	change->type->end(change, true);
	return blocked;
}

static bool take_page(struct world *w, const char *body)
{
	struct hy_fetch_result response = {.status = 200, .body = hy_str_of(body),
					   .content_type = HY_STR_LIT("text/html"),
					   .etag = HY_STR_LIT("\"v1\"")};
	struct hy_visit visit = {.end = HY_VISIT_PAGE, .response = &response};

	return take(w, &visit);
}

static void expect_page(struct world *w, const char *state, const char *kind, const char *reason)
{
	store_fixture_text(w->f->store, "SELECT state FROM v_page ORDER BY found_at, url", state);
	store_fixture_text(w->f->store, "SELECT kind FROM v_page ORDER BY found_at, url", kind);
	store_fixture_text(w->f->store, "SELECT reason FROM v_page ORDER BY found_at, url", reason);
}

static int64_t versions(struct world *w)
{
	return store_fixture_int(w->f->store, "SELECT COUNT(*) FROM v_document");
}

static void an_article_becomes_a_pending_version(void **state)
{
	struct world w;
	struct hy_store *store;

	world_start(&w, state);
	store = w.f->store;
	assert_false(take_page(&w, article));
	assert_int_equal(versions(&w), 1);
	store_fixture_text(store, "SELECT state FROM v_document", "pending");
	store_fixture_text(store, "SELECT url FROM v_document", "http://a.example/news/1.html");
	store_fixture_text(store, "SELECT title FROM v_document", "供热管道停供一周");
	store_fixture_text(store, "SELECT region FROM v_document", "jinan");
	assert_int_equal(store_fixture_int(store, "SELECT detected_at FROM v_document"), t0.ms);
	assert_int_equal(store_fixture_int(store, "SELECT published_at FROM v_document"),
			 t0.ms - 30 * MINUTE);
	/* No number of a person gets into the store. */
	assert_int_equal(store_fixture_int(store, "SELECT COUNT(*) FROM v_document WHERE"
						  " text LIKE '%13812345678%'"
						  " OR text LIKE '%370102199001011234%'"), 0);
	assert_int_equal(store_fixture_int(store, "SELECT COUNT(*) FROM v_document"
						  " WHERE text LIKE '%138****%'"), 1);
	expect_page(&w, "revisit", "article", "");
	assert_int_equal(store_fixture_int(store, "SELECT next_at FROM v_page"),
			 t0.ms + 360 * MINUTE);
	world_stop(&w);
}

static void an_edit_is_a_new_version(void **state)
{
	struct world w;

	world_start(&w, state);
	(void)take_page(&w, article);
	w.work.now = hy_wall_add_ms(t0, 360 * MINUTE);
	(void)take_page(&w, edited);
	assert_int_equal(versions(&w), 2);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(DISTINCT document)"
						       " FROM v_document"), 1);
	/* Read as often as wanted. */
	expect_page(&w, "done", "article", "");
	assert_null(lease(&w));
	world_stop(&w);
}

static void an_unchanged_page_is_no_version(void **state)
{
	struct world w;

	world_start(&w, state);
	(void)take_page(&w, article);
	w.work.now = hy_wall_add_ms(t0, 360 * MINUTE);
	(void)take(&w, &(struct hy_visit){.end = HY_VISIT_UNCHANGED});
	assert_int_equal(versions(&w), 1);
	expect_page(&w, "done", "article", "");
	world_stop(&w);
}

static void what_is_no_article_is_no_document(void **state)
{
	static const struct {
		const char *body, *state, *kind, *reason;
		bool blocked;
	} pages[] = {
		{"<html><body></body></html>", "done", "empty", "页面没有正文", false},
		{"<html><head><title>x</title></head><body><script>var PAGE_MID='mmbizwap:"
		 "secitptpage/verify.html';</script></body></html>", "queued", "blocked",
		 "网站要求验证或登录，未能看到内容", true},
	};

	for (size_t i = 0; i < HY_COUNT(pages); i++) {
		struct world w;

		if (i) {
			(void)store_fixture_teardown(state);
			assert_int_equal(store_fixture_setup(state), 0);
		}
		world_start(&w, state);
		assert_int_equal(take_page(&w, pages[i].body), pages[i].blocked);
		assert_int_equal(versions(&w), 0);
		expect_page(&w, pages[i].state, pages[i].kind, pages[i].reason);
		world_stop(&w);
	}
}

static void failures_are_tried_again_and_given_up(void **state)
{
	static const int64_t expected_wait[] = {1, 2};
	struct hy_visit later = {.end = HY_VISIT_LATER, .kind = "server", .counts = true,
				 .reason = HY_STR_LIT("网站出错（5xx）"),
				 .not_before = HY_WALL_NONE};
	struct world w;

	world_start(&w, state);
	for (size_t i = 0; i < HY_COUNT(expected_wait); i++) {
		(void)take(&w, &later);
		expect_page(&w, "queued", "server", "网站出错（5xx）");
		assert_int_equal(store_fixture_int(w.f->store, "SELECT next_at FROM v_page"),
				 w.work.now.ms + expected_wait[i] * MINUTE);
		assert_null(lease(&w));
		w.work.now = hy_wall_add_ms(w.work.now, expected_wait[i] * MINUTE);
	}
	(void)take(&w, &later);
	expect_page(&w, "failed", "server", "网站出错（5xx）");
	world_stop(&w);
}

/* 429 and an unreachable robots.txt say nothing about the page: it is never given up for them. */
static void what_does_not_count_is_tried_for_ever(void **state)
{
	struct world w;

	world_start(&w, state);
	for (int i = 0; i < 10; i++) {
		struct hy_visit later = {.end = HY_VISIT_LATER, .kind = "busy",
					 .reason = HY_STR_LIT("网站要求放慢（429）"),
					 .not_before = hy_wall_add_ms(w.work.now, 7 * MINUTE)};

		(void)take(&w, &later);
		expect_page(&w, "queued", "busy", "网站要求放慢（429）");
		assert_null(lease(&w));
		w.work.now = hy_wall_add_ms(w.work.now, 7 * MINUTE);
	}
	world_stop(&w);
}

static void refused_for_good(void **state)
{
	struct hy_visit refused = {.end = HY_VISIT_REFUSED, .kind = "robots",
				   .reason = HY_STR_LIT("robots.txt 不允许（第 2 行）")};
	struct world w;

	world_start(&w, state);
	(void)take(&w, &refused);
	expect_page(&w, "failed", "robots", "robots.txt 不允许（第 2 行）");
	world_stop(&w);
}

static void an_article_taken_away_is_noted(void **state)
{
	struct hy_visit gone = {.end = HY_VISIT_REFUSED, .kind = "gone",
				.reason = HY_STR_LIT("网页不存在（404）")};
	struct world w;

	world_start(&w, state);
	(void)take_page(&w, article);
	w.work.now = hy_wall_add_ms(t0, 360 * MINUTE);
	(void)take(&w, &gone);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT gone_at FROM v_document"),
			 w.work.now.ms);
	expect_page(&w, "done", "gone", "网页不存在（404）");
	world_stop(&w);
}

static void a_redirect_becomes_a_page_of_its_own(void **state)
{
	struct hy_visit moved = {.end = HY_VISIT_MOVED, .kind = "redirect",
				 .reason = HY_STR_LIT("网页已移到别处"),
				 .location = HY_STR_LIT("https://b.example/1.html")};
	struct world w;
	struct hy_job *job;

	world_start(&w, state);
	(void)take(&w, &moved);
	expect_page(&w, "done", "redirect", "网页已移到别处");
	job = lease_at(&w, "b.example");
	assert_non_null(job);
	assert_string_equal(job->url, "https://b.example/1.html");
	assert_string_equal(job->title, "列表上的标题");
	assert_int_equal(job->hops, 1);
	hy_job_free(job);
	world_stop(&w);
}

static void a_redirect_to_itself_goes_on(void **state)
{
	struct hy_visit moved = {.end = HY_VISIT_MOVED, .kind = "redirect",
				 .location = HY_STR_LIT("http://a.example/news/1.html")};
	struct world w;
	struct hy_job *job;

	world_start(&w, state);
	(void)take(&w, &moved);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT COUNT(*) FROM v_page"), 1);
	job = lease(&w);
	assert_non_null(job);
	assert_string_equal(job->url, "http://a.example/news/1.html");
	assert_int_equal(job->hops, 1);
	hy_job_free(job);
	world_stop(&w);
}

static void given_back_unread(void **state)
{
	struct hy_visit released = {.end = HY_VISIT_RELEASED,
				    .not_before = hy_wall_add_ms(t0, 5 * MINUTE)};
	struct world w;

	world_start(&w, state);
	(void)take(&w, &released);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT next_at FROM v_page"),
			 t0.ms + 5 * MINUTE);
	assert_int_equal(store_fixture_int(w.f->store, "SELECT attempts FROM v_page"), 0);
	expect_page(&w, "queued", "", "");
	world_stop(&w);
}

static void a_page_that_kills_is_given_up(void **state)
{
	struct world w;
	struct hy_change *change;

	world_start(&w, state);
	change = hy_intake_give_up(lease(&w));
	assert_int_equal(change->type->write(change, w.f->store, NULL), HY_OK);
	change->type->end(change, true);
	expect_page(&w, "failed", "crash", "处理这一网页时程序多次中断，已放弃");
	world_stop(&w);
}

/* ---- several addresses, one article ---- */

static void other_addresses_of_it_point_to_it(void **state)
{
	static const char claiming[] =
		"<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>供热管道停供一周</title>"
		"<link rel=\"canonical\" href=\"https://www.a.example/news/1234.html\"></head><body>"
		"<h1>供热管道停供一周</h1><div class=\"time\">2026-11-23 08:30</div>"
		"<div class=\"content\">" PARAGRAPH PARAGRAPH PARAGRAPH "</div></body></html>";
	struct world w;
	struct hy_store *store;

	world_start(&w, state);
	store = w.f->store;
	(void)take(&w, &(struct hy_visit){.end = HY_VISIT_REFUSED, .kind = "gone"});
	find_page(&w, "http://a.example/m/1234.html", "一");
	(void)take_page(&w, claiming);
	find_page(&w, "http://a.example/news/1234.html", "二");
	(void)take_page(&w, claiming);
	assert_int_equal(versions(&w), 1);
	store_fixture_text(store, "SELECT url FROM v_document", "https://www.a.example/news/1234.html");
	/* The link stays, and is not read again; its other address is. */
	store_fixture_text(store, "SELECT state FROM v_page WHERE kind = 'duplicate'", "done");
	store_fixture_text(store, "SELECT state FROM v_page WHERE kind = 'article'", "revisit");
	assert_int_equal(store_fixture_int(store, "SELECT COUNT(*) FROM v_page p JOIN v_document d"
						  " ON d.document = p.document"), 2);
	world_stop(&w);
}

/* ---- P11: nothing that finds a person gets into the store ---- */

static const char personal[] =
	"<!DOCTYPE html><html><head><meta charset=\"utf-8\"><title>停供一周，致电13812345678_甲新闻</title>"
	"<meta name=\"author\" content=\"欧阳查无\"><meta name=\"source\" content=\"甲报13812345678\">"
	"</head><body><h1>停供一周，致电13812345678</h1><div class=\"info\"><span>2026-11-23 08:30</span>"
	"<span class=\"author\">作者：欧阳查无</span> <span>来源：甲报 13812345678</span></div>"
	"<div class=\"content\">" PARAGRAPH PARAGRAPH
	"<p>联系电话 138-1234-5678，座机 0531-88871234，身份证 370102199001011234，车牌 鲁A12345，"
	"卡号 6222021602009988777，邮箱 someone@mail.example。</p>" PARAGRAPH "</div></body></html>";
static const char *const secrets[] = {"13812345678", "138-1234-5678", "88871234", "1234-5678",
				      "370102199001011234", "A12345", "6222021602009988777",
				      "someone@", "欧阳查无"};

static void expect_no_secret(struct hy_store *store, const char *sql)
{
	struct hy_query *q = hy_store_query(store, sql);
	struct hy_error e = {0};
	bool row = false;

	while (true) {
		if (hy_query_next(q, &row, &e) != HY_OK)
			fail_msg("%s: %s", sql, e.text);
		if (!row)
			break;
		for (int column = 0; column < 6; column++)
			for (size_t i = 0; i < HY_COUNT(secrets); i++)
				if (hy_str_find(hy_query_text(q, column), hy_str_of(secrets[i]), 0) !=
				    SIZE_MAX)
					fail_msg("%s, column %d: %s", sql, column, secrets[i]);
	}
}

/* In the files too, where pages keep what was there before. */
static void expect_no_secret_in_file(const char *url, const char *suffix)
{
	hy_cleanup(hy_buf_fini) struct hy_buf bytes = HY_BUF((size_t)64 << 20);
	char path[TEST_URL_BYTES + 8], block[65536];
	FILE *f;
	size_t n;

	(void)snprintf(path, sizeof path, "%s%s", url + strlen("sqlite:"), suffix);
	f = fopen(path, "rb");
	assert_non_null(f);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		hy_buf_add(&bytes, block, n);
	(void)fclose(f);
	assert_true(hy_buf_err(&bytes) == HY_OK && bytes.n >= 4096);
	for (size_t i = 0; i < HY_COUNT(secrets); i++)
		if (hy_str_find(hy_buf_str(&bytes), hy_str_of(secrets[i]), 0) != SIZE_MAX)
			fail_msg("%s holds %s", path, secrets[i]);
}

static void no_person_gets_into_the_store(void **state)
{
	static const char *const queries[] = {
		"SELECT title, text, outlet, flags, note, core FROM version",
		"SELECT url, source, region, page, id, '' FROM document",
		"SELECT url, title, reason, etag, last_modified, kind FROM frontier",
		"SELECT name, url, urls, reason, etag, content_hash FROM source",
	};
	struct world w;

	world_start(&w, state);
	(void)take_page(&w, personal);
	assert_int_equal(versions(&w), 1);
	store_fixture_text(w.f->store, "SELECT title FROM v_document", "停供一周，致电138********");
	for (size_t i = 0; i < HY_COUNT(queries); i++)
		expect_no_secret(w.f->store, queries[i]);
	if (w.f->engine == TEST_SQLITE) {
		expect_no_secret_in_file(w.f->url, "");
		expect_no_secret_in_file(w.f->url, "-wal");
	}
	world_stop(&w);
}

static int run(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(an_article_becomes_a_pending_version),
		STORE_TEST(an_edit_is_a_new_version),
		STORE_TEST(an_unchanged_page_is_no_version),
		STORE_TEST(what_is_no_article_is_no_document),
		STORE_TEST(failures_are_tried_again_and_given_up),
		STORE_TEST(what_does_not_count_is_tried_for_ever),
		STORE_TEST(refused_for_good),
		STORE_TEST(an_article_taken_away_is_noted),
		STORE_TEST(a_redirect_becomes_a_page_of_its_own),
		STORE_TEST(a_redirect_to_itself_goes_on),
		STORE_TEST(given_back_unread),
		STORE_TEST(a_page_that_kills_is_given_up),
		STORE_TEST(other_addresses_of_it_point_to_it),
		STORE_TEST(no_person_gets_into_the_store),
	};

	return cmocka_run_group_tests_name(f->engine == TEST_SQLITE ? "sqlite" : "postgresql",
					   tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run);
}
