/*
 * A table of a report: what it counts, by which query, and the rows that came of it.
 *
 * A figure without its source is worth nothing (P8): the query and the definition in words
 * travel with the rows to every output format.
 */
#ifndef HY_REPORT_TABLE_H
#define HY_REPORT_TABLE_H

#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"
#include "common/rules/topics.h"
#include "common/sys/store.h"

#define HY_TABLE_COLUMNS_MAX 12
#define HY_TABLE_ROWS_MAX 5000

/* How a column's value is written. */
enum hy_cell {
	HY_CELL_TEXT,
	HY_CELL_COUNT,
	HY_CELL_RATE,	/* the query gives parts per ten thousand; null: no base, "—" */
	HY_CELL_HOURS,	/* the query gives milliseconds; written in hours, one decimal */
	HY_CELL_MOMENT,	/* milliseconds since 1970; written in China time */
	HY_CELL_DAY,	/* the same, the date only */
	HY_CELL_SEVERITY,	/* an id of common/sys/severity.h; written in Chinese */
	HY_CELL_TOPIC,	/* an id of rules/topics/; written with its title where it has one */
};

struct hy_column {
	const char *title;
	enum hy_cell cell;
};

enum hy_report_store {
	HY_REPORT_CRAWLER,
	HY_REPORT_ALERTER,
	HY_REPORT_STORE_COUNT
};

/* One table as it is specified: constant. */
struct hy_table_spec {
	const char *id;			/* "by-unit"; also the name of its CSV block */
	const char *title;
	const char *definition;		/* 口径: what is counted, in words */
	enum hy_report_store store;
	const char *sql;		/* $1 begin, $2 end, $3 the moment of the report */
	const struct hy_column *columns;
	size_t column_count;
};

struct hy_report_scope {
	struct hy_wall begin, end;	/* half-open */
	struct hy_wall made_at;
	const struct hy_topics *topics;	/* for their titles; may be NULL */
};

struct hy_table {
	const struct hy_table_spec *spec;
	char **cells;			/* row by row, owned, UTF-8, as they are printed */
	size_t row_count;
};

/* Runs the query. LIMIT where it has too many rows: nothing is left out silently. */
enum hy_err hy_table_load(struct hy_store *store, const struct hy_table_spec *spec,
			  const struct hy_report_scope *scope, struct hy_table *out, struct hy_error *e)
	HY_MUST_CHECK;
void hy_table_fini(struct hy_table *table);
const char *hy_table_cell(const struct hy_table *table, size_t row, size_t column);

#endif
