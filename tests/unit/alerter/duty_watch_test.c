/* What the rules will lack is told in time, once, and no longer than it lacks. */
#include "tests/unit/alerter/ledger_world.h"

#include <sys/stat.h>

#include "alerter/duty_watch.h"

#define CALENDAR(year, extra) \
	"year: " year "\nnotice: 通知\n" extra "holidays:\n  - {name: 元旦、春节、清明节、劳动节、端午节、" \
	"中秋节、国庆节, from: " year "-01-01}\n"

static struct hy_wall at_time(const char *text)
{
	struct hy_wall at;

	if (!hy_wall_parse(hy_str_of(text), &at))
		fail_msg("bad time %s", text);
	return at;
}

static void watch_at(struct fixture *f, const char *text)
{
	struct hy_error e = {0};
	struct hy_turn turn;

	hy_turn_init(&turn, hy_ledger_store(f->ledger), f->rules, at_time(text));
	if (hy_store_begin(turn.store, &e) || hy_duty_watch(&turn, &e) ||
	    hy_store_commit(turn.store, &e))
		fail_msg("watch: %s", e.text);
	hy_turn_fini(&turn);
}

/* The rules anew, gaps and all. */
static void load_again(struct fixture *f)
{
	struct hy_findings findings;
	struct hy_rule_set *rules = NULL;

	hy_findings_init(&findings);
	if (hy_rule_set_load_again(f->folder.folder, hy_wall_now(), &findings, &rules))
		fail_msg("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	hy_rule_set_free(f->rules);
	f->rules = rules;
	hy_ledger_free(f->ledger);
	f->ledger = NULL;
	open_ledger(f);
}

static int64_t alarms(struct fixture *f, const char *state)
{
	return strcmp(state, "raised") == 0
		       ? count(f, "SELECT count(*) FROM v_alarm WHERE state = 'raised'")
		       : count(f, "SELECT count(*) FROM v_alarm WHERE state = 'cleared'");
}

#define LEAVE \
	"changes:\n" \
	"  - {kind: leave, post: 带班一岗, from: 2027-03-10T09:00:00+08:00, to: 2027-03-12T09:00:00+08:00}\n" \
	"  - {kind: leave, post: 带班二岗, from: 2027-03-10T09:00:00+08:00, to: 2027-03-12T09:00:00+08:00}\n"

static void a_gap_is_told_a_fortnight_ahead_and_once(void **state)
{
	struct fixture *f = *state;
	char text[512];

	assert_true(test_rules_put(&f->folder, "roster-changes.yaml", LEAVE));
	load_again(f);
	watch_at(f, "2027-02-24T08:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 0);
	watch_at(f, "2027-02-24T10:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 1);
	text_of(f, "SELECT text FROM v_alarm WHERE kind = 'roster-gap' AND unit = 'office'", text,
		sizeof text);
	assert_string_equal(text, "默认排班的带班领导有空档：3月10日 09:00 至 3月12日 09:00，请尽快补排");
	/* Day by day, and while it lasts. */
	watch_at(f, "2027-02-25T00:00:00+08:00");
	watch_at(f, "2027-03-11T12:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 1);
	assert_int_equal(alarms(f, "cleared"), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM notice"), 1);
	/* Mended by a swap; then not, which is told anew. */
	assert_true(test_rules_put(&f->folder, "roster-changes.yaml",
				   LEAVE "  - {kind: shift, duty: leader, post: 某岗,"
					 " from: 2027-03-10T09:00:00+08:00,"
					 " to: 2027-03-12T09:00:00+08:00}\n"));
	load_again(f);
	watch_at(f, "2027-03-01T00:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 0);
	assert_int_equal(alarms(f, "cleared"), 1);
	assert_true(test_rules_put(&f->folder, "roster-changes.yaml", LEAVE));
	load_again(f);
	watch_at(f, "2027-03-02T00:00:00+08:00");
	watch_at(f, "2027-03-03T00:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 1);
	watch_at(f, "2027-03-13T00:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 0);
	assert_int_equal(alarms(f, "cleared"), 2);
	assert_true(test_rules_put(&f->folder, "roster-changes.yaml", "changes: []\n"));
	load_again(f);
}

/* A year ahead: long before anybody is sent to a unit that is no more. */
static void a_unit_that_ends_is_told_a_year_ahead(void **state)
{
	struct fixture *f = *state;
	char text[1024];

	assert_true(test_rules_edit(&f->folder, "units.yaml", "id: ecology, ",
				    "id: ecology, valid_to: 2028-06-01, "));
	load_again(f);
	watch_at(f, "2027-04-01T08:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 0);
	watch_at(f, "2027-06-01T08:00:00+08:00");
	watch_at(f, "2027-06-02T08:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 1);
	text_of(f, "SELECT text FROM v_alarm WHERE kind = 'rules-hole' AND unit = 'office'", text,
		sizeof text);
	assert_non_null(strstr(text, "有 1 处随时间出现的漏洞"));
	assert_non_null(strstr(text, "归口“environment”，自 2028-06-01T00:00:00+08:00 起没有单位承担"));
	assert_true(test_rules_edit(&f->folder, "units.yaml", "units:", "units:"));
	load_again(f);
	watch_at(f, "2027-06-03T08:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 0);
	assert_int_equal(alarms(f, "cleared"), 1);
}

static void a_roster_that_ends_is_one_alarm(void **state)
{
	struct fixture *f = *state;

	assert_true(test_rules_put(&f->folder, "roster.yaml",
				   "rosters:\n"
				   "  - unit: default\n"
				   "    officer: [{from: \"00:00\", to: \"24:00\", since: 2026-01-01,"
				   " until: 2027-03-01, posts: [甲]}]\n"
				   "    leader: [{from: \"00:00\", to: \"24:00\", since: 2026-01-01,"
				   " posts: [乙]}]\n"));
	load_again(f);
	for (int day = 10; day < 25; day++) {
		char at[40];

		(void)snprintf(at, sizeof at, "2027-02-%02dT06:00:00+08:00", day);
		watch_at(f, at);
	}
	watch_at(f, "2027-04-01T00:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM alarm"), 1);
}

/* An alerter with a gap runs: what was for the one duty goes to the other, else to the desk. */
static void an_empty_step_falls_through_at_once(void **state)
{
	static const struct sample wages = {.id = "a1", .place = "east", .title = "东街一工地拖欠工资",
					    .text = WAGES_TEXT};
	static const struct {
		const char *duty, *recipient;
	} rosters[] = {{"officer", "welfare/某岗"}, {"leader", "welfare/某岗"}, {NULL, "welfare"}};
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(rosters); i++) {
		char text[512];

		(void)snprintf(text, sizeof text,
			       "rosters:\n  - unit: default\n    %s: [{from: \"00:00\", to: \"24:00\","
			       " since: 2026-01-01, %s posts: [某岗]}]\n",
			       rosters[i].duty ? rosters[i].duty : "officer",
			       rosters[i].duty ? "" : "until: 2026-02-01,");
		assert_true(test_rules_put(&f->folder, "roster.yaml", text));
		load_again(f);
		if (i == 0)
			(void)take(f, &wages);
		run(f, "DELETE FROM notice");
		run(f, "UPDATE deadline SET due_at = 1000, fired_at = NULL WHERE ladder = 'sign'"
		       " AND step < 100");
		assert_int_equal(fire(f), 2);
		text_of(f, "SELECT min(recipient) FROM notice WHERE step = 'sign-50'", text, sizeof text);
		assert_string_equal(text, rosters[i].recipient);
		text_of(f, "SELECT max(recipient) FROM notice WHERE step = 'sign-80'", text, sizeof text);
		assert_string_equal(text, rosters[i].recipient);
	}
	assert_int_equal(fire(f), 0);
}

static void missing_holidays_are_told(void **state)
{
	struct fixture *f = *state;
	char path[256], text[512];

	assert_true(test_rules_edit(&f->folder, "deadlines.yaml", "limit: 2h",
				    "limit: 2h, hours: working"));
	(void)snprintf(path, sizeof path, "%s/calendar", f->folder.folder);
	(void)mkdir(path, 0700);
	assert_true(test_rules_put(&f->folder, "calendar/2026.yaml", CALENDAR("2026", "")));
	load_again(f);
	watch_at(f, "2026-09-30T23:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 0);
	watch_at(f, "2026-10-01T00:00:00+08:00");
	watch_at(f, "2026-12-31T00:00:00+08:00");
	watch_at(f, "2027-01-01T00:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 1);
	text_of(f, "SELECT text FROM v_alarm WHERE kind = 'calendar-missing' AND subject = '2027'",
		text, sizeof text);
	assert_non_null(strstr(text, "缺少 2027 年的放假安排"));
	(void)snprintf(path, sizeof path, "%s/calendar/2027.yaml", f->folder.folder);
	assert_true(test_rules_put(&f->folder, "calendar/2027.yaml", CALENDAR("2027", "")));
	load_again(f);
	(void)remove(path);
	watch_at(f, "2027-01-02T00:00:00+08:00");
	assert_int_equal(alarms(f, "raised"), 0);
	assert_int_equal(alarms(f, "cleared"), 1);
}

/* The other engine's tests have changed the folder. */
static int fresh_rules(struct fixture *f)
{
	struct hy_findings findings;
	enum hy_err err;

	test_rules_remove(&f->folder);
	if (!test_rules_make(&f->folder))
		return -1;
	hy_rule_set_free(f->rules);
	f->rules = NULL;
	hy_findings_init(&findings);
	err = hy_rule_set_load_again(f->folder.folder, hy_wall_now(), &findings, &f->rules);
	hy_findings_fini(&findings);
	return err ? -1 : 0;
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(a_gap_is_told_a_fortnight_ahead_and_once),
		TEST(a_unit_that_ends_is_told_a_year_ahead),
		TEST(a_roster_that_ends_is_one_alarm),
		TEST(missing_holidays_are_told),
		TEST(an_empty_step_falls_through_at_once),
	};

	return fresh_rules(f) ? -1 : cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
