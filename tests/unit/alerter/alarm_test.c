/* An alarm is told once to whoever answers for it, whatever comes twice or in another order. */
#include "alerter/alarm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "alerter/audit.h"
#include "alerter/envelope.h"
#include "alerter/notice.h"
#include "tests/unit/alerter/ledger_world.h"

#define SINCE 1795395600000

static bool take_alarm(struct fixture *f, const char *id, const char *owner,
		       enum hy_alarm_state state)
{
	struct hy_msg m = {.type = HY_MSG_ALARM, .id = hy_str_of(id)};
	struct hy_error e = {0};
	bool fresh = false;

	m.as.alarm = (struct hy_msg_alarm){
		.alarm = hy_str_of(id), .component = HY_STR_LIT("crawler"),
		.kind = HY_STR_LIT("source-silent"), .subject = HY_STR_LIT("daily"),
		.owner = hy_str_of(owner), .state = state, .since = {SINCE},
		.at = {SINCE + HOUR_MS},
		.text = state == HY_ALARM_RAISED ? HY_STR_LIT("来源“日报”没有新稿件")
						 : HY_STR_LIT("来源“日报”又有新稿件")};
	if (hy_ledger_alarm(f->ledger, &m, &fresh, &e))
		fail_msg("alarm: %s", e.text);
	return fresh;
}

static void is_told_once_and_survives_a_kill(void **state)
{
	struct fixture *f = *state;
	char text[512];

	assert_true(take_alarm(f, "a", "ecology", HY_ALARM_RAISED));
	assert_int_equal(hy_ledger_turn(f->ledger)->publish_count, 1);
	assert_false(take_alarm(f, "a", "ecology", HY_ALARM_RAISED));
	assert_int_equal(hy_ledger_turn(f->ledger)->publish_count, 0);
	/* Killed between commit and receipt: the crawler sends it to the next alerter. */
	restart(f);
	assert_false(take_alarm(f, "a", "ecology", HY_ALARM_RAISED));
	assert_int_equal(count(f, "SELECT count(*) FROM v_alarm WHERE state = 'raised'"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE alarm = 'a'"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'alarm.raise'"), 1);
	text_of(f, "SELECT recipient FROM v_notice", text, sizeof text);
	assert_ptr_equal(strstr(text, "ecology/"), text);
	text_of(f, "SELECT text FROM v_notice", text, sizeof text);
	assert_string_equal(text, "【抓取告警】来源“日报”没有新稿件（自 11月23日 09:00）");
}

static void a_clearing_ends_it_once(void **state)
{
	struct fixture *f = *state;
	char text[512];

	assert_true(take_alarm(f, "a", "office", HY_ALARM_RAISED));
	assert_true(take_alarm(f, "a", "office", HY_ALARM_CLEARED));
	assert_false(take_alarm(f, "a", "office", HY_ALARM_CLEARED));
	assert_false(take_alarm(f, "a", "office", HY_ALARM_RAISED));
	assert_int_equal(count(f, "SELECT count(*) FROM v_alarm WHERE state = 'raised'"), 0);
	assert_int_equal(count(f, "SELECT cleared_at - since FROM v_alarm"), HOUR_MS);
	text_of(f, "SELECT cleared_text FROM v_alarm", text, sizeof text);
	assert_string_equal(text, "来源“日报”又有新稿件");
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act LIKE 'alarm.%'"), 2);
	/* Silent again: another raising, told again. */
	assert_true(take_alarm(f, "b", "office", HY_ALARM_RAISED));
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice"), 2);
}

static void a_clearing_that_overtook_tells_nobody(void **state)
{
	struct fixture *f = *state;

	assert_false(take_alarm(f, "a", "office", HY_ALARM_CLEARED));
	assert_false(take_alarm(f, "a", "office", HY_ALARM_RAISED));
	assert_int_equal(count(f, "SELECT count(*) FROM v_alarm WHERE state = 'cleared'"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice"), 0);
}

static void finds_who_answers_for_it(void **state)
{
	static const struct {
		const char *owner, *unit;
	} rows[] = {
		{"ecology", "ecology"}, {"environment", "ecology"}, {"housing", "building"},
		{"publicity", "office"},	/* a role that nobody holds here */
		{"", "office"}, {"nobody-such", "office"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(rows); i++)
		assert_true(hy_str_eq_c(hy_alarm_unit(f->rules, hy_str_of(rows[i].owner),
						      hy_wall_now())->id,
					rows[i].unit));
}

static bool take_limit(struct fixture *f, const char *id, const char *topic,
		       enum hy_alarm_state state)
{
	struct hy_msg m = {.type = HY_MSG_ALARM, .id = hy_str_of(id)};
	struct hy_error e = {0};
	bool fresh = false;

	m.as.alarm = (struct hy_msg_alarm){
		.alarm = hy_str_of(id), .component = HY_STR_LIT("analyzer"),
		.kind = HY_STR_LIT("pattern-limit"), .subject = hy_str_of(topic),
		.owner = HY_STR_LIT("ecology"), .state = state, .since = {SINCE}, .at = {SINCE},
		.text = HY_STR_LIT("正则达到匹配限额")};
	if (hy_ledger_alarm(f->ledger, &m, &fresh, &e))
		fail_msg("alarm: %s", e.text);
	return fresh;
}

/* Its sender may be restarted or have a twin: another id, the same trouble. */
static void an_analyzers_is_one_whatever_its_id(void **state)
{
	struct fixture *f = *state;

	assert_true(take_limit(f, "a", "wages", HY_ALARM_RAISED));
	assert_false(take_limit(f, "a", "wages", HY_ALARM_RAISED));
	restart(f);
	assert_false(take_limit(f, "b", "wages", HY_ALARM_RAISED));
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice"), 1);
	assert_true(take_limit(f, "c", "smell", HY_ALARM_RAISED));
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice"), 2);
	assert_true(take_limit(f, "b", "wages", HY_ALARM_CLEARED));
	assert_int_equal(count(f, "SELECT count(*) FROM v_alarm WHERE id = 'a' AND state = 'cleared'"),
			 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_alarm WHERE state = 'raised'"), 1);
	/* A late resend of what is over opens nothing; a new one does. */
	assert_false(take_limit(f, "a", "wages", HY_ALARM_RAISED));
	assert_true(take_limit(f, "d", "wages", HY_ALARM_RAISED));
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice"), 3);
}

static void an_analyzers_lapses_when_not_repeated(void **state)
{
	struct fixture *f = *state;
	char text[512];

	assert_true(take_limit(f, "a", "wages", HY_ALARM_RAISED));
	assert_true(take_alarm(f, "s", "ecology", HY_ALARM_RAISED));
	(void)fire(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_alarm WHERE state = 'raised'"), 2);
	run(f, "UPDATE alarm SET lapses_at = 1 WHERE lapses_at IS NOT NULL");
	assert_false(take_limit(f, "b", "wages", HY_ALARM_RAISED));
	(void)fire(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_alarm WHERE state = 'raised'"), 2);
	run(f, "UPDATE alarm SET lapses_at = 1 WHERE lapses_at IS NOT NULL");
	(void)fire(f);
	(void)fire(f);
	text_of(f, "SELECT id FROM v_alarm WHERE state = 'raised'", text, sizeof text);
	assert_string_equal(text, "s");
	text_of(f, "SELECT cleared_text FROM v_alarm WHERE id = 'a'", text, sizeof text);
	assert_string_equal(text, "连续 24 小时未再出现");
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'alarm.clear'"), 1);
	assert_true(take_limit(f, "c", "wages", HY_ALARM_RAISED));
}

static void channels_get_what_it_is_about(void **state)
{
	static const char *const wanted[] = {
		"\"groupKey\":\"{}:{alarm=\\\"a\\\"}\"", "\"kind\":\"source-silent\"",
		"\"subject\":\"daily\"", "\"unit\":\"building\"", "\"unit_name\":\"建设部\"",
		"\"startsAt\":\"2026-11-23T09:00:00+08:00\"", "\"groupLabels\":{\"alarm\":\"a\"}"};
	struct fixture *f = *state;
	struct hy_error e = {0};
	struct hy_notice n;
	struct hy_buf body;
	struct hy_id id;
	bool found = false;

	assert_true(take_alarm(f, "a", "building", HY_ALARM_RAISED));
	assert_int_equal(hy_ledger_turn(f->ledger)->publish_count, 1);
	id = hy_ledger_turn(f->ledger)->publish[0];
	assert_int_equal(hy_notice_load(hy_ledger_store(f->ledger), hy_id_str(&id), &n, &found, &e),
			 HY_OK);
	assert_true(found);
	assert_int_equal(n.case_id.n, 0);
	hy_buf_init(&body, HY_ENVELOPE_BYTES);
	assert_int_equal(hy_envelope_write(&n, &body), HY_OK);
	for (size_t i = 0; i < HY_COUNT(wanted); i++)
		if (!strstr(body.p, wanted[i]))
			fail_msg("%s is not in %s", wanted[i], body.p);
	assert_string_equal(hy_envelope_event_type(n.step), "alarm.raised");
	hy_buf_fini(&body);
	hy_notice_fini(&n);
}

static void stands_beside_cases_in_the_chain(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "c", .place = "east", .title = "工人讨薪", .text = WAGES_TEXT};
	struct hy_error e = {0};
	struct hy_buf findings;
	struct hy_audit_verdict verdict = {0};

	(void)take(f, &s);
	assert_true(take_alarm(f, "a", "office", HY_ALARM_RAISED));
	hy_buf_init(&findings, 4096);
	assert_int_equal(hy_audit_verify(hy_ledger_store(f->ledger), NULL, &findings, &verdict, &e),
			 HY_OK);
	hy_buf_fini(&findings);
	assert_true(verdict.entries >= 2);
	assert_int_equal(verdict.bad, 0);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE case_id IS NULL"), 1);
	assert_true(count(f, "SELECT count(*) FROM v_notice WHERE alarm IS NULL") > 0);
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(is_told_once_and_survives_a_kill),
		TEST(a_clearing_ends_it_once),
		TEST(a_clearing_that_overtook_tells_nobody),
		TEST(an_analyzers_is_one_whatever_its_id),
		TEST(an_analyzers_lapses_when_not_repeated),
		TEST(finds_who_answers_for_it),
		TEST(channels_get_what_it_is_about),
		TEST(stands_beside_cases_in_the_chain),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
