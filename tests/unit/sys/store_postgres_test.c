/* What only a server can do to its clients: end sessions, break lines, run out of things. */
#include "common/sys/store.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "common/sys/store_dialect.h"
#include "tests/lib/engines.h"
#include "tests/lib/pg_proxy.h"

struct fixture {
	struct test_engines engines;
	char url[TEST_URL_BYTES];
	struct hy_store *store;
};

static const struct hy_migration schema[] = {
	{.version = 1, .sql = "CREATE TABLE item (id TEXT PRIMARY KEY, n INTEGER NOT NULL);\n"},
};
static const char insert_item[] = "INSERT INTO item (id, n) VALUES ($1, 1)";

static void must(enum hy_err err)
{
	assert_int_equal(err, HY_OK);
}

static struct hy_store *open_url(const char *url, int64_t timeout_ms)
{
	struct hy_store_options options = {.timeout_ms = timeout_ms};
	struct hy_store *store = NULL;
	struct hy_error e = {0};

	if (hy_store_open(url, &options, &store, &e))
		fail_msg("open: %s", e.text);
	return store;
}

static int set_up(void **state)
{
	struct fixture *f = *state;

	if (!test_engines_url(&f->engines, TEST_POSTGRES, f->url))
		return -1;
	f->store = open_url(f->url, 2000);
	return hy_store_migrate(f->store, "test", schema, 1, NULL) == HY_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	hy_store_free(f->store);
	f->store = NULL;
	return 0;
}

static enum hy_err put(struct hy_store *store, const char *id)
{
	struct hy_query *q = hy_store_query(store, insert_item);

	hy_query_bind_c(q, 1, id);
	return hy_query_run(q, NULL, NULL);
}

static enum hy_err run(struct hy_store *store, const char *sql)
{
	return hy_query_run(hy_store_query(store, sql), NULL, NULL);
}

static int64_t ask(struct hy_store *store, const char *sql)
{
	struct hy_query *q = hy_store_query(store, sql);
	bool row = false;
	int64_t n;

	must(hy_query_next(q, &row, NULL));
	assert_true(row);
	n = hy_query_int(q, 0);
	hy_query_reset(q);
	return n;
}

/* Ends every other session, as an administrator or a restart does. */
static void end_sessions(struct fixture *f)
{
	assert_true(test_postgres_sql(f->engines.server,
		"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
		"WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"));
}

/* ---- lost sessions ---- */

static void an_idle_session_that_ended_is_replaced(void **state)
{
	struct fixture *f = *state;

	must(put(f->store, "a"));
	end_sessions(f);
	must(put(f->store, "b"));
	end_sessions(f);
	must(hy_store_begin(f->store, NULL));
	must(put(f->store, "c"));
	must(hy_store_commit(f->store, NULL));
	assert_int_equal(ask(f->store, "SELECT count(*) FROM item"), 3);
}

static void a_transaction_ends_with_its_session(void **state)
{
	struct fixture *f = *state;

	must(hy_store_begin(f->store, NULL));
	must(put(f->store, "a"));
	end_sessions(f);
	assert_int_equal(put(f->store, "b"), HY_ERR_UNAVAILABLE);
	assert_int_equal(hy_store_commit(f->store, NULL), HY_ERR_CANCELLED);
	hy_store_rollback(f->store);
	assert_int_equal(ask(f->store, "SELECT count(*) FROM item"), 0);
	must(put(f->store, "a"));
}

/* The lock may be another's by now: whoever held it must not write any more. */
static void a_lost_lock_denies_everything(void **state)
{
	struct fixture *f = *state;
	struct hy_store *standby = open_url(f->url, 2000);

	must(hy_store_lock(f->store, "alerter", NULL));
	must(put(f->store, "a"));
	assert_int_equal(hy_store_lock(standby, "alerter", NULL), HY_ERR_CONFLICT);
	end_sessions(f);
	must(hy_store_lock(standby, "alerter", NULL));
	assert_int_equal(put(f->store, "b"), HY_ERR_DENIED);
	assert_int_equal(hy_store_begin(f->store, NULL), HY_ERR_DENIED);
	assert_int_equal(hy_store_lock(f->store, "alerter", NULL), HY_ERR_DENIED);
	must(put(standby, "b"));
	hy_store_free(standby);
}

static void a_server_that_is_away_is_unavailable(void **state)
{
	struct hy_store *store = NULL;
	struct hy_error e = {0};

	(void)state;
	assert_int_equal(hy_store_open("postgresql:///x?host=/nonexistent&password=secret", NULL,
				       &store, &e), HY_ERR_UNAVAILABLE);
	assert_null(store);
	assert_null(strstr(e.text, "secret"));
}

/* ---- broken lines ---- */

struct broken_line {
	struct pg_proxy proxy;
	struct hy_store *store;
};

static struct broken_line break_line(struct fixture *f, enum pg_proxy_fault fault,
				     const char *needle)
{
	struct broken_line line;
	char url[TEST_URL_BYTES];

	assert_true(pg_proxy_start(&line.proxy, test_postgres_folder(f->engines.server), fault,
				   needle));
	(void)snprintf(url, sizeof url, "postgresql:///postgres?host=%s&user=postgres%s",
		       line.proxy.folder, strstr(f->url, "&options="));
	line.store = open_url(url, 300);
	return line;
}

static void mend_line(struct broken_line *line)
{
	hy_store_free(line->store);
	pg_proxy_stop(&line->proxy);
}

/* The outcome is unknown to the client in each case; what really happened differs. */
static void a_line_that_breaks_in_commit_is_uncertain(void **state)
{
	static const struct {
		enum pg_proxy_fault fault;
		int64_t rows;
	} cases[] = {
		{PG_PROXY_CUT_AFTER, 1},
		{PG_PROXY_CUT_BEFORE, 0},
		{PG_PROXY_SILENCE, 0},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct broken_line line = break_line(f, cases[i].fault, "COMMIT");
		struct hy_error e = {0};

		must(run(f->store, "DELETE FROM item"));
		must(hy_store_begin(line.store, NULL));
		must(put(line.store, "a"));
		assert_int_equal(hy_store_commit(line.store, &e), HY_ERR_UNCERTAIN);
		assert_int_equal(e.code, HY_ERR_UNCERTAIN);
		hy_store_rollback(line.store);
		/* As the contract says: ask by id, on a line that works again. */
		assert_int_equal(ask(line.store, "SELECT count(*) FROM item WHERE id = 'a'"),
				 cases[i].rows);
		mend_line(&line);
	}
}

static void a_lone_write_on_a_broken_line_is_uncertain(void **state)
{
	struct fixture *f = *state;
	struct broken_line line = break_line(f, PG_PROXY_CUT_AFTER, "needle");

	must(put(line.store, "first"));
	assert_int_equal(put(line.store, "needle"), HY_ERR_UNCERTAIN);
	assert_int_equal(put(line.store, "needle"), HY_ERR_CONFLICT);
	mend_line(&line);
}

static void a_read_on_a_broken_line_is_unavailable(void **state)
{
	struct fixture *f = *state;
	struct broken_line line = break_line(f, PG_PROXY_CUT_BEFORE, "needle");
	bool row;

	assert_int_equal(hy_query_next(hy_store_query(line.store, "SELECT 'needle'"), &row, NULL),
			 HY_ERR_UNAVAILABLE);
	assert_int_equal(ask(line.store, "SELECT 1"), 1);
	mend_line(&line);
}

static void a_line_that_breaks_in_a_transaction_writes_nothing(void **state)
{
	struct fixture *f = *state;
	struct broken_line line = break_line(f, PG_PROXY_CUT_AFTER, "needle");

	must(hy_store_begin(line.store, NULL));
	assert_int_equal(put(line.store, "needle"), HY_ERR_UNAVAILABLE);
	hy_store_rollback(line.store);
	assert_int_equal(ask(line.store, "SELECT count(*) FROM item"), 0);
	mend_line(&line);
}

static enum hy_err put_later(struct hy_store *store, const char *id)
{
	struct hy_query *q = hy_store_query(store, insert_item);

	hy_query_bind_c(q, 1, id);
	return hy_query_later(q, NULL);
}

/* Nobody can tell what was carried out of a group that ends with a commit. */
static void a_line_that_breaks_behind_what_was_put_off(void **state)
{
	struct fixture *f = *state;
	struct broken_line line = break_line(f, PG_PROXY_CUT_AFTER, "needle");

	must(hy_store_begin(line.store, NULL));
	must(put_later(line.store, "needle"));
	assert_int_equal(hy_store_settle(line.store, NULL), HY_ERR_UNAVAILABLE);
	assert_int_equal(hy_store_commit(line.store, NULL), HY_ERR_CANCELLED);
	hy_store_rollback(line.store);
	assert_int_equal(ask(line.store, "SELECT count(*) FROM item"), 0);
	mend_line(&line);
	line = break_line(f, PG_PROXY_CUT_AFTER, "needle");
	must(hy_store_begin(line.store, NULL));
	must(put_later(line.store, "needle"));
	assert_int_equal(hy_store_commit(line.store, NULL), HY_ERR_UNCERTAIN);
	hy_store_rollback(line.store);
	assert_int_equal(ask(line.store, "SELECT count(*) FROM item WHERE id = 'needle'"), 1);
	mend_line(&line);
}

/* The session ends before anything of the transaction was answered, or with answers on the way. */
static void what_was_put_off_ends_with_its_session(void **state)
{
	struct fixture *f = *state;

	for (int settled = 0; settled < 2; settled++) {
		must(hy_store_begin(f->store, NULL));
		must(put_later(f->store, "a"));
		if (settled)
			must(hy_store_settle(f->store, NULL));
		end_sessions(f);
		if (settled)
			must(put_later(f->store, "b"));
		assert_int_equal(hy_store_settle(f->store, NULL), HY_ERR_UNAVAILABLE);
		hy_store_rollback(f->store);
		assert_int_equal(ask(f->store, "SELECT count(*) FROM item"), 0);
	}
}

/* The server ends the session while it runs the deferred triggers of the COMMIT. */
static void a_session_that_ends_in_commit_is_uncertain(void **state)
{
	struct fixture *f = *state;

	must(run(f->store, "CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS "
			   "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"));
	must(run(f->store, "CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON item "
			   "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die()"));
	must(hy_store_begin(f->store, NULL));
	must(put(f->store, "a"));
	assert_int_equal(hy_store_commit(f->store, NULL), HY_ERR_UNCERTAIN);
	hy_store_rollback(f->store);
	assert_int_equal(ask(f->store, "SELECT count(*) FROM item"), 0);
}

/* ---- the server's errors ---- */

static void states_tell_what_to_do(void **state)
{
	static const struct {
		const char *sqlstate;
		enum hy_err err;
	} cases[] = {
		{"53100", HY_ERR_UNAVAILABLE},	/* disk full */
		{"53300", HY_ERR_UNAVAILABLE},	/* too many connections */
		{"40001", HY_ERR_UNAVAILABLE},	/* serialization failure */
		{"40P01", HY_ERR_UNAVAILABLE},	/* deadlock */
		{"40003", HY_ERR_UNCERTAIN},	/* completion unknown */
		{"55P03", HY_ERR_UNAVAILABLE},	/* lock timeout */
		{"57014", HY_ERR_UNAVAILABLE},	/* statement timeout */
		{"58030", HY_ERR_UNAVAILABLE},	/* input/output error */
		{"23505", HY_ERR_CONFLICT},	{"23514", HY_ERR_CONFLICT},
		{"P0001", HY_ERR_CONFLICT},	{"42501", HY_ERR_DENIED},
		{"25006", HY_ERR_DENIED},	{"54000", HY_ERR_LIMIT},
		{"XX001", HY_ERR_IO},		{"42601", HY_ERR_MALFORMED},
		{"22003", HY_ERR_MALFORMED},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		char sql[128];
		struct hy_error e = {0};

		(void)snprintf(sql, sizeof sql,
			       "DO 'BEGIN RAISE EXCEPTION USING ERRCODE = ''%s'', MESSAGE = ''m''; END'",
			       cases[i].sqlstate);
		assert_int_equal(hy_query_run(hy_store_query(f->store, sql), NULL, &e),
				 cases[i].err);
		assert_string_equal(e.text, "postgresql: m");
	}
	must(put(f->store, "a"));
}

static void slow_statements_end_in_time(void **state)
{
	struct fixture *f = *state;
	struct hy_store *hasty = open_url(f->url, 100);

	assert_int_equal(run(hasty, "SELECT pg_sleep(60)"), HY_ERR_UNAVAILABLE);
	assert_int_equal(ask(hasty, "SELECT 1"), 1);
	hy_store_free(hasty);
}

static void two_that_wait_for_each_other_do_not_wait_for_ever(void **state)
{
	struct fixture *f = *state;
	struct hy_store *other = open_url(f->url, 200);

	must(put(f->store, "a"));
	must(hy_store_begin(f->store, NULL));
	must(run(f->store, "UPDATE item SET n = 2 WHERE id = 'a'"));
	must(hy_store_begin(other, NULL));
	assert_int_equal(run(other, "UPDATE item SET n = 3 WHERE id = 'a'"), HY_ERR_UNAVAILABLE);
	hy_store_rollback(other);
	must(hy_store_commit(f->store, NULL));
	hy_store_free(other);
}

/* A server that was told to trade durability for speed does not get to for us. */
static void commits_are_synchronous(void **state)
{
	struct fixture *f = *state;
	struct hy_store *store;

	assert_true(test_postgres_sql(f->engines.server,
				      "ALTER DATABASE postgres SET synchronous_commit = off"));
	store = open_url(f->url, 1000);
	assert_int_equal(ask(store, "SELECT current_setting('synchronous_commit') = 'on'"), 1);
	hy_store_free(store);
	assert_true(test_postgres_sql(f->engines.server,
				      "ALTER DATABASE postgres RESET synchronous_commit"));
}

/* A plan made while a table was empty, and kept, must not read it whole when it has grown. */
static void only_readers_plan_by_statistics(void **state)
{
	static const char look_ups[] = "SELECT current_setting('enable_seqscan') = 'off' AND"
				       " current_setting('plan_cache_mode') = 'force_generic_plan'";
	struct hy_store_options options = {.read_only = true};
	struct fixture *f = *state;
	struct hy_store *reader = NULL;

	assert_int_equal(ask(f->store, look_ups), 1);
	must(hy_store_open(f->url, &options, &reader, NULL));
	assert_int_equal(ask(reader, look_ups), 0);
	hy_store_free(reader);
}

/* ---- dialect ---- */

static void types_are_rewritten_as_words(void **state)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{"a INTEGER, b BLOB", "a BIGINT, b BYTEA"},
		{"id integer  primary\n key", "id BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY"},
		{"INTEGERS BLOBS_x xINTEGER", "INTEGERS BLOBS_x xINTEGER"},
		{"DEFAULT 'INTEGER' \"BLOB\" INTEGER", "DEFAULT 'INTEGER' \"BLOB\" BIGINT"},
		{"-- INTEGER\nINTEGER /* BLOB */", "-- INTEGER\nBIGINT /* BLOB */"},
		{"'it''s INTEGER' INTEGER", "'it''s INTEGER' BIGINT"},
		{"'open INTEGER", "'open INTEGER"},
		{"名INTEGER INTEGER", "名INTEGER BIGINT"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_buf out;

		hy_buf_init(&out, 1000);
		hy_store_to_postgres(cases[i].from, &out);
		assert_string_equal(hy_buf_str(&out).p, cases[i].to);
		hy_buf_fini(&out);
	}
}

static int start_engines(void **state)
{
	struct fixture *f = hy_xcalloc(1, sizeof *f);

	*state = f;
	return test_engines_start(&f->engines) ? 0 : -1;
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
	const struct CMUnitTest plain[] = {
		cmocka_unit_test(types_are_rewritten_as_words),
		cmocka_unit_test(a_server_that_is_away_is_unavailable),
	};
	const struct CMUnitTest tests[] = {
		STORE_TEST(an_idle_session_that_ended_is_replaced),
		STORE_TEST(a_transaction_ends_with_its_session),
		STORE_TEST(a_lost_lock_denies_everything),
		STORE_TEST(a_line_that_breaks_in_commit_is_uncertain),
		STORE_TEST(a_lone_write_on_a_broken_line_is_uncertain),
		STORE_TEST(a_read_on_a_broken_line_is_unavailable),
		STORE_TEST(a_line_that_breaks_in_a_transaction_writes_nothing),
		STORE_TEST(a_line_that_breaks_behind_what_was_put_off),
		STORE_TEST(what_was_put_off_ends_with_its_session),
		STORE_TEST(a_session_that_ends_in_commit_is_uncertain),
		STORE_TEST(states_tell_what_to_do),
		STORE_TEST(slow_statements_end_in_time),
		STORE_TEST(two_that_wait_for_each_other_do_not_wait_for_ever),
		STORE_TEST(commits_are_synchronous),
		STORE_TEST(only_readers_plan_by_statistics),
	};
	const struct CMUnitTest none[] = {cmocka_unit_test(without_postgresql)};
	int failed = cmocka_run_group_tests_name("without a server", plain, NULL, NULL);

	if (access("/usr/lib/postgresql", X_OK) != 0)
		return failed + cmocka_run_group_tests_name("postgresql", none, NULL, NULL);
	return failed + cmocka_run_group_tests_name("postgresql", tests, start_engines, stop_engines);
}
