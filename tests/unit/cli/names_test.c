/* Names of units and topics out of a rules folder, and what stands where there is none. */
#include "cli/names.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

static void check_recipient(const struct hy_names *names, const char *recipient, const char *said)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(1024);

	hy_names_recipient(names, hy_str_of(recipient), &out);
	if (!hy_str_eq_c(hy_buf_str(&out), said))
		fail_msg("%s: \"%.*s\", not \"%s\"", recipient, HY_STR_ARGS(hy_buf_str(&out)), said);
}

static void check_topic(const struct hy_names *names, const char *id, const char *said)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(1024);

	hy_names_topic(names, hy_str_of(id), &out);
	assert_true(hy_str_eq_c(hy_buf_str(&out), said));
}

static void rules_give_names(void **state)
{
	struct hy_names names;
	struct test_rules rules;

	(void)state;
	assert_true(test_rules_make(&rules));
	hy_names_init(&names);
	hy_names_add_rules(&names, rules.folder);
	hy_names_add_rules(&names, rules.folder);	/* the same again replaces them */
	assert_true(hy_names_has_unit(&names, HY_STR_LIT("welfare")));
	assert_false(hy_names_has_unit(&names, HY_STR_LIT("nobody")));
	check_recipient(&names, "welfare", "保障部");
	check_recipient(&names, "welfare/值班一岗", "保障部值班一岗");
	check_recipient(&names, "nobody/值班一岗", "nobody/值班一岗");
	check_recipient(&names, "nobody", "nobody");
	check_recipient(&names, "welfare/", "保障部");
	check_recipient(&names, "", "");
	check_topic(&names, "wages.arrears", "拖欠工资");
	check_topic(&names, "no.such", "no.such");
	hy_names_fini(&names);
	test_rules_remove(&rules);
}

/* Half a folder gives what it has; showing a case must not depend on the rules being whole. */
static void broken_rules_give_what_they_have(void **state)
{
	struct hy_names names;
	struct test_rules rules;

	(void)state;
	assert_true(test_rules_make(&rules));
	assert_true(test_rules_edit(&rules, "units.yaml", "units:\n", "units: [\n"));
	hy_names_init(&names);
	hy_names_add_rules(&names, rules.folder);
	assert_false(hy_names_has_unit(&names, HY_STR_LIT("welfare")));
	check_topic(&names, "wages.arrears", "拖欠工资");
	hy_names_add_rules(&names, "/nonexistent");
	hy_names_fini(&names);
	test_rules_remove(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_give_names),
		cmocka_unit_test(broken_rules_give_what_they_have),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
