#include "analyzer/policy_rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/check.h"
#include "analyzer/explain.h"
#include "analyzer/scanner.h"
#include "common/base/mem.h"

static const char topics_text[] =
	"topics:\n  - {id: policy.business, title: 惠企政策, owner: market,"
	" match: {all: [[质疑], [补贴]]}}\n";
static const char policies_text[] =
	"policies:\n"
	"  - id: youth\n    title: 关于支持青年人才的若干措施\n    number: 管办发〔2026〕12号\n"
	"    names: [青年十二条]\n    drafter: labour\n    topic: policy.business\n"
	"    published: 2026-03-16\n    words: [质疑, 怎么申请]\n    official: [解读]\n"
	"    valid_to: 2026-12-31\n"
	"    samples: {hit: [质疑青年十二条], miss: [青年十二条发布]}\n"
	"  - id: fund\n    title: 维修资金使用管理细则\n    drafter: housing\n"
	"    topic: policy.business\n    published: 2026-03-16\n    words: [质疑]\n"
	"    samples: {hit: [质疑维修资金使用管理细则], miss: [维修资金使用管理细则印发]}\n";

struct world {
	struct hy_fold_table *table;
	struct hy_ruleset *ruleset;
	struct hy_scanner *scanner;
	struct hy_findings findings;
};

static void compile(struct world *w, const char *policies)
{
	const struct hy_rules_text topics = {"topics.yaml", HY_STR_LIT(topics_text)};
	const struct hy_rules_text file = {"policies/a.yaml", hy_str_of(policies)};
	struct hy_rule_files files = {
		.topics = hy_topics_parse(&topics, 1, NULL, &w->findings),
		.places = hy_places_parse(
			HY_STR_LIT("places: [{id: z, name: 某区, evidence: {unique: true}}]\n"), "p",
			&w->findings)};

	files.policies = hy_policies_parse(&file, 1, files.topics, &w->findings);
	w->ruleset = hy_ruleset_compile_all(&files, w->table, &w->findings);
}

static int setup(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);
	struct hy_error e = {0};

	hy_findings_init(&w->findings);
	assert_int_equal(hy_fold_table_new(&w->table, &e), HY_OK);
	compile(w, policies_text);
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
	hy_findings_fini(&w->findings);
	free(w);
	return 0;
}

static struct hy_wall day(const char *text)
{
	struct hy_wall at;

	assert_true(hy_wall_parse(hy_str_of(text), &at));
	return at;
}

static struct hy_scan_result scan(struct world *w, const char *title, const char *text)
{
	const struct hy_scan_input input = {.title = hy_str_of(title), .text = hy_str_of(text),
					    .at = day("2026-06-01T00:00:00+08:00")};
	struct hy_scan_result result;

	assert_int_equal(hy_scan(w->scanner, &input, &result), HY_OK);
	return result;
}

static const struct {
	const char *title, *text;
	const char *policy;	/* the first; "" none */
	size_t policies, topics;
} cases[] = {
	{"", "青年十二条怎么申请", "youth", 1, 0},
	{"", "青 年-十二條 怎么申请", "youth", 1, 0},
	{"", "质疑青年十二条的补贴", "youth", 1, 1},
	{"", "管办发〔2026〕12号怎么申请", "youth", 1, 0},
	{"", "管办发[2026]12号怎么申请", "youth", 1, 0},
	{"", "管办发（2026）12号怎么申请", "youth", 1, 0},
	{"", "管办发【2026】12号怎么申请", "youth", 1, 0},
	{"", "管办发〔2025〕12号怎么申请", "", 0, 0},
	{"", "《关于支持青年人才的若干措施》引来质疑", "youth", 1, 0},
	{"", "青年十二条发布", "", 0, 0},
	{"", "怎么申请补贴", "", 0, 0},
	{"", "质疑补贴", "", 0, 1},
	{"青年十二条解读", "怎么申请？登录平台。", "", 0, 0},
	{"", "看了解读还是不懂，青年十二条怎么申请", "youth", 1, 0},
	{"", "质疑青年十二条和维修资金使用管理细则", "youth", 2, 0},
};

static void reactions_are_apart_from_topics(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_scan_result r = scan(w, cases[i].title, cases[i].text);

		if (r.policy_count != cases[i].policies || r.topic_count != cases[i].topics)
			fail_msg("%s: %zu policies, %zu topics", cases[i].text, r.policy_count,
				 r.topic_count);
		if (r.policy_count)
			assert_true(hy_str_eq_c(r.policies[0].rule->policy->id, cases[i].policy));
	}
}

static void hits_are_bytes_of_the_original(void **state)
{
	struct world *w = *state;
	const char *text = "都说管办发[2026]12号怎么申请";
	struct hy_scan_result r = scan(w, "", text);

	assert_int_equal(r.policy_count, 1);
	assert_int_equal(r.policies[0].hit_count, 2);
	const struct hy_scan_hit *hit = &r.policies[0].hits[0];

	assert_memory_equal(text + hit->start, "管办发[2026]12号", hit->end - hit->start);
}

static void a_policy_is_watched_while_it_is_valid(void **state)
{
	struct world *w = *state;
	struct hy_scan_input input = {.text = HY_STR_LIT("青年十二条怎么申请"),
				      .at = day("2026-12-30T23:59:59+08:00")};
	struct hy_scan_result result;

	assert_int_equal(hy_scan(w->scanner, &input, &result), HY_OK);
	assert_int_equal(result.policy_count, 1);
	input.at = day("2026-12-31T00:00:00+08:00");
	assert_int_equal(hy_scan(w->scanner, &input, &result), HY_OK);
	assert_int_equal(result.policy_count, 0);
}

static void says_why(void **state)
{
	struct world *w = *state;
	hy_cleanup(hy_buf_fini) struct hy_buf why = HY_BUF(4000);
	const struct hy_rule *rule = &w->ruleset->rules[w->ruleset->count];

	(void)scan(w, "", "青年十二条怎么申请");
	hy_explain(w->scanner, rule, &why);
	assert_true(hy_str_eq_c(hy_buf_str(&why),
				"是对政策的反应；提到政策：青年十二条；反应用语：怎么申请"));
	hy_buf_clear(&why);
	(void)scan(w, "青年十二条解读", "怎么申请");
	hy_explain(w->scanner, rule, &why);
	assert_true(hy_str_eq_c(hy_buf_str(&why), "不算对政策的反应；标题是官方发布：解读；"
						  "提到政策：青年十二条；反应用语：怎么申请"));
}

static void samples_are_judged(void **state)
{
	struct world *w = *state;

	assert_int_equal(w->ruleset->policy_count, 2);
	hy_check_samples(w->ruleset, &w->findings);
	/* The topic has none; both policies come out as told. */
	assert_int_equal(w->findings.count, 1);
}

static const struct {
	const char *samples, *finding;
} bad_samples[] = {
	{"", "政策 a 没有样本"},
	{"samples: {hit: [青年十二条], miss: [没有]}", "样本应命中政策 a，却没有命中"},
	{"samples: {hit: [质疑青年十二条], miss: [质疑青年十二条]}", "样本不应命中政策 a，却命中了"},
	{"samples: {hit: [质疑青年十二条]}", "samples.miss 应有"},
	{"samples: {hit: [质疑青年十二条], miss: [没有], mist: [没有]}", "mist"},
};

static void wrong_samples_are_findings(void **state)
{
	struct world *w = *state;

	for (size_t i = 0; i < HY_COUNT(bad_samples); i++) {
		hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(4000);

		hy_buf_addf(&text, "{id: a, title: 青年十二条, drafter: x, topic: policy.business,"
				   " published: 2026-01-01, words: [质疑], %s}\n",
			    bad_samples[i].samples);
		hy_ruleset_free(w->ruleset);
		hy_findings_fini(&w->findings);
		hy_findings_init(&w->findings);
		compile(w, hy_buf_str(&text).p);
		hy_check_samples(w->ruleset, &w->findings);
		if (hy_str_find(hy_buf_str(&w->findings.text), hy_str_of(bad_samples[i].finding),
				0) == SIZE_MAX)
			fail_msg("%s: %.*s", bad_samples[i].samples,
				 HY_STR_ARGS(hy_buf_str(&w->findings.text)));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reactions_are_apart_from_topics, setup, teardown),
		cmocka_unit_test_setup_teardown(hits_are_bytes_of_the_original, setup, teardown),
		cmocka_unit_test_setup_teardown(a_policy_is_watched_while_it_is_valid, setup, teardown),
		cmocka_unit_test_setup_teardown(says_why, setup, teardown),
		cmocka_unit_test_setup_teardown(samples_are_judged, setup, teardown),
		cmocka_unit_test_setup_teardown(wrong_samples_are_findings, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
