/* What can never be stored: on record each time, told while it goes on, over after a day. */
#include "alerter/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "tests/unit/alerter/ledger_world.h"

static void refuse(struct fixture *f, const struct hy_msg *message, const char *why)
{
	struct hy_error e = {0};

	if (hy_ledger_refuse(f->ledger, message, why, &e))
		fail_msg("refusal: %s", e.text);
}

static void refuse_alert(struct fixture *f, const char *id, const char *title, const char *why)
{
	struct sample s = {.id = id, .title = title, .text = WAGES_TEXT};
	struct alert alert;

	make_alert(&s, &alert);
	refuse(f, &alert.message, why);
}

static int64_t open_alarms(struct fixture *f)
{
	return count(f, "SELECT count(*) FROM v_alarm WHERE state = 'raised' AND kind = 'refused'");
}

static void each_is_on_record_and_told_once(void **state)
{
	struct fixture *f = *state;
	char text[4096];

	refuse_alert(f, "a", "讨薪", "harmed");
	refuse_alert(f, "a", "讨薪", "harmed");
	restart(f);
	refuse_alert(f, "a", "讨薪", "harmed");
	refuse_alert(f, "b", "噪声", "harmed");
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'alert.refuse'"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM case_"), 0);
	assert_int_equal(open_alarms(f), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM notice"), 1);
	text_of(f, "SELECT text FROM v_alarm WHERE kind = 'refused' AND unit = 'office'", text,
		sizeof text);
	assert_string_equal(text, "预警无法入库，没有形成事项，须人工处理：《讨薪》"
				  " http://news.example/1.html（harmed）");
}

static void alarms_are_refused_too(void **state)
{
	struct fixture *f = *state;
	struct hy_msg m = {.type = HY_MSG_ALARM, .id = HY_STR_LIT("m1")};

	m.as.alarm = (struct hy_msg_alarm){
		.alarm = HY_STR_LIT("x"), .component = HY_STR_LIT("crawler"),
		.kind = HY_STR_LIT("source-silent"), .subject = HY_STR_LIT("daily"),
		.owner = HY_STR_LIT("office"), .state = HY_ALARM_RAISED, .since = hy_wall_now(),
		.at = hy_wall_now(), .text = HY_STR_LIT("来源“日报”没有更新")};
	refuse(f, &m, "");
	refuse_alert(f, "a", "讨薪", "harmed");
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'alarm.refuse'"), 1);
	/* Each kind has its own. */
	assert_int_equal(open_alarms(f), 2);
}

static void alarm_ends_a_day_after_the_last(void **state)
{
	struct fixture *f = *state;

	refuse_alert(f, "a", "讨薪", "harmed");
	run(f, "UPDATE alarm SET lapses_at = 1");
	refuse_alert(f, "b", "噪声", "harmed");
	(void)fire(f);
	assert_int_equal(open_alarms(f), 1);
	run(f, "UPDATE alarm SET lapses_at = 1");
	(void)fire(f);
	assert_int_equal(open_alarms(f), 0);
	refuse_alert(f, "c", "污水", "harmed");
	assert_int_equal(open_alarms(f), 1);
}

/* The longest that a message may carry is what cannot be stored most likely. */
static void long_titles_are_shown_in_part(void **state)
{
	struct fixture *f = *state;
	char title[HY_MSG_TITLE_BYTES + 1] = "", text[4096];

	for (size_t n = 0; n + 3 < sizeof title; n += 3)
		memcpy(title + n, "薪", 3);
	refuse_alert(f, "a", title, title);
	text_of(f, "SELECT text FROM v_alarm WHERE kind = 'refused'", text, sizeof text);
	assert_true(hy_utf8_valid(text, strlen(text)));
	assert_true(strlen(text) < HY_MSG_TITLE_BYTES);
	assert_non_null(strstr(text, "http://news.example/1.html"));
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(each_is_on_record_and_told_once),
		TEST(alarms_are_refused_too),
		TEST(alarm_ends_a_day_after_the_last),
		TEST(long_titles_are_shown_in_part),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
