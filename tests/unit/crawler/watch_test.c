/*
 * Sources through simulated weeks: what is alarmed, when, and how often. The feed that answers
 * 200 and yields nothing (Media Cloud's issue 448) is the first of them.
 */
#include "crawler/watch.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crawler/source_alarm.h"
#include "crawler/source_health.h"
#include "crawler/source_state.h"
#include "tests/unit/crawler/store_fixture.h"

#define MINUTE INT64_C(60000)
#define HOUR (60 * MINUTE)
#define DAY (24 * HOUR)

static const struct hy_wall monday = {INT64_C(1795363200000)};	/* 2026-11-23T00:00:00+08:00 */

static const char sources_text[] =
	"sources:\n"
	"  - {id: plain, name: 某报, kind: feed, url: 'http://a.example/rss', interval: 10m,"
	" owner: publicity}\n"
	"  - {id: fixed, name: 某台, kind: feed, url: 'http://b.example/rss', interval: 10m,"
	" quiet: 2h}\n"
	"  - {id: two, name: 某号, kind: wechat, urls: ['http://c.example/1',"
	" 'http://d.example/2'], interval: 10m}\n";

struct world {
	struct hy_store *store;
	struct hy_sources *sources;
	struct hy_wall now;
	int64_t failures[3];
};

static void world_start(struct world *w, void **state)
{
	char path[] = "/tmp/hy-watch-XXXXXX";
	struct hy_findings findings;
	struct hy_error e = {0};
	int fd = mkstemp(path);

	*w = (struct world){.store = ((struct store_fixture *)*state)->store, .now = monday};
	assert_true(fd >= 0);
	assert_int_equal(write(fd, sources_text, sizeof sources_text - 1),
			 sizeof sources_text - 1);
	(void)close(fd);
	hy_findings_init(&findings);
	if (hy_sources_load(path, &findings, &w->sources) != HY_OK)
		fail_msg("%s", hy_buf_str(&findings.text).p);
	hy_findings_fini(&findings);
	(void)unlink(path);
	if (hy_source_state_sync(w->store, w->sources, w->now, &e) != HY_OK)
		fail_msg("sync: %s", e.text);
}

static void world_stop(struct world *w)
{
	hy_sources_free(w->sources);
}

/* One poll of a source at this moment, as the crawler writes it, and a look at its health. */
static void poll_as(struct world *w, size_t index, int64_t new_items, enum hy_poll_failure failure)
{
	const struct hy_source *source = hy_sources_at(w->sources, index);
	struct hy_wall times[8];
	struct hy_coverage_poll poll = {
		.source = hy_str_of(source->id), .crawler = HY_STR_LIT("one"), .now = w->now,
		.failure = failure, .seen = 20, .new_items = new_items, .times = times};
	struct hy_poll_outcome outcome = {
		.url = hy_str_of(source->urls[0]), .now = w->now, .next_at = w->now,
		.success = failure == HY_POLL_FAILURE_NONE, .new_items = new_items,
		.reason = hy_str_of(hy_poll_failure_title(failure))};
	struct hy_source_past past;
	struct hy_error e = {0};
	bool changed = false;

	assert_true(new_items <= 8);
	for (int64_t i = 0; i < new_items; i++)
		times[i] = hy_wall_add_ms(w->now, -MINUTE);
	w->failures[index] = outcome.success ? 0 : w->failures[index] + 1;
	outcome.failures = w->failures[index];
	store_fixture_begin(w->store);
	if (hy_source_past_load(w->store, poll.source, &past, &e) != HY_OK)
		fail_msg("%s", e.text);
	poll.before = past.polled_at;
	poll.is_first = !hy_wall_known(past.success_at);
	for (int64_t i = 0; i < new_items; i++)
		hy_lags_add(&poll.lags, past.success_at, w->now, times[i]);
	if (hy_source_health_polled(w->store, &past, &poll, &e) != HY_OK ||
	    hy_source_state_finish(w->store, source->id, (struct hy_str){0}, &outcome, &e) != HY_OK ||
	    hy_watch_source(w->store, source, w->now, &changed, &e) != HY_OK)
		fail_msg("%s", e.text);
	store_fixture_commit(w->store);
}

static void poll_new(struct world *w, size_t index, int64_t new_items)
{
	poll_as(w, index, new_items, HY_POLL_FAILURE_NONE);
}

static int64_t alarms(struct world *w)
{
	return store_fixture_int(w->store, "SELECT COUNT(*) FROM source_alarm");
}

static int64_t open_alarms(struct world *w)
{
	return store_fixture_int(w->store,
				 "SELECT COUNT(*) FROM source_alarm WHERE cleared_at IS NULL");
}

/* Polls every ten minutes until that moment; an item each `every` polls, none where 0. */
static void go_on(struct world *w, size_t index, int64_t until_ms, int64_t every)
{
	for (int64_t i = 0; w->now.ms < until_ms; i++) {
		w->now = hy_wall_add_ms(w->now, 10 * MINUTE);
		poll_new(w, index, every && i % every == 0);
	}
}

static void answers_and_yields_nothing(void **state)
{
	struct world w;
	struct hy_wall stopped_at, raised_at;

	world_start(&w, state);
	go_on(&w, 0, monday.ms + 4 * DAY + 14 * HOUR, 3);	/* an item each half hour */
	assert_int_equal(alarms(&w), 0);
	stopped_at = w.now;
	while (!alarms(&w) && w.now.ms < stopped_at.ms + 2 * DAY)
		go_on(&w, 0, w.now.ms + 10 * MINUTE, 0);
	raised_at = w.now;
	/* Not before three gaps, and not much later; the rule's own clock runs faster by day. */
	assert_true(raised_at.ms - stopped_at.ms >= 50 * MINUTE);
	assert_true(raised_at.ms - stopped_at.ms <= 6 * HOUR);
	store_fixture_text(w.store, "SELECT kind FROM source_alarm", "source-silent");
	store_fixture_text(w.store, "SELECT owner FROM source_alarm", "publicity");
	go_on(&w, 0, w.now.ms + 3 * DAY, 0);
	assert_int_equal(alarms(&w), 1);
	assert_int_equal(open_alarms(&w), 1);
	go_on(&w, 0, w.now.ms + DAY, 3);
	assert_int_equal(alarms(&w), 1);
	assert_int_equal(open_alarms(&w), 0);
	store_fixture_text(w.store, "SELECT cleared_text FROM source_alarm",
			   "来源“某报”（plain）又有新稿件");
	world_stop(&w);
}

static bool is_office_hour(struct hy_wall at)
{
	struct hy_civil c = hy_civil_of(at, HY_CST_OFFSET_MIN);

	return c.weekday <= 5 && c.hour >= 9 && c.hour < 18;
}

/* Three weeks of an office that publishes each hour on workdays, then it stops on a Friday. */
static void nights_and_weekends_are_no_silence(void **state)
{
	struct world w;
	struct hy_wall friday = hy_wall_add_ms(monday, 18 * DAY + 12 * HOUR);

	world_start(&w, state);
	for (int64_t i = 0; w.now.ms < friday.ms; i++) {
		w.now = hy_wall_add_ms(w.now, 10 * MINUTE);
		poll_new(&w, 0, i % 6 == 0 && is_office_hour(w.now));
	}
	assert_int_equal(alarms(&w), 0);
	while (!alarms(&w))
		go_on(&w, 0, w.now.ms + 10 * MINUTE, 0);
	assert_true(w.now.ms - friday.ms >= 3 * HOUR);
	assert_true(w.now.ms - friday.ms <= 5 * DAY);
	world_stop(&w);
}

static double uniform(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return ((double)(*seed >> 11) + 1) / 9007199254740993.0;
}

/* A hundred days of chance at twelve items a day: no gap of chance is a silence. */
static void chance_raises_nothing(void **state)
{
	struct world w;
	uint64_t seed = 7;
	double next_ms;

	world_start(&w, state);
	next_ms = (double)w.now.ms;
	while (w.now.ms < monday.ms + 100 * DAY) {
		int64_t count = 0;

		w.now = hy_wall_add_ms(w.now, 30 * MINUTE);
		for (; next_ms < (double)w.now.ms && count < 8; count++)
			next_ms -= log(uniform(&seed)) * (double)DAY / 12;
		poll_new(&w, 0, count);
	}
	assert_int_equal(alarms(&w), 0);
	world_stop(&w);
}

static void a_given_quiet_holds(void **state)
{
	struct world w;
	struct hy_wall stopped_at;

	world_start(&w, state);
	go_on(&w, 1, monday.ms + 12 * HOUR, 2);
	stopped_at = w.now;
	assert_int_equal(alarms(&w), 0);
	go_on(&w, 1, stopped_at.ms + HOUR, 0);
	assert_int_equal(alarms(&w), 0);
	go_on(&w, 1, stopped_at.ms + 2 * HOUR + 10 * MINUTE, 0);
	assert_int_equal(open_alarms(&w), 1);
	world_stop(&w);
}

/* Nothing is known of it yet: the preset of seven days. */
static void a_new_source_has_time(void **state)
{
	struct world w;

	world_start(&w, state);
	poll_new(&w, 0, 3);
	go_on(&w, 0, monday.ms + 6 * DAY, 0);
	assert_int_equal(alarms(&w), 0);
	go_on(&w, 0, monday.ms + 8 * DAY, 0);
	assert_int_equal(open_alarms(&w), 1);
	world_stop(&w);
}

static void fail_for(struct world *w, size_t index, int64_t polls, enum hy_poll_failure failure)
{
	for (int64_t i = 0; i < polls; i++) {
		w->now = hy_wall_add_ms(w->now, 10 * MINUTE);
		poll_as(w, index, 0, failure);
	}
}

static void failures_are_told_apart(void **state)
{
	static const struct {
		enum hy_poll_failure failure;
		int64_t not_after, after;	/* polls */
		const char *kind;
	} rows[] = {
		{HY_POLL_FAILURE_NETWORK, 12, 13, "source-failing"},
		{HY_POLL_FAILURE_SERVER, 12, 13, "source-failing"},
		{HY_POLL_FAILURE_CONTENT, 12, 13, "source-failing"},
		{HY_POLL_FAILURE_BLOCKED, 1, 2, "source-blocked"},
		/* Both addresses must refuse. */
		{HY_POLL_FAILURE_ROBOTS, 1, 2, "source-robots"},
	};
	struct world w;

	world_start(&w, state);
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		w.now = hy_wall_add_ms(w.now, 10 * MINUTE);
		poll_new(&w, 2, 1);
		fail_for(&w, 2, rows[i].not_after, rows[i].failure);
		assert_int_equal(alarms(&w), i);
		fail_for(&w, 2, rows[i].after - rows[i].not_after, rows[i].failure);
		assert_int_equal(alarms(&w), i + 1);
		store_fixture_text(w.store,
				   "SELECT kind FROM source_alarm WHERE cleared_at IS NULL",
				   rows[i].kind);
		go_on(&w, 2, w.now.ms + 20 * MINUTE, 1);
		assert_int_equal(open_alarms(&w), 0);
	}
	world_stop(&w);
}

static void coming_and_going_is_one_alarm(void **state)
{
	struct world w;

	world_start(&w, state);
	poll_new(&w, 0, 1);
	fail_for(&w, 0, 20, HY_POLL_FAILURE_NETWORK);
	assert_int_equal(open_alarms(&w), 1);
	for (int i = 0; i < 30; i++) {
		fail_for(&w, 0, 3, HY_POLL_FAILURE_NETWORK);
		go_on(&w, 0, w.now.ms + 10 * MINUTE, 1);
	}
	assert_int_equal(alarms(&w), 1);
	assert_int_equal(open_alarms(&w), 1);
	world_stop(&w);
}

static void read_articles(struct world *w, int count, const char *kind, bool suspicious)
{
	struct hy_coverage_article a = {.source = HY_STR_LIT("plain"),
					.crawler = HY_STR_LIT("one"), .page = HY_STR_LIT("p"),
					.now = w->now, .kind = kind,
					.is_stored = strcmp(kind, "article") == 0,
					.is_suspicious = suspicious};

	store_fixture_begin(w->store);
	for (int i = 0; i < count; i++)
		assert_int_equal(hy_coverage_article(w->store, &a, NULL), HY_OK);
	store_fixture_commit(w->store);
}

static void articles_without_text_are_alarmed(void **state)
{
	struct world w;

	world_start(&w, state);
	go_on(&w, 0, monday.ms + 9 * HOUR, 6);
	read_articles(&w, 3, "empty", false);
	read_articles(&w, 1, "article", true);
	go_on(&w, 0, w.now.ms + 10 * MINUTE, 0);
	assert_int_equal(alarms(&w), 0);
	read_articles(&w, 1, "list", false);
	go_on(&w, 0, w.now.ms + 10 * MINUTE, 0);
	store_fixture_text(w.store, "SELECT kind FROM source_alarm", "source-unreadable");
	read_articles(&w, 1, "article", false);
	go_on(&w, 0, w.now.ms + 10 * MINUTE, 0);
	assert_int_equal(open_alarms(&w), 0);
	world_stop(&w);
}

/* Every step is kept until it is acknowledged, the clearing after the raising. */
static void what_is_untold_stays_untold(void **state)
{
	struct world w;
	struct hy_untold u;
	bool found = false;

	world_start(&w, state);
	poll_new(&w, 2, 1);
	fail_for(&w, 2, 3, HY_POLL_FAILURE_ROBOTS);
	go_on(&w, 2, w.now.ms + 10 * MINUTE, 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(hy_source_alarm_untold(w.store, 0, &u, &found, NULL), HY_OK);
		assert_true(found);
		assert_int_equal(u.message.as.alarm.state, i ? HY_ALARM_CLEARED : HY_ALARM_RAISED);
		assert_true(hy_str_eq_c(u.message.as.alarm.kind, "source-robots"));
		assert_true(hy_str_eq_c(u.message.as.alarm.subject, "two"));
		assert_int_equal(hy_source_alarm_told(w.store, u.message.id, NULL), HY_OK);
		hy_untold_fini(&u);
	}
	assert_int_equal(hy_source_alarm_untold(w.store, 0, &u, &found, NULL), HY_OK);
	assert_false(found);
	assert_int_equal(hy_source_alarm_told(w.store, HY_STR_LIT("-raised"), NULL), HY_OK);
	world_stop(&w);
}

static void the_ledger_adds_up(void **state)
{
	struct world w;

	world_start(&w, state);
	poll_new(&w, 0, 5);		/* a backlog */
	go_on(&w, 0, monday.ms + 2 * DAY, 6);
	fail_for(&w, 0, 2, HY_POLL_FAILURE_SERVER);
	assert_int_equal(store_fixture_int(w.store, "SELECT SUM(backlog) FROM v_coverage"), 5);
	assert_int_equal(store_fixture_int(w.store, "SELECT SUM(items_new) FROM v_coverage"), 48);
	assert_int_equal(store_fixture_int(w.store, "SELECT SUM(polls) FROM v_coverage"),
			 1 + 2 * 144 + 2);
	assert_int_equal(store_fixture_int(w.store, "SELECT SUM(failed_server) FROM v_coverage"),
			 2);
	assert_int_equal(store_fixture_int(w.store, "SELECT COUNT(*) FROM v_coverage"), 3);
	/* Published a minute before each poll: all of it ours. */
	assert_int_equal(store_fixture_int(w.store, "SELECT SUM(poll_ms) / SUM(timed)"
						    " FROM v_coverage"), MINUTE);
	assert_int_equal(store_fixture_int(w.store, "SELECT SUM(mirror_ms) FROM v_coverage"), 0);
	store_fixture_text(w.store, "SELECT robots FROM v_source_health WHERE source = 'plain'",
			   "allowed");
	store_fixture_begin(w.store);
	assert_int_equal(hy_coverage_purge(w.store, hy_wall_add_ms(monday, DAY), NULL), HY_OK);
	store_fixture_commit(w.store);
	assert_int_equal(store_fixture_int(w.store, "SELECT COUNT(*) FROM v_coverage"), 2);
	world_stop(&w);
}

static void delays_are_split(void **state)
{
	static const struct {
		int64_t before, published, items, mirror, ours;	/* minutes from noon */
	} rows[] = {
		{0, 4, 1, 0, 6},	/* between the polls: ours */
		{0, -30, 1, 30, 10},	/* listed late: the mirror's until the last poll */
		{0, 0, 1, 0, 10},
		{0, 11, 0, 0, 0},	/* in the future */
		{0, -12 * 60, 0, 0, 0},	/* midnight: a day without an hour */
		{0, -9 * 24 * 60 - 1, 0, 0, 0},	/* dug up */
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_wall noon = hy_wall_add_ms(monday, 12 * HOUR);
		struct hy_lags lags = {0};

		hy_lags_add(&lags, hy_wall_add_ms(noon, rows[i].before * MINUTE),
			    hy_wall_add_ms(noon, 10 * MINUTE),
			    hy_wall_add_ms(noon, rows[i].published * MINUTE));
		assert_int_equal(lags.items, rows[i].items);
		assert_int_equal(lags.mirror_ms, rows[i].mirror * MINUTE);
		assert_int_equal(lags.poll_ms, rows[i].ours * MINUTE);
	}
}

static void a_source_that_is_dropped_has_no_alarm(void **state)
{
	struct world w;
	bool dropped = false;

	world_start(&w, state);
	poll_new(&w, 0, 1);
	fail_for(&w, 0, 2, HY_POLL_FAILURE_ROBOTS);
	assert_int_equal(open_alarms(&w), 1);
	assert_int_equal(hy_query_run(hy_store_query(w.store, "UPDATE source SET active = 0"), NULL,
				      NULL), HY_OK);
	assert_int_equal(hy_source_alarm_drop(w.store, w.now, &dropped, NULL), HY_OK);
	assert_true(dropped);
	assert_int_equal(open_alarms(&w), 0);
	world_stop(&w);
}

static void ask_hosts(struct hy_outage *outage, bool answered, struct hy_wall now)
{
	static const char *const names[] = {"a.example", "b.example", "c.example", "d.example"};

	for (size_t i = 0; i < HY_COUNT(names); i++)
		hy_outage_note(outage, hy_str_of(names[i]), answered, now);
}

static bool look(struct world *w, const struct hy_outage *outage)
{
	struct hy_watch_parts parts = {.outage = outage, .instance = "one"};
	bool changed = false, dropped;

	store_fixture_begin(w->store);
	assert_int_equal(hy_source_alarm_drop(w->store, w->now, &dropped, NULL), HY_OK);
	assert_int_equal(hy_watch_crawler(w->store, &parts, w->now, &changed, NULL), HY_OK);
	store_fixture_commit(w->store);
	return changed;
}

static void be_alive(struct world *w, const char *until)
{
	char sql[200];

	(void)snprintf(sql, sizeof sql, "INSERT INTO crawler (instance, alive_until) VALUES"
		       " ('one', %s) ON CONFLICT (instance) DO UPDATE SET alive_until = %s", until,
		       until);
	assert_int_equal(hy_query_run(hy_store_query(w->store, sql), NULL, NULL), HY_OK);
}

/* Eight hours without a network, then a source that stays away. */
static void an_outage_of_ours_is_one_alarm(void **state)
{
	struct hy_outage *outage = hy_outage_new();
	struct world w;

	world_start(&w, state);
	be_alive(&w, "4000000000000");
	for (size_t i = 0; i < 3; i++)
		poll_new(&w, i, 1);
	for (int i = 0; i < 48; i++) {
		ask_hosts(outage, false, w.now);
		assert_int_equal(look(&w, outage), i == 1);
		fail_for(&w, 0, 1, HY_POLL_FAILURE_NETWORK);
		poll_as(&w, 1, 0, HY_POLL_FAILURE_NETWORK);
		poll_as(&w, 2, 0, HY_POLL_FAILURE_NETWORK);
	}
	assert_int_equal(alarms(&w), 1);
	store_fixture_text(w.store, "SELECT kind FROM source_alarm", "crawler-network");
	store_fixture_text(w.store, "SELECT source FROM source_alarm", "one");
	ask_hosts(outage, true, w.now);
	w.now = hy_wall_add_ms(w.now, MINUTE);
	assert_true(look(&w, outage));
	assert_int_equal(open_alarms(&w), 0);
	/* However far off their next attempts had been put. */
	store_fixture_text(w.store,
			   "SELECT CASE WHEN COUNT(*) = 0 THEN 'all due' ELSE 'far off' END"
			   " FROM source s WHERE s.next_poll_at > (SELECT MAX(cleared_at) FROM"
			   " source_alarm)", "all due");
	/* What was asked last before the end is not judged by it. */
	{
		bool changed = false;

		assert_int_equal(hy_watch_source(w.store, hy_sources_at(w.sources, 0), w.now,
						 &changed, NULL), HY_OK);
		assert_false(changed);
	}
	poll_new(&w, 1, 1);
	fail_for(&w, 0, 1, HY_POLL_FAILURE_NETWORK);
	assert_int_equal(alarms(&w), 2);
	store_fixture_text(w.store, "SELECT source FROM source_alarm WHERE cleared_at IS NULL",
			   "plain");
	hy_outage_free(outage);
	world_stop(&w);
}

static void a_crawler_that_is_gone_holds_nothing_back(void **state)
{
	struct hy_outage *outage = hy_outage_new(), *other = hy_outage_new();
	struct world w;

	world_start(&w, state);
	be_alive(&w, "4000000000000");
	poll_new(&w, 0, 1);
	ask_hosts(outage, false, w.now);
	w.now = hy_wall_add_ms(w.now, 5 * MINUTE);
	assert_true(look(&w, outage));
	assert_false(look(&w, outage));
	be_alive(&w, "0");
	assert_false(look(&w, other));
	assert_int_equal(open_alarms(&w), 0);
	store_fixture_text(w.store, "SELECT cleared_text FROM source_alarm", "该抓取程序已不再运行");
	hy_outage_free(outage);
	hy_outage_free(other);
	world_stop(&w);
}

static int run_all(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(answers_and_yields_nothing),
		STORE_TEST(nights_and_weekends_are_no_silence),
		STORE_TEST(chance_raises_nothing),
		STORE_TEST(a_given_quiet_holds),
		STORE_TEST(a_new_source_has_time),
		STORE_TEST(failures_are_told_apart),
		STORE_TEST(coming_and_going_is_one_alarm),
		STORE_TEST(articles_without_text_are_alarmed),
		STORE_TEST(what_is_untold_stays_untold),
		STORE_TEST(the_ledger_adds_up),
		STORE_TEST(delays_are_split),
		STORE_TEST(a_source_that_is_dropped_has_no_alarm),
		STORE_TEST(an_outage_of_ours_is_one_alarm),
		STORE_TEST(a_crawler_that_is_gone_holds_nothing_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run_all);
}
