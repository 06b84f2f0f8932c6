/* What outlets.yaml says, and what is wrong with it. */
#include "common/rules/outlets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

#define DAY_MS (INT64_C(24) * 3600000)

static struct hy_outlets *parse(const char *text, struct hy_findings *findings)
{
	hy_findings_init(findings);
	return hy_outlets_parse(hy_str_of(text), "outlets.yaml", findings);
}

static void reads_both_parts(void **state)
{
	struct hy_findings findings;
	struct hy_outlets *o = parse("mainstream: {severity: 较大, media: {outlet: [日报]}}\n"
				     "spread:\n"
				     "  - {outlets: 5, timespan: 24h, severity: II}\n"
				     "  - {burst: 10, severity: critical, note: 大事}\n",
				     &findings);

	(void)state;
	assert_int_equal(findings.count, 0);
	assert_non_null(o->media);
	assert_int_equal(o->mainstream, HY_SEVERITY_CONSIDERABLE);
	assert_int_equal(o->spread_count, 2);
	assert_int_equal(o->spread[0].outlets, 5);
	assert_int_equal(o->spread[0].burst, 0);
	assert_int_equal(o->spread[0].span_ms, DAY_MS);
	assert_int_equal(o->spread[0].severity, HY_SEVERITY_MAJOR);
	assert_int_equal(o->spread[1].outlets, 0);
	assert_int_equal(o->spread[1].burst, 10);
	assert_int_equal(o->spread[1].span_ms, 7 * DAY_MS);
	assert_true(hy_id_valid(hy_id_str(&o->version)));
	hy_outlets_free(o);
	hy_findings_fini(&findings);
}

static void mistakes_are_found(void **state)
{
	static const struct {
		const char *text, *finding;
	} rows[] = {
		{"[]", "outlets.yaml:1:1: 应写 mainstream"},
		{"mainstream: 较大", "outlets.yaml:1:13: mainstream 应写成"},
		{"mainstream: {media: [a]}", "outlets.yaml:1:13: severity 应为"},
		{"mainstream: {media: [a], severity: 大}", "outlets.yaml:1:36: severity 应为"},
		{"spread: {outlets: 5, severity: 较大}", "outlets.yaml:1:9: spread 应为一列"},
		{"spread: [5]", "outlets.yaml:1:10: spread 的每一步应写成"},
		{"spread: [{outlets: 1, severity: 较大}]", "outlets.yaml:1:20: "},
		{"spread: [{outlets: 5}]", "outlets.yaml:1:10: severity 应为"},
		{"spread: [{outlets: 5, severity: 较大, timespan: 99d}]", "outlets.yaml:1:47: “timespan”"},
		{"spread: [{outlet: 5, severity: 较大}]", "outlets.yaml:1:10: spread 的每一步"},
		{"spread: [{outlets: 5, burst: 3, severity: 较大, x: 1}]", "outlets.yaml:1:47: "},
		/* Asks for more and gives no more. */
		{"spread: [{burst: 3, severity: 较大}, {burst: 3, outlets: 2, severity: 较大}]",
		 "outlets.yaml:1:36: 这一步不起作用"},
		{"spread: [{outlets: 3, severity: 较大}, {outlets: 3, timespan: 1h, severity: 较大}]",
		 "outlets.yaml:1:38: 这一步不起作用"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_findings findings;
		struct hy_outlets *o = parse(rows[i].text, &findings);

		if (findings.count == 0 ||
		    strstr(hy_buf_str(&findings.text).p, rows[i].finding) == NULL)
			fail_msg("row %zu: %.*s", i, HY_STR_ARGS(hy_buf_str(&findings.text)));
		assert_null(o->media);
		assert_true(o->spread_count <= 1);
		hy_outlets_free(o);
		hy_findings_fini(&findings);
	}
}

static void steps_that_differ_in_anything_stay(void **state)
{
	struct hy_findings findings;
	struct hy_outlets *o = parse("spread:\n"
				     "  - {outlets: 5, timespan: 24h, severity: 较大}\n"
				     "  - {outlets: 10, timespan: 3d, severity: 较大}\n"
				     "  - {outlets: 10, timespan: 3d, severity: 重大}\n"
				     "  - {outlets: 3, burst: 10, timespan: 24h, severity: 较大}\n",
				     &findings);

	(void)state;
	assert_int_equal(findings.count, 0);
	assert_int_equal(o->spread_count, 4);
	hy_outlets_free(o);
	hy_findings_fini(&findings);
}

static void no_file_is_an_empty_set(void **state)
{
	struct hy_findings findings;
	struct test_rules folder;
	struct hy_outlets *o = NULL;
	struct hy_error e = {0};
	struct hy_id empty;

	(void)state;
	hy_findings_init(&findings);
	assert_true(test_rules_make(&folder));
	assert_int_equal(hy_outlets_load(folder.folder, &findings, &o, &e), HY_OK);
	assert_null(o->media);
	assert_int_equal(o->spread_count, 0);
	empty = o->version;
	hy_outlets_free(o);
	assert_true(test_rules_put(&folder, "outlets.yaml", "spread: [{outlets: 2, severity: II}]\n"));
	assert_int_equal(hy_outlets_load(folder.folder, &findings, &o, &e), HY_OK);
	assert_int_equal(o->spread_count, 1);
	assert_string_not_equal(o->version.hex, empty.hex);
	hy_outlets_free(o);
	assert_int_equal(findings.count, 0);
	hy_findings_fini(&findings);
	test_rules_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_both_parts),
		cmocka_unit_test(mistakes_are_found),
		cmocka_unit_test(steps_that_differ_in_anything_stay),
		cmocka_unit_test(no_file_is_an_empty_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
