/* What only a file can do: fill the disk, be damaged, be somebody else's. */
#include "common/sys/store.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/engines.h"

#define TEXT_BYTES ((size_t)256 << 10)

struct fixture {
	struct test_engines engines;
	char url[TEST_URL_BYTES];
	struct hy_store *store;
};

static const struct hy_migration schema[] = {
	{.version = 1, .sql = "CREATE TABLE item (id TEXT PRIMARY KEY, note TEXT NOT NULL);\n"},
};

static void must(enum hy_err err)
{
	assert_int_equal(err, HY_OK);
}

static int set_up(void **state)
{
	struct fixture *f = hy_xcalloc(1, sizeof *f);

	*state = f;
	if (!test_engines_start(&f->engines) ||
	    !test_engines_url(&f->engines, TEST_SQLITE, f->url) ||
	    hy_store_open(f->url, NULL, &f->store, NULL))
		return -1;
	return hy_store_migrate(f->store, "test", schema, 1, NULL) == HY_OK ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	hy_store_free(f->store);
	test_engines_stop(&f->engines);
	free(f);
	return 0;
}

static const char *path_of(const struct fixture *f)
{
	return f->url + strlen("sqlite:");
}

static enum hy_err put(struct hy_store *store, const char *id, size_t bytes, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, "INSERT INTO item (id, note) VALUES ($1, $2)");
	char *note = hy_xcalloc(bytes + 1, 1);
	enum hy_err err;

	memset(note, 'x', bytes);
	hy_query_bind_c(q, 1, id);
	hy_query_bind_c(q, 2, note);
	err = hy_query_run(q, NULL, e);
	free(note);
	return err;
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

static void settings_are_the_durable_ones(void **state)
{
	struct fixture *f = *state;
	struct hy_query *q = hy_store_query(f->store, "PRAGMA journal_mode");
	bool row;

	must(hy_query_next(q, &row, NULL));
	assert_true(hy_str_eq_c(hy_query_text(q, 0), "wal"));
	assert_int_equal(ask(f->store, "PRAGMA synchronous"), 2);
	assert_int_equal(ask(f->store, "PRAGMA foreign_keys"), 1);
	assert_int_equal(ask(f->store, "PRAGMA trusted_schema"), 0);
}

static void files_are_ours_alone(void **state)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", ".alerter.lock"};
	struct fixture *f = *state;

	must(hy_store_lock(f->store, "alerter", NULL));
	for (size_t i = 0; i < HY_COUNT(suffixes); i++) {
		char path[TEST_URL_BYTES + 16];
		struct stat st;

		(void)snprintf(path, sizeof path, "%s%s", path_of(f), suffixes[i]);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
}

/* One that read first and wrote later could find its snapshot outdated, too late. */
static void writers_wait_at_begin(void **state)
{
	struct hy_store_options hasty = {.timeout_ms = 50};
	struct fixture *f = *state;
	struct hy_store *other = NULL;

	must(hy_store_open(f->url, &hasty, &other, NULL));
	must(hy_store_begin(f->store, NULL));
	assert_int_equal(ask(f->store, "SELECT count(*) FROM item"), 0);
	assert_int_equal(hy_store_begin(other, NULL), HY_ERR_UNAVAILABLE);
	must(put(f->store, "a", 1, NULL));
	must(hy_store_commit(f->store, NULL));
	must(hy_store_begin(other, NULL));
	hy_store_free(other);
}

/* The database may not grow: what was committed stays, and room makes it work again. */
static void a_full_database_refuses_and_recovers(void **state)
{
	struct fixture *f = *state;
	struct hy_error e = {0};

	must(put(f->store, "before", 10, NULL));
	(void)ask(f->store, "PRAGMA max_page_count = 12");
	must(hy_store_begin(f->store, NULL));
	must(put(f->store, "small", 10, NULL));
	assert_int_equal(put(f->store, "large", TEXT_BYTES, &e), HY_ERR_UNAVAILABLE);
	assert_non_null(strstr(e.text, "full"));
	assert_true(hy_err_is_retryable(e.code));
	assert_int_equal(hy_store_commit(f->store, NULL), HY_ERR_CANCELLED);
	hy_store_rollback(f->store);
	assert_int_equal(put(f->store, "large", TEXT_BYTES, NULL), HY_ERR_UNAVAILABLE);
	assert_int_equal(ask(f->store, "SELECT count(*) FROM item"), 1);
	(void)ask(f->store, "PRAGMA max_page_count = 100000");
	must(hy_store_begin(f->store, NULL));
	must(put(f->store, "large", TEXT_BYTES, NULL));
	must(hy_store_commit(f->store, NULL));
	assert_int_equal(ask(f->store, "SELECT count(*) FROM item"), 2);
}

/* The file system refuses to write: as with a full disk, at every point of a transaction. */
static void a_file_that_may_not_grow(const char *url)
{
	struct rlimit limit = {0};
	struct hy_store *store = NULL;
	int refused = 0;

	must(hy_store_open(url, NULL, &store, NULL));
	(void)signal(SIGXFSZ, SIG_IGN);
	limit.rlim_cur = limit.rlim_max = TEXT_BYTES;
	must(setrlimit(RLIMIT_FSIZE, &limit) ? HY_ERR_IO : HY_OK);
	for (int i = 0; i < 40; i++) {
		char id[16];
		enum hy_err err;

		(void)snprintf(id, sizeof id, "n%d", i);
		err = hy_store_begin(store, NULL);
		if (!err)
			err = put(store, id, TEXT_BYTES / 16, NULL);
		if (!err)
			err = hy_store_commit(store, NULL);
		assert_true(err == HY_OK || err == HY_ERR_UNAVAILABLE || err == HY_ERR_UNCERTAIN);
		hy_store_rollback(store);
		refused += err != HY_OK;
		/* What was reported as committed is there, whatever else fails. */
		if (!err)
			assert_int_equal(ask(store, "SELECT count(*) FROM item"), i - refused + 1);
	}
	_exit(refused ? 0 : 1);
}

static void a_file_that_may_not_grow_loses_nothing(void **state)
{
	struct fixture *f = *state;
	pid_t pid;
	int status = -1;
	int64_t rows;

	/* No connection of the parent's may share the file with the child's. */
	hy_store_free(f->store);
	f->store = NULL;
	pid = fork();
	if (pid == 0)
		a_file_that_may_not_grow(f->url);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	must(hy_store_open(f->url, NULL, &f->store, NULL));
	rows = ask(f->store, "SELECT count(*) FROM item");
	assert_true(rows > 0 && rows < 40);
	must(put(f->store, "after", TEXT_BYTES, NULL));
}

static void a_damaged_file_is_an_error(void **state)
{
	struct fixture *f = *state;
	char junk[4096];
	struct hy_store *store = NULL;
	int fd;

	hy_store_free(f->store);
	f->store = NULL;
	memset(junk, 'j', sizeof junk);
	fd = open(path_of(f), O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, junk, sizeof junk), sizeof junk);
	(void)close(fd);
	assert_int_equal(hy_store_open(f->url, NULL, &store, NULL), HY_ERR_IO);
	assert_null(store);
}

static void bad_addresses_are_refused(void **state)
{
	static const struct {
		const char *url;
		enum hy_err err;
		bool read_only;
	} cases[] = {
		{"mysql://host/db", HY_ERR_MALFORMED, false},
		{"", HY_ERR_MALFORMED, false},
		{"sqlite:", HY_ERR_MALFORMED, false},
		{"sqlite:/nonexistent/folder/x.db", HY_ERR_IO, false},
		{"sqlite:/nonexistent/x.db", HY_ERR_IO, true},
		{"sqlite:/", HY_ERR_IO, false},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_store_options options = {.read_only = cases[i].read_only};
		struct hy_store *store = NULL;
		struct hy_error e = {0};

		assert_int_equal(hy_store_open(cases[i].url, &options, &store, &e), cases[i].err);
		assert_null(store);
		assert_true(e.text[0] != '\0');
	}
}

static void memory_stores_work_alone(void **state)
{
	struct hy_store *store = NULL;

	(void)state;
	must(hy_store_open("sqlite::memory:", NULL, &store, NULL));
	must(hy_store_migrate(store, "test", schema, 1, NULL));
	must(hy_store_lock(store, "alerter", NULL));
	must(put(store, "a", 1, NULL));
	hy_store_free(store);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		STORE_TEST(settings_are_the_durable_ones),
		STORE_TEST(files_are_ours_alone),
		STORE_TEST(writers_wait_at_begin),
		STORE_TEST(a_full_database_refuses_and_recovers),
		STORE_TEST(a_file_that_may_not_grow_loses_nothing),
		STORE_TEST(a_damaged_file_is_an_error),
		cmocka_unit_test(bad_addresses_are_refused),
		cmocka_unit_test(memory_stores_work_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
