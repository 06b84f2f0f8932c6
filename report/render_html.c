#include "report/render.h"

#include <inttypes.h>

static const char head[] =
	"<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n";

static const char style[] =
	"<style>\n"
	"@page{size:A4;margin:20mm 16mm}\n"
	"body{font-family:\"Noto Serif CJK SC\",\"Source Han Serif SC\",SimSun,serif;color:#111;"
	"background:#fff;max-width:60rem;margin:2rem auto;padding:0 1rem;line-height:1.6}\n"
	"h1{font-size:1.7rem;text-align:center;margin:0 0 .3rem}\n"
	".period{text-align:center;color:#444;margin:0 0 2rem}\n"
	"h2{font-size:1.15rem;margin:2rem 0 .4rem;border-bottom:2px solid #8a1f1f;"
	"padding-bottom:.2rem}\n"
	".definition{color:#444;font-size:.9rem;margin:.2rem 0 .6rem}\n"
	"table{border-collapse:collapse;width:100%;font-size:.92rem}\n"
	"th,td{border:1px solid #777;padding:.3rem .5rem;text-align:left;vertical-align:top;"
	"overflow-wrap:anywhere}\n"
	"th{background:#f0ece6}\n"
	"td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
	"td.k{white-space:nowrap}\n"
	"tr{break-inside:avoid}\n"
	"pre{background:#f6f4f0;border:1px solid #ccc;padding:.6rem;font-size:.8rem;"
	"white-space:pre-wrap;overflow-wrap:anywhere}\n"
	"nav{text-align:center;font-size:.9rem}nav a{margin:0 .4rem}\n"
	"a{color:#7a1a1a}\n"
	"@media print{nav{display:none}body{margin:0;max-width:none}}\n"
	"</style>\n";

static void add_text(struct hy_buf *out, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '<':
			hy_buf_add_c(out, "&lt;");
			break;
		case '>':
			hy_buf_add_c(out, "&gt;");
			break;
		case '&':
			hy_buf_add_c(out, "&amp;");
			break;
		case '"':
			hy_buf_add_c(out, "&quot;");
			break;
		default:
			hy_buf_add_char(out, *text);
		}
	}
}

static void add_element(struct hy_buf *out, const char *open, const char *text, const char *close)
{
	hy_buf_add_c(out, open);
	add_text(out, text);
	hy_buf_add_c(out, close);
}

static bool is_number(enum hy_cell cell)
{
	return cell == HY_CELL_COUNT || cell == HY_CELL_RATE || cell == HY_CELL_HOURS;
}

static const char *cell_tag(enum hy_cell cell)
{
	if (is_number(cell))
		return "<td class=\"n\">";
	return cell == HY_CELL_SEVERITY || cell == HY_CELL_DAY ? "<td class=\"k\">" : "<td>";
}

static void add_rows(struct hy_buf *out, const struct hy_table *t)
{
	hy_buf_add_c(out, "<table>\n<thead><tr>");
	for (size_t c = 0; c < t->spec->column_count; c++)
		add_element(out,
			    is_number(t->spec->columns[c].cell) ? "<th scope=\"col\" class=\"n\">"
								: "<th scope=\"col\">",
			    t->spec->columns[c].title, "</th>");
	hy_buf_add_c(out, "</tr></thead>\n<tbody>\n");
	for (size_t r = 0; r < t->row_count; r++) {
		hy_buf_add_c(out, "<tr>");
		for (size_t c = 0; c < t->spec->column_count; c++)
			add_element(out, cell_tag(t->spec->columns[c].cell),
				    hy_table_cell(t, r, c), "</td>");
		hy_buf_add_c(out, "</tr>\n");
	}
	hy_buf_add_c(out, "</tbody>\n</table>\n");
}

static void add_table(struct hy_buf *out, const struct hy_table *t)
{
	hy_buf_addf(out, "<section id=\"%s\">\n", t->spec->id);
	add_element(out, "<h2>", t->spec->title, "</h2>\n");
	add_element(out, "<p class=\"definition\">口径：", t->spec->definition, " ");
	hy_buf_addf(out, "<a href=\"#query-%s\">查询语句</a></p>\n", t->spec->id);
	if (t->row_count)
		add_rows(out, t);
	else
		hy_buf_add_c(out, "<p>本期无。</p>\n");
	hy_buf_add_c(out, "</section>\n");
}

static void add_queries(struct hy_buf *out, const struct hy_report *report)
{
	hy_buf_addf(out,
		    "<section id=\"queries\">\n<h2>查询语句</h2>\n"
		    "<p class=\"definition\">每个数字都可用下列语句在系统视图上重新得出："
		    "$1 = %" PRId64 "（期初），$2 = %" PRId64 "（期末，不含），$3 = %" PRId64
		    "（统计时刻），单位毫秒。</p>\n",
		    report->scope.begin.ms, report->scope.end.ms, report->scope.made_at.ms);
	for (size_t i = 0; i < report->table_count; i++) {
		const struct hy_table_spec *spec = report->tables[i].spec;

		hy_buf_addf(out, "<h3 id=\"query-%s\">", spec->id);
		add_element(out, "", spec->title, "</h3>\n");
		add_element(out, "<pre>", spec->sql, "</pre>\n");
	}
	hy_buf_add_c(out, "</section>\n");
}

static void add_heading(struct hy_buf *out, const struct hy_report *report)
{
	struct hy_civil from = hy_civil_of(report->scope.begin, HY_CST_OFFSET_MIN);
	struct hy_civil to =
		hy_civil_of(hy_wall_add_ms(report->scope.end, -1), HY_CST_OFFSET_MIN);
	struct hy_civil made = hy_civil_of(report->scope.made_at, HY_CST_OFFSET_MIN);

	add_element(out, "<h1>", report->title, "</h1>\n");
	hy_buf_addf(out,
		    "<p class=\"period\">%d 年第 %d 周（%d年%d月%d日至%d月%d日） · 统计时刻 "
		    "%d年%d月%d日 %02d:%02d</p>\n<nav aria-label=\"目录\">",
		    report->year, report->week, from.year, from.month, from.day, to.month, to.day,
		    made.year, made.month, made.day, made.hour, made.minute);
	for (size_t i = 0; i < report->table_count; i++) {
		hy_buf_addf(out, "<a href=\"#%s\">", report->tables[i].spec->id);
		add_element(out, "", report->tables[i].spec->title, "</a>");
	}
	hy_buf_add_c(out, "</nav>\n");
}

void hy_report_html(const struct hy_report *report, struct hy_buf *out)
{
	hy_buf_add_c(out, head);
	add_element(out, "<title>", report->title, "");
	hy_buf_addf(out, " %d-W%02d</title>\n%s</head>\n<body>\n<main>\n", report->year,
		    report->week, style);
	add_heading(out, report);
	for (size_t i = 0; i < report->table_count; i++)
		add_table(out, &report->tables[i]);
	add_queries(out, report);
	hy_buf_add_c(out, "</main>\n</body>\n</html>\n");
}
