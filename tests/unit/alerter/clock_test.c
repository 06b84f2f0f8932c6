/*
 * The clocks of a case at moments that the test chooses: cards, extensions, who held the case,
 * a row that cannot be fired, holidays that become known, a system clock that is set.
 */
#include "tests/unit/alerter/ledger_world.h"

#include <sys/stat.h>

#include "alerter/deadline.h"
#include "alerter/extension.h"
#include "alerter/span.h"
#include "common/sys/store.h"

#define MINUTE_MS (60LL * 1000)

static const struct sample wages = {.id = "a1", .place = "east", .title = "东街一工地拖欠工资",
				    .text = WAGES_TEXT, .severity = HY_SEVERITY_CONSIDERABLE};

/* ---- a turn at a chosen moment ---- */

static struct hy_turn turn_at(struct fixture *f, struct hy_wall now)
{
	struct hy_turn turn;
	struct hy_error e = {0};

	hy_turn_init(&turn, hy_ledger_store(f->ledger), f->rules, now);
	if (hy_store_begin(turn.store, &e))
		fail_msg("begin: %s", e.text);
	return turn;
}

static void commit(struct hy_turn *turn)
{
	struct hy_error e = {0};

	if (hy_store_commit(turn->store, &e))
		fail_msg("commit: %s", e.text);
	hy_turn_fini(turn);
}

static size_t fire_at(struct fixture *f, struct hy_wall now)
{
	struct hy_turn turn = turn_at(f, now);
	struct hy_deadline_row stuck;
	struct hy_error e = {0};
	size_t fired = 0;

	if (hy_deadlines_fire(&turn, 100, &fired, &stuck, &e))
		fail_msg("fire: %s", e.text);
	commit(&turn);
	return fired;
}

static struct hy_wall moment(struct fixture *f, const char *sql)
{
	return (struct hy_wall){count(f, sql)};
}

static struct hy_wall start_of(struct fixture *f)
{
	return moment(f, "SELECT clock_start FROM case_");
}

static struct hy_wall hours_after(struct hy_wall start, int64_t hours)
{
	return hy_wall_add_ms(start, hours * HOUR_MS);
}

static void open_case(struct fixture *f, struct hy_case_id *out)
{
	*out = take(f, &wages).case_id;
}

/* ---- cards ---- */

static void cards_come_at_their_time_and_once(void **state)
{
	struct fixture *f = *state;
	struct hy_case_id id;
	struct hy_wall start;
	char text[512];

	open_case(f, &id);
	start = start_of(f);
	assert_int_equal(command(f, "c1", HY_COMMAND_SIGN, id.text, "welfare", NULL), HY_OK);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE ladder = 'answer'"), 4);
	(void)fire_at(f, hy_wall_add_ms(hours_after(start, 48), -1));
	assert_int_equal(count(f, "SELECT count(*) FROM card"), 0);
	assert_int_equal(fire_at(f, hours_after(start, 48)), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM card WHERE colour = 'yellow'"
				  " AND unit = 'welfare'"), 1);
	(void)fire_at(f, hy_wall_add_ms(hours_after(start, 72), -1));
	assert_int_equal(count(f, "SELECT count(*) FROM card"), 1);
	assert_int_equal(fire_at(f, hours_after(start, 72)), 1);
	(void)fire_at(f, hours_after(start, 1000));
	assert_int_equal(count(f, "SELECT count(*) FROM card"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM v_card WHERE colour = 'red'"
				  " AND unit_name = '保障部'"), 1);
	text_of(f, "SELECT text FROM notice WHERE step = 'answer-150' LIMIT 1", text, sizeof text);
	assert_non_null(strstr(text, "150%，亮红牌，转综合部督办"));
	text_of(f, "SELECT text FROM notice WHERE step = 'answer-100' LIMIT 1", text, sizeof text);
	assert_non_null(strstr(text, "已过，亮黄牌，转综合部督办"));
}

static void an_answer_stops_the_red_card(void **state)
{
	struct fixture *f = *state;
	struct hy_case_id id;
	struct hy_wall start;

	open_case(f, &id);
	start = start_of(f);
	(void)fire_at(f, hours_after(start, 49));
	assert_int_equal(command(f, "c1", HY_COMMAND_ANSWER, id.text, "welfare", NULL), HY_OK);
	(void)fire_at(f, hours_after(start, 1000));
	assert_int_equal(count(f, "SELECT count(*) FROM card"), 1);
}

/* ---- assists ---- */

static void assists_have_an_earlier_deadline(void **state)
{
	static const struct sample noise = {.id = "n1", .topic = "site.noise", .place = "east",
					    .title = "东街工地夜间施工扰民", .text = WAGES_TEXT};
	struct fixture *f = *state;
	struct hy_case_id id = take(f, &noise).case_id;
	struct hy_wall start = start_of(f);
	char text[512];

	assert_int_equal(moment(f, "SELECT due_at FROM clock WHERE ladder = 'assist:building'").ms,
			 hours_after(start, 24).ms);
	(void)fire_at(f, hours_after(start, 24));
	text_of(f, "SELECT text FROM notice WHERE step = 'assist:building-100'"
		   " AND recipient LIKE 'east-street%'", text, sizeof text);
	assert_non_null(strstr(text, "（协办：建设部）：协办时限"));
	assert_non_null(strstr(text, "已告知主办单位东街街道办"));
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step LIKE 'assist:%'"
				  " AND recipient LIKE 'office%'"), 0);
	assert_int_equal(command(f, "c1", HY_COMMAND_ANSWER, id.text, "east-street", NULL), HY_OK);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE ladder = 'assist:building'"
				  " AND stopped_at IS NULL"), 0);
}

/* ---- extensions ---- */

static enum hy_err extend(struct fixture *f, struct hy_wall now, const struct hy_extension *x,
			  char *out_text)
{
	struct hy_turn turn = turn_at(f, now);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(4096);
	struct hy_error e = {0};
	enum hy_err code = HY_ERR_IO;

	if (hy_deadlines_extend(&turn, x, &code, &text, &e))
		fail_msg("extend: %s", e.text);
	commit(&turn);
	(void)snprintf(out_text, 512, "%.*s", HY_STR_ARGS(hy_buf_str(&text)));
	return code;
}

static void extensions_are_asked_for_in_time(void **state)
{
	static const struct {
		enum hy_ladder ladder;
		int64_t now_hours, until_hours;
		const char *reason, *actor, *approver;
		enum hy_err code;
		const char *text;
	} asked[] = {
		{HY_LADDER_PRESS, 1, 30, "需要鉴定", "welfare", "office", HY_ERR_MALFORMED, "没有新闻发布会时限"},
		{HY_LADDER_SIGN, 1, 3, "需要鉴定", "welfare", "office", HY_ERR_DENIED, "签收时限不得延期（内部设置）"},
		{HY_LADDER_CLOSE, 1, 120, " ", "welfare", "office", HY_ERR_MALFORMED, "理由"},
		{HY_LADDER_CLOSE, 1, 120, "需要鉴定", "welfare", "", HY_ERR_MALFORMED, "批准人"},
		{HY_LADDER_CLOSE, 1, 120, "需要鉴定", "welfare", "welfare", HY_ERR_DENIED, "不能批准延期"},
		{HY_LADDER_CLOSE, 1, 120, "需要鉴定", "welfare", "ecology", HY_ERR_DENIED, "不能批准延期"},
		{HY_LADDER_CLOSE, 1, 120, "需要鉴定", "office", "office", HY_ERR_DENIED, "不能批准延期"},
		{HY_LADDER_CLOSE, 1, 100, "需要鉴定", "welfare", "office", HY_ERR_MALFORMED, "应晚于"},
		{HY_LADDER_CLOSE, 1, 151, "需要鉴定", "welfare", "office", HY_ERR_DENIED, "最多延到"},
		{HY_LADDER_CLOSE, 100, 120, "需要鉴定", "welfare", "office", HY_ERR_CONFLICT, "须在到期前提出"},
		{HY_LADDER_CLOSE, 60, 120, "需要鉴定", "welfare/值班一岗", "office/带班一岗", HY_OK, "延到"},
		/* All told: the second one counts from the first limit, not from the extended one. */
		{HY_LADDER_CLOSE, 110, 151, "还在鉴定", "welfare", "committee", HY_ERR_DENIED, "最多延到"},
		{HY_LADDER_CLOSE, 110, 150, "还在鉴定", "welfare", "committee", HY_OK, "延到"},
		{HY_LADDER_CLOSE, 150, 150, "还在鉴定", "welfare", "committee", HY_ERR_CONFLICT, "须在到期前提出"},
	};
	struct fixture *f = *state;
	struct hy_case_id id;
	struct hy_wall start;

	open_case(f, &id);
	start = start_of(f);
	/* Half of 100 hours has fired before the extension and stays so. */
	run(f, "UPDATE deadline SET fired_at = due_at WHERE ladder = 'close' AND step = 50");
	for (size_t i = 0; i < HY_COUNT(asked); i++) {
		struct hy_extension x = {.case_id = hy_str_of(id.text), .ladder = asked[i].ladder,
					 .until = hours_after(start, asked[i].until_hours),
					 .reason = hy_str_of(asked[i].reason),
					 .actor = hy_str_of(asked[i].actor),
					 .approver = hy_str_of(asked[i].approver)};
		char text[512];
		enum hy_err code = extend(f, hours_after(start, asked[i].now_hours), &x, text);

		if (code != asked[i].code || !strstr(text, asked[i].text))
			fail_msg("%zu: code %d: %s", i, (int)code, text);
	}
	assert_int_equal(moment(f, "SELECT due_at FROM deadline WHERE ladder = 'close' AND step = 80").ms,
			 hours_after(start, 120).ms);
	assert_int_equal(moment(f, "SELECT due_at FROM deadline WHERE ladder = 'close' AND step = 50").ms,
			 hours_after(start, 50).ms);
	assert_int_equal(moment(f, "SELECT due_at FROM v_clock WHERE ladder = 'close'").ms,
			 hours_after(start, 150).ms);
	assert_int_equal(count(f, "SELECT count(*) FROM v_extension"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'case.extend'"), 2);
	assert_true(count(f, "SELECT count(*) FROM notice WHERE step LIKE 'extended-close-%'") >= 2);
}

/* ---- the system's clock is set ---- */

static void a_set_clock_fires_nothing_twice_and_loses_nothing(void **state)
{
	struct fixture *f = *state;
	struct hy_case_id id;
	struct hy_wall start, next;
	struct hy_error e = {0};
	int64_t notices;

	open_case(f, &id);
	start = start_of(f);
	/* Three days forward, half an hour back from the start, then as it should be. */
	assert_true(fire_at(f, hours_after(start, 72)) > 0);
	notices = count(f, "SELECT count(*) FROM notice");
	assert_int_equal(fire_at(f, hy_wall_add_ms(start, -30 * MINUTE_MS)), 0);
	assert_int_equal(hy_deadlines_next(hy_ledger_store(f->ledger), &next, &e), HY_OK);
	assert_int_equal(next.ms, hours_after(start, 80).ms);
	for (int64_t hour = 0; hour < 80; hour++)
		assert_int_equal(fire_at(f, hours_after(start, hour)), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM notice"), notices);
	assert_int_equal(fire_at(f, hours_after(start, 80)), 1);
	assert_int_equal(fire_at(f, hours_after(start, 100)), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE fired_at IS NULL"
				  " AND ladder <> 'watch'"),
			 0);
}

/* ---- spans ---- */

static void turn_span(struct fixture *f, struct hy_wall now, const char *case_id, const char *unit,
		      const char *to)
{
	struct hy_turn turn = turn_at(f, now);
	struct hy_error e = {0};

	if (hy_span_turn(&turn, hy_str_of(case_id), hy_str_of(unit), hy_str_of(to), &e))
		fail_msg("span: %s", e.text);
	commit(&turn);
}

static void time_is_charged_to_who_held_the_case(void **state)
{
	static const struct {
		int64_t minute;
		const char *unit, *to;
	} moves[] = {
		{10, "welfare", "signed"},
		{25, "welfare", "signed"},		/* again: the same span goes on */
		{30, "office", "returned"},
		{20, "building", "assigned"},		/* the clock was set back */
		{90, "building", "signed"},
		{95, "", "closed"},
		{99, "building", "reopened"},
	};
	struct fixture *f = *state;
	struct hy_case_id id;
	struct hy_wall start;

	open_case(f, &id);
	start = moment(f, "SELECT to_at FROM span WHERE number = 1");
	for (size_t i = 0; i < HY_COUNT(moves); i++)
		turn_span(f, hy_wall_add_ms(start, moves[i].minute * MINUTE_MS), id.text,
			  moves[i].unit, moves[i].to);
	assert_int_equal(count(f, "SELECT count(*) FROM v_span"), 7);
	assert_int_equal(count(f, "SELECT sum(to_at - from_at) FROM span WHERE unit = 'welfare'"),
			 30 * MINUTE_MS);
	assert_int_equal(count(f, "SELECT to_at - from_at FROM span WHERE unit = 'office'"), 0);
	assert_int_equal(count(f, "SELECT sum(to_at - from_at) FROM span WHERE unit = 'building'"),
			 65 * MINUTE_MS);
	/* Without a break, but for the time the case was closed. */
	assert_int_equal(count(f, "SELECT count(*) FROM span a JOIN span b ON b.case_id = a.case_id"
				  " AND b.number = a.number + 1 WHERE a.to_at <> b.from_at"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM span WHERE to_at IS NULL"), 1);
}

/* ---- a row that cannot be fired ---- */

static void one_bad_row_holds_up_no_other(void **state)
{
	struct fixture *f = *state;
	struct hy_error e = {0};
	struct hy_case_id id;
	struct hy_wall next;
	char text[512];
	size_t fired;

	open_case(f, &id);
	run(f, "UPDATE deadline SET due_at = 1000, ladder = 'nothing'"
	       " WHERE ladder = 'close' AND step = 50");
	run(f, "UPDATE deadline SET due_at = 2000 WHERE ladder = 'sign'");
	assert_int_equal(hy_ledger_fire(f->ledger, 100, &fired, &e), HY_OK);
	assert_int_equal(fired, 0);
	assert_true(hy_ledger_turn(f->ledger)->publish_count > 0);
	text_of(f, "SELECT text FROM v_alarm WHERE kind = 'deadline-stuck' AND state = 'raised'", text,
		sizeof text);
	assert_non_null(strstr(text, "发不出去，会再试"));
	assert_int_equal(fire(f), 3);
	assert_int_equal(fire(f), 0);
	/* Tried again in a minute, and what it was held for is over. */
	assert_int_equal(hy_deadlines_next(hy_ledger_store(f->ledger), &next, &e), HY_OK);
	assert_true(next.ms > hy_wall_now().ms && next.ms <= hy_wall_now().ms + MINUTE_MS);
	run(f, "UPDATE deadline SET ladder = 'close' WHERE ladder = 'nothing'");
	assert_int_equal(fire_at(f, hy_wall_add_ms(hy_wall_now(), MINUTE_MS)), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_alarm WHERE state = 'cleared'"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE held_until IS NOT NULL"), 0);
}

/* ---- holidays that become known ---- */

static struct hy_wall at_time(const char *text)
{
	struct hy_wall at;

	if (!hy_wall_parse(hy_str_of(text), &at))
		fail_msg("bad time %s", text);
	return at;
}

static void open_years_are_counted_again(void **state)
{
	struct fixture *f = *state;
	struct hy_case_id id;
	struct hy_clock clock;
	struct hy_turn turn;
	struct hy_error e = {0};
	struct hy_preset preset = {0};
	struct hy_presets without = *f->rules->presets;

	open_case(f, &id);
	/* As if the file of 2026 had come later: the limit was counted without it. */
	preset = *hy_presets_find(f->rules->presets, HY_STR_LIT("review-7wd"));
	without.calendar = NULL;
	preset.set = &without;
	clock = (struct hy_clock){.case_id = hy_str_of(id.text), .part = HY_STR_LIT("1"),
				  .ladder = HY_LADDER_REVIEW, .preset = &preset,
				  .start = at_time("2026-09-24T10:00:00+08:00"), .due = HY_WALL_NONE};
	turn = turn_at(f, clock.start);
	assert_int_equal(hy_deadlines_start(&turn, &clock, &e), HY_OK);
	/* A second round that is over before: what it was counted by stays on record. */
	clock.part = HY_STR_LIT("2");
	assert_int_equal(hy_deadlines_start(&turn, &clock, &e), HY_OK);
	assert_int_equal(hy_deadlines_stop_part(&turn, clock.case_id, clock.ladder, clock.part, &e),
			 HY_OK);
	commit(&turn);
	assert_int_equal(moment(f, "SELECT due_at FROM clock WHERE ladder = 'review:1'").ms,
			 at_time("2026-10-05T17:30:00+08:00").ms);
	assert_int_equal(count(f, "SELECT count(*) FROM v_clock WHERE open_calendar = 1"), 2);
	assert_int_equal(hy_ledger_set_rules(f->ledger, f->rules, &e), HY_OK);
	assert_int_equal(moment(f, "SELECT due_at FROM clock WHERE ladder = 'review:1'").ms,
			 at_time("2026-10-12T17:30:00+08:00").ms);
	assert_int_equal(moment(f, "SELECT due_at FROM deadline WHERE ladder = 'review:1'"
				   " AND step = 100").ms,
			 at_time("2026-10-12T17:30:00+08:00").ms);
	assert_int_equal(count(f, "SELECT count(*) FROM v_clock WHERE open_calendar = 2"
				  " AND ladder = 'review:2'"), 1);
	assert_int_equal(moment(f, "SELECT due_at FROM clock WHERE ladder = 'review:2'").ms,
			 at_time("2026-10-05T17:30:00+08:00").ms);
	assert_int_equal(count(f, "SELECT count(*) FROM v_clock WHERE open_calendar = 1"), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'deadline.recount'"), 1);
}

static void a_promise_has_the_day_it_named(void **state)
{
	struct fixture *f = *state;
	struct hy_case_id id;
	struct hy_wall start;
	struct hy_turn turn;
	struct hy_error e = {0};

	open_case(f, &id);
	start = start_of(f);
	turn = turn_at(f, start);
	for (int i = 0; i < 2; i++) {
		struct hy_clock clock = {.case_id = hy_str_of(id.text), .ladder = HY_LADDER_PROMISE,
					 .part = hy_str_of(i ? "p2" : "p1"),
					 .preset = hy_presets_find(f->rules->presets,
								   HY_STR_LIT("promise")),
					 .start = start, .due = hours_after(start, 200 + i * 100)};

		assert_int_equal(hy_deadlines_start(&turn, &clock, &e), HY_OK);
	}
	assert_int_equal(hy_deadlines_stop_part(&turn, hy_str_of(id.text), HY_LADDER_PROMISE,
						HY_STR_LIT("p1"), &e), HY_OK);
	commit(&turn);
	assert_int_equal(moment(f, "SELECT due_at FROM deadline WHERE ladder = 'promise:p2'"
				   " AND step = 50").ms,
			 hours_after(start, 150).ms);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE ladder LIKE 'promise:%'"
				  " AND stopped_at IS NULL"), 3);
	turn = turn_at(f, start);
	assert_int_equal(hy_deadlines_stop_all(&turn, hy_str_of(id.text), &e), HY_OK);
	commit(&turn);
	assert_int_equal(fire_at(f, hours_after(start, 1000)), 0);
}

/* Limits of every kind, and the holidays of one year. */
static int richer_rules(struct fixture *f)
{
	struct hy_rule_set *rules = NULL;
	struct hy_findings findings;
	enum hy_err err;
	char path[256];

	(void)snprintf(path, sizeof path, "%s/calendar", f->folder.folder);
	(void)mkdir(path, 0700);
	if (!test_rules_put(&f->folder, "calendar/2026.yaml",
			    "year: 2026\nnotice: 通知\nholidays:\n"
			    "  - {name: 元旦、春节、清明节、劳动节、端午节, from: 2026-01-01}\n"
			    "  - {name: 中秋节, from: 2026-09-25, to: 2026-09-27}\n"
			    "  - {name: 国庆节, from: 2026-10-01, to: 2026-10-07,"
			    " work: [2026-09-20, 2026-10-10]}\n") ||
	    !test_rules_put(&f->folder, "deadlines.yaml",
			    "cards: {yellow: 100, red: 150}\n"
			    "presets:\n"
			    "  - {id: sign-2h, ladder: sign, title: 签收, limit: 2h, basis: 内部设置}\n"
			    "  - {id: answer-48h, ladder: answer, title: 回应, limit: 48h, basis: 国办发}\n"
			    "  - {id: assist-24h, ladder: assist, title: 协办, limit: 24h, basis: 内部设置}\n"
			    "  - {id: close-100h, ladder: close, title: 办结, limit: 100h,"
			    " extension: 50h, basis: 内部设置}\n"
			    "  - {id: promise, ladder: promise, title: 承诺, limit: 100h, basis: 承诺}\n"
			    "  - {id: review-7wd, ladder: review, title: 审核, limit: 7d,"
			    " hours: workdays, basis: 内部设置}\n"
			    "apply:\n"
			    "  - {use: [sign-2h, answer-48h, assist-24h, close-100h, promise,"
			    " review-7wd]}\n"))
		return -1;
	hy_findings_init(&findings);
	err = hy_rule_set_load_proved(f->folder.folder, hy_wall_now(), &findings, &rules);
	if (err)
		print_error("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	if (err)
		return -1;
	hy_rule_set_free(f->rules);
	f->rules = rules;
	return 0;
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(cards_come_at_their_time_and_once),
		TEST(an_answer_stops_the_red_card),
		TEST(assists_have_an_earlier_deadline),
		TEST(extensions_are_asked_for_in_time),
		TEST(a_set_clock_fires_nothing_twice_and_loses_nothing),
		TEST(time_is_charged_to_who_held_the_case),
		TEST(one_bad_row_holds_up_no_other),
		TEST(open_years_are_counted_again),
		TEST(a_promise_has_the_day_it_named),
	};

	return richer_rules(f) ? -1 : cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
