#include "analyzer/scanner.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

static const char topics[] =
	"topics:\n"
	"  - id: move\n    title: 拆迁\n    owner: housing\n    match: {any: [拆迁]}\n"
	"  - id: wages\n    title: 欠薪\n    owner: labour\n    threshold: 3\n    severity: 较大\n"
	"    match:\n      any: [拖欠, {term: 工资, weight: 2}]\n      none: [补发]\n"
	"    raise: [{any: [堵路], severity: 重大}]\n"
	"  - id: hostile\n    title: 灾\n    owner: labour\n    match: {any: [\"/(?:中国|中|国)+[公司]/\"]}\n"
	"  - id: near\n    title: 近\n    owner: labour\n"
	"    match: {near: {a: 漏水, b: 物业, within: 4}}\n"
	"  - id: ordered\n    title: 序\n    owner: labour\n"
	"    match: {near: {a: 老师, b: 打人, within: 4, ordered: true}}\n"
	"  - id: headline\n    title: 题\n    owner: labour\n"
	"    match: {any: [{term: 停水, fields: [title]}]}\n"
	"  - id: past\n    title: 旧\n    owner: labour\n    valid_to: 2020-01-01\n"
	"    match: {any: [停电]}\n"
	"  - id: future\n    title: 新\n    owner: labour\n    valid_from: 2030-01-01\n"
	"    match: {any: [停气]}\n";

/* Two sectors whose topics hold for the same texts. */
static const char labour[] =
	"sector: {id: labour, title: 劳动, words: [{term: [工伤, 社保], weight: 4}, 单位]}\n"
	"topics:\n"
	"  - id: labour.any\n    title: 劳\n    owner: labour\n    match: {any: [反映情况]}\n";
static const char health[] =
	"sector: {id: health, title: 卫生, words: [{term: 医院, weight: 3}, {term: 单位, fields: [title]}]}\n"
	"topics:\n"
	"  - id: health.any\n    title: 卫\n    owner: civil\n    match: {any: [反映情况]}\n"
	"  - id: health.sure\n    title: 卫\n    owner: civil\n    threshold: 8\n"
	"    match: {any: [反映情况]}\n";

struct world {
	struct test_rules folder;
	struct hy_fold_table *table;
	struct hy_ruleset *ruleset;
	struct hy_scanner *scanner;
	struct hy_wall at;
};

static int setup(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);
	struct hy_findings findings;
	struct hy_error e = {0};

	hy_findings_init(&findings);
	assert_true(test_rules_make(&w->folder));
	assert_true(test_rules_put(&w->folder, "topics/livelihood.yaml", topics));
	assert_true(test_rules_put(&w->folder, "topics/labour.yaml", labour));
	assert_true(test_rules_put(&w->folder, "topics/health.yaml", health));
	assert_int_equal(hy_fold_table_new(&w->table, &e), HY_OK);
	assert_int_equal(hy_ruleset_load(w->folder.folder, w->table, &findings, &w->ruleset, &e),
			 HY_OK);
	assert_int_equal(findings.count, 0);
	hy_findings_fini(&findings);
	w->scanner = hy_scanner_new(w->ruleset);
	assert_true(hy_wall_parse(HY_STR_LIT("2026-11-23T09:00:00+08:00"), &w->at));
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

static struct hy_scan_result scanned(struct world *w, const char *title, const char *text)
{
	const struct hy_scan_input input = {
		.title = hy_str_of(title), .text = hy_str_of(text), .at = w->at};
	struct hy_scan_result result;

	assert_int_equal(hy_scan(w->scanner, &input, &result), HY_OK);
	return result;
}

/* The ids of the topics found, in order, separated by spaces. */
static void assert_topics(const struct hy_scan_result *result, const char *expected)
{
	struct hy_buf ids;

	hy_buf_init(&ids, 1000);
	hy_buf_add(&ids, "", 0);
	for (size_t i = 0; i < result->topic_count; i++)
		hy_buf_addf(&ids, "%s%.*s", i ? " " : "",
			    HY_STR_ARGS(result->topics[i].rule->topic->id));
	assert_string_equal(ids.n ? ids.p : "", expected);
	hy_buf_fini(&ids);
}

static void finds_topics(void **state)
{
	static const struct {
		const char *title, *text, *topics;
	} cases[] = {
		{"", "", ""},
		{"天气", "晴", ""},
		/* The word boundary that other tools need, and every disguise of it. */
		{"", "关于拆迁补偿的通知", "move"},
		{"", "关于拆遷補償的通知", "move"},
		{"", "关于拆\xe2\x80\x8b迁补偿", "move"},
		{"", "关于拆\n迁补偿", "move"},
		{"", "关于 拆 - 迁", "move"},
		{"拆迁", "", "move"},
		{"拆", "迁", ""},			/* fields are not joined */
		/* Weights, threshold, none, double in the title. */
		{"", "拖欠", ""},
		{"", "拖欠工资", "wages"},
		{"", "工资", ""},
		{"工资", "", "wages"},
		{"", "补发拖欠工资", ""},
		{"", "补发拖欠工资，又要拆迁", "move"},	/* what stops one topic stops no other */
		{"拆迁", "拖欠工资", "wages move"},
		{"", "拆迁,拖欠工资", "wages move"},
		/* near */
		{"", "漏水找物业", "near"},
		{"", "物业不管漏水", "near"},
		{"", "漏水一二三四物业", "near"},
		{"", "漏水一二三四五物业", ""},
		{"", "漏水。\n物业", ""},
		{"漏水", "物业", ""},
		{"", "漏水一二三四五六漏水一物业", "near"},
		{"", "老师打人", "ordered"},
		{"", "打人老师", ""},
		/* fields, validity */
		{"停水", "", "headline"},
		{"", "停水", ""},
		{"", "停电停气", ""},
	};

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_scan_result result = scanned(*state, cases[i].title, cases[i].text);

		assert_topics(&result, cases[i].topics);
	}
}

static void tells_where_and_by_what(void **state)
{
	static const char text[] = "被拖　欠了 工 資";
	struct hy_scan_result result = scanned(*state, "", text);

	assert_int_equal(result.topic_count, 1);
	assert_int_equal(result.topics[0].score, 3);
	assert_int_equal(result.topics[0].hit_count, 2);
	const struct hy_scan_hit *hits = result.topics[0].hits;
	assert_true(hy_str_eq_c(hits[0].rule, "拖欠"));
	assert_int_equal(hits[0].field, HY_FIELD_BODY);
	assert_int_equal(hits[0].start, 3);
	assert_memory_equal(text + hits[0].start, "拖　欠", hits[0].end - hits[0].start);
	assert_memory_equal(text + hits[1].start, "工 資", hits[1].end - hits[1].start);
}

static void severity_is_raised_with_its_hits(void **state)
{
	struct hy_scan_result result = scanned(*state, "", "拖欠工资");

	assert_int_equal(result.topics[0].severity, HY_SEVERITY_CONSIDERABLE);
	result = scanned(*state, "", "拖欠工资，工人堵路");
	assert_int_equal(result.topics[0].severity, HY_SEVERITY_MAJOR);
	assert_int_equal(result.topics[0].hit_count, 3);
}

static void validity_follows_the_moment(void **state)
{
	struct world *w = *state;

	assert_true(hy_wall_parse(HY_STR_LIT("2019-12-31T23:59:59+08:00"), &w->at));
	struct hy_scan_result result = scanned(w, "", "停电停气");
	assert_topics(&result, "past");
	assert_true(hy_wall_parse(HY_STR_LIT("2020-01-01T00:00:00+08:00"), &w->at));
	result = scanned(w, "", "停电停气");
	assert_topics(&result, "");
	assert_true(hy_wall_parse(HY_STR_LIT("2030-01-01T00:00:00+08:00"), &w->at));
	result = scanned(w, "", "停电停气");
	assert_topics(&result, "future");
}

/* One pattern at its limit: counted, and the rest still judges. */
static void a_hostile_pattern_spoils_only_itself(void **state)
{
	struct hy_buf text;

	hy_buf_init(&text, 100000);
	/* Without a 公 the filter would spare the pattern. */
	hy_buf_add_c(&text, "公，拆迁");
	for (int i = 0; i < 300; i++)
		hy_buf_add_c(&text, "中国");
	struct hy_scan_result result = scanned(*state, "", text.p);
	assert_topics(&result, "move");
	assert_int_equal(result.limited_count, 1);
	result = scanned(*state, "", "中国公");
	assert_topics(&result, "hostile");
	assert_int_equal(result.limited_count, 0);
	hy_buf_fini(&text);
}

static void nothing_is_left_from_the_document_before(void **state)
{
	struct hy_scan_result result = scanned(*state, "工资", "拖欠工资，漏水找物业");

	assert_topics(&result, "wages near");
	result = scanned(*state, "晴", "微风");
	assert_topics(&result, "");
	result = scanned(*state, "", "物业");
	assert_topics(&result, "");
}

static void a_large_document_is_judged_and_a_larger_one_refused(void **state)
{
	struct world *w = *state;
	size_t n = HY_FOLD_INPUT_BYTES;
	char *text = hy_xcalloc(n + 1, 1);
	struct hy_scan_input input = {.text = {text, n}, .at = w->at};
	struct hy_scan_result result;

	for (size_t i = 0; i + 12 <= n; i += 12)
		memcpy(text + i, "拖欠工资", 12);
	assert_int_equal(hy_scan(w->scanner, &input, &result), HY_OK);
	assert_topics(&result, "wages");
	/* Shown are the first of each. */
	assert_int_equal(result.topics[0].hit_count, 40);
	input.text.n++;
	assert_int_equal(hy_scan(w->scanner, &input, &result), HY_ERR_LIMIT);
	result = scanned(w, "", "拆迁");
	assert_topics(&result, "move");
	free(text);
}

static void the_words_of_a_sector_lean(void **state)
{
	static const struct {
		const char *title, *text, *topics;
		int64_t score;		/* of the first */
	} cases[] = {
		{"", "反映情况", "health.any labour.any", 1},
		{"", "医院反映情况", "health.any labour.any", 4},
		{"", "医院反映情况，工伤，单位", "labour.any health.any", 6},
		/* Each word once, double in the title; below the threshold only without. */
		{"", "医院医院医院反映情况", "health.any labour.any", 4},
		{"医院", "反映情况", "health.any labour.any", 7},
		{"医院", "单位反映情况", "health.any labour.any", 7},
		{"医院单位", "反映情况", "health.any health.sure labour.any", 9},
		/* Alone they are no concern. */
		{"医院", "工伤和社保", "", 0},
	};
	struct world *w = *state;

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_scan_result result = scanned(w, cases[i].title, cases[i].text);

		assert_topics(&result, cases[i].topics);
		if (result.topic_count)
			assert_int_equal(result.topics[0].score, cases[i].score);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(finds_topics, setup, teardown),
		cmocka_unit_test_setup_teardown(tells_where_and_by_what, setup, teardown),
		cmocka_unit_test_setup_teardown(severity_is_raised_with_its_hits, setup, teardown),
		cmocka_unit_test_setup_teardown(validity_follows_the_moment, setup, teardown),
		cmocka_unit_test_setup_teardown(a_hostile_pattern_spoils_only_itself, setup,
						teardown),
		cmocka_unit_test_setup_teardown(nothing_is_left_from_the_document_before, setup,
						teardown),
		cmocka_unit_test_setup_teardown(the_words_of_a_sector_lean, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_large_document_is_judged_and_a_larger_one_refused, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
