#include "common/rules/policies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

static const char topics_text[] =
	"topics:\n  - {id: policy.business, title: 惠企政策, owner: market}\n";
#define HEAD "id: youth, title: 关于支持青年人才的若干措施, drafter: labour, topic: policy.business"
#define REST "published: 2026-03-16, words: [质疑]"

struct world {
	struct hy_findings findings;
	struct hy_topics *topics;
	struct hy_policies *policies;
};

static void drop(struct world *w)
{
	hy_policies_free(w->policies);
	hy_topics_free(w->topics);
	hy_findings_fini(&w->findings);
	*w = (struct world){0};
}

static void parse(struct world *w, const char *text)
{
	const struct hy_rules_text topics = {"topics.yaml", HY_STR_LIT(topics_text)};
	const struct hy_rules_text file = {"policies/a.yaml", hy_str_of(text)};

	drop(w);
	hy_findings_init(&w->findings);
	w->topics = hy_topics_parse(&topics, 1, NULL, &w->findings);
	w->policies = hy_policies_parse(&file, 1, w->topics, &w->findings);
}

static void reads_everything(void **state)
{
	struct world w = {0};

	(void)state;
	parse(&w, "policies:\n"
		  "  - id: youth\n    title: 关于支持青年人才的若干措施\n"
		  "    number: 管办发〔2026〕12号\n    names: [青年十二条]\n    drafter: labour\n"
		  "    topic: policy.business\n    severity: 较大\n    published: 2026-03-16\n"
		  "    valid_from: 2026-04-01\n    valid_to: 2029-04-01\n"
		  "    url: https://a.example/1\n    interpretation: [https://a.example/2]\n"
		  "    words: [质疑]\n    threshold: 9\n    timespan: 3d\n");
	assert_string_equal(hy_buf_str(&w.findings.text).p ? hy_buf_str(&w.findings.text).p : "", "");
	assert_int_equal(hy_policies_count(w.policies), 1);
	const struct hy_policy *p = hy_policies_get(w.policies, HY_STR_LIT("youth"));

	assert_non_null(p);
	assert_true(hy_str_eq_c(p->number, "管办发〔2026〕12号"));
	assert_true(hy_str_eq_c(p->drafter, "labour"));
	assert_true(hy_str_eq_c(p->topic->id, "policy.business"));
	assert_int_equal(p->severity, HY_SEVERITY_CONSIDERABLE);
	assert_int_equal(p->threshold, 9);
	assert_int_equal(p->span_ms, INT64_C(3) * 86400000);
	assert_true(p->valid_from.ms < p->valid_to.ms);
	assert_true(hy_policy_is_release(p, HY_STR_LIT("http://a.example/1")));
	assert_true(hy_policy_is_release(p, HY_STR_LIT("https://a.example/2")));
	assert_false(hy_policy_is_release(p, HY_STR_LIT("https://a.example/3")));
	assert_false(hy_policy_is_release(p, HY_STR_LIT("")));
	assert_null(hy_policies_get(w.policies, HY_STR_LIT("other")));
	drop(&w);
}

static void presets_hold_where_nothing_is_said(void **state)
{
	struct world w = {0};

	(void)state;
	parse(&w, "{" HEAD ", " REST "}\n");
	assert_int_equal(w.findings.count, 0);
	assert_int_equal(hy_policies_at(w.policies, 0)->threshold, 5);
	assert_int_equal(hy_policies_at(w.policies, 0)->span_ms, INT64_C(7) * 86400000);
	assert_int_equal(hy_policies_at(w.policies, 0)->severity, HY_SEVERITY_GENERAL);
	assert_false(hy_policy_is_release(hy_policies_at(w.policies, 0), HY_STR_LIT("")));
	drop(&w);
}

static const struct {
	const char *text, *finding;
} mistakes[] = {
	{"{" HEAD "}", "a.yaml:1:1: 政策 youth 缺少 published"},
	{"{" HEAD ", published: 2026-03-16}", "a.yaml:1:1: 政策 youth 缺少 words"},
	{"{" HEAD ", " REST ", titel: x}", "是否想写"},
	{"{" HEAD ", " REST ", published: 2026-13-45}", "a.yaml:1:"},
	{"{" HEAD ", " REST ", names: [人才]}", "名称 人才 不足 4 个字"},
	{"{" HEAD ", " REST ", names: 若干措施}", "名称 若干措施 是通称"},
	{"{" HEAD ", " REST ", names: [$voice]}", "名称应直接写出"},
	{"{" HEAD ", " REST ", names: [[一二三四]]}", "名称应直接写出"},
	{"{" HEAD ", " REST ", threshold: 0}", "threshold"},
	{"{" HEAD ", " REST ", timespan: 900d}", "timespan"},
	{"{" HEAD ", " REST ", url: www.a.example}", "网址应以"},
	{"{" HEAD ", " REST ", interpretation: [a]}", "网址应以"},
	{"{" HEAD ", " REST ", severity: 很大}", "级别 很大 不存在"},
	{"{" HEAD ", " REST ", valid_to: 2026-03-16}", "valid_to 不晚于 published"},
	{"{" HEAD ", " REST ", valid_from: 2027-02-01, valid_to: 2027-01-01}",
	 "valid_to 不晚于 valid_from"},
	{"{id: A, title: 关于某事的措施, drafter: a}", "政策编号 A 只能用小写字母"},
	{"{id: a, title: 关于某事的措施, drafter: a, topic: policy.busines, " REST "}",
	 "没有议题“policy.busines”，是否想写“policy.business”？"},
	{"[{" HEAD ", " REST "}, {id: youth}]", "政策编号 youth 重复，另一处在 policies/a.yaml:1:2"},
	{"[{" HEAD ", " REST "}, {id: b, title: 关于支持青年人才的若干措施, drafter: labour,"
	 " topic: policy.business, " REST "}]",
	 "已是政策 youth 的名称"},
	{"[3]", "政策应为"},
	{"policies: [", "a.yaml:"},
};

static void mistakes_are_findings(void **state)
{
	struct world w = {0};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(mistakes); i++) {
		parse(&w, mistakes[i].text);
		if (w.findings.count == 0 ||
		    hy_str_find(hy_buf_str(&w.findings.text), hy_str_of(mistakes[i].finding), 0) ==
			    SIZE_MAX)
			fail_msg("%s: %.*s", mistakes[i].text,
				 HY_STR_ARGS(hy_buf_str(&w.findings.text)));
	}
	drop(&w);
}

static void version_follows_the_bytes(void **state)
{
	struct world w = {0};
	struct hy_id first, second;

	(void)state;
	parse(&w, "{" HEAD ", " REST "}\n");
	first = hy_policies_version(w.policies);
	parse(&w, "{" HEAD ", " REST "}\n#\n");
	second = hy_policies_version(w.policies);
	assert_string_not_equal(first.hex, second.hex);
	drop(&w);
}

static void no_folder_watches_nothing(void **state)
{
	struct hy_policies *policies = NULL;
	struct hy_topics *topics = NULL;
	struct hy_findings findings;
	struct test_rules folder;
	struct hy_error e = {0};

	(void)state;
	hy_findings_init(&findings);
	assert_true(test_rules_make(&folder));
	assert_int_equal(hy_topics_load(folder.folder, &findings, &topics, &e), HY_OK);
	assert_int_equal(hy_policies_load(folder.folder, topics, &findings, &policies, &e), HY_OK);
	assert_int_equal(hy_policies_count(policies), 0);
	assert_int_equal(findings.count, 0);
	hy_policies_free(policies);
	hy_topics_free(topics);
	hy_findings_fini(&findings);
	test_rules_remove(&folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_everything),
		cmocka_unit_test(presets_hold_where_nothing_is_said),
		cmocka_unit_test(mistakes_are_findings),
		cmocka_unit_test(version_follows_the_bytes),
		cmocka_unit_test(no_folder_watches_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
