#include "alerter/question.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

static void finds_what_is_asked(void **state)
{
	static const struct {
		const char *title, *text;
		const char *questions[4];
	} rows[] = {
		{"租房补贴怎么申请", "", {"租房补贴怎么申请"}},
		{"", "我今年毕业来区里工作，想问劳务派遣的能不能申请，要交满几个月社保？",
		 {"想问劳务派遣的能不能申请", "要交满几个月社保"}},
		/* A mark is enough; a statement asks nothing. */
		{"", "补贴也给外地户口？公司已经申报。", {"补贴也给外地户口"}},
		{"补贴至今没有到账", "打电话让再等等，大家都很着急。", {NULL}},
		/* Too short to say what it is about: with what stands before it in its sentence. */
		{"", "漏水等不起，怎么办？", {"漏水等不起，怎么办"}},
		{"", "漏水等不起。怎么办？", {NULL}},
		/* Once, however often it is asked. */
		{"材料到哪里交？", "材料到哪里交？急。", {"材料到哪里交"}},
		{"", "What about the rent subsidy? Nobody knows.", {"What about the rent subsidy"}},
		{"", "\xe7\xa7\x9f\xff?", {NULL}},
		{"", "", {NULL}},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_questions found;
		size_t expected = 0;

		hy_questions_of(hy_str_of(rows[i].title), hy_str_of(rows[i].text), &found);
		while (expected < 4 && rows[i].questions[expected])
			expected++;
		if (found.count != expected)
			fail_msg("row %zu: %zu questions", i, found.count);
		for (size_t j = 0; j < expected; j++)
			assert_true(hy_str_eq_c(found.item[j], rows[i].questions[j]));
	}
}

static void a_story_is_no_question_and_a_list_has_an_end(void **state)
{
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(65536);
	struct hy_questions found;

	(void)state;
	for (int i = 0; i < HY_QUESTION_RUNES_MAX; i++)
		hy_buf_add_c(&text, "很");
	hy_buf_add_c(&text, "？");
	hy_questions_of((struct hy_str){0}, hy_buf_str(&text), &found);
	assert_int_equal(found.count, 1);
	hy_buf_clear(&text);
	for (int i = 0; i <= HY_QUESTION_RUNES_MAX; i++)
		hy_buf_add_c(&text, "很");
	hy_buf_add_c(&text, "？");
	hy_questions_of((struct hy_str){0}, hy_buf_str(&text), &found);
	assert_int_equal(found.count, 0);
	for (int i = 0; i < 100; i++)
		hy_buf_addf(&text, "第 %d 条怎么理解？", i);
	hy_questions_of((struct hy_str){0}, hy_buf_str(&text), &found);
	assert_int_equal(found.count, HY_QUESTIONS_OF_TEXT);
}

static void the_same_in_other_words_is_alike(void **state)
{
	static const struct {
		const char *a, *b;
		bool alike;
	} rows[] = {
		{"租房补贴怎么申请", "租房补贴怎么申请", true},
		{"租房补贴怎么申请", "请问租房的补贴如何申请呢", true},
		{"租房补贴怎么申请", "青年人才十二条的租房补贴在哪申请", true},
		{"租房补贴怎么申请", "想问一下《关于支持青年人才创新创业的若干措施》租房补贴怎样申请", true},
		{"租房补贴怎么申请", "租房补贴什么时候到账", false},
		{"租房补贴怎么发放", "租房补贴什么时候发放", false},
		{"租房补贴怎么申请", "创业补贴怎么申请", false},
		{"劳务派遣的能不能申请", "劳务派遣人员能否申请", true},
		{"劳务派遣的能不能申请", "外地户口能不能申请", false},
		{"要交满几个月社保", "社保要交满几个月", true},
		/* Nothing but the policy's name and a word of asking. */
		{"青年人才十二条怎么样", "青年人才十二条怎么样", false},
	};
	struct hy_findings findings;
	struct hy_yaml *file = NULL;
	struct hy_policy policy = {.title = hy_str_of("关于支持青年人才创新创业的若干措施")};

	(void)state;
	hy_findings_init(&findings);
	assert_int_equal(hy_yaml_parse(HY_STR_LIT("{names: [青年人才十二条]}"), "x", &findings, &file),
			 HY_OK);
	policy.node = hy_yaml_root(file);
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_question a, b;

		hy_question_read(hy_str_of(rows[i].a), &policy, &a);
		hy_question_read(hy_str_of(rows[i].b), &policy, &b);
		if (hy_questions_alike(&a, &b) != rows[i].alike ||
		    hy_questions_alike(&b, &a) != rows[i].alike)
			fail_msg("%s / %s", rows[i].a, rows[i].b);
	}
	hy_yaml_free(file);
	hy_findings_fini(&findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_is_asked),
		cmocka_unit_test(a_story_is_no_question_and_a_list_has_an_end),
		cmocka_unit_test(the_same_in_other_words_is_alike),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
