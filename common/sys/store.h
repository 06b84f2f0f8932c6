/*
 * Store: one small SQL API over SQLite (WAL, synchronous=FULL) and PostgreSQL (libpq).
 *
 * URL: "sqlite:PATH" or "postgresql://..." (anything libpq takes). SQL is a constant string
 * with $1..$n (one digit or more; the same number may stand twice), prepared once and kept.
 * The dialect is what both speak: INTEGER (64 bit), TEXT, BLOB (bytea in PostgreSQL, replaced
 * in migrations), ON CONFLICT, RETURNING, partial unique indexes, views. In a query
 * "{skip_locked}" becomes FOR UPDATE SKIP LOCKED in PostgreSQL and nothing in SQLite, and
 * "{like}" the LIKE for which A and a are the same.
 *
 * Results that matter to callers:
 *   CONFLICT     a unique, check, not-null or foreign key constraint refused the write
 *   UNAVAILABLE  locked too long, disk full, connection lost outside COMMIT: nothing was
 *                written; roll back and try again later
 *   UNCERTAIN    the connection broke during COMMIT: the write may have happened; the caller
 *                asks by id before doing it again (all our writes are idempotent by id)
 *   MALFORMED    SQL that does not fit the schema; text that is not UTF-8 or has a zero byte
 *   CANCELLED    the transaction has failed before: after any failure in it only rollback is legal
 * Calls block, bounded by the busy time-out (SQLite) or the statement time-out (PostgreSQL):
 * `timeout_ms`. Writers see committed rows (READ COMMITTED in PostgreSQL: what must hold between
 * rows is held by constraints); a transaction of a read-only store sees one moment.
 *
 * Rows are held in memory by PostgreSQL's library: bound them by LIMIT. A query that writes and
 * returns rows belongs in a transaction or is read to its end. A query that is not read to its
 * end is reset, or it keeps SQLite's WAL from being reused; beginning and committing a
 * transaction reset all. Beginning a transaction inside a
 * transaction and binding to a query that is under way are programming errors.
 */
#ifndef HY_SYS_STORE_H
#define HY_SYS_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"

struct hy_store;
struct hy_query;

struct hy_store_options {
	int64_t timeout_ms;	/* 0: 5000 */
	bool read_only;		/* writes are refused by the engine (DENIED) */
};

/*
 * One step of a schema; steps run in order, each once, in one transaction each. In PostgreSQL
 * the words INTEGER and BLOB become BIGINT and BYTEA, and INTEGER PRIMARY KEY numbers itself
 * there too. What one engine alone has, such as its index over words, stands apart and runs
 * behind the common part.
 */
struct hy_migration {
	int version;		/* 1, 2, 3 ... without gaps */
	const char *sql;	/* statements that end with ';' */
	const char *sqlite, *postgres;	/* the same, in one engine only; or NULL */
};

enum hy_store_engine { HY_STORE_SQLITE, HY_STORE_POSTGRES };

enum hy_err hy_store_open(const char *url, const struct hy_store_options *options,
			  struct hy_store **out, struct hy_error *e) HY_MUST_CHECK;
/* For the few statements that cannot be the same. */
enum hy_store_engine hy_store_engine(const struct hy_store *store);
/* Rolls an open transaction back. free(NULL) is legal. */
void hy_store_free(struct hy_store *store);

/*
 * Brings a component's tables up to date. A database whose version is above the last known
 * step is refused (DENIED): a newer program has written it. Safe against concurrent starts.
 */
enum hy_err hy_store_migrate(struct hy_store *store, const char *component,
			     const struct hy_migration *steps, size_t count,
			     struct hy_error *e) HY_MUST_CHECK;

/*
 * Takes the named lock for the life of this store object (file lock beside the database,
 * advisory lock in PostgreSQL), so that one process of a kind is active. CONFLICT while
 * another holds it. In PostgreSQL the lock goes with the connection: when that is lost, all
 * later calls fail with DENIED and the process must end or start anew as a standby.
 */
enum hy_err hy_store_lock(struct hy_store *store, const char *name, struct hy_error *e)
	HY_MUST_CHECK;

enum hy_err hy_store_begin(struct hy_store *store, struct hy_error *e) HY_MUST_CHECK;
enum hy_err hy_store_commit(struct hy_store *store, struct hy_error *e) HY_MUST_CHECK;
/*
 * In a transaction: what is to be written last, once however often it changed; a failure of `fn`
 * is the commit's. One for each transaction; forgotten with it. ctx must outlive the transaction.
 */
typedef enum hy_err hy_store_last_fn(void *ctx, struct hy_error *e);
void hy_store_write_last(struct hy_store *store, hy_store_last_fn *fn, void *ctx);
/* In a transaction: the failure of what was put off by hy_query_later is seen here at last. */
enum hy_err hy_store_settle(struct hy_store *store, struct hy_error *e) HY_MUST_CHECK;
void hy_store_rollback(struct hy_store *store);	/* without a transaction: nothing */
bool hy_store_in_transaction(const struct hy_store *store);

/*
 * A query ready for binding: the statement of that SQL (a string constant: the cache compares
 * addresses first), reset. Borrowed; valid until the same SQL is asked for again. Never NULL:
 * a statement that cannot be prepared reports at the first step. Parameters count from 1,
 * columns from 0. Text is copied by bind.
 */
struct hy_query *hy_store_query(struct hy_store *store, const char *sql);
void hy_query_bind_text(struct hy_query *q, int parameter, struct hy_str text);
void hy_query_bind_c(struct hy_query *q, int parameter, const char *text);	/* NULL: null */
void hy_query_bind_int(struct hy_query *q, int parameter, int64_t value);
void hy_query_bind_blob(struct hy_query *q, int parameter, struct hy_str bytes);
void hy_query_bind_wall(struct hy_query *q, int parameter, struct hy_wall t); /* unknown: null */
void hy_query_bind_null(struct hy_query *q, int parameter);

/* Runs a statement to its end; out_changed may be NULL. Outside a transaction it is its own. */
enum hy_err hy_query_run(struct hy_query *q, int64_t *out_changed, struct hy_error *e)
	HY_MUST_CHECK;
/*
 * A write whose outcome decides nothing before the commit. In a transaction over a network it
 * is sent without waiting for the answer: the next query that waits (run, next, settle) sees what
 * it wrote, and where it failed, that one, or the commit, returns its failure in its place.
 * The transaction has then failed as if the write had: nothing of it stays. Rows of one plain
 * INSERT ... VALUES that follow each other may go out as one statement. Whoever must know
 * which of several pieces of work failed settles behind each. Elsewhere it is run at once.
 */
enum hy_err hy_query_later(struct hy_query *q, struct hy_error *e) HY_MUST_CHECK;
/* Steps to the next row; *out_row false at the end (the query is then reset). */
enum hy_err hy_query_next(struct hy_query *q, bool *out_row, struct hy_error *e) HY_MUST_CHECK;
/* Ends a query before its last row. */
void hy_query_reset(struct hy_query *q);

/* Columns of the current row; text and blobs are borrowed until the next step or reset. */
struct hy_str hy_query_text(const struct hy_query *q, int column);	/* null: empty */
int64_t hy_query_int(const struct hy_query *q, int column);		/* null: 0 */
struct hy_str hy_query_blob(const struct hy_query *q, int column);
struct hy_wall hy_query_wall(const struct hy_query *q, int column);	/* null: unknown */
bool hy_query_is_null(const struct hy_query *q, int column);

#endif
