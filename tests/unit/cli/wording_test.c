/* Every id that people may meet has a Chinese wording; what is unknown is shown as it is. */
#include "cli/wording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

typedef void word_fn(struct hy_str id, struct hy_buf *out);

static const struct {
	word_fn *word;
	const char *id, *said;
} cases[] = {
	{hy_wording_severity, "general", "一般"},
	{hy_wording_severity, "critical", "特别重大"},
	{hy_wording_severity, "mild", "mild"},
	{hy_wording_state, "assigned", "已派单，待签收"},
	{hy_wording_state, "answered", "已回应"},
	{hy_wording_ladder, "press", "新闻发布会"},
	{hy_wording_notice, "sent", "已发送"},
	{hy_wording_notice, "waiting", "待发"},
	{hy_wording_notice, "uncertain", "去向不明"},
	{hy_wording_step, "assist", "协办"},
	{hy_wording_step, "raised-major", "等级提高为重大"},
	{hy_wording_step, "sign-50", "签收时限用去 50%"},
	{hy_wording_step, "answer-100", "回应时限已过"},
	{hy_wording_step, "drill-50", "drill-50"},
	{hy_wording_step, "drill", "drill"},
	{hy_wording_step, "", ""},
	{hy_wording_answer, "clarify", "澄清事实"},
	{hy_wording_figure, "cases_overdue", "超期事项"},
	{hy_wording_figure, "pattern_at_limit /a+/", "模式 /a+/ 超限次数"},
	{hy_wording_figure, "patterns_at_limit", "模式超限次数"},
	{hy_wording_figure, "something_new", "something_new"},
	{hy_wording_daemon_state, "ready", "正常"},
	{hy_wording_daemon_state, "degraded: new rules refused, 3 findings",
	 "异常：新规则未通过检查，仍按原规则运行；请运行 huiying check"},
	{hy_wording_daemon_state, "degraded: store", "异常：存储读不出"},
	{hy_wording_daemon, "analyzer2", "研判 analyzer2"},
	{hy_wording_daemon, "other", "other"},
};

static void ids_are_put_into_words(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(1024);

		cases[i].word(hy_str_of(cases[i].id), &out);
		if (!hy_str_eq_c(hy_buf_str(&out), cases[i].said))
			fail_msg("%s: \"%.*s\", not \"%s\"", cases[i].id,
				 HY_STR_ARGS(hy_buf_str(&out)), cases[i].said);
	}
}

static void who_does_not_answer_says_what_to_do(void **state)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(1024);
	const struct hy_error e = {HY_ERR_DENIED, "key refused"};

	(void)state;
	hy_wording_unanswered(HY_ERR_UNAVAILABLE, &e, &out);
	assert_string_equal(hy_buf_str(&out).p, "没有运行，请先运行 huiying up");
	hy_buf_clear(&out);
	hy_wording_unanswered(HY_ERR_DENIED, &e, &out);
	assert_string_equal(hy_buf_str(&out).p, "没有答复：key refused");
}

static void states_of_notices_are_known(void **state)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(1024);

	(void)state;
	assert_true(hy_wording_is_notice_state("failed"));
	assert_false(hy_wording_is_notice_state("已发送"));
	assert_false(hy_wording_is_notice_state(""));
	hy_wording_notice_states(&out);
	assert_true(hy_str_starts(hy_buf_str(&out), HY_STR_LIT("waiting（待发）、")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_are_put_into_words),
		cmocka_unit_test(who_does_not_answer_says_what_to_do),
		cmocka_unit_test(states_of_notices_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
