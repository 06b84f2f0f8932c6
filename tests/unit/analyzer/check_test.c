#include "analyzer/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

/* A good topic; each case replaces its match, or adds lines behind it. */
#define HEAD "topics:\n  - id: wages\n    title: 欠薪\n    owner: labour\n"
#define SECTOR(rest) "sector: {id: labour, title: 劳动, " rest "}\n"
#define SAMPLES "    samples: {hit: [被拖欠工资], miss: [天气晴]}\n"
#define GOOD "    match: {any: [拖欠工资]}\n"

static const struct {
	const char *topics, *lists;
	const char *place, *message;	/* of the first finding; NULL: none */
} cases[] = {
	{HEAD GOOD SAMPLES, NULL, NULL, NULL},
	/* Patterns */
	{HEAD "    match: {any: [\"/(拖欠/\"]}\n" SAMPLES, NULL, "5:23", "缺少右括号"},
	{HEAD "    match:\n      any:\n        - /拖欠[/\n" SAMPLES, NULL, "7:15",
	 "缺少右方括号"},
	{HEAD "    match:\n      any:\n        - /拖+*欠{3,1}/\n" SAMPLES, NULL, "7:14",
	 "前面没有可以重复的内容"},
	{HEAD "    match: {any: [\"/欠?/\"]}\n" SAMPLES, NULL, "5:20", "匹配空文字"},
	{HEAD "    match: {any: [\"/(i?)ktv/\"]}\n" SAMPLES, NULL, "5:20", "(?i)"},
	{HEAD "    match: {any: [/拖欠]}\n" SAMPLES, NULL, "5:19", "模式应写成 /…/"},
	{HEAD "    match: {any: [/拖欠/i]}\n" SAMPLES, NULL, "5:19", "末尾不加选项"},
	{HEAD "    match: {any: [拖欠工资, \"/拖欠(.*)*鬱鬱/\"]}\n"
	      "    samples:\n      hit: [被拖欠工资三个月了家里老人孩子都等着用钱也没有人来管一管这件事情]\n"
	      "      miss: [天气晴]\n", NULL, "livelihood.yaml:5:25", "超过匹配上限，在样本 "},
	{HEAD "    match: {any: [拖欠工资, \"/.{2,8}/\"]}\n" SAMPLES, NULL, "5:25", "对任意文字都命中"},
	{HEAD "    match: {any: [拖欠工资, \"/[^拖]{4}/\"]}\n" SAMPLES, NULL, "5:25",
	 "对任意文字都命中"},
	/* Terms */
	{HEAD "    match: {any: [拖欠工资, \"\"]}\n" SAMPLES, NULL, "5:25", "词是空的"},
	{HEAD "    match: {any: [拖欠工资, \" \u200b \"]}\n" SAMPLES, NULL, "5:25", "词是空的"},
	{HEAD "    match: {any: [拖欠工资, a]}\n" SAMPLES, NULL, "5:25", "处处都会命中"},
	/* Lists */
	{HEAD "    match: {any: [$nothing]}\n" SAMPLES, NULL, "5:19", "名单 $nothing 不在"},
	{HEAD "    match: {any: [$voic]}\n" SAMPLES, "voice: [拖欠工资]\n", "5:19", "是否想写 $voice？"},
	{HEAD GOOD SAMPLES, "[]\n", "lists.yaml:1:1", "应为“名单名"},
	{HEAD GOOD SAMPLES, "include: lists/no.yaml\n", "lists.yaml:1:10", "读不了名单文件 lists/no.yaml"},
	{HEAD GOOD SAMPLES, "include: ../units.yaml\n", "lists.yaml:1:10", "include 应写"},
	{HEAD GOOD SAMPLES, "include: [more.yaml]\n", "more.yaml:1:10", "lists.yaml 互相包含成环"},
	{HEAD GOOD SAMPLES, "include: more.yaml\nb: [甲乙]\nc: [甲乙]\n", "more.yaml:1:10", "成环"},
	{"include: more.yaml\n" HEAD "    match: {any: [$more]}\n"
	 "    samples: {hit: [更多], miss: [晴]}\n", "c: [甲乙]\n", NULL, NULL},
	{"include: more.yaml\n" HEAD GOOD SAMPLES, "more: [甲乙]\n", "more.yaml:2:1", "名单 more 重复"},
	{HEAD "    match: {any: [$a]}\n" SAMPLES, "a: [$b]\nb: [$a]\n", "lists.yaml:", "成环"},
	{HEAD "    match: {any: [$a]}\n" SAMPLES, "a: [拖欠工资]\n", NULL, NULL},
	/* Conditions */
	{HEAD "    match: {none: [拖欠工资]}\n" SAMPLES, NULL, "5:12", "只有排除词"},
	{HEAD SAMPLES, NULL, "2:5", "缺少 match"},
	{HEAD "    match: {anny: [拖欠工资]}\n" SAMPLES, NULL, "5:13", "any"},
	{HEAD "    match: {any: []}\n" SAMPLES, NULL, "5:18", "这里是空的"},
	{HEAD "    match: {any: [{weight: 2}]}\n" SAMPLES, NULL, "5:19", "缺少 term"},
	{HEAD "    match: {any: [{term: 拖欠工资, fields: [text]}]}\n" SAMPLES, NULL, "5:41",
	 "fields 只能是"},
	{HEAD "    match: {any: [{term: 拖欠工资, fields: [lead, body]}]}\n" SAMPLES, NULL, "5:40",
	 "已经包含 lead"},
	{HEAD "    match: {any: [{term: 拖欠工资, fields: [lead]}]}\n" SAMPLES, NULL, NULL, NULL},
	{HEAD "    match: {near: [{a: 拖欠, b: 工资}]}\n" SAMPLES, NULL, "5:20", "near 应写成"},
	{HEAD "    match: {near: [{a: 拖欠, b: 工资, within: 900}]}\n" SAMPLES, NULL, "5:", "200"},
	{HEAD GOOD "    raise: [{severity: 重大}]\n" SAMPLES, NULL, "6:13", "永远成立"},
	{HEAD GOOD "    raise: [{any: [堵路], severity: 很重}]\n" SAMPLES, NULL, "6:", "很重 不存在"},
	{HEAD GOOD "    threshold: 0\n" SAMPLES, NULL, "6:", ""},
	/* Once, double in the title. */
	{HEAD GOOD "    threshold: 2\n    samples: {hit: [{title: 拖欠工资}], miss: [晴]}\n", NULL, NULL,
	 NULL},
	{HEAD GOOD "    threshold: 3\n" SAMPLES, NULL, "6:16", "至多 2，达不到门槛 3"},
	{HEAD "    threshold: 8\n    match:\n      any: [甲乙, {term: 丙丁, fields: [body]}]\n"
	      "      all: [[一二, {term: 三四, weight: 2}]]\n" SAMPLES, NULL, "5:16", "至多 7"},
	{HEAD "    threshold: 3\n    match: {near: {a: {term: 甲乙, fields: [lead]}, b: 丙丁, within: 2,"
	      " weight: 2}}\n" SAMPLES, NULL, "5:16", "至多 2"},
	/* Topics */
	{"topics:\n  - id: wages\n    title: 欠薪\n" GOOD SAMPLES, NULL, "2:5", "没有 owner"},
	{"topics:\n  - title: 欠薪\n    owner: labour\n" GOOD SAMPLES, NULL, "2:5", "id"},
	{"topics:\n  - id: Wages\n    title: 欠薪\n    owner: labour\n" GOOD SAMPLES, NULL, "2:9",
	 "只能用小写字母"},
	{HEAD GOOD SAMPLES "  - id: wages\n    title: 又\n    owner: labour\n" GOOD SAMPLES, NULL,
	 "7:9", "重复，另一处在"},
	{HEAD GOOD "    severity: 严重\n" SAMPLES, NULL, "6:15", "级别 严重 不存在"},
	{HEAD GOOD "    place: sometimes\n" SAMPLES, NULL, "6:12", "required"},
	{HEAD GOOD "    valid_from: 2026-02-01\n    valid_to: 2026-01-01\n" SAMPLES, NULL, "7:15",
	 "永不生效"},
	{HEAD GOOD "    colour: red\n" SAMPLES, NULL, "6:5", "colour"},
	{HEAD GOOD "    aliases: [arrears, pay]\n" SAMPLES, NULL, NULL, NULL},
	{HEAD GOOD "    aliases: Arrears\n" SAMPLES, NULL, "6:14", "只能用小写字母"},
	{HEAD GOOD "    aliases: [pay, pay]\n" SAMPLES, NULL, "6:20", "重复"},
	{HEAD GOOD "    aliases: [wages]\n" SAMPLES, NULL, "6:15", "重复"},
	{HEAD GOOD SAMPLES "  - id: pay\n    title: 又\n    owner: labour\n    aliases: [wages]\n" GOOD
	 SAMPLES, NULL, "10:15", "议题编号 wages 重复"},
	/* Sources */
	{HEAD GOOD "    sources: {only: [a-*], never: {source: a-b, outlet: 甲报}}\n" SAMPLES, NULL, NULL,
	 NULL},
	{HEAD GOOD "    sources: [a-*]\n" SAMPLES, NULL, "6:14", "sources 应写成"},
	{HEAD GOOD "    sources: {olny: [a-*], never: [b]}\n" SAMPLES, NULL, "6:15", "是否想写 “only”"},
	{HEAD GOOD "    sources: {only: []}\n" SAMPLES, NULL, "6:21", "这里是空的"},
	{HEAD GOOD "    sources: {only: [\"*\"]}\n" SAMPLES, NULL, "6:22", "等于没有条件"},
	{HEAD GOOD "    sources: {only: {outlet: [\" \"]}}\n" SAMPLES, NULL, "6:31", "是空的"},
	{HEAD GOOD "    sources: {only: {outlets: 甲报}}\n" SAMPLES, NULL, "6:22", "outlet"},
	{HEAD GOOD "    sources: {only: {outlet: $papers}}\n" SAMPLES, NULL, "6:30", "名单 $papers 不在"},
	{HEAD GOOD "    sources: {never: b}\n    samples: {hit: [{text: 拖欠工资, source: b}], miss: [晴]}\n",
	 NULL, "7:21", "本议题不看这个来源"},
	/* Sectors */
	{SECTOR("words: [工资, {term: 社保, weight: 3}]") HEAD GOOD SAMPLES, NULL, NULL, NULL},
	{SECTOR("note: 劳动") HEAD GOOD SAMPLES, NULL, "1:9", "sector 应写成"},
	{SECTOR("wrods: [工资], words: [社保]") HEAD GOOD SAMPLES, NULL, "1:", "wrods"},
	{SECTOR("words: []") HEAD GOOD SAMPLES, NULL, "1:", "这里是空的"},
	{SECTOR("words: [\"/工.资/\"]") HEAD GOOD SAMPLES, NULL, "1:", "领域词不能是模式"},
	{"sector: {id: 劳动, title: 劳动, words: [工资]}\n" HEAD GOOD SAMPLES, NULL, "1:14",
	 "领域编号 劳动"},
	{"topics: [\n", NULL, "livelihood.yaml:", ""},
	/* Samples */
	{HEAD GOOD, NULL, "2:5", "没有样本"},
	{HEAD GOOD "    samples: {hit: [被拖欠工资]}\n", NULL, "6:14", "samples.miss 应有"},
	{HEAD GOOD "    samples: {hit: [天气晴], miss: [晴]}\n", NULL, "6:21",
	 "样本应命中议题 wages，却没有命中：条件不成立；any 没有命中：拖欠工资"},
	{HEAD GOOD "    samples: {hit: [拖欠工资], miss: [被拖欠工资]}\n", NULL, "6:35",
	 "样本不应命中议题 wages，却命中了：得分 1，门槛 1；any 命中：拖欠工资"},
	{HEAD "    threshold: 2\n" GOOD SAMPLES, NULL, "7:21", "得分 1，门槛 2"},
	{HEAD "    match: {any: [拖欠工资], none: [被]}\n" SAMPLES, NULL, "6:21",
	 "被排除词挡住：被"},
	{HEAD "    match: {near: {a: 被, b: 工资, within: 1}}\n" SAMPLES, NULL, "6:21",
	 "相距超过 1 字"},
	{HEAD GOOD "    samples: {hit: [{titel: 拖欠工资}], miss: [晴]}\n", NULL, "6:", "title"},
	{HEAD GOOD "    valid_to: 2001-01-01\n" SAMPLES, NULL, NULL, NULL},
	{HEAD GOOD "    valid_from: 2101-01-01\n" SAMPLES, NULL, NULL, NULL},
};

static void assert_contains(struct hy_str text, const char *part, size_t number)
{
	if (hy_str_find(text, hy_str_of(part), 0) != SIZE_MAX)
		return;
	print_error("case %zu: no \"%s\" in: %.*s\n", number, part, HY_STR_ARGS(text));
	fail();
}

static void says_what_is_wrong_and_where(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct test_rules folder;
		struct hy_findings findings, advice;

		assert_true(test_rules_make(&folder));
		assert_true(test_rules_put(&folder, "topics/livelihood.yaml", cases[i].topics));
		if (cases[i].lists)
			assert_true(test_rules_put(&folder, "lists.yaml", cases[i].lists));
		assert_true(test_rules_put(&folder, "more.yaml", "include: lists.yaml\nmore: [更多]\n"));
		hy_findings_init(&findings);
		hy_findings_init(&advice);
		enum hy_err err = hy_analyzer_check(folder.folder, hy_wall_now(), &findings, &advice);
		struct hy_str all = hy_buf_str(&findings.text);
		if (!cases[i].message) {
			if (findings.count)
				print_error("case %zu: %.*s", i, HY_STR_ARGS(all));
			assert_int_equal(err, HY_OK);
			assert_int_equal(findings.count, 0);
		} else {
			struct hy_str first;

			if (!findings.count)
				print_error("case %zu: nothing was found\n", i);
			assert_int_equal(err, HY_ERR_MALFORMED);
			assert_true(hy_str_next(&all, '\n', &first));
			assert_contains(first, cases[i].place, i);
			assert_contains(first, cases[i].message, i);
		}
		hy_findings_fini(&findings);
		hy_findings_fini(&advice);
		test_rules_remove(&folder);
	}
}

static void all_findings_are_told_at_once(void **state)
{
	struct test_rules folder;
	struct hy_findings findings, advice;

	(void)state;
	assert_true(test_rules_make(&folder));
	assert_true(test_rules_put(&folder, "topics/livelihood.yaml",
				   HEAD "    match: {any: [\"/(/\", $none, a]}\n" SAMPLES));
	hy_findings_init(&findings);
	hy_findings_init(&advice);
	assert_int_equal(hy_analyzer_check(folder.folder, hy_wall_now(), &findings, &advice),
			 HY_ERR_MALFORMED);
	assert_int_equal(findings.count, 3);
	hy_findings_fini(&findings);
	hy_findings_fini(&advice);
	test_rules_remove(&folder);
}

static void a_folder_without_rules_is_a_finding(void **state)
{
	struct hy_findings findings, advice;

	(void)state;
	hy_findings_init(&findings);
	hy_findings_init(&advice);
	assert_int_equal(hy_analyzer_check("/nonexistent", hy_wall_now(), &findings, &advice),
			 HY_ERR_MALFORMED);
	assert_int_equal(findings.count, 1);
	hy_findings_fini(&findings);
	hy_findings_fini(&advice);
}

static void the_rules_of_the_tree_pass(void **state)
{
	struct hy_findings findings, advice;

	(void)state;
	hy_findings_init(&findings);
	hy_findings_init(&advice);
	enum hy_err err = hy_analyzer_check("rules", hy_wall_now(), &findings, &advice);
	if (findings.count)
		print_error("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	assert_int_equal(err, HY_OK);
	hy_findings_fini(&findings);
	hy_findings_fini(&advice);
}

/* Each topic that reports promise to the public is there, with samples enough to trust it. */
static void every_livelihood_topic_has_four_samples_of_each_kind(void **state)
{
	static const char *const ids[] = {
		"wages.arrears", "housing.delivery", "housing.property", "housing.demolition",
		"environment.pollution", "environment.noise", "food.safety", "education.school",
		"health.hospital", "safety.fire", "traffic.transport", "utilities.supply",
		"policy.business", "social.security",
	};
	struct hy_topics *topics = NULL;
	struct hy_findings findings, advice;
	struct hy_error e = {0};

	(void)state;
	hy_findings_init(&findings);
	hy_findings_init(&advice);
	assert_int_equal(hy_topics_load("rules", &findings, &topics, &e), HY_OK);
	for (size_t i = 0; i < HY_COUNT(ids); i++) {
		const struct hy_topic *topic = hy_topics_get(topics, hy_str_of(ids[i]));

		assert_non_null(topic);
		const struct hy_yaml_node *samples = hy_yaml_get(topic->node, "samples");
		assert_true(hy_yaml_count(hy_yaml_get(samples, "hit")) >= 4);
		assert_true(hy_yaml_count(hy_yaml_get(samples, "miss")) >= 4);
	}
	hy_topics_free(topics);
	hy_findings_fini(&findings);
	hy_findings_fini(&advice);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong_and_where),
		cmocka_unit_test(all_findings_are_told_at_once),
		cmocka_unit_test(a_folder_without_rules_is_a_finding),
		cmocka_unit_test(the_rules_of_the_tree_pass),
		cmocka_unit_test(every_livelihood_topic_has_four_samples_of_each_kind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
