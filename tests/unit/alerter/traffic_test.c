/* Shares of topics by day, over tallies that come twice, restarts and changed rules. */
#include "alerter/traffic.h"

#include "tests/unit/alerter/ledger_world.h"

#include "alerter/calendar.h"
#include "alerter/traffic_alarm.h"

#define NOON 1795492800000	/* 2026-11-24T12:00:00+08:00, on a Tuesday */
#define DOCUMENTS 500
#define TOPIC(id, match) \
	"  - {id: " id ", title: 议题" id ", owner: labour, match: {any: [" match "]}}\n"
#define TOPICS(wages) \
	"topics:\n" TOPIC("wages.arrears", wages) TOPIC("housing.quality", "漏水") \
	TOPIC("site.noise", "噪声") \
	"  - {id: water.pollution, title: 水污染, owner: environment, match: {any: [污水]}}\n"

static void use_topics(struct fixture *f, const char *topics)
{
	struct hy_rule_set *rules = NULL;
	struct hy_findings findings;
	struct hy_error e = {0};

	hy_findings_init(&findings);
	assert_true(test_rules_put(&f->folder, "topics/livelihood.yaml", topics));
	if (hy_rule_set_load_proved(f->folder.folder, hy_wall_now(), &findings, &rules))
		fail_msg("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	hy_rule_set_free(f->rules);
	f->rules = rules;
	if (hy_ledger_set_rules(f->ledger, rules, &e))
		fail_msg("rules: %s", e.text);
}

static void at(struct fixture *f, int64_t ms)
{
	hy_ledger_set_now(f->ledger, (struct hy_wall){ms});
}

static bool tell_tally(struct fixture *f, const char *id, int64_t ms, int64_t documents,
		       int64_t wages, int64_t water)
{
	const struct hy_msg_share shares[] = {{HY_STR_LIT("wages.arrears"), wages},
					      {HY_STR_LIT("water.pollution"), water}};
	struct hy_msg m = {.type = HY_MSG_TALLY, .id = hy_str_of(id)};
	struct hy_error e = {0};
	bool fresh = false;

	m.as.tally = (struct hy_msg_tally){.rules = HY_STR_LIT("r"), .at = {ms},
					   .documents = documents, .alerted = wages / 2,
					   .shares = shares, .share_count = HY_COUNT(shares)};
	if (hy_ledger_tally(f->ledger, &m, &fresh, &e))
		fail_msg("tally %s: %s", id, e.text);
	return fresh;
}

/* Days before today on which wages fired on 1 % and water on 10 %. */
static void live_through(struct fixture *f, int days)
{
	for (int day = days; day > 0; day--) {
		int64_t ms = NOON - day * HY_DAY_MS;
		char id[32];

		(void)snprintf(id, sizeof id, "day-%d", day);
		at(f, ms);
		assert_true(tell_tally(f, id, ms, DOCUMENTS, DOCUMENTS / 100, DOCUMENTS / 10));
	}
	at(f, NOON);
}

static int64_t open_alarms(struct fixture *f)
{
	return count(f, "SELECT count(*) FROM v_alarm WHERE state = 'raised'");
}

/* The rules were put in force a month ago. */
static struct fixture *begun(void **state)
{
	struct fixture *f = *state;

	at(f, NOON - 30 * HY_DAY_MS);
	run(f, "DELETE FROM topic_form");
	use_topics(f, TOPICS("欠薪"));
	return f;
}

static void a_tally_counts_once(void **state)
{
	struct fixture *f = begun(state);

	live_through(f, 2);
	assert_true(tell_tally(f, "a", NOON, 200, 2, 20));
	assert_true(tell_tally(f, "b", NOON, 100, 0, 10));
	assert_false(tell_tally(f, "a", NOON, 200, 2, 20));
	restart(f);
	at(f, NOON);
	assert_false(tell_tally(f, "b", NOON, 100, 0, 10));
	assert_int_equal(count(f, "SELECT documents FROM v_judged_day ORDER BY day DESC LIMIT 1"),
			 300);
	assert_int_equal(count(f, "SELECT fired FROM v_topic_day WHERE topic = 'water.pollution'"
				  " ORDER BY day DESC LIMIT 1"), 30);
	assert_int_equal(count(f, "SELECT count(*) FROM v_judged_day"), 3);
	/* Another host's clock runs ahead: it is today all the same. */
	assert_true(tell_tally(f, "c", NOON + 9 * HY_DAY_MS, 1, 0, 0));
	assert_int_equal(count(f, "SELECT count(*) FROM v_judged_day"), 3);
}

static void a_surge_is_told_to_its_owner_once_and_ends(void **state)
{
	struct fixture *f = begun(state);
	char text[2048];

	live_through(f, 14);
	assert_int_equal(open_alarms(f), 0);
	assert_true(tell_tally(f, "a", NOON, 400, 60, 40));
	assert_int_equal(open_alarms(f), 1);
	text_of(f, "SELECT text FROM v_alarm", text, sizeof text);
	assert_non_null(strstr(text, "议题“议题wages.arrears”（wages.arrears）今天已判读的 400 篇里有 60 "
				     "篇命中，占 15.0%，平时约 1.0%（前 14 天）"));
	assert_non_null(strstr(text, "huiying match --explain"));
	assert_non_null(strstr(text, "topics/livelihood.yaml:2:"));
	text_of(f, "SELECT kind FROM v_alarm", text, sizeof text);
	assert_string_equal(text, HY_TRAFFIC_KIND_SURGE);
	text_of(f, "SELECT owner FROM v_alarm", text, sizeof text);
	assert_string_equal(text, "labour");
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE alarm IS NOT NULL"), 1);

	/* It goes on, over a restart: not told again. */
	restart(f);
	at(f, NOON + HOUR_MS);
	assert_true(tell_tally(f, "b", NOON + HOUR_MS, 100, 15, 10));
	assert_int_equal(open_alarms(f), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE alarm IS NOT NULL"), 1);
	/* The next morning nothing can be said yet; by noon it is as ever. */
	at(f, NOON + 13 * HOUR_MS);
	assert_true(tell_tally(f, "c", NOON + 13 * HOUR_MS, 20, 1, 2));
	assert_int_equal(open_alarms(f), 1);
	at(f, NOON + 24 * HOUR_MS);
	assert_true(tell_tally(f, "d", NOON + 24 * HOUR_MS, 300, 3, 30));
	assert_int_equal(open_alarms(f), 0);
	text_of(f, "SELECT cleared_text FROM v_alarm", text, sizeof text);
	assert_string_equal(text, "命中占比恢复平常");
}

static void a_topic_that_falls_silent_is_told(void **state)
{
	struct fixture *f = begun(state);
	char text[2048];

	live_through(f, 14);
	assert_true(tell_tally(f, "a", NOON, 200, 2, 0));
	assert_int_equal(open_alarms(f), 0);
	assert_true(tell_tally(f, "b", NOON + HOUR_MS, 200, 2, 0));
	assert_int_equal(open_alarms(f), 1);
	text_of(f, "SELECT text FROM v_alarm", text, sizeof text);
	assert_non_null(strstr(text, "议题“水污染”（water.pollution）今天已判读的 400 篇里没有一篇命中，"
				     "平时约 10.0%（前 14 天）"));
	text_of(f, "SELECT owner FROM v_alarm", text, sizeof text);
	assert_string_equal(text, "environment");
	/* The next day it fires again. */
	at(f, NOON + 14 * HOUR_MS);
	assert_true(tell_tally(f, "c", NOON + 14 * HOUR_MS, 40, 0, 3));
	assert_int_equal(open_alarms(f), 0);
}

/* What a changed rule fires on is not compared with what it fired on before. */
static void a_changed_rule_begins_anew(void **state)
{
	struct fixture *f = begun(state);
	char text[256];

	live_through(f, 14);
	use_topics(f, TOPICS("欠薪, 工资"));
	assert_int_equal(count(f, "SELECT count(*) FROM v_topic_day WHERE topic = 'wages.arrears'"),
			 0);
	assert_int_equal(count(f, "SELECT count(*) FROM v_topic_day"
				  " WHERE topic = 'water.pollution'"), 14);
	assert_true(tell_tally(f, "a", NOON, 400, 10, 40));
	assert_int_equal(open_alarms(f), 0);
	assert_true(tell_tally(f, "more", NOON, 400, 0, 40));
	/* Half of everything is too much for any rule. */
	at(f, NOON + HOUR_MS);
	assert_true(tell_tally(f, "b", NOON + HOUR_MS, 400, 710, 40));
	assert_int_equal(open_alarms(f), 1);
	text_of(f, "SELECT text FROM v_alarm", text, sizeof text);
	assert_non_null(strstr(text, "占 60.0%（新写或刚改过的规则"));
	/* The mended rule ends it, though today's figures are there no more. */
	at(f, NOON + 2 * HOUR_MS);
	use_topics(f, TOPICS("欠薪"));
	assert_true(tell_tally(f, "c", NOON + 2 * HOUR_MS, 10, 0, 1));
	assert_int_equal(open_alarms(f), 0);
	text_of(f, "SELECT cleared_text FROM v_alarm", text, sizeof text);
	assert_string_equal(text, "规则已改动或停用，重新统计");
}

/* On the first day the documents judged before do not count, else the share would be too low. */
static void a_day_begun_late_counts_from_there(void **state)
{
	struct fixture *f = begun(state);

	live_through(f, 3);
	assert_true(tell_tally(f, "a", NOON, 1000, 0, 0));
	use_topics(f, TOPICS("欠薪, 工资"));
	assert_true(tell_tally(f, "b", NOON, 200, 120, 20));
	assert_int_equal(open_alarms(f), 1);
}

static void restarts_and_reloads_raise_nothing(void **state)
{
	struct fixture *f = begun(state);
	static const char moved[] =
		"topics:\n" TOPIC("site.noise", "噪声") TOPIC("housing.quality", "漏水")
		TOPIC("wages.arrears", "欠薪")
		"  - {id: water.pollution, title: 水, owner: office, match: {any: [污水]}}\n";

	live_through(f, 14);
	restart(f);
	at(f, NOON);
	use_topics(f, TOPICS("欠薪"));
	use_topics(f, moved);
	assert_int_equal(count(f, "SELECT count(*) FROM v_topic_day"
				  " WHERE topic = 'wages.arrears'"), 14);
	assert_true(tell_tally(f, "a", NOON, 400, 4, 40));
	assert_int_equal(open_alarms(f), 0);
	/* A topic that is taken out leaves nothing behind. */
	use_topics(f, "topics:\n" TOPIC("wages.arrears", "欠薪") TOPIC("housing.quality", "漏水")
		      TOPIC("site.noise", "噪声") TOPIC("water.lead", "铅"));
	assert_int_equal(count(f, "SELECT count(*) FROM v_topic_day"
				  " WHERE topic = 'water.pollution'"), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM v_topic_form"
				  " WHERE topic = 'water.pollution'"), 0);
}

static void an_expired_topic_may_be_silent(void **state)
{
	struct fixture *f = begun(state);

	live_through(f, 14);
	use_topics(f, "topics:\n" TOPIC("wages.arrears", "欠薪") TOPIC("housing.quality", "漏水")
		      TOPIC("site.noise", "噪声")
		      "  - {id: water.pollution, title: 水, owner: office, match: {any: [污水]},"
		      " valid_to: 2026-11-20}\n");
	run(f, "INSERT INTO topic_day (topic, day, fired) SELECT 'water.pollution', day, 50"
	       " FROM judged_day");
	run(f, "UPDATE topic_form SET since = 0");
	assert_true(tell_tally(f, "a", NOON, 400, 4, 0));
	assert_int_equal(open_alarms(f), 0);
}

static void all_alerts_together_are_watched(void **state)
{
	struct fixture *f = begun(state);
	char text[2048];

	live_through(f, 14);
	run(f, "DELETE FROM topic_form WHERE topic = 'wages.arrears'");
	assert_true(tell_tally(f, "a", NOON, 400, 300, 40));
	assert_int_equal(open_alarms(f), 1);
	text_of(f, "SELECT subject FROM v_alarm", text, sizeof text);
	assert_string_equal(text, HY_TRAFFIC_ALL);
	text_of(f, "SELECT text FROM v_alarm", text, sizeof text);
	assert_non_null(strstr(text, "今天已判读的 400 篇里有 150 篇成为预警，占 37.5%，平时约 0.4%"));
}

static void what_is_old_is_forgotten(void **state)
{
	struct fixture *f = begun(state);

	live_through(f, 5);
	at(f, NOON + 61 * HY_DAY_MS);
	assert_true(tell_tally(f, "late", NOON + 61 * HY_DAY_MS, 10, 1, 1));
	assert_int_equal(count(f, "SELECT count(*) FROM judged_day"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM topic_day WHERE topic <> '*'"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM tally"), 1);
}

/* The events under a surge tell a great matter from a rule that is too broad. */
static void a_surge_tells_of_its_events(void **state)
{
	struct fixture *f = begun(state);
	const struct sample one = {.id = "x", .place = "east", .title = "讨薪", .text = WAGES_TEXT};
	const struct sample same = {.id = "y", .place = "east", .title = "讨薪", .text = WAGES_TEXT};
	char text[2048];
	int64_t now = hy_wall_now().ms;

	live_through(f, 14);
	run(f, "DELETE FROM judged_day");
	hy_ledger_set_now(f->ledger, HY_WALL_NONE);
	(void)take(f, &one);
	(void)take(f, &same);
	run(f, "UPDATE topic_form SET since = 0");
	assert_true(tell_tally(f, "a", now, 200, 120, 0));
	text_of(f, "SELECT text FROM v_alarm WHERE subject = 'wages.arrears'", text, sizeof text);
	assert_non_null(strstr(text, "成为预警的 2 篇分属 1 件事"));
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(a_tally_counts_once),
		TEST(a_surge_is_told_to_its_owner_once_and_ends),
		TEST(a_topic_that_falls_silent_is_told),
		TEST(a_changed_rule_begins_anew),
		TEST(a_day_begun_late_counts_from_there),
		TEST(restarts_and_reloads_raise_nothing),
		TEST(an_expired_topic_may_be_silent),
		TEST(all_alerts_together_are_watched),
		TEST(what_is_old_is_forgotten),
		TEST(a_surge_tells_of_its_events),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
