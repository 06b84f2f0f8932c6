/* Acts of units and deadlines: each act stops its own clock, each step fires once. */
#include "alerter/case_command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/unit/alerter/ledger_world.h"

static void each_act_stops_its_own_ladder(void **state)
{
	static const char sign_open[] = "SELECT count(*) FROM v_deadline WHERE ladder = 'sign'"
					" AND stopped_at IS NULL";
	static const char answer_open[] = "SELECT count(*) FROM v_deadline WHERE ladder = 'answer'"
					  " AND stopped_at IS NULL";
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT};
	struct hy_intake in = take(f, &s);
	char text[512], again[512];

	assert_int_equal(command(f, "c1", HY_COMMAND_SIGN, in.case_id.text, "building", text),
			 HY_ERR_DENIED);
	assert_non_null(strstr(text, "welfare"));
	assert_int_equal(command(f, "c2", HY_COMMAND_SIGN, in.case_id.text, "welfare/白班一岗", text),
			 HY_OK);
	assert_int_equal(count(f, sign_open), 0);
	assert_int_equal(count(f, answer_open), 3);
	/* The same command again, also by another alerter, gets the same reply. */
	restart(f);
	assert_int_equal(command(f, "c2", HY_COMMAND_SIGN, in.case_id.text, "welfare/白班一岗", again),
			 HY_OK);
	assert_string_equal(text, again);
	assert_int_equal(command(f, "c3", HY_COMMAND_SIGN, in.case_id.text, "welfare", NULL),
			 HY_ERR_CONFLICT);
	assert_int_equal(command(f, "c4", HY_COMMAND_ANSWER, in.case_id.text, "welfare", NULL),
			 HY_OK);
	assert_int_equal(count(f, answer_open), 0);
	text_of(f, "SELECT state FROM v_case", text, sizeof text);
	assert_string_equal(text, "answered");
	assert_int_equal(count(f, "SELECT count(*) FROM v_answer"), 1);
	assert_int_equal(command(f, "c5", HY_COMMAND_SIGN, "2026-999999", "welfare", NULL),
			 HY_ERR_MALFORMED);
}

static void answer_must_say_something_in_public(void **state)
{
	static const struct {
		const char *kind, *url, *note, *says;
	} bad[] = {
		{"deny", "https://gov.example/a", "已解决", "回应类型"},
		{"", "https://gov.example/a", "已解决", "回应类型"},
		{"resolve", "", "已解决", "网址"},
		{"resolve", "gov.example/a", "已解决", "网址"},
		{"resolve", "https://gov.example/a", " \n", "不能为空"},
	};
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT};
	struct hy_intake in = take(f, &s);

	for (size_t i = 0; i < HY_COUNT(bad); i++) {
		struct hy_msg m = {.type = HY_MSG_COMMAND};
		enum hy_err code = HY_OK;
		struct hy_error e = {0};
		struct hy_buf text;
		char id[8];

		(void)snprintf(id, sizeof id, "b%zu", i);
		m.id = hy_str_of(id);
		m.as.command = (struct hy_msg_command){
			.command = HY_COMMAND_ANSWER, .case_id = hy_str_of(in.case_id.text),
			.due = HY_WALL_NONE,
			.actor = HY_STR_LIT("welfare"), .kind = hy_str_of(bad[i].kind),
			.url = hy_str_of(bad[i].url), .note = hy_str_of(bad[i].note)};
		hy_buf_init(&text, 4096);
		assert_int_equal(hy_ledger_command(f->ledger, &m, &code, &text, &e), HY_OK);
		assert_int_equal(code, HY_ERR_MALFORMED);
		assert_non_null(strstr(text.p, bad[i].says));
		hy_buf_fini(&text);
	}
	assert_int_equal(count(f, "SELECT count(*) FROM answer"), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case WHERE state = 'assigned'"), 1);
}

static void deadlines_fire_once_also_after_downtime(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT,
			   .severity = HY_SEVERITY_CRITICAL, .detected_ago_ms = HOUR_MS};

	(void)take(f, &s);
	restart(f);
	/* All of the sign ladder (10 s) is past; half of five hours is not. */
	assert_int_equal(fire(f), 3);
	assert_int_equal(fire(f), 0);
	restart(f);
	assert_int_equal(fire(f), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE fired_at IS NOT NULL"), 3);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step = 'sign-50'"), 1);
	/* At the limit: the lead's leader and the supervisor. */
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step = 'sign-100'"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step = 'sign-100'"
				  " AND recipient LIKE 'committee/%'"),
			 1);
}

static void answer_without_signing_leaves_the_sign_ladder(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT,
			   .severity = HY_SEVERITY_CRITICAL, .detected_ago_ms = HOUR_MS};
	struct hy_intake in = take(f, &s);

	assert_int_equal(command(f, "c1", HY_COMMAND_ANSWER, in.case_id.text, "welfare", NULL),
			 HY_OK);
	assert_int_equal(fire(f), 3);
	assert_int_equal(command(f, "c2", HY_COMMAND_SIGN, in.case_id.text, "welfare", NULL),
			 HY_OK);
	assert_int_equal(count(f, "SELECT count(*) FROM case_ WHERE state = 'answered'"
				  " AND signed_at IS NOT NULL"),
			 1);
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(each_act_stops_its_own_ladder),
		TEST(answer_must_say_something_in_public),
		TEST(deadlines_fire_once_also_after_downtime),
		TEST(answer_without_signing_leaves_the_sign_ladder),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
