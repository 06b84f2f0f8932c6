#include "report/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/sys/severity.h"

#define CELL_BYTES 64

static char *number_cell(enum hy_cell cell, int64_t value)
{
	char text[CELL_BYTES];
	struct hy_civil c;

	if (cell == HY_CELL_RATE) {
		(void)snprintf(text, sizeof text, "%" PRId64 ".%02" PRId64 "%%", value / 100,
			       value % 100);
	} else if (cell == HY_CELL_HOURS) {
		int64_t tenths = (value + 180000) / 360000;

		(void)snprintf(text, sizeof text, "%" PRId64 ".%" PRId64, tenths / 10, tenths % 10);
	} else if (cell == HY_CELL_MOMENT) {
		c = hy_civil_of((struct hy_wall){value}, HY_CST_OFFSET_MIN);
		(void)snprintf(text, sizeof text, "%04d-%02d-%02d %02d:%02d", c.year, c.month,
			       c.day, c.hour, c.minute);
	} else {
		(void)snprintf(text, sizeof text, "%" PRId64, value);
	}
	return hy_xstrdup(text);
}

static char *make_cell(const struct hy_query *q, int column, enum hy_cell cell)
{
	enum hy_severity severity;

	if (hy_query_is_null(q, column))
		return hy_xstrdup("—");
	if (cell == HY_CELL_SEVERITY && hy_severity_parse(hy_query_text(q, column), &severity))
		return hy_xstrdup(hy_severity_title(severity));
	if (cell == HY_CELL_TEXT || cell == HY_CELL_SEVERITY)
		return hy_str_dup(hy_query_text(q, column));
	return number_cell(cell, hy_query_int(q, column));
}

static void add_row(struct hy_table *t, const struct hy_query *q, size_t *cap)
{
	size_t columns = t->spec->column_count;
	size_t base = t->row_count * columns;

	t->cells = hy_grow(t->cells, cap, base + columns, sizeof *t->cells);
	for (size_t i = 0; i < columns; i++)
		t->cells[base + i] = make_cell(q, (int)i, t->spec->columns[i].cell);
	t->row_count++;
}

enum hy_err hy_table_load(struct hy_store *store, const struct hy_table_spec *spec,
			  const struct hy_period *period, struct hy_table *out, struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, spec->sql);
	struct hy_table table = {.spec = spec};
	enum hy_err err = HY_OK;
	size_t cap = 0;
	bool row;

	hy_query_bind_wall(q, 1, period->begin);
	hy_query_bind_wall(q, 2, period->end);
	hy_query_bind_wall(q, 3, period->made_at);
	while (err == HY_OK) {
		err = hy_query_next(q, &row, e);
		if (err != HY_OK || !row)
			break;
		if (table.row_count == HY_TABLE_ROWS_MAX)
			err = hy_fail(e, HY_ERR_LIMIT, "table %s has more than %d rows", spec->id,
				      HY_TABLE_ROWS_MAX);
		else
			add_row(&table, q, &cap);
	}
	hy_query_reset(q);
	if (err != HY_OK) {
		hy_table_fini(&table);
		return hy_fail_in(e, err, "table %s", spec->id);
	}
	*out = table;
	return HY_OK;
}

void hy_table_fini(struct hy_table *table)
{
	for (size_t i = 0; table->cells && i < table->row_count * table->spec->column_count; i++)
		free(table->cells[i]);
	free(table->cells);
	*table = (struct hy_table){.spec = table->spec};
}

const char *hy_table_cell(const struct hy_table *table, size_t row, size_t column)
{
	return table->cells[row * table->spec->column_count + column];
}
