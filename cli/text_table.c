#include "cli/text_table.h"

#include "cli/print.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define CELL_BYTES 4096
#define GAP 2

void hy_text_table_init(struct hy_text_table *table, const char *const *titles, size_t columns)
{
	hy_assert(columns <= HY_TEXT_TABLE_COLUMNS_MAX);
	*table = (struct hy_text_table){.columns = columns};
	for (size_t i = 0; i < columns; i++)
		hy_text_table_add(table, hy_str_of(titles[i]));
}

void hy_text_table_fini(struct hy_text_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->cells[i]);
	free(table->cells);
}

void hy_text_table_add(struct hy_text_table *table, struct hy_str text)
{
	hy_cleanup(hy_buf_fini) struct hy_buf cell = HY_BUF(CELL_BYTES);

	hy_print_plain(text, &cell);
	if (hy_buf_err(&cell) != HY_OK)
		hy_buf_clear(&cell);
	if (!cell.n)
		hy_buf_add_c(&cell, "-");
	table->cells = hy_grow(table->cells, &table->cap, table->count + 1, sizeof *table->cells);
	table->cells[table->count++] = hy_buf_take(&cell);
}

/* The blocks that terminals show in two columns (Unicode's East Asian Width, W and F). */
static bool is_wide(uint32_t rune)
{
	return (rune >= 0x1100 && rune <= 0x115F) || (rune >= 0x2E80 && rune <= 0xA4CF) ||
	       (rune >= 0xAC00 && rune <= 0xD7A3) || (rune >= 0xF900 && rune <= 0xFAFF) ||
	       (rune >= 0xFE30 && rune <= 0xFE6F) || (rune >= 0xFF00 && rune <= 0xFF60) ||
	       (rune >= 0xFFE0 && rune <= 0xFFE6) || (rune >= 0x1F300 && rune <= 0x1FAFF) ||
	       (rune >= 0x20000 && rune <= 0x3FFFD);
}

size_t hy_text_width(struct hy_str text)
{
	size_t width = 0;

	for (size_t at = 0; at < text.n;) {
		uint32_t rune = 0;
		size_t n = hy_utf8_decode(text.p + at, text.n - at, &rune);

		width += is_wide(rune) ? 2 : 1;
		at += n ? n : 1;
	}
	return width;
}

void hy_text_table_write(const struct hy_text_table *table, struct hy_buf *out)
{
	size_t widest[HY_TEXT_TABLE_COLUMNS_MAX] = {0};

	for (size_t i = 0; i < table->count; i++) {
		size_t width = hy_text_width(hy_str_of(table->cells[i]));

		if (width > widest[i % table->columns])
			widest[i % table->columns] = width;
	}
	for (size_t i = 0; i < table->count; i++) {
		size_t column = i % table->columns;
		size_t width = hy_text_width(hy_str_of(table->cells[i]));

		hy_buf_add_c(out, table->cells[i]);
		if (column + 1 == table->columns)
			hy_buf_add_c(out, "\n");
		else
			hy_buf_addf(out, "%*s", (int)(widest[column] - width + GAP), "");
	}
}
