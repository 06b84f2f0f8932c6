/* What a duty officer reads when a notice goes out, and that no page can move his cursor. */
#include "cli/notice_line.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

static struct hy_msg_event event_of(const char *text, const char *recipient)
{
	struct hy_msg_event event = {
		.step = HY_STR_LIT("assist"),
		.recipient = hy_str_of(recipient),
		.url = HY_STR_LIT("https://news.example/1"),
		.text = hy_str_of(text),
	};

	assert_true(hy_wall_parse(HY_STR_LIT("2026-11-23T09:05:00+08:00"), &event.at));
	return event;
}

static void check_line(const struct hy_msg_event *event, const struct hy_names *names,
		       const char *said)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(4096);

	hy_notice_line(event, names, &out);
	assert_int_equal(hy_buf_err(&out), HY_OK);
	assert_string_equal(hy_buf_str(&out).p, said);
}

static void units_are_named(void **state)
{
	struct hy_msg_event known = event_of("【一般】河水发黑", "ecology/值班一岗");
	struct hy_msg_event unknown = event_of("【一般】河水发黑", "gone/值班一岗");
	struct hy_names names;
	struct test_rules rules;

	(void)state;
	assert_true(test_rules_make(&rules));
	hy_names_init(&names);
	hy_names_add_rules(&names, rules.folder);
	check_line(&known, &names,
		   "11月23日 09:05 【一般】河水发黑\n"
		   "    送 生态机构值班一岗（协办）  https://news.example/1\n");
	check_line(&unknown, &names,
		   "11月23日 09:05 【一般】河水发黑\n"
		   "    送 gone/值班一岗（协办）  https://news.example/1\n");
	hy_names_fini(&names);
	test_rules_remove(&rules);
}

static void control_characters_are_left_out(void **state)
{
	struct hy_msg_event event = event_of("清\x1b[2J屏\r\n换行\x7f\xc2\x9bH坏\xff字节", "office");
	struct hy_names names;

	(void)state;
	hy_names_init(&names);
	check_line(&event, &names,
		   "11月23日 09:05 清[2J屏换行H坏字节\n"
		   "    送 office（协办）  https://news.example/1\n");
	hy_names_fini(&names);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units_are_named),
		cmocka_unit_test(control_characters_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
