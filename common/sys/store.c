#include "common/sys/store.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "common/sys/store_driver.h"

#define DEFAULT_TIMEOUT_MS 5000
#define SQL_BYTES ((size_t)64 << 10)
#define KEPT_VALUE_BYTES ((size_t)64 << 10)	/* a larger parameter is freed at reset */

/* ---- open and close ---- */

enum hy_err hy_store_open(const char *url, const struct hy_store_options *options,
			  struct hy_store **out, struct hy_error *e)
{
	static const struct {
		const char *prefix;
		const struct hy_store_driver *driver;
		bool whole;	/* the engine wants the prefix too */
	} engines[] = {
		{"sqlite:", &hy_store_sqlite, false},
		{"postgresql://", &hy_store_postgres, true},
		{"postgres://", &hy_store_postgres, true},
	};

	for (size_t i = 0; i < HY_COUNT(engines); i++) {
		size_t n = strlen(engines[i].prefix);
		struct hy_store *s;
		enum hy_err err;

		if (strncmp(url, engines[i].prefix, n) != 0)
			continue;
		s = hy_xcalloc(1, sizeof *s);
		s->driver = engines[i].driver;
		if (options)
			s->options = *options;
		if (!s->options.timeout_ms)
			s->options.timeout_ms = DEFAULT_TIMEOUT_MS;
		err = s->driver->open(s, engines[i].whole ? url : url + n, e);
		if (err) {
			hy_store_free(s);
			return err;
		}
		*out = s;
		return HY_OK;
	}
	/* The URL may hold a password: it is not repeated. */
	return hy_fail(e, HY_ERR_MALFORMED, "store: expected sqlite:PATH or postgresql://...");
}

enum hy_store_engine hy_store_engine(const struct hy_store *s)
{
	return s->driver->engine;
}

static void query_free(struct hy_query *q)
{
	q->store->driver->finalize(q);
	for (int i = 0; i < q->parameter_count; i++)
		hy_buf_fini(&q->parameters[i].bytes);
	free(q->sql);
	free(q->text);
	free(q);
}

void hy_store_free(struct hy_store *s)
{
	if (!s)
		return;
	hy_store_rollback(s);
	for (size_t i = 0; i < s->query_count; i++)
		query_free(s->queries[i]);
	free(s->queries);
	s->driver->close(s);
	free(s);
}

/* ---- transactions ---- */

enum hy_err hy_store_lock(struct hy_store *s, const char *name, struct hy_error *e)
{
	hy_assert(!s->in_transaction);
	return s->driver->lock(s, name, e);
}

/*
 * In SQLite a query whose rows were not read to the end holds its snapshot: once another process
 * has written, no transaction of ours could begin any more; and an INSERT ... RETURNING would
 * hold the commit up. Both engines end them, so that code means the same on both.
 */
static void end_queries(struct hy_store *s)
{
	for (size_t i = 0; i < s->query_count; i++)
		hy_query_reset(s->queries[i]);
}

enum hy_err hy_store_begin(struct hy_store *s, struct hy_error *e)
{
	enum hy_err err;

	hy_assert(!s->in_transaction);
	end_queries(s);
	err = s->driver->begin(s, e);
	if (err)
		return err;
	s->in_transaction = true;
	s->failed = false;
	s->last = NULL;
	return HY_OK;
}

void hy_store_write_last(struct hy_store *s, hy_store_last_fn *fn, void *ctx)
{
	hy_assert(s->in_transaction && (!s->last || (s->last == fn && s->last_ctx == ctx)));
	s->last = fn;
	s->last_ctx = ctx;
}

enum hy_err hy_store_commit(struct hy_store *s, struct hy_error *e)
{
	enum hy_err err;

	hy_assert(s->in_transaction);
	if (s->failed)
		return hy_fail(e, HY_ERR_CANCELLED, "store: commit after a failed statement");
	end_queries(s);
	err = s->last ? s->last(s->last_ctx, e) : HY_OK;
	if (!err)
		err = s->driver->commit(s, e);
	if (err)
		s->failed = true;
	else
		s->in_transaction = false;
	return err;
}

enum hy_err hy_store_settle(struct hy_store *s, struct hy_error *e)
{
	enum hy_err err;

	hy_assert(s->in_transaction);
	if (s->failed)
		return hy_fail(e, HY_ERR_CANCELLED, "store: settling after a failed statement");
	err = s->driver->settle ? s->driver->settle(s, e) : HY_OK;
	if (err)
		s->failed = true;
	return err;
}

void hy_store_rollback(struct hy_store *s)
{
	if (!s->in_transaction)
		return;
	s->driver->rollback(s);
	s->in_transaction = false;
	s->failed = false;
}

bool hy_store_in_transaction(const struct hy_store *s)
{
	return s->in_transaction;
}

/* ---- queries ---- */

/* The highest $n of the text; quoted text holds none in our SQL. */
static int count_parameters(const char *sql)
{
	int highest = 0;

	for (const char *p = strchr(sql, '$'); p; p = strchr(p + 1, '$')) {
		int n = 0;

		for (const char *d = p + 1; *d >= '0' && *d <= '9' && n < 1000; d++)
			n = n * 10 + (*d - '0');
		if (n > highest)
			highest = n;
	}
	hy_assert(highest <= HY_STORE_PARAMETERS_MAX);
	return highest;
}

static char *dialect_text(const struct hy_store *s, const char *sql)
{
	const struct {
		const char *token, *text;
	} words[] = {{"{skip_locked}", s->driver->skip_locked}, {"{like}", s->driver->like}};
	struct hy_buf out;
	char *text;

	hy_buf_init(&out, SQL_BYTES);
	while (*sql) {
		size_t n = 0;

		for (size_t i = 0; *sql == '{' && i < HY_COUNT(words) && !n; i++)
			if (strncmp(sql, words[i].token, strlen(words[i].token)) == 0) {
				n = strlen(words[i].token);
				hy_buf_add_c(&out, words[i].text);
			}
		if (!n) {
			n = strcspn(sql + 1, "{") + 1;
			hy_buf_add(&out, sql, n);
		}
		sql += n;
	}
	text = hy_buf_take(&out);
	hy_assert(text);
	return text;
}

static bool is_select(const char *sql)
{
	struct hy_str s = hy_str_trim(hy_str_of(sql));

	return hy_str_starts_nocase(s, HY_STR_LIT("select"));
}

static struct hy_query *query_new(struct hy_store *s, const char *sql)
{
	struct hy_query *q = hy_xcalloc(1, sizeof *q);

	hy_assert(s->query_count < HY_STORE_QUERIES_MAX);
	q->store = s;
	q->key = sql;
	q->sql = hy_xstrdup(sql);
	q->text = dialect_text(s, sql);
	q->writes = !is_select(sql);
	q->parameter_count = count_parameters(sql);
	for (int i = 0; i < q->parameter_count; i++)
		hy_buf_init(&q->parameters[i].bytes, HY_STORE_VALUE_BYTES);
	s->queries = hy_grow(s->queries, &s->query_cap, s->query_count + 1, sizeof *s->queries);
	s->queries[s->query_count++] = q;
	return q;
}

/* By address first; the text is compared all the same, so that a buffer used twice with
 * different SQL in it is not taken for the first. */
static struct hy_query *query_find(const struct hy_store *s, const char *sql)
{
	for (size_t i = 0; i < s->query_count; i++)
		if (s->queries[i]->key == sql && strcmp(s->queries[i]->sql, sql) == 0)
			return s->queries[i];
	for (size_t i = 0; i < s->query_count; i++)
		if (strcmp(s->queries[i]->sql, sql) == 0)
			return s->queries[i];
	return NULL;
}

struct hy_query *hy_store_query(struct hy_store *s, const char *sql)
{
	struct hy_query *q = query_find(s, sql);

	if (!q)
		return query_new(s, sql);
	hy_query_reset(q);
	for (int i = 0; i < q->parameter_count; i++)
		q->parameters[i].kind = HY_VALUE_NULL;
	q->bind_error = HY_OK;
	return q;
}

static struct hy_value *value_at(struct hy_query *q, int parameter, enum hy_value_kind kind)
{
	struct hy_value *value;

	hy_assert(parameter >= 1 && parameter <= q->parameter_count && !q->active);
	value = &q->parameters[parameter - 1];
	value->kind = kind;
	hy_buf_clear(&value->bytes);
	return value;
}

void hy_query_bind_text(struct hy_query *q, int parameter, struct hy_str text)
{
	struct hy_value *value = value_at(q, parameter, HY_VALUE_TEXT);

	/* PostgreSQL takes neither; one engine must not hold what the other refuses. */
	if (text.n && (memchr(text.p, 0, text.n) || !hy_utf8_valid(text.p, text.n)))
		q->bind_error = HY_ERR_MALFORMED;
	hy_buf_add_str(&value->bytes, text);
	if (hy_buf_err(&value->bytes))
		q->bind_error = HY_ERR_LIMIT;
}

void hy_query_bind_c(struct hy_query *q, int parameter, const char *text)
{
	if (text)
		hy_query_bind_text(q, parameter, hy_str_of(text));
	else
		hy_query_bind_null(q, parameter);
}

void hy_query_bind_int(struct hy_query *q, int parameter, int64_t number)
{
	value_at(q, parameter, HY_VALUE_INT)->number = number;
}

void hy_query_bind_blob(struct hy_query *q, int parameter, struct hy_str bytes)
{
	struct hy_value *value = value_at(q, parameter, HY_VALUE_BLOB);

	hy_buf_add_str(&value->bytes, bytes);
	if (hy_buf_err(&value->bytes))
		q->bind_error = HY_ERR_LIMIT;
}

void hy_query_bind_wall(struct hy_query *q, int parameter, struct hy_wall t)
{
	if (hy_wall_known(t))
		hy_query_bind_int(q, parameter, t.ms);
	else
		hy_query_bind_null(q, parameter);
}

void hy_query_bind_null(struct hy_query *q, int parameter)
{
	(void)value_at(q, parameter, HY_VALUE_NULL);
}

static enum hy_err check_start(const struct hy_query *q, struct hy_error *e)
{
	if (q->store->failed)
		return hy_fail(e, HY_ERR_CANCELLED, "store: statement in a failed transaction");
	if (q->bind_error == HY_ERR_MALFORMED)
		return hy_fail(e, HY_ERR_MALFORMED, "store: text with a zero byte or not UTF-8");
	if (q->bind_error)
		return hy_fail(e, q->bind_error, "store: value over %zu bytes", HY_STORE_VALUE_BYTES);
	return HY_OK;
}

static void drop_large(struct hy_query *q)
{
	for (int i = 0; i < q->parameter_count; i++)
		if (q->parameters[i].bytes.cap > KEPT_VALUE_BYTES)
			hy_buf_fini(&q->parameters[i].bytes);
}

static enum hy_err query_start(struct hy_query *q, struct hy_error *e)
{
	enum hy_err err = check_start(q, e);

	if (!err)
		err = q->store->driver->start(q, e);
	if (!err)
		q->active = true;
	return err;
}

enum hy_err hy_query_next(struct hy_query *q, bool *out_row, struct hy_error *e)
{
	bool row = false;
	enum hy_err err = HY_OK;

	if (!q->active)
		err = query_start(q, e);
	if (!err)
		err = q->store->driver->step(q, &row, e);
	if (err) {
		q->store->failed = q->store->in_transaction;
		hy_query_reset(q);
		return err;
	}
	if (!row)
		hy_query_reset(q);
	*out_row = row;
	return HY_OK;
}

enum hy_err hy_query_run(struct hy_query *q, int64_t *out_changed, struct hy_error *e)
{
	bool row = true;
	enum hy_err err = HY_OK;

	hy_query_reset(q);
	err = query_start(q, e);
	while (!err && row)
		err = q->store->driver->step(q, &row, e);
	if (err)
		q->store->failed = q->store->in_transaction;
	else if (out_changed)
		*out_changed = q->store->driver->changed(q);
	hy_query_reset(q);
	return err;
}

enum hy_err hy_query_later(struct hy_query *q, struct hy_error *e)
{
	struct hy_store *s = q->store;
	enum hy_err err;

	if (!s->driver->later || !s->in_transaction)
		return hy_query_run(q, NULL, e);
	hy_query_reset(q);
	err = check_start(q, e);
	if (!err)
		err = s->driver->later(q, e);
	if (err)
		s->failed = true;
	drop_large(q);
	return err;
}

void hy_query_reset(struct hy_query *q)
{
	if (!q->active)
		return;
	q->store->driver->reset(q);
	q->active = false;
	drop_large(q);
}

/* ---- columns ---- */

static const struct hy_store_driver *column_check(const struct hy_query *q, int column)
{
	hy_assert(q->active);
	hy_assert(column >= 0 && column < q->store->driver->columns(q));
	return q->store->driver;
}

struct hy_str hy_query_text(const struct hy_query *q, int column)
{
	return column_check(q, column)->text(q, column);
}

int64_t hy_query_int(const struct hy_query *q, int column)
{
	return column_check(q, column)->number(q, column);
}

struct hy_str hy_query_blob(const struct hy_query *q, int column)
{
	return column_check(q, column)->blob(q, column);
}

struct hy_wall hy_query_wall(const struct hy_query *q, int column)
{
	if (hy_query_is_null(q, column))
		return HY_WALL_NONE;
	return (struct hy_wall){hy_query_int(q, column)};
}

bool hy_query_is_null(const struct hy_query *q, int column)
{
	return column_check(q, column)->is_null(q, column);
}
