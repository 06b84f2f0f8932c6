/* What both engines promise: one table of tests, run over SQLite and over PostgreSQL. */
#include "common/sys/store.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
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
	{.version = 1, .sql = "CREATE TABLE item (id TEXT PRIMARY KEY, n INTEGER NOT NULL CHECK (n >= 0),\n"
	    " note TEXT, raw BLOB, at INTEGER);\n"
	    "CREATE TABLE part (item TEXT NOT NULL REFERENCES item (id), name TEXT NOT NULL,\n"
	    " UNIQUE (item, name));\n"},
	{.version = 2, .sql = "CREATE TABLE late (item TEXT NOT NULL REFERENCES item (id)\n"
	    " DEFERRABLE INITIALLY DEFERRED);\n"
	    "CREATE TABLE counted (id INTEGER PRIMARY KEY, name TEXT NOT NULL);\n"},
};

static const char insert_item[] = "INSERT INTO item (id, n) VALUES ($1, $2)";
static const char count_items[] = "SELECT count(*) FROM item";

/* ---- fixture ---- */

static struct hy_store *open_as(const char *url, int64_t timeout_ms, bool read_only)
{
	struct hy_store_options options = {.timeout_ms = timeout_ms, .read_only = read_only};
	struct hy_store *store = NULL;
	struct hy_error e = {0};

	if (hy_store_open(url, &options, &store, &e))
		fail_msg("open: %s", e.text);
	return store;
}

static int set_up(void **state)
{
	struct fixture *f = *state;
	struct hy_error e = {0};

	if (!test_engines_url(&f->engines, f->engine, f->url))
		return -1;
	f->store = open_as(f->url, 2000, false);
	if (hy_store_migrate(f->store, "test", schema, HY_COUNT(schema), &e)) {
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

/* ---- values ---- */

static void round_trip(struct hy_store *store, struct hy_str text, struct hy_str raw, int64_t n)
{
	struct hy_query *q = hy_store_query(store, "INSERT INTO item (id, n, note, raw, at) "
						   "VALUES ($1, $2, $3, $4, $5)");
	bool row;

	must(run(store, "DELETE FROM item"));
	hy_query_bind_c(q, 1, "标识");
	hy_query_bind_int(q, 2, 7);
	hy_query_bind_text(q, 3, text);
	hy_query_bind_blob(q, 4, raw);
	hy_query_bind_int(q, 5, n);
	must(hy_query_run(q, NULL, NULL));
	q = hy_store_query(store, "SELECT id, n, note, raw, at FROM item");
	must(hy_query_next(q, &row, NULL));
	assert_true(row);
	assert_true(hy_str_eq_c(hy_query_text(q, 0), "标识"));
	assert_int_equal(hy_query_int(q, 1), 7);
	assert_false(hy_query_is_null(q, 2));
	assert_true(hy_str_eq(hy_query_text(q, 2), text));
	assert_true(hy_str_eq(hy_query_blob(q, 3), raw));
	assert_true(hy_query_int(q, 4) == n);
	must(hy_query_next(q, &row, NULL));
	assert_false(row);
}

static void values_come_back(void **state)
{
	struct fixture *f = *state;
	char all[256];
	size_t size = (size_t)1 << 20;
	char *big = malloc(size);

	for (int i = 0; i < 256; i++)
		all[i] = (char)i;
	memset(big, 'x', size);
	round_trip(f->store, HY_STR_LIT("济南高新区 𠮷 'quoted' \"double\" \\ $1"),
		   (struct hy_str){all, sizeof all}, INT64_MAX);
	round_trip(f->store, HY_STR_LIT(""), HY_STR_LIT(""), INT64_MIN);
	round_trip(f->store, (struct hy_str){big, size}, (struct hy_str){big, size}, 0);
	free(big);
}

static void nulls_are_nulls(void **state)
{
	struct fixture *f = *state;
	struct hy_query *q = hy_store_query(f->store, "INSERT INTO item (id, n, note, raw, at) "
						      "VALUES ($1, 1, $2, $3, $4)");
	bool row;

	hy_query_bind_c(q, 1, "a");
	hy_query_bind_c(q, 2, NULL);
	hy_query_bind_null(q, 3);
	hy_query_bind_wall(q, 4, HY_WALL_NONE);
	must(hy_query_run(q, NULL, NULL));
	q = hy_store_query(f->store, "SELECT note, raw, at FROM item");
	must(hy_query_next(q, &row, NULL));
	for (int i = 0; i < 3; i++)
		assert_true(hy_query_is_null(q, i));
	assert_int_equal(hy_query_text(q, 0).n, 0);
	assert_int_equal(hy_query_blob(q, 1).n, 0);
	assert_int_equal(hy_query_int(q, 2), 0);
	assert_false(hy_wall_known(hy_query_wall(q, 2)));
}

/* PostgreSQL could store neither: it would be a difference, or a silent cut. */
static void foreign_text_is_refused(void **state)
{
	struct fixture *f = *state;
	static const struct hy_str texts[] = {
		{"a\0b", 3}, {"\xc4\xe3", 2}, {"\xed\xa0\x80", 3},
	};

	for (size_t i = 0; i < HY_COUNT(texts); i++) {
		struct hy_query *q = hy_store_query(f->store, insert_item);

		hy_query_bind_text(q, 1, texts[i]);
		hy_query_bind_int(q, 2, 1);
		assert_int_equal(hy_query_run(q, NULL, NULL), HY_ERR_MALFORMED);
	}
	assert_int_equal(ask(f->store, count_items), 0);
	must(put(f->store, "a", 1));
}

/* SQLite numbers $n by first appearance; the same number may stand twice. */
static void parameters_go_by_number(void **state)
{
	struct fixture *f = *state;
	struct hy_query *q = hy_store_query(f->store, "INSERT INTO item (n, id, at, note) "
						      "VALUES ($3, $1, $3, $2)");
	bool row;

	hy_query_bind_c(q, 1, "one");
	hy_query_bind_c(q, 2, "two");
	hy_query_bind_int(q, 3, 3);
	must(hy_query_run(q, NULL, NULL));
	q = hy_store_query(f->store, "SELECT id, note, n, at FROM item "
				     "WHERE note = $2 AND id = $1 AND n = $3 AND at = $3");
	hy_query_bind_c(q, 1, "one");
	hy_query_bind_c(q, 2, "two");
	hy_query_bind_int(q, 3, 3);
	must(hy_query_next(q, &row, NULL));
	assert_true(row);
}

/* A query asked for again has no parameters of the last time. */
static void parameters_do_not_stay(void **state)
{
	struct fixture *f = *state;

	must(put(f->store, "a", 1));
	assert_int_equal(hy_query_run(hy_store_query(f->store, insert_item), NULL, NULL),
			 HY_ERR_CONFLICT);
}

static void figures_agree(void **state)
{
	struct fixture *f = *state;

	must(put(f->store, "a", 3));
	must(put(f->store, "b", 4));
	assert_int_equal(ask(f->store, "SELECT sum(n) FROM item"), 7);
	assert_int_equal(ask(f->store, "SELECT max(n) > 3 FROM item"), 1);
	assert_int_equal(ask(f->store, "SELECT max(n) > 4 FROM item"), 0);
}

static void changes_are_counted(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *sql;
		int64_t changed;
	} cases[] = {
		{"INSERT INTO item (id, n) VALUES ('a', 1), ('b', 2), ('c', 3)", 3},
		{"INSERT INTO item (id, n) VALUES ('a', 1), ('d', 4) ON CONFLICT DO NOTHING", 1},
		{"UPDATE item SET n = 9 WHERE n >= 3", 2},
		{"UPDATE item SET n = 9 WHERE n = 77", 0},
		{"SELECT id FROM item", 0},
		{"DELETE FROM item", 4},
	};

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		int64_t changed = -1;

		must(hy_query_run(hy_store_query(f->store, cases[i].sql), &changed, NULL));
		assert_int_equal(changed, cases[i].changed);
	}
}

static void rows_come_in_order_and_reset(void **state)
{
	struct fixture *f = *state;
	struct hy_query *q;
	bool row;

	must(run(f->store, "INSERT INTO item (id, n) VALUES ('a', 1), ('b', 2), ('c', 3)"));
	q = hy_store_query(f->store, "SELECT n FROM item ORDER BY n");
	for (int round = 0; round < 2; round++) {
		for (int i = 1; i <= 3; i++) {
			must(hy_query_next(q, &row, NULL));
			assert_true(row);
			assert_int_equal(hy_query_int(q, 0), i);
			if (round == 0 && i == 2)
				break;
		}
		hy_query_reset(q);
	}
	/* A read that is under way does not forbid a write; the write ends it. */
	must(hy_query_next(q, &row, NULL));
	must(hy_store_begin(f->store, NULL));
	must(put(f->store, "d", 0));
	must(hy_store_commit(f->store, NULL));
	must(hy_query_next(q, &row, NULL));
	assert_true(row);
	assert_int_equal(hy_query_int(q, 0), 0);
}

static void returning_writes_though_not_read_to_the_end(void **state)
{
	struct fixture *f = *state;
	const char sql[] = "INSERT INTO item (id, n) VALUES ('a', 1), ('b', 2) RETURNING n";
	struct hy_query *q;
	bool row = false;

	must(hy_store_begin(f->store, NULL));
	q = hy_store_query(f->store, sql);
	must(hy_query_next(q, &row, NULL));
	assert_true(row);
	assert_int_equal(hy_query_int(q, 0), 1);
	must(hy_store_commit(f->store, NULL));
	assert_int_equal(ask(f->store, count_items), 2);
	must(run(f->store, "DELETE FROM item"));
	q = hy_store_query(f->store, sql);
	must(hy_query_next(q, &row, NULL));
	hy_query_reset(q);
	assert_int_equal(ask(f->store, count_items), 2);
}

static void queries_are_known_by_their_text(void **state)
{
	struct fixture *f = *state;
	char buffer[64] = "SELECT 1";
	struct hy_query *one = hy_store_query(f->store, buffer);

	assert_ptr_equal(hy_store_query(f->store, "SELECT 1"), one);
	(void)snprintf(buffer, sizeof buffer, "SELECT 2");
	assert_ptr_not_equal(hy_store_query(f->store, buffer), one);
	assert_int_equal(ask(f->store, buffer), 2);
	assert_int_equal(ask(f->store, "SELECT 1"), 1);
}

/* ---- failures ---- */

static void constraints_are_conflicts(void **state)
{
	struct fixture *f = *state;
	static const char *const cases[] = {
		"INSERT INTO item (id, n) VALUES ('a', 2)",		/* primary key */
		"INSERT INTO item (id, n) VALUES ('b', -1)",		/* check */
		"INSERT INTO item (id, n) VALUES ('b', NULL)",		/* not null */
		"INSERT INTO part (item, name) VALUES ('none', 'x')",	/* foreign key */
		"INSERT INTO part (item, name) VALUES ('a', 'x'), ('a', 'x')",	/* unique */
		"DELETE FROM item WHERE id = 'a'",			/* still referred to */
	};

	must(put(f->store, "a", 1));
	must(run(f->store, "INSERT INTO part (item, name) VALUES ('a', 'y')"));
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_error e = {0};

		assert_int_equal(hy_query_run(hy_store_query(f->store, cases[i]), NULL, &e),
				 HY_ERR_CONFLICT);
		assert_int_equal(e.code, HY_ERR_CONFLICT);
		assert_true(strlen(e.text) > 10);
	}
	assert_int_equal(ask(f->store, count_items), 1);
	assert_int_equal(ask(f->store, "SELECT count(*) FROM part"), 1);
}

static void deferred_constraints_refuse_the_commit(void **state)
{
	struct fixture *f = *state;

	must(hy_store_begin(f->store, NULL));
	must(run(f->store, "INSERT INTO late (item) VALUES ('none')"));
	assert_int_equal(hy_store_commit(f->store, NULL), HY_ERR_CONFLICT);
	assert_true(hy_store_in_transaction(f->store));
	hy_store_rollback(f->store);
	assert_int_equal(ask(f->store, "SELECT count(*) FROM late"), 0);
}

static void unfit_sql_is_malformed(void **state)
{
	struct fixture *f = *state;
	static const char *const cases[] = {"SELEC 1", "SELECT none FROM item",
					    "SELECT 1 FROM nowhere",
					    "INSERT INTO item (id, n) VALUES (\"a\", 1)"};

	for (size_t i = 0; i < HY_COUNT(cases); i++)
		assert_int_equal(run(f->store, cases[i]), HY_ERR_MALFORMED);
	must(put(f->store, "a", 1));
}

static void a_failed_transaction_only_rolls_back(void **state)
{
	struct fixture *f = *state;

	must(hy_store_begin(f->store, NULL));
	must(put(f->store, "a", 1));
	assert_int_equal(put(f->store, "a", 1), HY_ERR_CONFLICT);
	assert_int_equal(put(f->store, "b", 1), HY_ERR_CANCELLED);
	assert_int_equal(hy_store_commit(f->store, NULL), HY_ERR_CANCELLED);
	hy_store_rollback(f->store);
	assert_false(hy_store_in_transaction(f->store));
	assert_int_equal(ask(f->store, count_items), 0);
	must(put(f->store, "a", 1));
}

static void read_only_stores_refuse_writes(void **state)
{
	struct fixture *f = *state;
	struct hy_store *reader;
	int64_t before;

	must(put(f->store, "a", 1));
	reader = open_as(f->url, 500, true);
	assert_int_equal(put(reader, "b", 1), HY_ERR_DENIED);
	/* A reader's transaction shows one moment. */
	must(hy_store_begin(reader, NULL));
	before = ask(reader, count_items);
	must(put(f->store, "c", 1));
	assert_int_equal(ask(reader, count_items), before);
	must(hy_store_commit(reader, NULL));
	assert_int_equal(ask(reader, count_items), before + 1);
	hy_store_free(reader);
}

static void a_lock_held_too_long_is_unavailable(void **state)
{
	struct fixture *f = *state;
	struct hy_store *other = open_as(f->url, 100, false);
	enum hy_err err;

	must(put(f->store, "a", 1));
	must(hy_store_begin(f->store, NULL));
	must(run(f->store, "UPDATE item SET n = 2 WHERE id = 'a'"));
	err = hy_store_begin(other, NULL);
	if (!err)
		err = run(other, "UPDATE item SET n = 3 WHERE id = 'a'");
	assert_int_equal(err, HY_ERR_UNAVAILABLE);
	assert_true(hy_err_is_retryable(err));
	hy_store_rollback(other);
	must(hy_store_commit(f->store, NULL));
	must(run(other, "UPDATE item SET n = 3 WHERE id = 'a'"));
	hy_store_free(other);
}

static void rows_are_leased_once(void **state)
{
	static const char lease[] =
		"UPDATE item SET note = $1 WHERE id IN (SELECT id FROM item WHERE note IS NULL "
		"ORDER BY n LIMIT 2 {skip_locked}) RETURNING id";
	struct fixture *f = *state;
	struct hy_store *other = open_as(f->url, 500, false);
	struct hy_query *q;
	int64_t changed = 0;

	must(run(f->store, "INSERT INTO item (id, n) VALUES ('a', 1), ('b', 2), ('c', 3)"));
	must(hy_store_begin(f->store, NULL));
	q = hy_store_query(f->store, lease);
	hy_query_bind_c(q, 1, "first");
	must(hy_query_run(q, &changed, NULL));
	assert_int_equal(changed, 2);
	if (f->engine == TEST_SQLITE)
		must(hy_store_commit(f->store, NULL));	/* one writer at a time */
	q = hy_store_query(other, lease);
	hy_query_bind_c(q, 1, "second");
	must(hy_query_run(q, &changed, NULL));
	assert_int_equal(changed, 1);
	if (f->engine == TEST_POSTGRES)
		must(hy_store_commit(f->store, NULL));
	assert_int_equal(ask(other, "SELECT count(*) FROM item WHERE note = 'first'"), 2);
	hy_store_free(other);
}

/* ---- transactions and processes ---- */

static void freeing_rolls_back(void **state)
{
	struct fixture *f = *state;
	struct hy_store *other = open_as(f->url, 500, false);

	must(hy_store_begin(other, NULL));
	must(put(other, "a", 1));
	hy_store_free(other);
	assert_int_equal(ask(f->store, count_items), 0);
}

/* In a child: writes one row, commits it or not, and dies without another word. */
static void write_and_die(const char *url, const char *id, bool commit)
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0) {
		struct hy_store *store = open_as(url, 2000, false);

		must(hy_store_begin(store, NULL));
		must(put(store, id, 1));
		if (commit)
			must(hy_store_commit(store, NULL));
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void a_killed_writer_leaves_what_it_committed(void **state)
{
	struct fixture *f = *state;

	write_and_die(f->url, "committed", true);
	write_and_die(f->url, "torn", false);
	must(put(f->store, "after", 1));
	assert_int_equal(ask(f->store, "SELECT count(*) FROM item WHERE id = 'committed'"), 1);
	assert_int_equal(ask(f->store, count_items), 2);
}

static void named_locks_exclude(void **state)
{
	struct fixture *f = *state;
	struct hy_store *other = open_as(f->url, 500, false);

	must(hy_store_lock(f->store, "alerter", NULL));
	assert_int_equal(hy_store_lock(other, "alerter", NULL), HY_ERR_CONFLICT);
	must(hy_store_lock(other, "crawler", NULL));
	must(put(other, "a", 1));
	hy_store_free(f->store);
	f->store = NULL;
	must(hy_store_lock(other, "alerter", NULL));
	hy_store_free(other);
}

/* ---- migrations ---- */

static void migrations_run_once(void **state)
{
	struct fixture *f = *state;

	must(put(f->store, "a", 1));
	must(hy_store_migrate(f->store, "test", schema, HY_COUNT(schema), NULL));
	assert_int_equal(ask(f->store, count_items), 1);
	assert_int_equal(ask(f->store, "SELECT count(*) FROM huiying_schema"), HY_COUNT(schema));
	assert_int_equal(ask(f->store, "SELECT min(applied_at) > 1700000000000 FROM huiying_schema"),
			 1);
}

static void a_newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;
	struct hy_error e = {0};

	assert_int_equal(hy_store_migrate(f->store, "test", schema, 1, &e), HY_ERR_DENIED);
	assert_non_null(strstr(e.text, "test"));
	assert_false(hy_store_in_transaction(f->store));
	must(put(f->store, "a", 1));
}

static void a_bad_step_leaves_nothing(void **state)
{
	struct fixture *f = *state;
	static const struct hy_migration steps[] = {
		{.version = 1, .sql = "CREATE TABLE first (a INTEGER);\n"},
		{.version = 2, .sql = "CREATE TABLE second (a INTEGER);\nCREATE TABLE first (a INTEGER);\n"},
	};
	struct hy_error e = {0};

	assert_int_equal(hy_store_migrate(f->store, "bad", steps, 2, &e), HY_ERR_MALFORMED);
	assert_non_null(strstr(e.text, "bad schema step 2"));
	assert_int_equal(ask(f->store, "SELECT max(version) FROM huiying_schema "
				       "WHERE component = 'bad'"), 1);
	assert_int_equal(run(f->store, "SELECT a FROM second"), HY_ERR_MALFORMED);
}

/* What one engine alone has runs on that engine, behind what both have. */
static void a_step_may_differ_by_engine(void **state)
{
	struct fixture *f = *state;
	static const struct hy_migration steps[] = {
		{.version = 1, .sql = "CREATE TABLE engine (name TEXT);\n",
		 .sqlite = "INSERT INTO engine (name) VALUES ('sqlite');\n",
		 .postgres = "DO $$ BEGIN INSERT INTO engine (name) VALUES ('postgres'); END $$;\n"},
	};
	bool is_sqlite = hy_store_engine(f->store) == HY_STORE_SQLITE;

	must(hy_store_migrate(f->store, "engine", steps, 1, NULL));
	assert_int_equal(ask(f->store, "SELECT COUNT(*) FROM engine"), 1);
	assert_int_equal(ask(f->store, "SELECT COUNT(*) FROM engine WHERE name = 'sqlite'"),
			 is_sqlite);
	assert_int_equal(ask(f->store, "SELECT COUNT(*) FROM engine WHERE name {like} 'SQL%'"),
			 is_sqlite);
}

static void numbered_columns_number_themselves(void **state)
{
	struct fixture *f = *state;

	must(run(f->store, "INSERT INTO counted (name) VALUES ('a'), ('b')"));
	assert_int_equal(ask(f->store, "SELECT id FROM counted WHERE name = 'b'"), 2);
}

/* Several processes start on an empty database at once. */
static void concurrent_starts_migrate_once(void **state)
{
	struct fixture *f = *state;
	char url[TEST_URL_BYTES];
	pid_t pids[4];
	struct hy_store *store;

	assert_true(test_engines_url(&f->engines, f->engine, url));
	for (size_t i = 0; i < HY_COUNT(pids); i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			store = open_as(url, 5000, false);
			_exit(hy_store_migrate(store, "test", schema, HY_COUNT(schema), NULL) != HY_OK);
		}
	}
	for (size_t i = 0; i < HY_COUNT(pids); i++) {
		int status = -1;

		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
		assert_int_equal(status, 0);
	}
	store = open_as(url, 500, false);
	assert_int_equal(ask(store, "SELECT count(*) FROM huiying_schema"), HY_COUNT(schema));
	hy_store_free(store);
}

/* ---- both engines ---- */

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
		STORE_TEST(values_come_back),
		STORE_TEST(nulls_are_nulls),
		STORE_TEST(foreign_text_is_refused),
		STORE_TEST(parameters_go_by_number),
		STORE_TEST(parameters_do_not_stay),
		STORE_TEST(figures_agree),
		STORE_TEST(changes_are_counted),
		STORE_TEST(rows_come_in_order_and_reset),
		STORE_TEST(returning_writes_though_not_read_to_the_end),
		STORE_TEST(queries_are_known_by_their_text),
		STORE_TEST(constraints_are_conflicts),
		STORE_TEST(deferred_constraints_refuse_the_commit),
		STORE_TEST(unfit_sql_is_malformed),
		STORE_TEST(a_failed_transaction_only_rolls_back),
		STORE_TEST(read_only_stores_refuse_writes),
		STORE_TEST(a_lock_held_too_long_is_unavailable),
		STORE_TEST(rows_are_leased_once),
		STORE_TEST(freeing_rolls_back),
		STORE_TEST(a_killed_writer_leaves_what_it_committed),
		STORE_TEST(named_locks_exclude),
		STORE_TEST(migrations_run_once),
		STORE_TEST(a_newer_schema_is_refused),
		STORE_TEST(a_bad_step_leaves_nothing),
		STORE_TEST(a_step_may_differ_by_engine),
		STORE_TEST(numbered_columns_number_themselves),
		STORE_TEST(concurrent_starts_migrate_once),
	};
	const struct CMUnitTest none[] = {cmocka_unit_test(without_postgresql)};
	int failed = cmocka_run_group_tests_name("sqlite", tests, start_engines, stop_engines);

	if (access("/usr/lib/postgresql", X_OK) != 0)
		return failed + cmocka_run_group_tests_name("postgresql", none, NULL, NULL);
	return failed + cmocka_run_group_tests_name("postgresql", tests, start_postgres,
						    stop_engines);
}
