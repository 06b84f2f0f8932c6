/* Search and purge: what is found in stored texts, before and behind the index, and after. */
#include "crawler/search.h"

#include <stdio.h>
#include <string.h>

#include "common/base/buf.h"
#include "crawler/archive.h"
#include "crawler/frontier.h"
#include "crawler/identity.h"
#include "crawler/purge.h"
#include "tests/unit/crawler/store_fixture.h"

#define HOUR INT64_C(3600000)

static const struct hy_wall t0 = {INT64_C(1795395600000)};

static const struct {
	const char *title, *text, *source;
} articles[] = {
	{"孙村街道停暖", "小区供热管道停供一周。\n物业正在抢修", "a"},
	{"营商环境座谈会", "高新区召开座谈会，企业代表发言。", "a"},
	{"ETC Service 上线", "全省高速 100% 支持，用_户可在手机办理", "b"},
	{"高新", "区", "b"},
};

static void put(struct store_fixture *f, size_t i)
{
	char url[64];
	struct hy_archive_version v = {
		.source = hy_str_of(articles[i].source), .title = hy_str_of(articles[i].title),
		.text = hy_str_of(articles[i].text), .published_at = HY_WALL_NONE,
		.detected_at = hy_wall_add_ms(t0, (int64_t)i * HOUR), .kind = "article",
		.charset = "", .flags = "", .raw_sha256 = "00", .holder = HY_STR_LIT("one")};
	struct hy_frontier_link link = {.source = v.source, .title = v.title, .found_at = t0,
					.published_at = HY_WALL_NONE};
	struct hy_archive_put stored;
	struct hy_id page;

	(void)snprintf(url, sizeof url, "http://a.example/%zu", i);
	v.url = v.own_url = link.url = hy_str_of(url);
	assert_true(hy_document_id(link.url, &page));
	v.page = hy_id_str(&page);
	assert_int_equal(hy_frontier_add(f->store, &link, NULL, NULL), HY_OK);
	assert_int_equal(hy_archive_put(f->store, &v, &stored, NULL), HY_OK);
	assert_true(stored.is_new);
}

static void index_all(struct store_fixture *f)
{
	size_t count = 0;

	assert_int_equal(hy_search_index(f->store, 1000, &count, NULL), HY_OK);
	assert_int_equal(hy_search_index(f->store, 1000, &count, NULL), HY_OK);
	assert_int_equal(count, 0);
}

static void note_hit(void *ctx, const struct hy_search_hit *hit)
{
	hy_buf_add_char(ctx, hit->url.p[hit->url.n - 1]);
}

static void expect(struct store_fixture *f, const struct hy_search *search, const char *want)
{
	hy_cleanup(hy_buf_fini) struct hy_buf found = HY_BUF(100);
	struct hy_error e = {0};

	if (hy_search_run(f->store, search, note_hit, &found, &e) != HY_OK)
		fail_msg("%.*s: %s", HY_STR_ARGS(search->words), e.text);
	hy_buf_add_c(&found, "");
	if (!hy_str_eq_c(hy_buf_str(&found), want))
		fail_msg("%.*s: \"%.*s\", expected \"%s\"", HY_STR_ARGS(search->words),
			 HY_STR_ARGS(hy_buf_str(&found)), want);
}

static void expect_all(struct store_fixture *f)
{
	static const struct {
		const char *words, *want;
	} cases[] = {
		{"供热管道", "0"}, {"供热", "0"}, {"热", "0"}, {"抢修", "0"}, {"停暖", "0"},
		{"街道停", "0"}, {"修", "0"}, {"高新", "31"}, {"高新区", "1"}, {"座谈会", "1"},
		{"座谈会 企业", "1"}, {"座谈会　供热", ""}, {" 供热  物业 ", "0"}, {"etc", "2"},
		{"ETC", "2"}, {"service", "2"}, {"et", "2"}, {"100%", "2"}, {"0%", "2"}, {"%", "2"},
		{"用_户", "2"}, {"用X户", ""}, {"_", "2"}, {"道小", ""}, {"不存在的词", ""},
		{"\"高新\"", ""}, {"新区", "1"}, {"'; DROP", ""},
	};

	for (size_t i = 0; i < HY_COUNT(cases); i++)
		expect(f, &(struct hy_search){.words = hy_str_of(cases[i].words), .limit = 10,
					      .since = HY_WALL_NONE, .until = HY_WALL_NONE},
		       cases[i].want);
}

static void finds_words_of_any_length(void **state)
{
	struct store_fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(articles); i++)
		put(f, i);
	expect_all(f);		/* nothing is indexed yet */
	index_all(f);
	expect_all(f);
}

static void keeps_to_time_source_and_limit(void **state)
{
	struct store_fixture *f = *state;
	struct hy_search s = {.words = HY_STR_LIT("高新"), .limit = 10, .since = HY_WALL_NONE,
			      .until = HY_WALL_NONE};

	for (size_t i = 0; i < HY_COUNT(articles); i++) {
		put(f, i);
		if (i == 1)
			index_all(f);
	}
	s.limit = 1;
	expect(f, &s, "3");
	s.limit = 10;
	s.since = hy_wall_add_ms(t0, 2 * HOUR);
	expect(f, &s, "3");
	s.since = HY_WALL_NONE;
	s.until = hy_wall_add_ms(t0, 3 * HOUR);
	expect(f, &s, "1");
	s.until = HY_WALL_NONE;
	s.source = HY_STR_LIT("a");
	expect(f, &s, "1");
}

static void refuses_no_words_and_too_many(void **state)
{
	struct store_fixture *f = *state;
	struct hy_search s = {.words = HY_STR_LIT(" 　"), .limit = 10};

	assert_int_equal(hy_search_run(f->store, &s, note_hit, NULL, NULL), HY_ERR_MALFORMED);
	s.words = HY_STR_LIT("1 2 3 4 5 6 7 8 9");
	assert_int_equal(hy_search_run(f->store, &s, note_hit, NULL, NULL), HY_ERR_LIMIT);
}

/* More of them than one page of rows. */
static void goes_on_behind_a_page(void **state)
{
	struct store_fixture *f = *state;
	struct hy_search s = {.words = HY_STR_LIT("第"), .limit = 1000, .since = HY_WALL_NONE,
			      .until = HY_WALL_NONE};
	hy_cleanup(hy_buf_fini) struct hy_buf found = HY_BUF(1000);

	store_fixture_begin(f->store);
	for (int i = 0; i < 150; i++) {
		char url[64], text[64];
		struct hy_archive_version v = {
			.source = HY_STR_LIT("s"), .title = HY_STR_LIT("题"), .kind = "article",
			.published_at = HY_WALL_NONE, .detected_at = t0, .charset = "", .flags = "",
			.raw_sha256 = "", .holder = HY_STR_LIT("one")};
		struct hy_archive_put stored;

		(void)snprintf(url, sizeof url, "http://a.example/%d", i);
		(void)snprintf(text, sizeof text, "第 %d 篇", i);
		v.url = v.own_url = v.page = hy_str_of(url);
		v.text = hy_str_of(text);
		assert_int_equal(hy_archive_put(f->store, &v, &stored, NULL), HY_OK);
	}
	store_fixture_commit(f->store);
	assert_int_equal(hy_search_run(f->store, &s, note_hit, &found, NULL), HY_OK);
	assert_int_equal(found.n, 150);
}

/* ---- purge ---- */

static void judge_all(struct store_fixture *f)
{
	assert_int_equal(hy_query_run(hy_store_query(f->store, "UPDATE version SET state = 'judged',"
						     " outcome = 'quiet'"), NULL, NULL), HY_OK);
}

static struct hy_purge_done purge_all(struct store_fixture *f, int64_t before_hours)
{
	struct hy_purge_terms terms = {.now = hy_wall_add_ms(t0, 100 * HOUR), .max = 1,
				       .texts_before = hy_wall_add_ms(t0, before_hours * HOUR),
				       .ledger_before = t0};
	struct hy_purge_done sum = {0}, done = {0};

	for (int i = 0; i < 20 && !done.is_all; i++) {
		assert_int_equal(hy_purge_step(f->store, &terms, &done, NULL), HY_OK);
		sum.texts += done.texts;
		sum.pages += done.pages;
		sum.days += done.days;
	}
	assert_true(done.is_all);
	return sum;
}

static void purge_keeps_address_hash_and_verdict(void **state)
{
	struct store_fixture *f = *state;
	struct hy_search s = {.words = HY_STR_LIT("供热"), .limit = 10, .since = HY_WALL_NONE,
			      .until = HY_WALL_NONE};

	for (size_t i = 0; i < HY_COUNT(articles); i++)
		put(f, i);
	index_all(f);
	/* What is pending is not touched. */
	assert_int_equal(purge_all(f, 50).texts, 0);
	judge_all(f);
	assert_int_equal(purge_all(f, 1).texts, 1);
	expect(f, &s, "");
	store_fixture_text(f->store, "SELECT title || text FROM v_document WHERE purged_at > 0", "");
	store_fixture_text(f->store, "SELECT url FROM v_document WHERE purged_at > 0",
			   "http://a.example/0");
	store_fixture_text(f->store, "SELECT outcome || raw_sha256 FROM v_document"
				     " WHERE purged_at > 0", "quiet00");
	assert_int_equal(purge_all(f, 1).texts, 0);
	/* The others are found as before. */
	s.words = HY_STR_LIT("高新");
	expect(f, &s, "31");
	assert_int_equal(purge_all(f, 50).texts, 3);
	expect(f, &s, "");
	if (f->engine == TEST_SQLITE)
		assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM version_term"), 0);
}

static void days_and_told_alarms_go_with_the_ledgers(void **state)
{
	/* t0 is the last moment that is kept. */
	static const char *const rows[] = {
		"INSERT INTO impact (host, day, requests, bytes, errors) VALUES"
		" ('h', '2000-01-01', 1, 1, 0), ('h', '2100-01-01', 1, 1, 0)",
		"INSERT INTO coverage (source, day, crawler, day_at) VALUES"
		" ('s', '2000-01-01', 'one', 0), ('s', '2100-01-01', 'one', 0)",
		"INSERT INTO source_alarm (id, kind, source, owner, since, raised_at, text,"
		" cleared_at, told) VALUES ('old', 'k', '1', '', 0, 0, '', 5, 'cleared'),"
		" ('untold', 'k', '2', '', 0, 0, '', 5, 'raised'),"
		" ('open', 'k', '3', '', 0, 0, '', NULL, 'raised'),"
		" ('late', 'k', '4', '', 0, 0, '', 4000000000000, 'cleared')",
	};
	struct store_fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(rows); i++)
		assert_int_equal(hy_query_run(hy_store_query(f->store, rows[i]), NULL, NULL), HY_OK);
	assert_int_equal(purge_all(f, 1).days, 1);
	store_fixture_text(f->store, "SELECT MIN(day) FROM v_impact", "2100-01-01");
	store_fixture_text(f->store, "SELECT MIN(day) FROM v_coverage", "2100-01-01");
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM v_source_alarm"), 3);
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM v_source_alarm"
						     " WHERE id = 'old'"), 0);
}

static void a_purged_article_is_not_stored_again(void **state)
{
	struct store_fixture *f = *state;
	struct hy_archive_version v = {
		.url = HY_STR_LIT("http://a.example/0"), .own_url = HY_STR_LIT("http://a.example/0"),
		.source = HY_STR_LIT("a"), .title = hy_str_of(articles[0].title),
		.text = hy_str_of(articles[0].text), .published_at = HY_WALL_NONE,
		.detected_at = t0, .kind = "article", .charset = "", .flags = "",
		.raw_sha256 = "00", .holder = HY_STR_LIT("one")};
	struct hy_archive_put stored = {0};

	put(f, 0);
	judge_all(f);
	assert_int_equal(purge_all(f, 1).texts, 1);
	assert_int_equal(hy_archive_put(f->store, &v, &stored, NULL), HY_OK);
	assert_false(stored.is_new);
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM version"), 1);
}

static void addresses_stay_known(void **state)
{
	struct store_fixture *f = *state;
	struct hy_frontier_link again = {.url = HY_STR_LIT("http://a.example/0"),
					 .source = HY_STR_LIT("a"), .title = HY_STR_LIT("题"),
					 .published_at = HY_WALL_NONE, .found_at = t0};
	bool is_new = true;

	put(f, 0);
	put(f, 1);
	assert_int_equal(hy_query_run(hy_store_query(f->store, "UPDATE frontier SET state = 'done',"
						     " reason = '缘由' WHERE url LIKE '%/0'"),
				      NULL, NULL), HY_OK);
	assert_int_equal(purge_all(f, 50).pages, 1);
	store_fixture_text(f->store, "SELECT title || reason FROM frontier WHERE state = 'done'", "");
	store_fixture_text(f->store, "SELECT title FROM frontier WHERE state = 'queued'",
			   "营商环境座谈会");
	assert_int_equal(hy_frontier_add(f->store, &again, &is_new, NULL), HY_OK);
	assert_false(is_new);
	assert_int_equal(purge_all(f, 50).pages, 0);
}

static void one_document_at_once(void **state)
{
	struct store_fixture *f = *state;
	struct hy_id id;
	int64_t texts = 0;

	put(f, 0);
	put(f, 1);
	judge_all(f);
	assert_true(hy_document_id(HY_STR_LIT("http://a.example/0"), &id));
	assert_int_equal(hy_purge_document(f->store, hy_id_str(&id), t0, &texts, NULL), HY_OK);
	assert_int_equal(texts, 1);
	store_fixture_text(f->store, "SELECT title FROM version WHERE purged_at IS NULL",
			   "营商环境座谈会");
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM frontier"
						     " WHERE title = ''"), 1);
}

static void one_of_all_is_told_to_purge(void **state)
{
	struct store_fixture *f = *state;
	bool mine = false;

	assert_int_equal(hy_purge_claim(f->store, t0, hy_wall_add_ms(t0, HOUR), &mine, NULL), HY_OK);
	assert_true(mine);
	assert_int_equal(hy_purge_claim(f->store, t0, hy_wall_add_ms(t0, HOUR), &mine, NULL), HY_OK);
	assert_false(mine);
	assert_int_equal(hy_purge_claim(f->store, hy_wall_add_ms(t0, HOUR),
					hy_wall_add_ms(t0, 2 * HOUR), &mine, NULL), HY_OK);
	assert_true(mine);
}

static int run(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(finds_words_of_any_length),
		STORE_TEST(keeps_to_time_source_and_limit),
		STORE_TEST(refuses_no_words_and_too_many),
		STORE_TEST(goes_on_behind_a_page),
		STORE_TEST(purge_keeps_address_hash_and_verdict),
		STORE_TEST(days_and_told_alarms_go_with_the_ledgers),
		STORE_TEST(a_purged_article_is_not_stored_again),
		STORE_TEST(addresses_stay_known),
		STORE_TEST(one_document_at_once),
		STORE_TEST(one_of_all_is_told_to_purge),
	};

	return cmocka_run_group_tests_name(f->engine == TEST_SQLITE ? "sqlite" : "postgresql",
					   tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run);
}
