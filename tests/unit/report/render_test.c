#include "report/render.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define OUT_BYTES (1u << 20)

static const struct hy_column columns[] = {{"单位", HY_CELL_TEXT}, {"件数", HY_CELL_COUNT}};
static const struct hy_table_spec spec = {
	"by-unit", "各单位", "按主办单位计", HY_REPORT_ALERTER,
	"SELECT lead, count(*) FROM v_case WHERE x < $1", columns, HY_COUNT(columns)};

/* Cells that outsiders may have chosen. */
static char hostile_tag[] = "<script>alert(1)</script>&\"";
static char hostile_formula[] = "=HYPERLINK(\"http://a/\")";
static char one[] = "1", two[] = "2";
static char *cells[] = {hostile_tag, one, hostile_formula, two};

static void render(void (*fn)(const struct hy_report *, struct hy_buf *), size_t rows,
		   struct hy_buf *out)
{
	struct hy_table table = {&spec, cells, rows};
	const struct hy_report report = {
		"回应周报", 2026, 47, {{1763308800000}, {1763913600000}, {1763950000000}, NULL},
		&table, 1};

	hy_buf_init(out, OUT_BYTES);
	fn(&report, out);
	assert_int_equal(hy_buf_err(out), HY_OK);
}

static bool has(const struct hy_buf *out, const char *needle)
{
	return hy_str_find(hy_buf_str(out), hy_str_of(needle), 0) != SIZE_MAX;
}

static void html_shows_rows_and_queries(void **state)
{
	struct hy_buf out;

	(void)state;
	render(hy_report_html, 2, &out);
	assert_true(has(&out, "<html lang=\"zh-CN\">"));
	assert_true(has(&out, "&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;"));
	assert_false(has(&out, "<script>"));
	assert_true(has(&out, "<td class=\"n\">1</td>"));
	assert_true(has(&out, "口径：按主办单位计"));
	assert_true(has(&out, "WHERE x &lt; $1"));
	assert_true(has(&out, "$1 = 1763308800000"));
	assert_false(has(&out, "http://") && has(&out, "src="));	/* nothing from elsewhere */
	hy_buf_fini(&out);
}

static void html_says_where_nothing_is(void **state)
{
	struct hy_buf out;

	(void)state;
	render(hy_report_html, 0, &out);
	assert_true(has(&out, "本期无"));
	hy_buf_fini(&out);
}

static void csv_is_safe_to_open(void **state)
{
	struct hy_buf out;

	(void)state;
	render(hy_report_csv, 2, &out);
	assert_true(hy_str_starts(hy_buf_str(&out), HY_STR_LIT("\xEF\xBB\xBF")));
	assert_true(has(&out, "\"单位\",\"件数\"\r\n"));
	assert_true(has(&out, "\"<script>alert(1)</script>&\"\"\",\"1\"\r\n"));
	assert_true(has(&out, "\"'=HYPERLINK(\"\"http://a/\"\")\",\"2\"\r\n"));
	assert_true(has(&out, "\"查询\",\"SELECT lead"));
	hy_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html_shows_rows_and_queries),
		cmocka_unit_test(html_says_where_nothing_is),
		cmocka_unit_test(csv_is_safe_to_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
