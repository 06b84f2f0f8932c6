/* A host's requests of a day: counted by the ledger, divided by kind, shown when they are over. */
#include "crawler/budget.h"

#include <stdlib.h>

#include "crawler/host_lease.h"
#include "tests/unit/crawler/store_fixture.h"

#define HOUR (INT64_C(3600) * 1000)

static const struct hy_wall t0 = {INT64_C(1795395600000)};	/* 2026-11-23T09:00:00+08:00 */

static struct hy_budget budget_at(int64_t per_day, int64_t ms)
{
	return (struct hy_budget){HY_STR_LIT("a.example"), hy_wall_add_ms(t0, ms), per_day, 1};
}

static void run(struct store_fixture *f, const char *sql)
{
	struct hy_error e = {0};

	if (hy_query_run(hy_store_query(f->store, sql), NULL, &e) != HY_OK)
		fail_msg("%s: %s", sql, e.text);
}

static int64_t left(struct store_fixture *f, const struct hy_budget *budget)
{
	struct hy_error e = {0};
	int64_t n = 0;

	if (hy_budget_left(f->store, budget, &n, &e) != HY_OK)
		fail_msg("left: %s", e.text);
	return n;
}

static size_t due(struct store_fixture *f, int64_t ms)
{
	struct hy_lease_terms terms = {.owner = HY_STR_LIT("one"), .now = hy_wall_add_ms(t0, ms),
				       .max = 4};
	struct hy_error e = {0};
	struct hy_host_due due[4];
	size_t count = 0;

	if (hy_host_due(f->store, &terms, due, &count, &e) != HY_OK)
		fail_msg("due: %s", e.text);
	for (size_t i = 0; i < count; i++)
		free(due[i].host);
	return count;
}

static void new_articles_go_before_polls_before_revisits(void **state)
{
	static const struct {
		int64_t left, articles, polls, revisits;
	} cases[] = {
		{1000, 875, 980, 900}, {200, 75, 180, 100}, {126, 1, 106, 26}, {125, 0, 105, 25},
		{21, 0, 1, 0}, {1, 0, 0, 0}, {0, 0, 0, 0}, {-5, 0, 0, 0},
	};
	struct hy_budget budget = budget_at(1000, 0);

	(void)state;
	/* Fifteen hours are left of the day: a fifth of what it has for them is the polls'. */
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_budget_room room = hy_budget_room(&budget, cases[i].left);

		assert_int_equal(room.articles, cases[i].articles);
		assert_int_equal(room.polls, cases[i].polls);
		assert_int_equal(room.revisits, cases[i].revisits);
	}
}

static void the_ledger_counts_until_midnight_in_china(void **state)
{
	struct store_fixture *f = *state;
	struct hy_budget today = budget_at(100, 0), late = budget_at(100, 15 * HOUR - 1);
	struct hy_budget tomorrow = budget_at(100, 15 * HOUR);

	assert_int_equal(left(f, &today), 100);
	run(f, "INSERT INTO impact (host, day, requests, bytes, errors)"
	       " VALUES ('a.example', '2026-11-23', 130, 0, 0), ('b.example', '2026-11-23', 5, 0, 0)");
	assert_int_equal(left(f, &today), -30);
	assert_int_equal(left(f, &late), -30);
	assert_int_equal(left(f, &tomorrow), 100);
}

static void a_host_rests_until_midnight_and_says_why(void **state)
{
	struct store_fixture *f = *state;
	struct hy_budget budget = budget_at(100, 0);
	struct hy_error e = {0};

	run(f, "INSERT INTO host (host) VALUES ('a.example')");
	run(f, "INSERT INTO source (id, name, kind, region, url, url_index, urls, host, active,"
	       " interval_ms, quiet_ms, next_poll_at) VALUES ('s', 's', 'feed', '', '', 0, '',"
	       " 'a.example', 1, 1, 1, 0)");
	assert_int_equal(due(f, 0), 1);
	assert_int_equal(hy_budget_rest(f->store, &budget, &e), HY_OK);
	assert_int_equal(due(f, 1), 0);
	assert_int_equal(due(f, 15 * HOUR - 1), 0);
	assert_int_equal(due(f, 15 * HOUR), 1);
	store_fixture_text(f->store, "SELECT reason FROM v_host",
			   "今天的请求预算（100 次）已用完，明天 0 时继续");
	assert_int_equal(store_fixture_int(f->store, "SELECT paused_until FROM v_host"),
			 hy_wall_add_ms(t0, 15 * HOUR).ms);
}

static void a_price_is_kept_for_a_while(void **state)
{
	struct store_fixture *f = *state;
	struct hy_budget none = budget_at(0, 0), tight = budget_at(20, 0), soon = budget_at(1, 60000);
	struct hy_budget later = budget_at(3000, 2 * HOUR);
	struct hy_price price = {-1, -1, {0}}, kept;
	struct hy_error e = {0};

	run(f, "INSERT INTO host (host) VALUES ('a.example')");
	run(f, "INSERT INTO source (id, name, kind, region, url, url_index, urls, host, active,"
	       " interval_ms, quiet_ms, next_poll_at, goal_ms) VALUES ('s', 's', 'feed', '', '', 0,"
	       " '', 'a.example', 1, 1, 1, 0, 600000)");
	assert_int_equal(hy_budget_price(f->store, &none, &price, &e), HY_OK);
	assert_true(price.today == 0 && price.later == 0);
	assert_int_equal(hy_budget_price(f->store, &tight, &price, &e), HY_OK);
	assert_true(price.today > 0 && price.later > 0);
	assert_int_equal(price.turns_at.ms, hy_wall_add_ms(t0, 15 * HOUR).ms);
	assert_int_equal(hy_budget_price(f->store, &soon, &kept, &e), HY_OK);
	assert_true(kept.later > price.later * 0.999 && kept.later < price.later * 1.001);
	assert_int_equal(hy_budget_price(f->store, &later, &price, &e), HY_OK);
	assert_true(price.today == 0 && price.later == 0);
}

static int run_all(struct store_fixture *f)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(new_articles_go_before_polls_before_revisits),
		STORE_TEST(the_ledger_counts_until_midnight_in_china),
		STORE_TEST(a_host_rests_until_midnight_and_says_why),
		STORE_TEST(a_price_is_kept_for_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

int main(void)
{
	return store_fixture_main(run_all);
}
