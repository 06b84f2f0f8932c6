/*
 * Bare inserts, for what is measured beside them: each engine by its own library, as fast as it
 * goes with one connection: prepared once; in PostgreSQL sent without waiting (pipelined).
 * A row has a primary key of 32 digits and a text; batches are one durable transaction each.
 *
 *   store_rows sqlite:PATH|postgresql://... ROWS BATCH BYTES
 *
 * Prints {"rows", "seconds", "p50_ms", "p99_ms"}: the latter of a commit.
 */
#include <libpq-fe.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/time.h"
#include "common/sys/content_id.h"

struct rows {
	size_t count, batch, bytes, made;
	char *text;
	double *commit_ms;
	size_t commits;
};

static int fail(const char *what, const char *why)
{
	(void)fprintf(stderr, "%s: %s\n", what, why);
	exit(2);
}

static struct hy_id next_id(struct rows *rows)
{
	struct hy_str parts[] = {{(const char *)&rows->made, sizeof rows->made}};

	rows->made++;
	return hy_id_of(parts, 1);
}

static void count_commit(struct rows *rows, struct hy_mono begun)
{
	rows->commit_ms[rows->commits++] = (double)(hy_mono_now().ns - begun.ns) / 1e6;
}

/* ---- SQLite ---- */

static void run_sql(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(sql, sqlite3_errmsg(db));
}

static void insert_sqlite(const char *path, struct rows *rows)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *put = NULL;

	if (sqlite3_open(path, &db) != SQLITE_OK)
		fail(path, sqlite3_errmsg(db));
	run_sql(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
		    "CREATE TABLE IF NOT EXISTS bare (id TEXT PRIMARY KEY, text TEXT NOT NULL)");
	if (sqlite3_prepare_v2(db, "INSERT INTO bare VALUES (?, ?) ON CONFLICT DO NOTHING", -1,
			       &put, NULL) != SQLITE_OK)
		fail("prepare", sqlite3_errmsg(db));
	for (size_t i = 0; i < rows->count; i += rows->batch) {
		struct hy_mono begun;

		run_sql(db, "BEGIN IMMEDIATE");
		for (size_t k = 0; k < rows->batch; k++) {
			struct hy_id id = next_id(rows);

			(void)sqlite3_bind_text(put, 1, id.hex, HY_ID_DIGITS, SQLITE_STATIC);
			(void)sqlite3_bind_text(put, 2, rows->text, (int)rows->bytes,
						SQLITE_STATIC);
			if (sqlite3_step(put) != SQLITE_DONE)
				fail("insert", sqlite3_errmsg(db));
			(void)sqlite3_reset(put);
		}
		begun = hy_mono_now();
		run_sql(db, "COMMIT");
		count_commit(rows, begun);
	}
	(void)sqlite3_finalize(put);
	(void)sqlite3_close(db);
}

/* ---- PostgreSQL ---- */

static void check(PGconn *conn, PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	if (status != PGRES_COMMAND_OK && status != PGRES_PIPELINE_SYNC)
		fail("postgresql", PQerrorMessage(conn));
	PQclear(result);
}

static void send_simple(PGconn *conn, const char *sql)
{
	if (!PQsendQueryParams(conn, sql, 0, NULL, NULL, NULL, NULL, 0))
		fail(sql, PQerrorMessage(conn));
}

/* Reads until the answer to the last sync. */
static void finish(PGconn *conn)
{
	for (;;) {
		PGresult *result = PQgetResult(conn);
		bool synced = result && PQresultStatus(result) == PGRES_PIPELINE_SYNC;

		if (result)
			check(conn, result);
		if (synced)
			return;
	}
}

static void insert_postgres(const char *url, struct rows *rows)
{
	PGconn *conn = PQconnectdb(url);

	check(conn, PQexec(conn, "CREATE TABLE IF NOT EXISTS bare"
				 " (id TEXT PRIMARY KEY, text TEXT NOT NULL)"));
	check(conn, PQprepare(conn, "put", "INSERT INTO bare VALUES ($1, $2) ON CONFLICT DO NOTHING",
			      2, NULL));
	if (!PQenterPipelineMode(conn))
		fail("pipeline", PQerrorMessage(conn));
	for (size_t i = 0; i < rows->count; i += rows->batch) {
		struct hy_mono begun;

		send_simple(conn, "BEGIN");
		for (size_t k = 0; k < rows->batch; k++) {
			struct hy_id id = next_id(rows);
			const char *values[] = {id.hex, rows->text};
			const int lengths[] = {HY_ID_DIGITS, (int)rows->bytes};

			if (!PQsendQueryPrepared(conn, "put", 2, values, lengths, NULL, 0))
				fail("insert", PQerrorMessage(conn));
		}
		if (!PQpipelineSync(conn))
			fail("sync", PQerrorMessage(conn));
		finish(conn);
		begun = hy_mono_now();
		send_simple(conn, "COMMIT");
		if (!PQpipelineSync(conn))
			fail("sync", PQerrorMessage(conn));
		finish(conn);
		count_commit(rows, begun);
	}
	PQfinish(conn);
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
	struct rows rows = {0};
	struct hy_mono begun;
	double seconds;

	if (argc != 5)
		return fail("usage", "store_rows URL ROWS BATCH BYTES");
	rows.count = strtoul(argv[2], NULL, 10);
	rows.batch = strtoul(argv[3], NULL, 10);
	rows.bytes = strtoul(argv[4], NULL, 10);
	if (!rows.count || !rows.batch || !rows.bytes)
		return fail("usage", "store_rows URL ROWS BATCH BYTES");
	rows.made = (size_t)hy_wall_now().ms * 1000;	/* other rows than another run's */
	rows.text = hy_xcalloc(rows.bytes + 1, 1);
	memset(rows.text, 'x', rows.bytes);
	rows.commit_ms = hy_xcalloc(rows.count / rows.batch + 1, sizeof rows.commit_ms[0]);
	begun = hy_mono_now();
	if (strncmp(argv[1], "sqlite:", 7) == 0)
		insert_sqlite(argv[1] + 7, &rows);
	else
		insert_postgres(argv[1], &rows);
	seconds = (double)(hy_mono_now().ns - begun.ns) / 1e9;
	qsort(rows.commit_ms, rows.commits, sizeof rows.commit_ms[0], ascending);
	printf("{\"rows\": %zu, \"seconds\": %.4f, \"p50_ms\": %.3f, \"p99_ms\": %.3f}\n",
	       rows.commits * rows.batch, seconds, rows.commit_ms[rows.commits / 2],
	       rows.commit_ms[rows.commits * 99 / 100]);
	free(rows.text);
	free(rows.commit_ms);
	return 0;
}
