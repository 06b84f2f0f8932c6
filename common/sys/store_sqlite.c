/* SQLite behind the store: WAL, every commit on the disk before it is reported. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/base/mem.h"
#include "common/base/time.h"
#include "common/sys/store_driver.h"

#define LOCKS_MAX 4
#define RETRY_MS 10
/* 4 MiB of 4 KiB pages: a checkpoint then takes some milliseconds, and the WAL stays small. */
#define CHECKPOINT_PAGES 1000

struct sqlite_store {
	sqlite3 *db;
	char *path;
	int locks[LOCKS_MAX];
	size_t lock_count;
};

static struct sqlite_store *engine_of(const struct hy_store *s)
{
	return s->engine;
}

/* ---- errors ---- */

static enum hy_err map_code(int code)
{
	static const struct {
		int code;
		enum hy_err err;
	} table[] = {
		{SQLITE_BUSY, HY_ERR_UNAVAILABLE},   {SQLITE_LOCKED, HY_ERR_UNAVAILABLE},
		{SQLITE_FULL, HY_ERR_UNAVAILABLE},   {SQLITE_IOERR, HY_ERR_UNAVAILABLE},
		{SQLITE_SCHEMA, HY_ERR_UNAVAILABLE}, {SQLITE_CONSTRAINT, HY_ERR_CONFLICT},
		{SQLITE_READONLY, HY_ERR_DENIED},    {SQLITE_AUTH, HY_ERR_DENIED},
		{SQLITE_PERM, HY_ERR_DENIED},        {SQLITE_TOOBIG, HY_ERR_LIMIT},
		{SQLITE_NOMEM, HY_ERR_LIMIT},        {SQLITE_CANTOPEN, HY_ERR_IO},
		{SQLITE_CORRUPT, HY_ERR_IO},         {SQLITE_NOTADB, HY_ERR_IO},
	};

	for (size_t i = 0; i < HY_COUNT(table); i++)
		if (table[i].code == (code & 0xff))
			return table[i].err;
	return HY_ERR_MALFORMED;	/* SQL that does not fit the schema */
}

static enum hy_err fail(const struct sqlite_store *engine, int code, struct hy_error *e)
{
	const char *text = engine->db ? sqlite3_errmsg(engine->db) : sqlite3_errstr(code);

	return hy_fail(e, map_code(code), "sqlite %s: %s", engine->path, text);
}

/* A disk that fails while a commit is being flushed may still have taken it. */
static enum hy_err fail_commit(const struct sqlite_store *engine, int code, struct hy_error *e)
{
	enum hy_err err = fail(engine, code, e);

	if ((code & 0xff) != SQLITE_IOERR)
		return err;
	return hy_fail_in(e, HY_ERR_UNCERTAIN, "commit");
}

/* ---- open ---- */

static enum hy_err execute(const struct sqlite_store *engine, const char *sql, struct hy_error *e)
{
	int code = sqlite3_exec(engine->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? HY_OK : fail(engine, code, e);
}

/* Two processes that switch a fresh file to WAL at once get BUSY past the busy handler. */
static enum hy_err switch_to_wal(const struct sqlite_store *engine, int64_t timeout_ms,
				 struct hy_error *e)
{
	struct hy_mono until = hy_mono_add_ms(hy_mono_now(), timeout_ms);
	int code;

	for (;;) {
		code = sqlite3_exec(engine->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
		if (code == SQLITE_OK)
			return HY_OK;
		if ((code & 0xff) != SQLITE_BUSY || hy_mono_diff_ms(until, hy_mono_now()) <= 0)
			return fail(engine, code, e);
		(void)poll(NULL, 0, RETRY_MS);
	}
}

static enum hy_err configure(const struct hy_store *s, struct hy_error *e)
{
	struct sqlite_store *engine = engine_of(s);
	char pragmas[256];
	enum hy_err err;

	(void)sqlite3_extended_result_codes(engine->db, 1);
	(void)sqlite3_busy_timeout(engine->db, (int)s->options.timeout_ms);
	(void)sqlite3_db_config(engine->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	/* "name" in double quotes is never text: PostgreSQL would refuse it. */
	(void)sqlite3_db_config(engine->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	(void)sqlite3_db_config(engine->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	(void)snprintf(pragmas, sizeof pragmas,
		       "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF;"
		       "PRAGMA synchronous = FULL; PRAGMA temp_store = MEMORY;"
		       "PRAGMA wal_autocheckpoint = %d", CHECKPOINT_PAGES);
	err = execute(engine, pragmas, e);
	if (err || s->options.read_only)
		return err;
	return switch_to_wal(engine, s->options.timeout_ms, e);
}

/* Others on this machine have no business in the file; WAL and shm files follow its mode. */
static enum hy_err make_file(const char *path, struct hy_error *e)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return hy_fail(e, errno == EACCES || errno == EROFS ? HY_ERR_DENIED : HY_ERR_IO,
			       "sqlite %s: %s", path, strerror(errno));
	(void)close(fd);
	return HY_OK;
}

static bool in_memory(const char *path)
{
	return strcmp(path, ":memory:") == 0;
}

static enum hy_err sqlite_open(struct hy_store *s, const char *path, struct hy_error *e)
{
	struct sqlite_store *engine = hy_xcalloc(1, sizeof *engine);
	int flags = s->options.read_only ? SQLITE_OPEN_READONLY
					 : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
	enum hy_err err;
	int code;

	s->engine = engine;
	engine->path = hy_xstrdup(path);
	if (!*path)
		return hy_fail(e, HY_ERR_MALFORMED, "store: sqlite: without a path");
	if (!s->options.read_only && !in_memory(path)) {
		err = make_file(path, e);
		if (err)
			return err;
	}
	code = sqlite3_open_v2(path, &engine->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return fail(engine, code, e);
	return configure(s, e);
}

static void sqlite_close(struct hy_store *s)
{
	struct sqlite_store *engine = engine_of(s);

	if (engine->db)
		(void)sqlite3_close(engine->db);
	for (size_t i = 0; i < engine->lock_count; i++)
		(void)close(engine->locks[i]);
	free(engine->path);
	free(engine);
}

/* ---- transactions and locks ---- */

static enum hy_err sqlite_begin(struct hy_store *s, struct hy_error *e)
{
	/* A writer that took only a read snapshot first could fail at its first write. */
	return execute(engine_of(s), s->options.read_only ? "BEGIN" : "BEGIN IMMEDIATE", e);
}

static enum hy_err sqlite_commit(struct hy_store *s, struct hy_error *e)
{
	struct sqlite_store *engine = engine_of(s);
	int code = sqlite3_exec(engine->db, "COMMIT", NULL, NULL, NULL);

	return code == SQLITE_OK ? HY_OK : fail_commit(engine, code, e);
}

static void sqlite_rollback(struct hy_store *s)
{
	struct sqlite_store *engine = engine_of(s);

	/* After FULL or IOERR SQLite may have rolled back already. */
	if (!sqlite3_get_autocommit(engine->db))
		(void)sqlite3_exec(engine->db, "ROLLBACK", NULL, NULL, NULL);
}

static enum hy_err sqlite_lock(struct hy_store *s, const char *name, struct hy_error *e)
{
	struct sqlite_store *engine = engine_of(s);
	hy_cleanup(hy_free_p) char *path = NULL;
	struct hy_buf b;
	int fd;

	if (in_memory(engine->path))
		return HY_OK;	/* nobody else can open it */
	hy_assert(engine->lock_count < LOCKS_MAX);
	hy_buf_init(&b, 4096);
	hy_buf_addf(&b, "%s.%s.lock", engine->path, name);
	path = hy_buf_take(&b);
	if (!path)
		return hy_fail(e, HY_ERR_LIMIT, "sqlite: path too long for a lock file");
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return hy_fail(e, HY_ERR_IO, "lock file %s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		enum hy_err err = errno == EWOULDBLOCK ? HY_ERR_CONFLICT : HY_ERR_IO;

		(void)hy_fail(e, err, "lock file %s: %s", path, strerror(errno));
		(void)close(fd);
		return err;
	}
	engine->locks[engine->lock_count++] = fd;
	return HY_OK;
}

static enum hy_err sqlite_lock_schema(struct hy_store *s, struct hy_error *e)
{
	(void)s;
	(void)e;
	return HY_OK;	/* BEGIN IMMEDIATE has excluded every other writer */
}

static enum hy_err sqlite_run_script(struct hy_store *s, const char *sql, struct hy_error *e)
{
	return execute(engine_of(s), sql, e);
}

/* ---- queries ---- */

static sqlite3_stmt *statement_of(const struct hy_query *q)
{
	return q->statement;
}

static int bind_value(sqlite3_stmt *statement, int index, const struct hy_value *value)
{
	struct hy_str bytes = hy_buf_str(&value->bytes);

	switch (value->kind) {
	case HY_VALUE_INT:
		return sqlite3_bind_int64(statement, index, value->number);
	case HY_VALUE_TEXT:
		return sqlite3_bind_text64(statement, index, bytes.p, bytes.n, SQLITE_STATIC,
					   SQLITE_UTF8);
	case HY_VALUE_BLOB:
		return sqlite3_bind_blob64(statement, index, bytes.p, bytes.n, SQLITE_STATIC);
	case HY_VALUE_NULL:
		break;
	}
	return sqlite3_bind_null(statement, index);
}

static enum hy_err sqlite_start(struct hy_query *q, struct hy_error *e)
{
	struct sqlite_store *engine = engine_of(q->store);

	if (!q->statement) {
		sqlite3_stmt *statement = NULL;
		int code = sqlite3_prepare_v3(engine->db, q->text, -1, SQLITE_PREPARE_PERSISTENT,
					      &statement, NULL);

		if (code != SQLITE_OK)
			return fail(engine, code, e);
		q->statement = statement;
	}
	for (int i = 0; i < q->parameter_count; i++) {
		char name[16];
		int index, code;

		/* SQLite numbers $n by first appearance: only the name is certain. */
		(void)snprintf(name, sizeof name, "$%d", i + 1);
		index = sqlite3_bind_parameter_index(q->statement, name);
		code = index ? bind_value(q->statement, index, &q->parameters[i]) : SQLITE_OK;
		if (code != SQLITE_OK)
			return fail(engine, code, e);
	}
	return HY_OK;
}

static enum hy_err sqlite_step(struct hy_query *q, bool *out_row, struct hy_error *e)
{
	struct sqlite_store *engine = engine_of(q->store);
	int code = sqlite3_step(q->statement);

	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return q->writes && !q->store->in_transaction ? fail_commit(engine, code, e)
							      : fail(engine, code, e);
	*out_row = code == SQLITE_ROW;
	return HY_OK;
}

static int64_t sqlite_changed(const struct hy_query *q)
{
	return sqlite3_stmt_readonly(q->statement) ? 0 : sqlite3_changes64(engine_of(q->store)->db);
}

static void sqlite_reset(struct hy_query *q)
{
	(void)sqlite3_reset(q->statement);	/* repeats the step's error, which was reported */
	(void)sqlite3_clear_bindings(q->statement);
}

static void sqlite_finalize(struct hy_query *q)
{
	(void)sqlite3_finalize(q->statement);
}

static int sqlite_columns(const struct hy_query *q)
{
	return sqlite3_data_count(q->statement);
}

static bool sqlite_is_null(const struct hy_query *q, int column)
{
	return sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}

static struct hy_str sqlite_text(const struct hy_query *q, int column)
{
	const unsigned char *text = sqlite3_column_text(statement_of(q), column);
	int n = sqlite3_column_bytes(statement_of(q), column);

	return (struct hy_str){text ? (const char *)text : "", text ? (size_t)n : 0};
}

static int64_t sqlite_number(const struct hy_query *q, int column)
{
	return sqlite3_column_int64(q->statement, column);
}

static struct hy_str sqlite_blob(const struct hy_query *q, int column)
{
	const void *bytes = sqlite3_column_blob(statement_of(q), column);
	int n = sqlite3_column_bytes(statement_of(q), column);

	return (struct hy_str){bytes ? bytes : "", bytes ? (size_t)n : 0};
}

const struct hy_store_driver hy_store_sqlite = {
	.engine = HY_STORE_SQLITE,
	.skip_locked = "",
	.like = "LIKE",
	.open = sqlite_open,
	.close = sqlite_close,
	.begin = sqlite_begin,
	.commit = sqlite_commit,
	.rollback = sqlite_rollback,
	.lock = sqlite_lock,
	.lock_schema = sqlite_lock_schema,
	.run_script = sqlite_run_script,
	.start = sqlite_start,
	.step = sqlite_step,
	.changed = sqlite_changed,
	.reset = sqlite_reset,
	.finalize = sqlite_finalize,
	.columns = sqlite_columns,
	.is_null = sqlite_is_null,
	.text = sqlite_text,
	.number = sqlite_number,
	.blob = sqlite_blob,
};
