/* What makes a document graver than its topic is, and that it says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/explain.h"
#include "analyzer/judge.h"
#include "analyzer/scanner.h"
#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

#define EXPLANATION_BYTES 4096

static const char topics[] =
	"topics:\n"
	"  - id: mild\n    title: 噪声\n    owner: housing\n    match: {any: [噪声]}\n"
	"    raise:\n      - {any: [聚集, 堵路, $injuries], severity: 较大}\n"
	"      - {any: [死亡], severity: 重大}\n"
	"  - id: grave\n    title: 爆炸\n    owner: housing\n    severity: 重大\n"
	"    match: {any: [爆炸]}\n";
static const char outlets[] =
	"mainstream:\n  severity: 较大\n"
	"  media: {outlet: [人民日报*, $papers], source: [wire-*]}\n";

struct world {
	struct test_rules folder;
	struct hy_fold_table *table;
	struct hy_ruleset *ruleset;
	struct hy_scanner *scanner;
};

static int setup(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);
	struct hy_findings findings;
	struct hy_error e = {0};

	hy_findings_init(&findings);
	assert_true(test_rules_make(&w->folder));
	assert_true(test_rules_put(&w->folder, "topics/livelihood.yaml", topics));
	assert_true(test_rules_put(&w->folder, "lists.yaml",
				   "injuries: [受伤, 骨折]\npapers: [齐魯晚報, 财经早报]\n"));
	assert_true(test_rules_put(&w->folder, "outlets.yaml", outlets));
	assert_int_equal(hy_fold_table_new(&w->table, &e), HY_OK);
	assert_int_equal(hy_ruleset_load(w->folder.folder, w->table, &findings, &w->ruleset, &e),
			 HY_OK);
	if (findings.count)
		fail_msg("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	w->scanner = hy_scanner_new(w->ruleset);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	hy_scanner_free(w->scanner);
	hy_ruleset_free(w->ruleset);
	hy_fold_table_free(w->table);
	test_rules_remove(&w->folder);
	free(w);
	return 0;
}

static void scan(struct world *w, const char *text, const char *source, const char *outlet,
		 struct hy_scan_result *out)
{
	const struct hy_scan_input input = {.text = hy_str_of(text), .source = hy_str_of(source),
					    .outlet = hy_str_of(outlet), .at = hy_wall_now()};

	assert_int_equal(hy_scan(w->scanner, &input, out), HY_OK);
}

static void severity_and_reason_are_as_the_table_says(void **state)
{
	static const struct {
		const char *text, *source, *outlet;
		enum hy_severity severity;
		const char *because;
	} rows[] = {
		{"噪声", "forum", "", HY_SEVERITY_GENERAL, ""},
		{"噪声", "forum", "人民论坛", HY_SEVERITY_GENERAL, ""},
		{"噪声", "forum", "人民日报", HY_SEVERITY_CONSIDERABLE,
		 "主流媒体“人民日报”报道，至少为较大"},
		{"噪声", "forum", "人民日報客户端", HY_SEVERITY_CONSIDERABLE,
		 "主流媒体“人民日報客户端”报道，至少为较大"},
		{"噪声", "forum", "齐鲁晚报", HY_SEVERITY_CONSIDERABLE,
		 "主流媒体“齐鲁晚报”报道，至少为较大"},
		/* The page's own word counts for more than where it was found. */
		{"噪声", "wire-1", "", HY_SEVERITY_CONSIDERABLE,
		 "主流媒体“wire-1”报道，至少为较大"},
		{"噪声", "wire-1", "某自媒体", HY_SEVERITY_GENERAL, ""},
		{"噪声", "", "", HY_SEVERITY_GENERAL, ""},
		{"噪声，多人聚集，一人受伤，又有人聚集", "forum", "", HY_SEVERITY_CONSIDERABLE,
		 "有 聚集、受伤，至少为较大"},
		{"噪声，有人聚集，一人死亡", "forum", "人民日报", HY_SEVERITY_MAJOR,
		 "有 聚集，至少为较大；有 死亡，至少为重大"},
		/* It raises to its grade and no further. */
		{"爆炸", "forum", "人民日报", HY_SEVERITY_MAJOR, ""},
	};
	struct world *w = *state;

	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_scan_result result;

		scan(w, rows[i].text, rows[i].source, rows[i].outlet, &result);
		assert_int_equal(result.topic_count, 1);
		if (result.topics[0].severity != rows[i].severity ||
		    !hy_str_eq_c(result.topics[0].because, rows[i].because))
			fail_msg("row %zu: %s, %.*s", i, hy_severity_id(result.topics[0].severity),
				 HY_STR_ARGS(result.topics[0].because));
	}
}

/* Each topic of a document has its own reasons, in the alert a line each. */
static void the_alert_says_why(void **state)
{
	struct world *w = *state;
	struct hy_msg document = {.type = HY_MSG_DOCUMENT, .id = HY_STR_LIT("v1")};
	struct hy_judgement *j = hy_xcalloc(1, sizeof *j);
	struct hy_scan_result result;

	document.as.document = (struct hy_msg_document){
		.document = HY_STR_LIT("d"), .url = HY_STR_LIT("http://a/1"),
		.source = HY_STR_LIT("s"), .outlet = HY_STR_LIT("人民日报"),
		.published_at = HY_WALL_NONE, .detected_at = hy_wall_now(),
		.text = HY_STR_LIT("爆炸之后噪声不断")};
	scan(w, "爆炸之后噪声不断", "s", "人民日报", &result);
	assert_int_equal(result.topic_count, 2);
	hy_judge(&document, &result, false, HY_STR_LIT("r"), j);
	assert_int_equal(j->alert.severity, HY_SEVERITY_MAJOR);
	assert_true(hy_str_eq_c(j->alert.because,
				"议题“噪声”：主流媒体“人民日报”报道，至少为较大\n"));
	free(j);
}

static void the_explanation_says_why(void **state)
{
	struct world *w = *state;
	hy_cleanup(hy_buf_fini) struct hy_buf why = HY_BUF(EXPLANATION_BYTES);
	struct hy_scan_result result;

	scan(w, "噪声，一人骨折", "forum", "", &result);
	hy_explain(w->scanner, result.topics[0].rule, &why);
	assert_non_null(strstr(why.p, "；级别本为一般，有 骨折，至少为较大"));
	hy_buf_clear(&why);
	scan(w, "噪声", "forum", "", &result);
	hy_explain(w->scanner, result.topics[0].rule, &why);
	assert_null(strstr(why.p, "级别"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(severity_and_reason_are_as_the_table_says),
		TEST(the_alert_says_why),
		TEST(the_explanation_says_why),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
