/* Archive: a version is pending from its commit to its verdict's, whatever is repeated. */
#include "crawler/archive.h"

#include <string.h>

#include "tests/unit/crawler/store_fixture.h"

static const struct hy_wall t0 = {INT64_C(1795395600000)};

static struct hy_archive_version sample(const char *url, const char *text, int64_t detected_ms)
{
	return (struct hy_archive_version){
		.url = hy_str_of(url), .own_url = hy_str_of(url), .page = hy_str_of(url),
		.source = HY_STR_LIT("s"), .region = HY_STR_LIT("jinan"),
		.outlet = HY_STR_LIT("某报"), .title = HY_STR_LIT("标题"), .text = hy_str_of(text),
		.published_at = HY_WALL_NONE, .detected_at = hy_wall_add_ms(t0, detected_ms),
		.kind = "article", .charset = "utf-8", .flags = "", .raw_sha256 = "00",
		.holder = HY_STR_LIT("one")};
}

static struct hy_archive_put put_all(struct store_fixture *f, const struct hy_archive_version *v)
{
	struct hy_archive_put out = {0};
	struct hy_error e = {0};

	if (hy_archive_put(f->store, v, &out, &e) != HY_OK)
		fail_msg("put: %s", e.text);
	return out;
}

static bool put(struct store_fixture *f, const struct hy_archive_version *v)
{
	return put_all(f, v).is_new;
}

static struct hy_id version_of(const struct hy_archive_version *v)
{
	struct hy_id document, version;

	hy_archive_ids(v, &document, &version);
	return version;
}

static size_t pending(struct store_fixture *f, const char *holder, struct hy_id *out)
{
	struct hy_archive_list list = {.ids = out, .room = 10};
	struct hy_error e = {0};

	if (hy_archive_pending(f->store, hy_str_of(holder), &list, &e) != HY_OK)
		fail_msg("pending: %s", e.text);
	return list.count;
}

static void judge(struct store_fixture *f, struct hy_id version, const char *outcome)
{
	char rules[] = "r1", note[] = "";
	struct hy_archive_verdict verdict = {.version = version, .outcome = outcome, .rules = rules,
					     .note = note, .judged_at = t0};
	struct hy_error e = {0};

	if (hy_archive_judge(f->store, &verdict, &e) != HY_OK)
		fail_msg("judge: %s", e.text);
}

static void same_content_is_one_version(void **state)
{
	struct store_fixture *f = *state;
	struct hy_archive_version v = sample("http://a.example/1", "一", 0), again = v, edited = v;
	struct hy_id ids[10];

	again.detected_at = hy_wall_add_ms(t0, 5000);
	edited.text = HY_STR_LIT("二");
	edited.detected_at = again.detected_at;
	assert_true(put(f, &v));
	assert_false(put(f, &again));
	assert_true(put(f, &edited));
	assert_false(put(f, &v));
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM v_document"), 2);
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM document"), 1);
	/* The clock starts when it was first held. */
	assert_int_equal(store_fixture_int(f->store, "SELECT MIN(detected_at) FROM v_document"),
			 t0.ms);
	assert_int_equal(pending(f, "one", ids), 2);
	assert_string_equal(ids[0].hex, version_of(&v).hex);
}

static void judged_once_and_for_good(void **state)
{
	struct store_fixture *f = *state;
	struct hy_archive_version v = sample("http://a.example/1", "一", 0);
	struct hy_id ids[10], id = version_of(&v);
	struct hy_msg message;
	bool found = true;

	assert_true(put(f, &v));
	judge(f, id, "alerted");
	judge(f, id, "quiet");	/* a late second verdict */
	store_fixture_text(f->store, "SELECT outcome FROM v_document", "alerted");
	store_fixture_text(f->store, "SELECT state FROM v_document", "judged");
	assert_int_equal(pending(f, "one", ids), 0);
	assert_int_equal(hy_archive_load(f->store, &id, &message, &found, NULL), HY_OK);
	assert_false(found);
	/* Fetched again, it stays judged. */
	assert_false(put(f, &v));
	assert_int_equal(pending(f, "one", ids), 0);
	judge(f, (struct hy_id){"0123456789abcdef0123456789abcdef"}, "quiet");
}

static void loads_what_the_message_needs(void **state)
{
	struct store_fixture *f = *state;
	struct hy_archive_version v = sample("http://a.example/1", "正文\n第二段", 7);
	struct hy_id id = version_of(&v);
	struct hy_msg m;
	bool found = false;

	v.published_at = hy_wall_add_ms(t0, -60000);
	assert_true(put(f, &v));
	assert_int_equal(hy_archive_load(f->store, &id, &m, &found, NULL), HY_OK);
	assert_true(found);
	assert_int_equal(m.type, HY_MSG_DOCUMENT);
	assert_true(hy_str_eq_c(m.id, id.hex));
	assert_true(hy_str_eq_c(m.as.document.url, "http://a.example/1"));
	assert_true(hy_str_eq_c(m.as.document.text, "正文\n第二段"));
	assert_true(hy_str_eq_c(m.as.document.region, "jinan"));
	assert_true(hy_str_eq_c(m.as.document.outlet, "某报"));
	assert_int_equal(m.as.document.detected_at.ms, t0.ms + 7);
	assert_int_equal(m.as.document.published_at.ms, t0.ms - 60000);
	assert_int_equal(m.as.document.document.n, HY_ID_DIGITS);
}

static void oldest_first(void **state)
{
	struct store_fixture *f = *state;
	struct hy_archive_version late = sample("http://a.example/1", "一", 20),
				  early = sample("http://a.example/2", "二", 10);
	struct hy_id ids[10];

	assert_true(put(f, &late) && put(f, &early));
	assert_int_equal(pending(f, "one", ids), 2);
	assert_string_equal(ids[0].hex, version_of(&early).hex);
}

static void the_dead_ones_documents_are_adopted(void **state)
{
	struct store_fixture *f = *state;
	struct hy_archive_version v = sample("http://a.example/1", "一", 0);
	struct hy_id ids[10];

	assert_true(put(f, &v));
	assert_int_equal(hy_archive_heartbeat(f->store, HY_STR_LIT("one"), t0,
					      hy_wall_add_ms(t0, 1000), NULL), HY_OK);
	assert_int_equal(hy_archive_heartbeat(f->store, HY_STR_LIT("two"), hy_wall_add_ms(t0, 1000),
					      hy_wall_add_ms(t0, 2000), NULL), HY_OK);
	assert_int_equal(pending(f, "two", ids), 0);
	assert_int_equal(hy_archive_heartbeat(f->store, HY_STR_LIT("two"), hy_wall_add_ms(t0, 1001),
					      hy_wall_add_ms(t0, 2000), NULL), HY_OK);
	assert_int_equal(pending(f, "two", ids), 1);
	assert_int_equal(pending(f, "one", ids), 0);
}

static void gone_until_it_is_seen_again(void **state)
{
	struct store_fixture *f = *state;
	struct hy_archive_version v = sample("http://a.example/1", "一", 0);
	struct hy_id document, version;

	hy_archive_ids(&v, &document, &version);
	assert_true(put(f, &v));
	assert_int_equal(hy_archive_gone(f->store, hy_id_str(&document), HY_STR_LIT("link"),
					 hy_wall_add_ms(t0, 1), NULL), HY_OK);
	assert_int_equal(hy_archive_gone(f->store, hy_id_str(&document), v.page,
					 hy_wall_add_ms(t0, 5), NULL), HY_OK);
	assert_int_equal(hy_archive_gone(f->store, hy_id_str(&document), v.page,
					 hy_wall_add_ms(t0, 9), NULL), HY_OK);
	assert_int_equal(store_fixture_int(f->store, "SELECT gone_at FROM v_document"), t0.ms + 5);
	assert_false(put(f, &v));
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM v_document"
						     " WHERE gone_at IS NULL"), 1);
}

#define TEXT_A "孙村街道的居民反映，小区供热管道从上周三起停止供热。"
#define TEXT_B "高新区今日召开营商环境座谈会，企业代表畅所欲言。"
#define CLAIMED "http://www.a.example/1"

static struct hy_archive_version claiming(const char *page, const char *text, int64_t detected_ms)
{
	struct hy_archive_version v = sample(page, text, detected_ms);

	v.url = HY_STR_LIT(CLAIMED);
	return v;
}

static void addresses_of_one_article_are_one_document(void **state)
{
	struct store_fixture *f = *state;
	struct hy_archive_version mobile = claiming("http://m.a.example/1", TEXT_A, 0);
	struct hy_archive_version desk = sample(CLAIMED, TEXT_A "\n扫码看更多。", 5), edit = desk;
	struct hy_archive_put first = put_all(f, &mobile), second;

	edit.text = HY_STR_LIT(TEXT_A "\n供热已于今晨恢复。");
	assert_true(first.is_new && !first.is_link);
	second = put_all(f, &desk);
	assert_true(second.is_link && !second.is_new);
	assert_string_equal(first.document.hex, second.document.hex);
	/* Its other face says nothing about edits, its own does. */
	assert_true(put_all(f, &edit).is_link);
	mobile.text = edit.text;
	assert_true(put_all(f, &mobile).is_new);
	store_fixture_text(f->store, "SELECT DISTINCT url FROM v_document", CLAIMED);
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM version"), 2);
	/* Gone from where it was read: the other page takes over. */
	assert_int_equal(hy_archive_gone(f->store, hy_id_str(&first.document), mobile.page, t0, NULL),
			 HY_OK);
	assert_true(put_all(f, &desk).is_new);
	assert_false(put_all(f, &desk).is_link);
	assert_true(put_all(f, &mobile).is_link);
}

/* Every page of a site names the same one: no article is lost, and only the first believed. */
static void a_lie_makes_no_document_of_two(void **state)
{
	struct store_fixture *f = *state;
	struct hy_archive_version a = claiming("http://a.example/8", TEXT_A, 0);
	struct hy_archive_version b = claiming("http://a.example/9", TEXT_B, 1);
	struct hy_archive_put first = put_all(f, &a), second = put_all(f, &b);

	assert_true(first.is_new && second.is_new && !second.is_link);
	assert_string_not_equal(first.document.hex, second.document.hex);
	assert_false(put_all(f, &b).is_new);
	store_fixture_text(f->store, "SELECT url FROM v_document WHERE text = '" TEXT_B "'",
			   "http://a.example/9");
	/* Whose address it really is takes it over from whoever claimed it. */
	b = sample(CLAIMED, "这一网址真正的文章说的是另一件事，与前面两篇都没有关系。", 2);
	assert_true(put_all(f, &b).is_new);
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM document"), 2);
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM version"), 3);
}

static void counters_make_no_version(void **state)
{
	struct store_fixture *f = *state;
	struct hy_archive_version v = sample("http://a.example/1", TEXT_A "\n阅读 12", 0);

	assert_true(put(f, &v));
	v.text = HY_STR_LIT(TEXT_A "\n阅读 345");
	assert_false(put(f, &v));
	v.text = HY_STR_LIT(TEXT_A "\n阅读 345\n供热已于今晨恢复。");
	assert_true(put(f, &v));
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM version"), 2);
}

/* P11: no table of the crawler has room for a person. */
static void no_column_for_a_person(void **state)
{
	static const char *const queries[] = {
		"SELECT author FROM document", "SELECT author FROM version",
		"SELECT author FROM frontier", "SELECT author FROM v_document",
		"SELECT nickname FROM document", "SELECT nickname FROM version",
		"SELECT avatar FROM version", "SELECT follower FROM version",
		"SELECT byline FROM version", "SELECT account_id FROM version",
	};
	struct store_fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(queries); i++)
		if (hy_query_run(hy_store_query(f->store, queries[i]), NULL, NULL) == HY_OK)
			fail_msg("can be asked: %s", queries[i]);
	assert_int_equal(store_fixture_int(f->store, "SELECT COUNT(*) FROM v_document"), 0);
}

static int run(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(same_content_is_one_version),
		STORE_TEST(judged_once_and_for_good),
		STORE_TEST(loads_what_the_message_needs),
		STORE_TEST(oldest_first),
		STORE_TEST(the_dead_ones_documents_are_adopted),
		STORE_TEST(gone_until_it_is_seen_again),
		STORE_TEST(addresses_of_one_article_are_one_document),
		STORE_TEST(a_lie_makes_no_document_of_two),
		STORE_TEST(counters_make_no_version),
		STORE_TEST(no_column_for_a_person),
	};

	return cmocka_run_group_tests_name(f->engine == TEST_SQLITE ? "sqlite" : "postgresql",
					   tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run);
}
