/* What the verbs about cases print and return, over a store that a ledger has written. */
#include "cli/verb.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/unit/alerter/audit_world.h"
#include "tests/unit/cli/verb_world.h"

static void cases_are_listed_and_shown(void **state)
{
	struct fixture *f = *state;
	struct sample mild = {.id = "a", .title = "工人讨薪", .text = WAGES_TEXT,
			   .severity = HY_SEVERITY_GENERAL};
	struct sample grave = {.id = "b", .topic = "water.pollution", .place = "east",
			       .title = "河水发黑", .text = "河水发黑发臭",
			       .severity = HY_SEVERITY_MAJOR, .detected_ago_ms = 1000};
	struct hy_intake a = take(f, &mild), b = take(f, &grave);
	char out[OUT_BYTES], words[64];
	json_t *json;

	/* The one whose clock ends next stands first. */
	assert_int_equal(ask(f, hy_verb_case, "case list", out), HY_EXIT_OK);
	assert_non_null(strstr(out, a.case_id.text));
	assert_non_null(strstr(out, b.case_id.text));
	assert_true(strstr(out, b.case_id.text) < strstr(out, a.case_id.text));
	assert_non_null(strstr(out, "主办 生态机构"));
	assert_int_equal(ask(f, hy_verb_case, "case list -o json --unit ecology", out), HY_EXIT_OK);
	json = first_line(out);
	assert_string_equal(json_string_value(json_object_get(json, "id")), b.case_id.text);
	assert_string_equal(json_string_value(json_object_get(json, "severity")), "major");
	assert_null(strchr(strchr(out, '\n') + 1, '\n'));
	json_decref(json);
	(void)snprintf(words, sizeof words, "case show %s -o json", b.case_id.text);
	assert_int_equal(ask(f, hy_verb_case, words, out), HY_EXIT_OK);
	json = first_line(out);
	assert_int_equal(json_array_size(json_object_get(json, "deadlines")), 10);
	assert_int_equal(json_array_size(json_object_get(json, "assist")), 1);
	assert_int_equal(json_array_size(json_object_get(json, "alerts")), 1);
	assert_int_equal(json_array_size(json_object_get(json, "notices")), 3);
	json_decref(json);
	(void)snprintf(words, sizeof words, "case show %s", b.case_id.text);
	assert_int_equal(ask(f, hy_verb_case, words, out), HY_EXIT_OK);
	assert_non_null(strstr(out, "谁主管、谁负责"));
	assert_int_equal(ask(f, hy_verb_case, "case show 2026-999999", out), HY_EXIT_FAILURE);
}

static void answered_cases_leave_the_list(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "工人讨薪", .text = WAGES_TEXT};
	struct hy_intake a = take(f, &s);
	char out[OUT_BYTES];

	assert_int_equal(command(f, "c", HY_COMMAND_ANSWER, a.case_id.text, "welfare", NULL), HY_OK);
	assert_int_equal(ask(f, hy_verb_case, "case list", out), HY_EXIT_OK);
	assert_string_equal(out, "");
	assert_int_equal(ask(f, hy_verb_case, "case list --all", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "已回应"));
	assert_int_equal(ask(f, hy_verb_case, "case list --state answered", out), HY_EXIT_OK);
	assert_non_null(strstr(out, a.case_id.text));
}

static void overdue_is_said(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "工人讨薪", .text = WAGES_TEXT,
			   .detected_ago_ms = 3 * HOUR_MS};
	char out[OUT_BYTES];

	(void)take(f, &s);
	assert_int_equal(ask(f, hy_verb_case, "case list", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "签收超期"));
	s.id = "b";
	s.topic = "housing.quality";
	s.detected_ago_ms = 49 * HOUR_MS;
	(void)take(f, &s);
	assert_int_equal(ask(f, hy_verb_case, "case list --unit building", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "回应超期"));
}

static void outbox_shows_what_is_uncertain(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "工人讨薪", .text = WAGES_TEXT};
	char out[OUT_BYTES];

	(void)take(f, &s);
	restart(f);
	assert_int_equal(ask(f, hy_verb_outbox, "outbox list --state uncertain", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "去向不明"));
	assert_int_equal(ask(f, hy_verb_outbox, "outbox list --state sent", out), HY_EXIT_OK);
	assert_string_equal(out, "");
}

#define NO_HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void audit_is_verified(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "工人讨薪", .text = WAGES_TEXT};
	char out[OUT_BYTES];

	(void)take(f, &s);
	assert_int_equal(ask(f, hy_verb_audit, "audit verify", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "共 2 条，0 处不符"));
	assert_int_equal(ask(f, hy_verb_audit, "audit list --act case.* --limit 5", out), HY_EXIT_OK);
	assert_non_null(strstr(out, " system case.open "));
	assert_null(strstr(out, "rules.force"));
	assert_int_equal(ask(f, hy_verb_audit, "audit list --actor nobody", out), HY_EXIT_FINDINGS);
	assert_int_equal(ask(f, hy_verb_audit, "audit list --since 2099-01-01T00:00:00+08:00", out),
			 HY_EXIT_FINDINGS);
	assert_int_equal(ask(f, hy_verb_audit, "audit verify --head 1:beef", out), HY_EXIT_USAGE);
	assert_int_equal(ask(f, hy_verb_audit,
			     "audit verify --head 3:" NO_HASH, out), HY_EXIT_FINDINGS);
	assert_non_null(strstr(out, "该条不存在，末尾被截去"));
	unprotect_audit(f);
	run(f, "UPDATE audit SET actor = 'somebody'");
	assert_int_equal(ask(f, hy_verb_audit, "audit verify", out), HY_EXIT_FINDINGS);
	assert_non_null(strstr(out, "第 1 条"));
}

static void routes_history_shows_versions(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "工人讨薪", .text = WAGES_TEXT};
	struct hy_rule_set *reform = NULL;
	struct hy_findings findings;
	struct hy_error e = {0};
	char out[OUT_BYTES], line[128];
	struct hy_intake in;

	assert_true(test_rules_edit(&f->folder, "units.yaml", "roles: [labour, civil]",
				    "roles: [labour, civil], phone: \"8888\""));
	hy_findings_init(&findings);
	assert_int_equal(hy_rule_set_load(f->folder.folder, &findings, &reform), HY_OK);
	hy_findings_fini(&findings);
	assert_int_equal(hy_ledger_set_rules(f->ledger, reform, &e), HY_OK);
	in = take(f, &s);
	assert_int_equal(ask(f, hy_verb_routes, "routes history", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "首次启用：7 个单位"));
	assert_non_null(strstr(out, "文件 units.yaml 改动"));
	assert_int_equal(ask(f, hy_verb_routes, "routes history 2", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "值班电话 8888（原为：保障部"));
	assert_non_null(strstr(out, "文件：channels.yaml deadlines.yaml places.yaml"));
	assert_int_equal(ask(f, hy_verb_routes, "routes history 1 units.yaml", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "units:\n  - {id: committee,"));
	assert_null(strstr(out, "8888"));
	assert_int_equal(ask(f, hy_verb_routes, "routes history 2 units.yaml", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "8888"));
	assert_int_equal(ask(f, hy_verb_routes, "routes history 2 words", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "单位 welfare：保障部"));
	assert_int_equal(ask(f, hy_verb_routes, "routes history 3", out), HY_EXIT_FINDINGS);
	assert_int_equal(ask(f, hy_verb_routes, "routes history 2 no.yaml", out), HY_EXIT_FINDINGS);
	/* The case names it. */
	(void)snprintf(line, sizeof line, "case explain %s", in.case_id.text);
	assert_int_equal(ask(f, hy_verb_case, line, out), HY_EXIT_OK);
	assert_non_null(strstr(out, "第 2 版（huiying routes history 2）"));
	assert_int_equal(hy_ledger_set_rules(f->ledger, f->rules, &e), HY_OK);
	hy_rule_set_free(reform);
	assert_true(test_rules_edit(&f->folder, "units.yaml", "units:", "units:"));
}

static void bad_use_is_refused(void **state)
{
	static const struct {
		verb_fn *verb;
		const char *line;
	} lines[] = {
		{hy_verb_case, "case"},		       {hy_verb_case, "case show"},
		{hy_verb_case, "case list x"},	       {hy_verb_case, "case sign 2026-000001"},
		{hy_verb_outbox, "outbox"},	       {hy_verb_audit, "audit"},
		{hy_verb_roster, "roster"},	       {hy_verb_roster, "roster who --days 0"},
		{hy_verb_deadline, "deadline explain"}, {hy_verb_assign, "assign --at noon"},
	};
	struct fixture *f = *state;
	char out[OUT_BYTES];

	for (size_t i = 0; i < HY_COUNT(lines); i++) {
		if (run_verb(f, lines[i].verb, lines[i].line, out) != HY_EXIT_USAGE)
			fail_msg("%s", lines[i].line);
	}
}

static void missing_store_is_a_failure(void **state)
{
	struct fixture *f = *state;
	char out[OUT_BYTES];

	assert_int_equal(run_verb(f, hy_verb_case, "case list --store sqlite:/nowhere/x.db", out),
			 HY_EXIT_FAILURE);
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(cases_are_listed_and_shown),
		TEST(answered_cases_leave_the_list),
		TEST(overdue_is_said),
		TEST(outbox_shows_what_is_uncertain),
		TEST(audit_is_verified),
		TEST(routes_history_shows_versions),
		TEST(bad_use_is_refused),
		TEST(missing_store_is_a_failure),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
