/* A step of the roster that nobody holds costs no time: the next one is told in the same moment. */
#include "alerter/notice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/alerter/ledger_world.h"

#define STEP(name, post) \
	"    " name ":\n      - {from: \"00:00\", to: \"00:00\", since: %s, turn: day, posts: [" post "]}\n"
#define LONG_AGO "2026-01-01"
#define NOT_YET "2099-01-01"

static struct hy_rule_set *with_roster(struct fixture *f, const char *officer, const char *leader)
{
	struct hy_rule_set *rules = NULL;
	struct hy_findings findings;
	struct hy_error e = {0};
	char text[1000];

	(void)snprintf(text, sizeof text, "rosters:\n  - unit: default\n" STEP("officer", "值班甲岗")
		       STEP("leader", "带班甲岗"), officer, leader);
	assert_true(test_rules_put(&f->folder, "roster.yaml", text));
	hy_findings_init(&findings);
	if (hy_rule_set_load_again(f->folder.folder, hy_wall_now(), &findings, &rules))
		fail_msg("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	assert_int_equal(hy_ledger_set_rules(f->ledger, rules, &e), HY_OK);
	return rules;
}

static void an_empty_step_falls_through_at_once(void **state)
{
	static const struct {
		const char *officer, *leader, *told;
	} rows[] = {
		{LONG_AGO, LONG_AGO, "值班甲岗"},
		{NOT_YET, LONG_AGO, "带班甲岗"},
		{NOT_YET, NOT_YET, ""},		/* nobody at all: the unit itself */
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		char id[] = {'c', (char)('a' + i), '\0'}, unit[100], recipient[200], wanted[200];
		struct sample s = {.id = id, .place = "east", .title = id, .text = id};
		struct hy_rule_set *rules = with_roster(f, rows[i].officer, rows[i].leader);
		int64_t before = hy_wall_now().ms;

		(void)take(f, &s);
		text_of(f, "SELECT lead FROM case_ ORDER BY assigned_at DESC, id DESC LIMIT 1", unit,
			sizeof unit);
		text_of(f, "SELECT n.recipient FROM notice n JOIN case_ c ON c.id = n.case_id"
			   " WHERE n.recipient LIKE c.lead || '%'"
			   " ORDER BY c.id DESC, n.created_at LIMIT 1",
			recipient, sizeof recipient);
		(void)snprintf(wanted, sizeof wanted, "%s%s%s", unit, rows[i].told[0] ? "/" : "",
			       rows[i].told);
		assert_string_equal(recipient, wanted);
		assert_true(count(f, "SELECT min(created_at) FROM notice WHERE case_id ="
				     " (SELECT max(id) FROM case_)") >= before);
		assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE next_at > created_at"),
				 0);
		hy_ledger_free(f->ledger);
		f->ledger = NULL;
		open_ledger(f);
		hy_rule_set_free(rules);
	}
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(an_empty_step_falls_through_at_once),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
