/*
 * PostgreSQL behind the store. Results are held whole in memory: what a query may return is
 * bounded by the LIMIT that its author writes.
 */
#include "common/sys/store_postgres.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/sys/store_dialect.h"

#define BYTEA_OID 17
#define SCRIPT_TIMEOUT_MS INT64_C(600000)	/* a migration may rewrite a large table */
#define SCRIPT_BYTES ((size_t)1 << 20)
#define NUMBER_BYTES 24
#define QUEUED_MAX 512	/* the answers to so many writes fit into the line's buffers */

struct bytes {
	struct bytes *next;
	unsigned char *p;
};

/* What the server knows a text by, and in which connection. */
struct prepared {
	char name[16];
	unsigned generation;
};

#define ROW_FORMS 4		/* for 2, 4, 8 and 16 rows at once */

struct statement {
	struct prepared one, many[ROW_FORMS];
	bool fits;		/* its rows may go out together */
	PGresult *result;
	int row;		/* current; -1 before the first */
	int64_t changed;
	struct bytes *decoded;	/* blobs handed out since the last step */
};

static struct hy_pg *engine_of(const struct hy_store *s)
{
	return s->engine;
}

/* The server ends a statement in time; this is for a server that does not answer at all. */
static int64_t answer_ms(const struct hy_pg *pg)
{
	return 2 * pg->timeout_ms + 1000;
}

/* ---- open, transactions, locks ---- */

static enum hy_err postgres_open(struct hy_store *s, const char *url, struct hy_error *e)
{
	struct hy_pg *pg = hy_xcalloc(1, sizeof *pg);

	s->engine = pg;
	pg->url = hy_xstrdup(url);
	pg->timeout_ms = s->options.timeout_ms;
	pg->read_only = s->options.read_only;
	return hy_pg_ready(pg, false, e);
}

static void postgres_close(struct hy_store *s)
{
	struct hy_pg *pg = engine_of(s);

	/* The server ends a session some time after its client: a standby need not wait. */
	if (pg->conn && pg->holds_lock)
		(void)!hy_pg_execute(pg, "SELECT pg_advisory_unlock_all()", answer_ms(pg), NULL);
	hy_pg_drop(pg);
	hy_pg_rows_fini(&pg->rows);
	free(pg->url);
	free(pg);
}

/* Goes out with the first statement. */
static enum hy_err postgres_begin(struct hy_store *s, struct hy_error *e)
{
	/* A reader sees one moment, as it does in SQLite. */
	static const char reader[] = "BEGIN ISOLATION LEVEL REPEATABLE READ";
	struct hy_pg *pg = engine_of(s);
	enum hy_err err = hy_pg_ready(pg, false, e);

	if (!err)
		err = hy_pg_pipeline(pg, e);
	if (err)
		return err;
	return hy_pg_queue(pg, PQsendQueryParams(pg->conn, pg->read_only ? reader : "BEGIN", 0, NULL,
						 NULL, NULL, NULL, 0), e);
}

static enum hy_err send_rows(struct hy_pg *pg, struct hy_error *e);

static enum hy_err postgres_commit(struct hy_store *s, struct hy_error *e)
{
	struct hy_pg *pg = engine_of(s);
	PGresult *result = NULL;
	enum hy_err err = hy_pg_ready(pg, true, e);

	if (!err)
		err = send_rows(pg, e);
	if (!err)
		err = hy_pg_pipeline(pg, e);
	if (err)
		return err;
	err = hy_pg_queue(pg, PQsendQueryParams(pg->conn, "COMMIT", 0, NULL, NULL, NULL, NULL, 0), e);
	if (!err)
		err = hy_pg_collect(pg, answer_ms(pg), &result, e);
	if (err == HY_ERR_UNAVAILABLE && !pg->conn)
		return hy_fail_in(e, HY_ERR_UNCERTAIN, "commit");
	if (!err && strcmp(PQcmdStatus(result), "COMMIT") != 0)
		err = hy_fail(e, HY_ERR_CANCELLED, "postgresql: the transaction had failed before");
	PQclear(result);
	if (!err)
		hy_pg_leave_pipeline(pg, answer_ms(pg));
	return err;
}

static enum hy_err postgres_settle(struct hy_store *s, struct hy_error *e)
{
	struct hy_pg *pg = engine_of(s);
	enum hy_err err = hy_pg_ready(pg, true, e);

	if (!err)
		err = send_rows(pg, e);
	if (err || pg->queued == 0)
		return err;
	return hy_pg_collect(pg, answer_ms(pg), NULL, e);
}

static void postgres_rollback(struct hy_store *s)
{
	struct hy_pg *pg = engine_of(s);

	hy_pg_rows_forget(&pg->rows);
	hy_pg_leave_pipeline(pg, answer_ms(pg));
	if (pg->conn && PQtransactionStatus(pg->conn) != PQTRANS_IDLE &&
	    hy_pg_execute(pg, "ROLLBACK", answer_ms(pg), NULL))
		hy_pg_drop(pg);	/* the server rolls back what a lost connection began */
}

/* Inside a transaction: for several statements in one text, which a pipeline does not take. */
static enum hy_err execute_script(struct hy_store *s, const char *sql, struct hy_error *e)
{
	struct hy_pg *pg = engine_of(s);
	enum hy_err err = postgres_settle(s, e);

	if (err)
		return err;
	hy_pg_leave_pipeline(pg, answer_ms(pg));
	return hy_pg_execute(pg, sql, SCRIPT_TIMEOUT_MS, e);
}

static enum hy_err postgres_lock(struct hy_store *s, const char *name, struct hy_error *e)
{
	static const char sql[] =
		"SELECT pg_try_advisory_lock(hashtextextended("
		"coalesce(current_schema(), '') || ':huiying:' || $1, 0))";
	struct hy_pg *pg = engine_of(s);
	const char *values[] = {name};
	PGresult *result = NULL;
	bool held;
	enum hy_err err = hy_pg_ready(pg, false, e);

	if (!err)
		err = hy_pg_finish(pg, PQsendQueryParams(pg->conn, sql, 1, NULL, values, NULL, NULL, 0),
				   answer_ms(pg), &result, e);
	if (err)
		return err;
	held = PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), "t") == 0;
	PQclear(result);
	if (!held)
		return hy_fail(e, HY_ERR_CONFLICT, "postgresql: another process holds the lock %s",
			       name);
	pg->holds_lock = true;
	return HY_OK;
}

static enum hy_err postgres_lock_schema(struct hy_store *s, struct hy_error *e)
{
	return execute_script(s,
			      "SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0;"
			      "SELECT pg_advisory_xact_lock(hashtextextended("
			      "coalesce(current_schema(), '') || ':huiying_schema', 0))", e);
}

static enum hy_err postgres_run_script(struct hy_store *s, const char *sql, struct hy_error *e)
{
	hy_cleanup(hy_free_p) char *text = NULL;
	struct hy_buf b;

	hy_buf_init(&b, SCRIPT_BYTES);
	hy_store_to_postgres(sql, &b);
	text = hy_buf_take(&b);
	hy_assert(text);
	return execute_script(s, text, e);
}

/* ---- queries ---- */

static struct statement *statement_of(const struct hy_query *q)
{
	return q->statement;
}

/* Waits for what was sent: in a transaction behind what was put off, else alone. */
static enum hy_err finish(const struct hy_query *q, int sent, PGresult **out, struct hy_error *e)
{
	struct hy_pg *pg = engine_of(q->store);
	enum hy_err err;

	if (!q->store->in_transaction)
		return hy_pg_finish(pg, sent, answer_ms(pg), out, e);
	err = hy_pg_queue(pg, sent, e);
	return err ? err : hy_pg_collect(pg, answer_ms(pg), out, e);
}

/* Once in each connection, and not put off: its failure leaves the name unknown. */
static enum hy_err prepare(const struct hy_query *q, struct prepared *as, const char *text,
			   struct hy_error *e)
{
	struct hy_pg *pg = engine_of(q->store);
	PGresult *result = NULL;
	enum hy_err err;

	if (as->generation == pg->generation)
		return HY_OK;
	if (!as->name[0])
		(void)snprintf(as->name, sizeof as->name, "s%u", ++pg->statement_count);
	err = finish(q, PQsendPrepare(pg->conn, as->name, text, 0, NULL), &result, e);
	PQclear(result);
	if (!err)
		as->generation = pg->generation;
	return err;
}

static struct statement *make_statement(struct hy_query *q)
{
	struct statement *st = q->statement;

	if (!st) {
		st = hy_xcalloc(1, sizeof *st);
		st->fits = hy_pg_rows_fit(q->text);
		q->statement = st;
	}
	return st;
}

static enum hy_err postgres_start(struct hy_query *q, struct hy_error *e)
{
	struct hy_pg *pg = engine_of(q->store);
	struct statement *st = make_statement(q);
	enum hy_err err = hy_pg_ready(pg, q->store->in_transaction, e);

	if (!err && q->store->in_transaction)
		err = hy_pg_pipeline(pg, e);
	if (!err)
		err = send_rows(pg, e);
	if (!err)
		err = prepare(q, &st->one, q->text, e);
	st->row = -1;
	return err;
}

static int send(const struct hy_query *q)
{
	struct hy_pg *pg = engine_of(q->store);
	const char *values[HY_STORE_PARAMETERS_MAX];
	int lengths[HY_STORE_PARAMETERS_MAX], formats[HY_STORE_PARAMETERS_MAX];
	char numbers[HY_STORE_PARAMETERS_MAX][NUMBER_BYTES];

	for (int i = 0; i < q->parameter_count; i++) {
		const struct hy_value *value = &q->parameters[i];
		struct hy_str bytes = hy_buf_str(&value->bytes);

		values[i] = value->kind == HY_VALUE_NULL ? NULL : bytes.p;
		lengths[i] = (int)bytes.n;
		formats[i] = value->kind == HY_VALUE_BLOB;	/* binary: the bytes as they are */
		if (value->kind == HY_VALUE_INT) {
			(void)snprintf(numbers[i], sizeof numbers[i], "%lld",
				       (long long)value->number);
			values[i] = numbers[i];
		}
	}
	return PQsendQueryPrepared(pg->conn, statement_of(q)->one.name, q->parameter_count, values,
				   lengths, formats, 0);
}

/* With a statement that stood alone, the write may have been made before the line broke. */
static enum hy_err execute(const struct hy_query *q, PGresult **out, struct hy_error *e)
{
	enum hy_err err = finish(q, send(q), out, e);

	if (!err || engine_of(q->store)->conn || q->store->in_transaction || !q->writes)
		return err;
	return hy_fail_in(e, HY_ERR_UNCERTAIN, "statement");
}

static enum hy_err queue(struct hy_pg *pg, int sent, struct hy_error *e)
{
	enum hy_err err = hy_pg_queue(pg, sent, e);

	if (err || pg->queued < QUEUED_MAX)
		return err;
	return hy_pg_collect(pg, answer_ms(pg), NULL, e);
}

/* The next 2^form of the waiting rows. */
static enum hy_err send_form(struct hy_pg *pg, int form, struct hy_error *e)
{
	struct hy_pg_rows *rows = &pg->rows;
	struct statement *st = rows->query->statement;
	struct prepared *as = form ? &st->many[form - 1] : &st->one;
	size_t count = (size_t)1 << form, values = count * (size_t)rows->query->parameter_count;
	const char *value[HY_PG_ROWS_MAX * HY_STORE_PARAMETERS_MAX];
	int length[HY_COUNT(value)], format[HY_COUNT(value)];
	hy_cleanup(hy_free_p) char *text = NULL;
	enum hy_err err;

	if (as->generation != pg->generation)
		text = hy_pg_rows_text(rows->query, count);
	err = prepare(rows->query, as, text, e);
	if (err)
		return err;
	hy_pg_rows_values(rows, count, value, length, format);
	rows->sent += count;
	return queue(pg, PQsendQueryPrepared(pg->conn, as->name, (int)values, value, length, format,
					     0), e);
}

/* Whatever else goes out comes behind them. */
static enum hy_err send_rows(struct hy_pg *pg, struct hy_error *e)
{
	struct hy_pg_rows *rows = &pg->rows;
	enum hy_err err = HY_OK;
	int form = ROW_FORMS;

	while (rows->sent < rows->count && !err) {
		if (rows->count - rows->sent < (size_t)1 << form)
			form--;
		else
			err = send_form(pg, form, e);
	}
	hy_pg_rows_forget(rows);
	return err;
}

static enum hy_err add_row(struct hy_pg *pg, struct hy_query *q, struct hy_error *e)
{
	enum hy_err err = HY_OK;

	if (pg->rows.query != q || hy_pg_rows_full(&pg->rows))
		err = send_rows(pg, e);
	if (!err)
		hy_pg_rows_add(&pg->rows, q);
	return err;
}

static enum hy_err postgres_later(struct hy_query *q, struct hy_error *e)
{
	struct hy_pg *pg = engine_of(q->store);
	enum hy_err err = hy_pg_ready(pg, true, e);

	if (!err && make_statement(q)->fits)
		return add_row(pg, q, e);
	if (!err)
		err = postgres_start(q, e);
	return err ? err : queue(pg, send(q), e);
}

/* SELECT's tag counts rows too; here only written rows count. */
static int64_t count_changed(PGresult *result)
{
	struct hy_str tag = hy_str_of(PQcmdStatus(result));
	int64_t n = 0;

	if (!hy_str_starts(tag, HY_STR_LIT("SELECT")))
		(void)hy_str_to_int(hy_str_of(PQcmdTuples(result)), 0, INT64_MAX, &n);
	return n;
}

static void forget_decoded(struct statement *st)
{
	while (st->decoded) {
		struct bytes *next = st->decoded->next;

		PQfreemem(st->decoded->p);
		free(st->decoded);
		st->decoded = next;
	}
}

static enum hy_err postgres_step(struct hy_query *q, bool *out_row, struct hy_error *e)
{
	struct statement *st = q->statement;

	forget_decoded(st);
	if (!st->result) {
		enum hy_err err = execute(q, &st->result, e);

		if (err)
			return err;
		st->changed = count_changed(st->result);
	}
	st->row++;
	*out_row = st->row < PQntuples(st->result);
	return HY_OK;
}

static int64_t postgres_changed(const struct hy_query *q)
{
	return statement_of(q)->changed;
}

static void postgres_reset(struct hy_query *q)
{
	struct statement *st = q->statement;

	forget_decoded(st);
	PQclear(st->result);
	st->result = NULL;
}

static void postgres_finalize(struct hy_query *q)
{
	if (!q->statement)
		return;
	postgres_reset(q);
	free(q->statement);
}

/* ---- columns ---- */

static int postgres_columns(const struct hy_query *q)
{
	const struct statement *st = statement_of(q);

	return st->row >= 0 && st->row < PQntuples(st->result) ? PQnfields(st->result) : 0;
}

static bool postgres_is_null(const struct hy_query *q, int column)
{
	return PQgetisnull(statement_of(q)->result, statement_of(q)->row, column);
}

static struct hy_str postgres_text(const struct hy_query *q, int column)
{
	const struct statement *st = statement_of(q);

	return (struct hy_str){PQgetvalue(st->result, st->row, column),
			       (size_t)PQgetlength(st->result, st->row, column)};
}

static int64_t postgres_number(const struct hy_query *q, int column)
{
	struct hy_str text = postgres_text(q, column);
	size_t point = hy_str_find(text, HY_STR_LIT("."), 0);
	int64_t n = 0;

	/* A comparison is a boolean here and 0 or 1 in SQLite. */
	if (hy_str_eq_c(text, "t"))
		return 1;
	(void)hy_str_to_int(point == SIZE_MAX ? text : hy_str_sub(text, 0, point), INT64_MIN,
			    INT64_MAX, &n);
	return n;
}

static struct hy_str postgres_blob(const struct hy_query *q, int column)
{
	struct statement *st = statement_of(q);
	struct bytes *item;
	size_t n = 0;

	if (PQftype(st->result, column) != BYTEA_OID || postgres_is_null(q, column))
		return postgres_text(q, column);
	item = hy_xcalloc(1, sizeof *item);
	item->p = PQunescapeBytea((const unsigned char *)postgres_text(q, column).p, &n);
	hy_assert(item->p);
	item->next = st->decoded;
	st->decoded = item;
	return (struct hy_str){(const char *)item->p, n};
}

const struct hy_store_driver hy_store_postgres = {
	.engine = HY_STORE_POSTGRES,
	.skip_locked = "FOR UPDATE SKIP LOCKED",
	.like = "ILIKE",
	.open = postgres_open,
	.close = postgres_close,
	.begin = postgres_begin,
	.commit = postgres_commit,
	.rollback = postgres_rollback,
	.settle = postgres_settle,
	.lock = postgres_lock,
	.lock_schema = postgres_lock_schema,
	.run_script = postgres_run_script,
	.later = postgres_later,
	.start = postgres_start,
	.step = postgres_step,
	.changed = postgres_changed,
	.reset = postgres_reset,
	.finalize = postgres_finalize,
	.columns = postgres_columns,
	.is_null = postgres_is_null,
	.text = postgres_text,
	.number = postgres_number,
	.blob = postgres_blob,
};
