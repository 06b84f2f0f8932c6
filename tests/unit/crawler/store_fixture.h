/* A store with the crawler's tables, fresh for each test, on the engine under test. */
#ifndef TESTS_UNIT_CRAWLER_STORE_FIXTURE_H
#define TESTS_UNIT_CRAWLER_STORE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/sys/store.h"
#include "crawler/schema.h"
#include "tests/lib/engines.h"

struct store_fixture {
	struct test_engines engines;
	enum test_engine engine;
	char url[TEST_URL_BYTES];
	struct hy_store *store;
};

static inline struct hy_store *store_fixture_open(const char *url)
{
	struct hy_store_options options = {0};
	struct hy_store *store = NULL;
	struct hy_error e = {0};

	if (hy_store_open(url, &options, &store, &e) != HY_OK ||
	    hy_crawler_migrate(store, &e) != HY_OK)
		fail_msg("store: %s", e.text);
	return store;
}

static inline int store_fixture_setup(void **state)
{
	struct store_fixture *f = *state;

	if (!test_engines_url(&f->engines, f->engine, f->url))
		return -1;
	f->store = store_fixture_open(f->url);
	return 0;
}

static inline int store_fixture_teardown(void **state)
{
	struct store_fixture *f = *state;

	hy_store_free(f->store);
	f->store = NULL;
	return 0;
}

/* The first column of the first row of a query without parameters. */
static inline int64_t store_fixture_int(struct hy_store *store, const char *sql)
{
	struct hy_query *q = hy_store_query(store, sql);
	struct hy_error e = {0};
	bool row = false;
	int64_t n;

	if (hy_query_next(q, &row, &e) != HY_OK || !row)
		fail_msg("%s: %s", sql, row ? e.text : "no row");
	n = hy_query_int(q, 0);
	hy_query_reset(q);
	return n;
}

static inline void store_fixture_text(struct hy_store *store, const char *sql, const char *expected)
{
	struct hy_query *q = hy_store_query(store, sql);
	struct hy_error e = {0};
	bool row = false;

	if (hy_query_next(q, &row, &e) != HY_OK || !row)
		fail_msg("%s: %s", sql, row ? e.text : "no row");
	if (!hy_str_eq_c(hy_query_text(q, 0), expected))
		fail_msg("%s: \"%.*s\", expected \"%s\"", sql, HY_STR_ARGS(hy_query_text(q, 0)),
			 expected);
	hy_query_reset(q);
}

static inline void store_fixture_begin(struct hy_store *store)
{
	assert_int_equal(hy_store_begin(store, NULL), HY_OK);
}

static inline void store_fixture_commit(struct hy_store *store)
{
	assert_int_equal(hy_store_commit(store, NULL), HY_OK);
}

#define STORE_TEST(test) \
	{#test, test, store_fixture_setup, store_fixture_teardown, f}

/* Runs the table on SQLite and, where it is installed, on PostgreSQL. */
static inline int store_fixture_main(int (*run)(struct store_fixture *f))
{
	struct store_fixture f = {.engine = TEST_SQLITE};
	char url[TEST_URL_BYTES];
	int failed = 1;

	if (test_engines_start(&f.engines))
		failed = run(&f);
	f.engine = TEST_POSTGRES;
	if (!failed && test_engines_url(&f.engines, TEST_POSTGRES, url))
		failed = run(&f);
	test_engines_stop(&f.engines);
	return failed != 0;
}

#endif
