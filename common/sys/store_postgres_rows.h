/*
 * Rows of one INSERT that were put off one behind the other and go out as one statement: most of
 * what a row costs a server is the statement around it. Private to common/sys/store*.c.
 *
 * Only where it cannot be told from single ones: INSERT ... VALUES (...), with nothing or ON
 * CONFLICT DO NOTHING behind it.
 */
#ifndef HY_SYS_STORE_POSTGRES_ROWS_H
#define HY_SYS_STORE_POSTGRES_ROWS_H

#include "common/base/buf.h"
#include "common/sys/store_driver.h"

#define HY_PG_ROWS_MAX 16

struct hy_pg_value {
	bool is_null;
	int format;		/* 1: binary */
	size_t at, n;		/* in `bytes` */
};

struct hy_pg_rows {
	struct hy_query *query;	/* NULL: none wait */
	size_t count, sent;
	struct hy_pg_value *value;	/* parameter_count for each row */
	size_t value_cap;
	struct hy_buf bytes;	/* each value with a zero byte behind it */
};

/* Whether rows of this text may go out together. */
bool hy_pg_rows_fit(const char *text);
/* The text for so many rows; the caller frees it. */
char *hy_pg_rows_text(const struct hy_query *q, size_t rows);

/* What the query is bound to; the rows before it are the same query's and not full. */
void hy_pg_rows_add(struct hy_pg_rows *rows, struct hy_query *q);
bool hy_pg_rows_full(const struct hy_pg_rows *rows);
/* Where the parameters of the next `count` rows are: arrays of count * parameter_count. */
void hy_pg_rows_values(const struct hy_pg_rows *rows, size_t count, const char **values,
		       int *lengths, int *formats);
void hy_pg_rows_forget(struct hy_pg_rows *rows);
void hy_pg_rows_fini(struct hy_pg_rows *rows);

#endif
