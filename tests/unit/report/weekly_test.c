/* The report's queries over real rows, on both engines, against figures counted by hand. */
#include "report/weekly.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "alerter/schema.h"
#include "common/base/mem.h"
#include "crawler/schema.h"
#include "tests/lib/engines.h"

#define HOUR INT64_C(3600000)
#define WEEK_BEGIN INT64_C(1794758400000)	/* 2026-11-16T00:00:00+08:00 */
#define NOW (WEEK_BEGIN + 150 * HOUR)

struct fixture {
	struct test_engines engines;
	enum test_engine engine;
	struct hy_store *store;
	struct hy_report report;
};

/* Hours from the begin of the week; NEVER where it did not happen. */
#define NEVER (-1000)

static const struct {
	const char *id, *lead, *topic;
	int assigned, due, answered;
} cases[] = {
	{"2026-000001", "housing", "housing.property", 1, 49, 11},	/* in time, took 10 h */
	{"2026-000002", "housing", "housing.property", 2, 50, 60},	/* late, took 58 h */
	{"2026-000003", "housing", "wages.arrears", 3, 51, NEVER},	/* overdue */
	{"2026-000004", "labour", "wages.arrears", 10, 58, 12},		/* in time, took 2 h */
	{"2026-000005", "labour", "wages.arrears", 140, 188, NEVER},	/* due next week */
	{"2026-000006", "labour", "wages.arrears", -60, -12, NEVER},	/* overdue since last week */
	{"2026-000007", "labour", "wages.arrears", -60, -12, -20},	/* all of it last week */
};

static void run_sql(struct fixture *f, const char *sql)
{
	struct hy_error e = {0};

	if (hy_query_run(hy_store_query(f->store, sql), NULL, &e) != HY_OK)
		fail_msg("%s: %s", sql, e.text);
}

static void add_units(struct fixture *f)
{
	run_sql(f, "INSERT INTO unit (id, name, kind) VALUES ('housing', '建设管理部', 'department'),"
		   " ('labour', '发展保障部', 'department')");
}

/* One of the week, with both; one of the week before. */
static void add_cards(struct fixture *f)
{
	run_sql(f, "INSERT INTO card (case_id, ladder, colour, unit, at, due_at) VALUES"
		   " ('2026-000003', 'answer', 'yellow', 'housing', 1794942000000, 1794942000000),"
		   " ('2026-000003', 'answer', 'red', 'housing', 1795028400000, 1795028400000),"
		   " ('2026-000006', 'answer', 'yellow', 'labour', 1794715200000, 1794715200000)");
}

/* Two of the week and one of the week before; one that nobody reacts to. */
static void add_reactions(struct fixture *f)
{
	run_sql(f, "INSERT INTO watched_policy (id, title, number, url, drafter, threshold, span_ms,"
		   " listed, told) VALUES ('talent', '人才措施', '', '', 'labour', 5, 1000, 1, 0),"
		   " ('fund', '维修细则', '', '', 'housing', 5, 1000, 1, 0)");
	run_sql(f, "INSERT INTO reaction (policy, document, alert, url, title, source, outlet,"
		   " topic, at) VALUES ('talent', 'a', 'a', '', '', 's', '甲报', '', 1794758400000),"
		   " ('talent', 'b', 'b', '', '', 's', '', '', 1794942000000),"
		   " ('talent', 'c', 'c', '', '', 's', '', '', 1794758399999)");
	run_sql(f, "INSERT INTO question (id, policy, document, at, text, alike) VALUES"
		   " ('1', 'talent', 'c', 1794758399999, '怎么申请', '1'),"
		   " ('2', 'talent', 'a', 1794758400000, '如何申请', '1'),"
		   " ('3', 'talent', 'b', 1794942000000, '在哪申请', '1'),"
		   " ('4', 'talent', 'a', 1794758400000, '何时到账', '4')");
	run_sql(f, "INSERT INTO policy_case (case_id, policy, event, at, reactions)"
		   " SELECT id, 'talent', event, 1794758400000, 5 FROM case_"
		   " WHERE id IN ('2026-000001', '2026-000007')");
}

static void bind_hours(struct hy_query *q, int parameter, int hours)
{
	if (hours == NEVER)
		hy_query_bind_null(q, parameter);
	else
		hy_query_bind_int(q, parameter, WEEK_BEGIN + hours * HOUR);
}

static const char add_event[] =
	"INSERT INTO event (id, title, topic, opened_at, last_at, alerts)"
	" VALUES ($1, '标题', $2, $3, $3, 1)";
static const char add_case[] =
	"INSERT INTO case_ (id, event, lead, state, severity, topic, title, url, clock_start,"
	" detected_at, assigned_at, answered_at, route, because, rules, version)"
	" VALUES ($1, $1, $2, $3, 1, $4, '标题', 'http://a/', $5, $5, $5, $6, '', '', '', 1)";
static const char add_deadline[] =
	"INSERT INTO deadline (case_id, ladder, step, preset, due_at)"
	" VALUES ($1, 'answer', 100, 'p', $2)";
static const char add_alert[] =
	"INSERT INTO alert (id, document, version, event, case_id, url, title, source, outlet,"
	" topic, topics, places, hits, severity, rules, detected_at, received_at)"
	" VALUES ($1, $1, $1, $1, $1, 'http://a/', '标题', 's', $2, $3, '[]', '[]', '[]', 1, '',"
	" $4, $4)";

static void run_query(struct hy_query *q)
{
	struct hy_error e = {0};

	if (hy_query_run(q, NULL, &e) != HY_OK)
		fail_msg("%s", e.text);
}

static void add_one(struct fixture *f, size_t i)
{
	struct hy_query *q = hy_store_query(f->store, add_event);

	hy_query_bind_c(q, 1, cases[i].id);
	hy_query_bind_c(q, 2, cases[i].topic);
	bind_hours(q, 3, cases[i].assigned);
	run_query(q);
	q = hy_store_query(f->store, add_case);
	hy_query_bind_c(q, 1, cases[i].id);
	hy_query_bind_c(q, 2, cases[i].lead);
	hy_query_bind_c(q, 3, cases[i].answered == NEVER ? "assigned" : "answered");
	hy_query_bind_c(q, 4, cases[i].topic);
	bind_hours(q, 5, cases[i].assigned);
	bind_hours(q, 6, cases[i].answered);
	run_query(q);
	q = hy_store_query(f->store, add_deadline);
	hy_query_bind_c(q, 1, cases[i].id);
	bind_hours(q, 2, cases[i].due);
	run_query(q);
	q = hy_store_query(f->store, add_alert);
	hy_query_bind_c(q, 1, cases[i].id);
	hy_query_bind_c(q, 2, i % 2 ? "甲报" : "乙报");
	hy_query_bind_c(q, 3, cases[i].topic);
	bind_hours(q, 4, cases[i].assigned);
	run_query(q);
}

static int set_up(void **state)
{
	struct fixture *f = *state;
	struct hy_weekly_sources sources = {.now = {NOW}};
	char url[TEST_URL_BYTES];
	struct hy_error e = {0};

	if (!test_engines_url(&f->engines, f->engine, url))
		return -1;
	if (hy_store_open(url, NULL, &f->store, &e) != HY_OK ||
	    hy_crawler_migrate(f->store, &e) != HY_OK || hy_schema_migrate(f->store, &e) != HY_OK)
		return print_error("%s\n", e.text), -1;
	add_units(f);
	for (size_t i = 0; i < HY_COUNT(cases); i++)
		add_one(f, i);
	add_cards(f);
	add_reactions(f);
	sources.store[HY_REPORT_CRAWLER] = sources.store[HY_REPORT_ALERTER] = f->store;
	if (hy_weekly_load(&sources, 2026, 47, &f->report, &e) != HY_OK)
		return print_error("%s\n", e.text), -1;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	hy_weekly_fini(&f->report);
	hy_store_free(f->store);
	f->store = NULL;
	return 0;
}

static const struct hy_table *table(const struct fixture *f, const char *id)
{
	for (size_t i = 0; i < f->report.table_count; i++)
		if (strcmp(f->report.tables[i].spec->id, id) == 0)
			return &f->report.tables[i];
	fail_msg("no table %s", id);
	return NULL;
}

/* Expected rows are written with cells separated by '|'. */
static void assert_rows(const struct hy_table *t, const char *const *rows, size_t count)
{
	assert_int_equal(t->row_count, count);
	for (size_t r = 0; r < count; r++) {
		struct hy_str rest = hy_str_of(rows[r]), cell;

		for (size_t c = 0; c < t->spec->column_count; c++) {
			hy_cleanup(hy_free_p) char *expected = NULL;

			assert_true(hy_str_next(&rest, '|', &cell));
			expected = hy_str_dup(cell);
			assert_string_equal(hy_table_cell(t, r, c), expected);
		}
	}
}

static void counts_the_week(void **state)
{
	static const char *const summary[] = {"5|5|4|2|50.00%|3|3|2"};
	static const char *const topics[] = {"wages.arrears|3|3|1|2", "housing.property|2|2|2|2"};

	assert_rows(table(*state, "summary"), summary, 1);
	assert_rows(table(*state, "by-topic"), topics, 2);
}

static void counts_by_unit(void **state)
{
	static const char *const rows[] = {"建设管理部|3|3|1|33.33%|2|34.0|1",
					   "发展保障部|2|1|1|100.00%|1|2.0|1"};

	assert_rows(table(*state, "by-unit"), rows, 2);
}

static void lists_what_is_overdue(void **state)
{
	static const char *const rows[] = {
		"2026-000006|标题|发展保障部|较大|2026-11-15 12:00|162.0|待签收",
		"2026-000003|标题|建设管理部|较大|2026-11-18 03:00|99.0|待签收",
		"2026-000002|标题|建设管理部|较大|2026-11-18 02:00|10.0|已回应"};

	assert_rows(table(*state, "overdue"), rows, 3);
}

static void lists_cards(void **state)
{
	static const char *const rows[] = {"2026-000003|标题|建设管理部|黄牌|较大|2026-11-18 03:00",
					   "2026-000003|标题|建设管理部|红牌|较大|2026-11-19 03:00"};

	assert_rows(table(*state, "cards"), rows, 2);
}

static void tells_what_policies_are_asked(void **state)
{
	static const char *const rows[] = {"人才措施|发展保障部|2|2|3|1|怎么申请"};

	assert_rows(table(*state, "policies"), rows, 1);
}

static void counts_days(void **state)
{
	static const char *const rows[] = {"2026-11-16|4|4", "2026-11-21|1|1"};

	assert_rows(table(*state, "by-day"), rows, 2);
}

static void an_empty_week_has_no_base(void **state)
{
	struct fixture *f = *state;
	struct hy_weekly_sources sources = {.now = {NOW}};
	static const char *const summary[] = {"0|0|0|0|—|0|0|0"};
	struct hy_report report;

	sources.store[HY_REPORT_CRAWLER] = sources.store[HY_REPORT_ALERTER] = f->store;
	assert_int_equal(hy_weekly_load(&sources, 2026, 30, &report, NULL), HY_OK);
	assert_rows(&report.tables[0], summary, 1);
	hy_weekly_fini(&report);
	assert_int_equal(hy_weekly_load(&sources, 2025, 53, &report, NULL), HY_ERR_MALFORMED);
}

static int run_engine(struct fixture *f, enum test_engine engine, const char *name)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate_setup_teardown(counts_the_week, set_up, tear_down, f),
		cmocka_unit_test_prestate_setup_teardown(counts_by_unit, set_up, tear_down, f),
		cmocka_unit_test_prestate_setup_teardown(lists_cards, set_up, tear_down, f),
		cmocka_unit_test_prestate_setup_teardown(lists_what_is_overdue, set_up, tear_down,
							 f),
		cmocka_unit_test_prestate_setup_teardown(tells_what_policies_are_asked, set_up,
							 tear_down, f),
		cmocka_unit_test_prestate_setup_teardown(counts_days, set_up, tear_down, f),
		cmocka_unit_test_prestate_setup_teardown(an_empty_week_has_no_base, set_up,
							 tear_down, f),
	};

	f->engine = engine;
	return cmocka_run_group_tests_name(name, tests, NULL, NULL);
}

int main(void)
{
	struct fixture f = {0};
	char url[TEST_URL_BYTES];
	int failed;

	if (!test_engines_start(&f.engines))
		return 1;
	failed = run_engine(&f, TEST_SQLITE, "SQLite");
	if (test_engines_url(&f.engines, TEST_POSTGRES, url))
		failed += run_engine(&f, TEST_POSTGRES, "PostgreSQL");
	else
		(void)printf("PostgreSQL: skipped, not installed\n");
	test_engines_stop(&f.engines);
	return failed;
}
