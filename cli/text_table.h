/*
 * A table for a terminal: columns aligned by what they take there, where a Chinese character
 * is as wide as two letters.
 */
#ifndef HY_CLI_TEXT_TABLE_H
#define HY_CLI_TEXT_TABLE_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/str.h"

#define HY_TEXT_TABLE_COLUMNS_MAX 16

struct hy_text_table {
	size_t columns;
	char **cells;		/* row by row, owned; the first row is the header */
	size_t count, cap;
};

void hy_text_table_init(struct hy_text_table *table, const char *const *titles, size_t columns);
void hy_text_table_fini(struct hy_text_table *table);
/* The next cell, copied without control characters; "-" where it is empty. */
void hy_text_table_add(struct hy_text_table *table, struct hy_str text);
void hy_text_table_write(const struct hy_text_table *table, struct hy_buf *out);

/* Columns of a terminal that the text takes. */
size_t hy_text_width(struct hy_str text);

#endif
