/*
 * What the ledger promises, on both engines: nothing happens twice, exactly one lead, notices
 * at most once, one active alerter.
 */
#include "alerter/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "alerter/notice.h"
#include "common/base/mem.h"
#include "tests/unit/alerter/ledger_world.h"

static void same_alert_three_times(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .place = "east", .title = "工人讨薪", .text = WAGES_TEXT};
	struct hy_intake first = take(f, &s), again;

	assert_true(first.fresh);
	again = take(f, &s);
	assert_false(again.fresh);
	assert_string_equal(again.case_id.text, first.case_id.text);
	assert_string_equal(again.event.hex, first.event.hex);
	/* Killed between commit and receipt: the analyzer sends it to the next alerter. */
	restart(f);
	again = take(f, &s);
	assert_false(again.fresh);
	assert_string_equal(again.case_id.text, first.case_id.text);
	assert_int_equal(count(f, "SELECT count(*) FROM case_"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM event"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM alert"), 1);
	assert_int_equal(count(f, "SELECT alerts FROM event"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step = 'assigned'"), 1);
}

static void same_alert_twice_in_a_batch(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .place = "east", .title = "工人讨薪", .text = WAGES_TEXT};
	struct alert one, two;
	struct hy_ledger_alert items[2] = {{.message = &one.message}, {.message = &two.message}};
	struct hy_error e = {0};

	make_alert(&s, &one);
	make_alert(&s, &two);
	assert_int_equal(hy_ledger_alerts(f->ledger, items, 2, &e), HY_OK);
	assert_true(items[0].result.fresh);
	assert_false(items[1].result.fresh);
	assert_int_equal(count(f, "SELECT count(*) FROM case_"), 1);
}

static void case_has_lead_assist_limits_and_reasons(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .place = "east", .title = "工人讨薪", .text = WAGES_TEXT,
			   .severity = HY_SEVERITY_MAJOR, .detected_ago_ms = HOUR_MS};
	char text[2048];

	(void)take(f, &s);
	text_of(f, "SELECT lead || ' ' || supervisor || ' ' || state || ' ' || severity"
		   " FROM v_case", text, sizeof text);
	assert_string_equal(text, "welfare committee assigned major");
	text_of(f, "SELECT unit FROM v_assist", text, sizeof text);
	assert_string_equal(text, "east-street");
	text_of(f, "SELECT because FROM v_case", text, sizeof text);
	assert_non_null(strstr(text, "谁主管、谁负责"));
	assert_non_null(strstr(text, "分级负责"));
	/* The clock runs from detection, an hour ago. */
	assert_int_equal(count(f, "SELECT answer_due - detected_at FROM v_case"), 5 * HOUR_MS);
	assert_int_equal(count(f, "SELECT clock_start - detected_at FROM v_case"), 0);
	assert_true(count(f, "SELECT assigned_at - detected_at FROM v_case") >= HOUR_MS);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline"), 10);
	/* Lead, assist, and the supervisor at once since it is major. */
	assert_int_equal(count(f, "SELECT count(*) FROM notice"), 3);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE state = 'sending'"), 3);
	assert_int_equal(hy_ledger_turn(f->ledger)->publish_count, 3);
}

static void repost_joins_and_other_place_does_not(void **state)
{
	struct fixture *f = *state;
	struct sample first = {.id = "a", .place = "east", .title = "工人讨薪", .text = WAGES_TEXT};
	struct sample repost = {.id = "b", .place = "east", .title = "转载：工人讨薪",
				.text = WAGES_TEXT "（来源：某某日报）"};
	struct sample other_place = {.id = "c", .place = "west", .title = "工人讨薪",
				     .text = WAGES_TEXT};
	struct sample other_topic = {.id = "d", .place = "east", .topic = "housing.quality",
				     .title = "工人讨薪", .text = WAGES_TEXT};
	struct hy_intake a = take(f, &first), b = take(f, &repost);
	struct hy_intake c = take(f, &other_place), d = take(f, &other_topic);

	assert_string_equal(a.event.hex, b.event.hex);
	assert_string_equal(a.case_id.text, b.case_id.text);
	assert_false(b.fresh);
	assert_string_not_equal(a.event.hex, c.event.hex);
	assert_true(c.fresh);
	assert_true(d.fresh);
	assert_int_equal(count(f, "SELECT count(*) FROM case_"), 3);
	assert_int_equal(count(f, "SELECT outlets FROM v_event WHERE alerts = 2"), 1);
}

static void no_text_in_between_joins_two_streets(void **state)
{
	struct fixture *f = *state;
	struct sample east = {.id = "a", .place = "east", .title = "工人讨薪", .text = WAGES_TEXT};
	struct sample zone = {.id = "b", .place = "district", .title = "工人讨薪",
			      .text = WAGES_TEXT};
	struct sample park = {.id = "c", .place = "west-park", .title = "工人讨薪",
			      .text = WAGES_TEXT};
	struct hy_intake a = take(f, &east), b = take(f, &zone), c = take(f, &park);

	assert_string_equal(a.event.hex, b.event.hex);
	assert_string_not_equal(a.event.hex, c.event.hex);
}

/* A wire story as each outlet prints it: its own headline mark, its own last line. */
static void a_story_in_twelve_outlets_is_one_case(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < 12; i++) {
		char id[16], title[64], text[2048];
		struct sample s = {.id = id, .place = "east", .title = title, .text = text};

		(void)snprintf(id, sizeof id, "wire%d", i);
		(void)snprintf(title, sizeof title, "第%d晚报：工人讨薪", i);
		(void)snprintf(text, sizeof text, "%s（第%d晚报记者报道）", WAGES_TEXT, i);
		assert_int_equal(take(f, &s).fresh, i == 0);
	}
	assert_int_equal(count(f, "SELECT count(*) FROM case_"), 1);
	assert_int_equal(count(f, "SELECT alerts FROM v_event"), 12);
}

static void other_firm_is_another_event(void **state)
{
	static const char form[] =
		"有业主反映，%s小区自上周起多次停暖，室内温度不到十五度，拨打热力公司电话无人接听。"
		"业主们说，暖气费早已足额缴纳，家里有老人和孩子，夜里冻得睡不着觉，希望有关部门尽快"
		"协调解决供暖问题，并给出明确的恢复时间，对造成的影响作出说明。";
	struct fixture *f = *state;
	char here[1024], there[1024];
	struct sample a = {.id = "a", .topic = "housing.quality", .title = "阳光小区停暖",
			   .text = here};
	struct sample b = {.id = "b", .topic = "housing.quality", .title = "锦绣小区停暖",
			   .text = there};

	(void)snprintf(here, sizeof here, form, "阳光");
	(void)snprintf(there, sizeof there, form, "锦绣");
	assert_true(take(f, &a).fresh);
	assert_true(take(f, &b).fresh);
	b.id = "c";
	assert_false(take(f, &b).fresh);
}

static void edited_version_joins_by_document(void **state)
{
	struct fixture *f = *state;
	struct sample first = {.id = "a", .document = "doc", .title = "讨薪", .text = WAGES_TEXT};
	struct sample edited = {.id = "b", .document = "doc", .title = "讨薪有进展",
				.text = "经协调，工资将于本周五前全部发放。"};

	assert_true(take(f, &first).fresh);
	assert_false(take(f, &edited).fresh);
	assert_int_equal(count(f, "SELECT alerts FROM v_event"), 2);
}

static void graver_alert_tightens_the_clock(void **state)
{
	struct fixture *f = *state;
	struct sample mild = {.id = "a", .document = "doc", .title = "讨薪", .text = WAGES_TEXT,
			      .detected_ago_ms = HOUR_MS};
	struct sample grave = mild;
	char text[256];

	(void)take(f, &mild);
	assert_int_equal(count(f, "SELECT answer_due - detected_at FROM v_case"), 48 * HOUR_MS);
	grave.id = "b";
	grave.severity = HY_SEVERITY_CRITICAL;
	grave.detected_ago_ms = 0;
	assert_false(take(f, &grave).fresh);
	text_of(f, "SELECT severity || ' ' || supervisor FROM v_case", text, sizeof text);
	assert_string_equal(text, "critical committee");
	/* From the graver alert on, to within the second the test takes. */
	assert_in_range(count(f, "SELECT answer_due - detected_at FROM v_case"), 6 * HOUR_MS,
			6 * HOUR_MS + 5000);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE ladder = 'press'"), 3);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step = 'raised-critical'"),
			 2);
	/* A milder one after it changes nothing. */
	mild.id = "c";
	(void)take(f, &mild);
	assert_int_equal(count(f, "SELECT severity_rank FROM v_case"), HY_SEVERITY_CRITICAL);
}

/* Somebody else holds the store: nothing is written, nothing kept, and later all is well. */
static void busy_store_keeps_nothing(void **state)
{
	static const char *const hold[] = {
		[TEST_SQLITE] = "UPDATE event SET alerts = alerts",
		[TEST_POSTGRES] = "LOCK TABLE event IN ACCESS EXCLUSIVE MODE"};
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT};
	struct hy_store_options options = {.timeout_ms = 500};
	struct hy_store *other = NULL;
	struct hy_ledger_alert item = {0};
	struct hy_error e = {0};
	struct alert alert;

	assert_int_equal(hy_store_open(f->url, &options, &other, &e), HY_OK);
	assert_int_equal(hy_store_begin(other, &e), HY_OK);
	assert_int_equal(hy_query_run(hy_store_query(other, hold[f->engine]), NULL, &e), HY_OK);
	make_alert(&s, &alert);
	item.message = &alert.message;
	assert_int_equal(hy_ledger_alerts(f->ledger, &item, 1, &e), HY_ERR_UNAVAILABLE);
	assert_int_equal(hy_ledger_turn(f->ledger)->publish_count, 0);
	hy_store_rollback(other);
	hy_store_free(other);
	assert_int_equal(count(f, "SELECT count(*) FROM case_"), 0);
	assert_true(take(f, &s).fresh);
	assert_int_equal(hy_ledger_turn(f->ledger)->publish_count, 1);
}

static void crash_while_sending_is_uncertain(void **state)
{
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT};
	struct hy_error e = {0};
	int64_t uncertain = -1;

	(void)take(f, &s);
	hy_ledger_free(f->ledger);
	open_ledger(f);
	assert_int_equal(hy_ledger_recover(f->ledger, &uncertain, &e), HY_OK);
	assert_int_equal(uncertain, 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE state = 'uncertain'"), 1);
	/* Never taken up again by itself. */
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE state = 'waiting'"), 0);
	(void)take(f, &s);
	assert_int_equal(hy_ledger_turn(f->ledger)->publish_count, 0);
}

static void only_one_alerter_is_active(void **state)
{
	struct fixture *f = *state;
	struct hy_ledger *second = NULL;
	struct hy_error e = {0};

	assert_int_equal(hy_ledger_open(f->url, 500, &second, &e), HY_ERR_CONFLICT);
	assert_null(second);
	hy_ledger_free(f->ledger);
	f->ledger = NULL;
	assert_int_equal(hy_ledger_open(f->url, 500, &f->ledger, &e), HY_OK);
}

static void database_refuses_a_case_without_lead(void **state)
{
	static const char *const writes[] = {
		"UPDATE case_ SET lead = NULL",
		"UPDATE case_ SET lead = 'nobody'",
		"INSERT INTO case_ (id, event, lead, state, severity, topic, title, url,"
		" clock_start, detected_at, assigned_at, route, because, rules, version)"
		" SELECT 'twin', event, lead, state, severity, topic, title, url, clock_start,"
		" detected_at, assigned_at, route, because, rules, version FROM case_",
	};
	struct fixture *f = *state;
	struct sample s = {.id = "a", .title = "讨薪", .text = WAGES_TEXT};

	(void)take(f, &s);
	for (size_t i = 0; i < HY_COUNT(writes); i++) {
		struct hy_error e = {0};

		assert_int_equal(hy_query_run(hy_store_query(hy_ledger_store(f->ledger), writes[i]),
					      NULL, &e),
				 HY_ERR_CONFLICT);
	}
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(same_alert_three_times),
		TEST(same_alert_twice_in_a_batch),
		TEST(case_has_lead_assist_limits_and_reasons),
		TEST(repost_joins_and_other_place_does_not),
		TEST(no_text_in_between_joins_two_streets),
		TEST(a_story_in_twelve_outlets_is_one_case),
		TEST(other_firm_is_another_event),
		TEST(edited_version_joins_by_document),
		TEST(graver_alert_tightens_the_clock),
		TEST(busy_store_keeps_nothing),
		TEST(crash_while_sending_is_uncertain),
		TEST(only_one_alerter_is_active),
		TEST(database_refuses_a_case_without_lead),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
