#include "report/render.h"

#include <string.h>

static bool looks_like_formula(const char *cell)
{
	return strchr("=+-@\t\r", cell[0]) && cell[0] != '\0';
}

static void add_cell(struct hy_buf *out, const char *cell, bool first)
{
	if (!first)
		hy_buf_add_char(out, ',');
	hy_buf_add_char(out, '"');
	if (looks_like_formula(cell))
		hy_buf_add_char(out, '\'');
	for (; *cell; cell++) {
		if (*cell == '"')
			hy_buf_add_char(out, '"');
		hy_buf_add_char(out, *cell);
	}
	hy_buf_add_char(out, '"');
}

static void end_line(struct hy_buf *out)
{
	hy_buf_add_c(out, "\r\n");
}

static void add_line(struct hy_buf *out, const char *name, const char *value)
{
	add_cell(out, name, true);
	add_cell(out, value, false);
	end_line(out);
}

static void add_table(struct hy_buf *out, const struct hy_table *t)
{
	add_line(out, "表", t->spec->title);
	add_line(out, "口径", t->spec->definition);
	add_line(out, "查询", t->spec->sql);
	for (size_t c = 0; c < t->spec->column_count; c++)
		add_cell(out, t->spec->columns[c].title, c == 0);
	end_line(out);
	for (size_t r = 0; r < t->row_count; r++) {
		for (size_t c = 0; c < t->spec->column_count; c++)
			add_cell(out, hy_table_cell(t, r, c), c == 0);
		end_line(out);
	}
	end_line(out);
}

void hy_report_csv(const struct hy_report *report, struct hy_buf *out)
{
	char begin[HY_RFC3339_BYTES], end[HY_RFC3339_BYTES], made[HY_RFC3339_BYTES];

	hy_buf_add_c(out, "\xEF\xBB\xBF");
	add_line(out, "报告", report->title);
	add_line(out, "起", hy_wall_format(report->scope.begin, begin));
	add_line(out, "止（不含）", hy_wall_format(report->scope.end, end));
	add_line(out, "统计时刻", hy_wall_format(report->scope.made_at, made));
	end_line(out);
	for (size_t i = 0; i < report->table_count; i++)
		add_table(out, &report->tables[i]);
}
