#include "report/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	} else if (cell == HY_CELL_DAY) {
		c = hy_civil_of((struct hy_wall){value}, HY_CST_OFFSET_MIN);
		(void)snprintf(text, sizeof text, "%04d-%02d-%02d", c.year, c.month, c.day);
	} else {
		(void)snprintf(text, sizeof text, "%" PRId64, value);
	}
	return hy_xstrdup(text);
}

static char *severity_cell(struct hy_str id)
{
	enum hy_severity severity;

	return hy_severity_parse(id, &severity) ? hy_xstrdup(hy_severity_title(severity))
						: hy_str_dup(id);
}

/* A topic that the rules no longer have keeps its id: the row still says what it counts. */
static char *topic_cell(const struct hy_topics *topics, struct hy_str id)
{
	const struct hy_topic *topic = topics ? hy_topics_get(topics, id) : NULL;

	return hy_str_dup(topic ? topic->title : id);
}

static char *make_cell(const struct hy_query *q, int column, enum hy_cell cell,
		       const struct hy_topics *topics)
{
	if (hy_query_is_null(q, column))
		return hy_xstrdup("—");
	if (cell == HY_CELL_SEVERITY)
		return severity_cell(hy_query_text(q, column));
	if (cell == HY_CELL_TOPIC)
		return topic_cell(topics, hy_query_text(q, column));
	if (cell == HY_CELL_TEXT)
		return hy_str_dup(hy_query_text(q, column));
	return number_cell(cell, hy_query_int(q, column));
}

static void add_row(struct hy_table *t, const struct hy_query *q, const struct hy_topics *topics,
		    size_t *cap)
{
	size_t columns = t->spec->column_count;
	size_t base = t->row_count * columns;

	t->cells = hy_grow(t->cells, cap, base + columns, sizeof *t->cells);
	for (size_t i = 0; i < columns; i++)
		t->cells[base + i] = make_cell(q, (int)i, t->spec->columns[i].cell, topics);
	t->row_count++;
}

/* Not every query uses every parameter, and one that it does not use cannot be bound. */
static void bind_scope(struct hy_query *q, const char *sql, const struct hy_report_scope *scope)
{
	const struct hy_wall moments[] = {scope->begin, scope->end, scope->made_at};
	char name[] = "$1";

	for (int i = 0; i < (int)HY_COUNT(moments); i++, name[1]++)
		if (strstr(sql, name))
			hy_query_bind_wall(q, i + 1, moments[i]);
}

enum hy_err hy_table_load(struct hy_store *store, const struct hy_table_spec *spec,
			  const struct hy_report_scope *scope, struct hy_table *out,
			  struct hy_error *e)
{
	struct hy_query *q = hy_store_query(store, spec->sql);
	struct hy_table table = {.spec = spec};
	enum hy_err err = HY_OK;
	size_t cap = 0;
	bool row;

	bind_scope(q, spec->sql, scope);
	while (err == HY_OK) {
		err = hy_query_next(q, &row, e);
		if (err != HY_OK || !row)
			break;
		if (table.row_count == HY_TABLE_ROWS_MAX)
			err = hy_fail(e, HY_ERR_LIMIT, "table %s has more than %d rows", spec->id,
				      HY_TABLE_ROWS_MAX);
		else
			add_row(&table, q, scope->topics, &cap);
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
