#include "common/sys/store_postgres_rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/mem.h"

#define TEXT_BYTES ((size_t)64 << 10)
#define VALUES_WORD " VALUES ("
#define FULL_BYTES ((size_t)256 << 10)
#define KEPT_BYTES ((size_t)1 << 20)

/* The bracket of the row's values, both ends; NULL where there is none. */
static const char *find_row(const char *text, const char **out_end)
{
	const char *begin = strstr(text, VALUES_WORD), *p;
	int depth = 0;

	if (!begin)
		return NULL;
	begin += strlen(VALUES_WORD) - 1;
	for (p = begin; *p; p++) {
		depth += (*p == '(') - (*p == ')');
		if (depth == 0)
			break;
	}
	*out_end = p;
	return *p ? begin : NULL;
}

bool hy_pg_rows_fit(const char *text)
{
	const char *end, *row = find_row(text, &end);

	if (!row || strncmp(text, "INSERT ", strlen("INSERT ")) != 0)
		return false;
	return strcmp(end, ")") == 0 || strcmp(end, ") ON CONFLICT DO NOTHING") == 0;
}

/* The row's bracket with its parameters so many further on. */
static void add_row(struct hy_buf *out, const char *begin, const char *end, size_t further)
{
	while (begin <= end) {
		char *behind;

		if (*begin != '$') {
			hy_buf_add(out, begin++, 1);
			continue;
		}
		hy_buf_addf(out, "$%lu", strtoul(begin + 1, &behind, 10) + (unsigned long)further);
		begin = behind;
	}
}

char *hy_pg_rows_text(const struct hy_query *q, size_t rows)
{
	const char *end, *row = find_row(q->text, &end);
	struct hy_buf out;
	char *text;

	hy_buf_init(&out, TEXT_BYTES);
	hy_buf_add(&out, q->text, (size_t)(row - q->text));
	for (size_t i = 0; i < rows; i++) {
		hy_buf_add_c(&out, i ? ", " : "");
		add_row(&out, row, end, i * (size_t)q->parameter_count);
	}
	hy_buf_add_c(&out, end + 1);
	text = hy_buf_take(&out);
	hy_assert(text);
	return text;
}

static void add_value(struct hy_pg_rows *rows, const struct hy_value *from,
		      struct hy_pg_value *out)
{
	*out = (struct hy_pg_value){.is_null = from->kind == HY_VALUE_NULL,
				    .format = from->kind == HY_VALUE_BLOB,
				    .at = rows->bytes.n};
	if (from->kind == HY_VALUE_INT)
		hy_buf_addf(&rows->bytes, "%lld", (long long)from->number);
	else if (from->kind != HY_VALUE_NULL)
		hy_buf_add_str(&rows->bytes, hy_buf_str(&from->bytes));
	out->n = rows->bytes.n - out->at;
	hy_buf_add(&rows->bytes, "", 1);
}

void hy_pg_rows_add(struct hy_pg_rows *rows, struct hy_query *q)
{
	size_t per_row = (size_t)q->parameter_count;

	if (rows->count == 0) {
		if (rows->bytes.cap > KEPT_BYTES)
			hy_buf_fini(&rows->bytes);
		rows->bytes.max = SIZE_MAX;	/* each value is within its own bound */
		hy_buf_clear(&rows->bytes);
	}
	rows->query = q;
	rows->value = hy_grow(rows->value, &rows->value_cap, (rows->count + 1) * per_row,
			      sizeof rows->value[0]);
	for (size_t i = 0; i < per_row; i++)
		add_value(rows, &q->parameters[i], &rows->value[rows->count * per_row + i]);
	rows->count++;
}

bool hy_pg_rows_full(const struct hy_pg_rows *rows)
{
	return rows->count == HY_PG_ROWS_MAX || rows->bytes.n > FULL_BYTES;
}

void hy_pg_rows_values(const struct hy_pg_rows *rows, size_t count, const char **values,
		       int *lengths, int *formats)
{
	size_t per_row = (size_t)rows->query->parameter_count;
	const struct hy_pg_value *from = &rows->value[rows->sent * per_row];

	for (size_t i = 0; i < count * per_row; i++) {
		values[i] = from[i].is_null ? NULL : rows->bytes.p + from[i].at;
		lengths[i] = (int)from[i].n;
		formats[i] = from[i].format;
	}
}

void hy_pg_rows_forget(struct hy_pg_rows *rows)
{
	rows->query = NULL;
	rows->count = 0;
	rows->sent = 0;
}

void hy_pg_rows_fini(struct hy_pg_rows *rows)
{
	hy_pg_rows_forget(rows);
	hy_buf_fini(&rows->bytes);
	free(rows->value);
	rows->value = NULL;
	rows->value_cap = 0;
}
