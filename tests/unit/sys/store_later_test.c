/* Writes that are put off, over both engines: hy_query_later and hy_store_settle. */
#include "common/sys/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/engines.h"

struct fixture {
	struct test_engines engines;
	enum test_engine engine;
	char url[TEST_URL_BYTES];	/* a fresh database for each test */
	struct hy_store *store;
};

static const struct hy_migration schema[] = {
	{.version = 1, .sql = "CREATE TABLE item (id TEXT PRIMARY KEY, n INTEGER NOT NULL CHECK (n >= 0),"
	    " note TEXT);\n"},
};

static const char insert_item[] = "INSERT INTO item (id, n) VALUES ($1, $2)";
static const char count_items[] = "SELECT count(*) FROM item";

/* ---- fixture ---- */

static int set_up(void **state)
{
	struct fixture *f = *state;
	struct hy_error e = {0};

	if (!test_engines_url(&f->engines, f->engine, f->url))
		return -1;
	if (hy_store_open(f->url, NULL, &f->store, &e) ||
	    hy_store_migrate(f->store, "test", schema, HY_COUNT(schema), &e)) {
		print_error("%s\n", e.text);
		return -1;
	}
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	hy_store_free(f->store);
	f->store = NULL;
	return 0;
}

static enum hy_err put(struct hy_store *store, const char *id, int64_t n)
{
	struct hy_query *q = hy_store_query(store, insert_item);

	hy_query_bind_c(q, 1, id);
	hy_query_bind_int(q, 2, n);
	return hy_query_run(q, NULL, NULL);
}

static int64_t ask(struct hy_store *store, const char *sql)
{
	struct hy_query *q = hy_store_query(store, sql);
	struct hy_error e = {0};
	bool row = false;
	int64_t n;

	if (hy_query_next(q, &row, &e))
		fail_msg("%s: %s", sql, e.text);
	assert_true(row);
	n = hy_query_int(q, 0);
	hy_query_reset(q);
	return n;
}

static void must(enum hy_err err)
{
	assert_int_equal(err, HY_OK);
}

static enum hy_err run(struct hy_store *store, const char *sql)
{
	return hy_query_run(hy_store_query(store, sql), NULL, NULL);
}

/* ---- what is put off ---- */

static enum hy_err put_later(struct hy_store *store, const char *id, int64_t n)
{
	struct hy_query *q = hy_store_query(store, insert_item);

	hy_query_bind_c(q, 1, id);
	hy_query_bind_int(q, 2, n);
	return hy_query_later(q, NULL);
}

static void what_was_put_off_is_there(void **state)
{
	struct fixture *f = *state;
	char id[16];

	must(hy_store_begin(f->store, NULL));
	must(put_later(f->store, "a", 1));
	assert_int_equal(ask(f->store, count_items), 1);
	must(put_later(f->store, "b", 1));
	must(put(f->store, "c", 1));
	/* More than fit on the way. */
	for (int i = 0; i < 3000; i++) {
		(void)snprintf(id, sizeof id, "many%d", i);
		must(put_later(f->store, id, i));
	}
	must(hy_store_settle(f->store, NULL));
	must(put_later(f->store, "d", 1));
	must(hy_store_commit(f->store, NULL));
	assert_int_equal(ask(f->store, count_items), 3004);
	/* Alone it is a write like another. */
	must(put_later(f->store, "alone", 1));
	assert_int_equal(put_later(f->store, "alone", 1), HY_ERR_CONFLICT);
	assert_int_equal(ask(f->store, count_items), 3005);
}

static enum hy_err settle(struct hy_store *store)
{
	return hy_store_settle(store, NULL);
}

static enum hy_err commit(struct hy_store *store)
{
	return hy_store_commit(store, NULL);
}

static enum hy_err run_another(struct hy_store *store)
{
	return put(store, "another", 1);
}

static enum hy_err read_something(struct hy_store *store)
{
	bool row;

	return hy_query_next(hy_store_query(store, count_items), &row, NULL);
}

static enum hy_err prepare_something(struct hy_store *store)
{
	return run(store, "UPDATE item SET note = 'first asked for here'");
}

/* By whatever is waited for next, the failure is told; with the store's next one all is gone. */
static void a_failure_of_what_was_put_off_ends_the_transaction(void **state)
{
	static enum hy_err (*const waits[])(struct hy_store *) = {
		settle, commit, run_another, read_something, prepare_something};
	struct fixture *f = *state;

	must(put(f->store, "a", 1));
	for (size_t i = 0; i < HY_COUNT(waits); i++) {
		enum hy_err err;

		must(hy_store_begin(f->store, NULL));
		must(put_later(f->store, "b", 1));
		err = put_later(f->store, "a", 1);
		/* What follows it is not carried out; the first failure is the one told. */
		if (!err)
			err = put_later(f->store, "c", -1);
		if (!err)
			err = waits[i](f->store);
		assert_int_equal(err, HY_ERR_CONFLICT);
		assert_int_equal(put_later(f->store, "d", 1), HY_ERR_CANCELLED);
		assert_int_equal(hy_store_settle(f->store, NULL), HY_ERR_CANCELLED);
		assert_int_equal(hy_store_commit(f->store, NULL), HY_ERR_CANCELLED);
		hy_store_rollback(f->store);
		assert_int_equal(ask(f->store, count_items), 1);
	}
	must(prepare_something(f->store));
}

static void a_rollback_forgets_what_was_put_off(void **state)
{
	struct fixture *f = *state;

	must(hy_store_begin(f->store, NULL));
	must(put_later(f->store, "a", 1));
	hy_store_rollback(f->store);
	must(hy_store_begin(f->store, NULL));
	hy_store_rollback(f->store);
	must(put(f->store, "b", 1));
	must(hy_store_begin(f->store, NULL));
	must(put_later(f->store, "a", 1));
	must(hy_store_commit(f->store, NULL));
	assert_int_equal(ask(f->store, count_items), 2);
}

/* Rows of one INSERT may go out together: each with its own values, in their order. */
static void rows_that_go_out_together_are_each_their_own(void **state)
{
	static const char insert[] =
		"INSERT INTO item (id, n, note) VALUES ($1, ($2), $3) ON CONFLICT DO NOTHING";
	struct fixture *f = *state;

	for (int round = 0; round < 2; round++) {
		must(hy_store_begin(f->store, NULL));
		for (int i = 0; i < 37; i++) {
			struct hy_query *q = hy_store_query(f->store, insert);
			char id[16];

			/* Every third again: what is there already stays as it is. */
			(void)snprintf(id, sizeof id, "%d", i % 3 ? i : i - 1);
			hy_query_bind_c(q, 1, id);
			hy_query_bind_int(q, 2, i);
			if (i % 2)
				hy_query_bind_text(q, 3, HY_STR_LIT("积水 '$1'), ("));
			must(hy_query_later(q, NULL));
		}
		must(hy_store_commit(f->store, NULL));
	}
	assert_int_equal(ask(f->store, count_items), 25);
	assert_int_equal(ask(f->store, "SELECT count(*) FROM item WHERE id = '-1' AND n = 0"), 1);
	assert_int_equal(ask(f->store, "SELECT count(*) FROM item WHERE id = '35' AND n = 35"), 1);
	assert_int_equal(ask(f->store, "SELECT count(*) FROM item WHERE note IS NULL"), 13);
	assert_int_equal(ask(f->store, "SELECT count(*) FROM item WHERE note LIKE '积水 %), ('"),
			 12);
}

/* ---- what is written last ---- */

struct last {
	struct hy_store *store;
	int64_t n;
	int calls;
};

static enum hy_err write_last(void *ctx, struct hy_error *e)
{
	struct last *last = ctx;

	(void)e;
	last->calls++;
	return put_later(last->store, "last", last->n);
}

static void the_last_is_written_once_by_the_commit(void **state)
{
	struct fixture *f = *state;
	struct last last = {.store = f->store};

	must(hy_store_begin(f->store, NULL));
	for (last.n = 1; last.n < 4; last.n++)
		hy_store_write_last(f->store, write_last, &last);
	assert_int_equal(ask(f->store, count_items), 0);
	must(hy_store_commit(f->store, NULL));
	assert_int_equal(last.calls, 1);
	assert_int_equal(ask(f->store, "SELECT n FROM item WHERE id = 'last'"), 4);
	/* It cannot be written again, and nothing else of its transaction is; then it is forgotten. */
	must(hy_store_begin(f->store, NULL));
	must(put_later(f->store, "a", 1));
	hy_store_write_last(f->store, write_last, &last);
	assert_int_equal(hy_store_commit(f->store, NULL), HY_ERR_CONFLICT);
	hy_store_rollback(f->store);
	must(hy_store_begin(f->store, NULL));
	hy_store_write_last(f->store, write_last, &last);
	hy_store_rollback(f->store);
	must(hy_store_begin(f->store, NULL));
	must(hy_store_commit(f->store, NULL));
	assert_int_equal(last.calls, 2);
	assert_int_equal(ask(f->store, count_items), 1);
}

static void unfit_values_are_not_put_off(void **state)
{
	struct fixture *f = *state;

	must(hy_store_begin(f->store, NULL));
	assert_int_equal(put_later(f->store, "\xff", 1), HY_ERR_MALFORMED);
	assert_int_equal(hy_store_commit(f->store, NULL), HY_ERR_CANCELLED);
	hy_store_rollback(f->store);
}

static int start_engines(void **state)
{
	struct fixture *f = hy_xcalloc(1, sizeof *f);

	*state = f;
	return test_engines_start(&f->engines) ? 0 : -1;
}

static int start_postgres(void **state)
{
	int err = start_engines(state);

	((struct fixture *)*state)->engine = TEST_POSTGRES;
	return err;
}

static int stop_engines(void **state)
{
	struct fixture *f = *state;

	test_engines_stop(&f->engines);
	free(f);
	return 0;
}

static void without_postgresql(void **state)
{
	(void)state;
	print_message("the PostgreSQL server is not installed\n");
	skip();
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(what_was_put_off_is_there),
		STORE_TEST(a_failure_of_what_was_put_off_ends_the_transaction),
		STORE_TEST(a_rollback_forgets_what_was_put_off),
		STORE_TEST(rows_that_go_out_together_are_each_their_own),
		STORE_TEST(the_last_is_written_once_by_the_commit),
		STORE_TEST(unfit_values_are_not_put_off),
	};
	const struct CMUnitTest none[] = {cmocka_unit_test(without_postgresql)};
	int failed = cmocka_run_group_tests_name("sqlite", tests, start_engines, stop_engines);

	if (access("/usr/lib/postgresql", X_OK) != 0)
		return failed + cmocka_run_group_tests_name("postgresql", none, NULL, NULL);
	return failed + cmocka_run_group_tests_name("postgresql", tests, start_postgres,
						    stop_engines);
}
