/* Every act of the table carried out on a store: what it leaves, and why it is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/unit/alerter/case_world.h"

#define DUE (72 * HOUR_MS)
#define URL "https://gov.example/a"
#define OFFICER "welfare/白班一岗"
#define LEADER "welfare/带班一岗"

static struct hy_case_id open_case(struct fixture *f, const char *id, enum hy_severity severity,
				   const char *title)
{
	struct sample s = {.id = id, .title = title, .text = title, .severity = severity};

	return take(f, &s).case_id;
}

/* Every open case has a next moment, one lead, a span that goes on; every other has none. */
static void is_sound(struct fixture *f)
{
	assert_int_equal(count(f, "SELECT count(*) FROM case_ c WHERE state NOT IN " HY_CASE_ENDED
				  " AND NOT EXISTS (SELECT 1 FROM deadline d WHERE d.case_id = c.id"
				  " AND d.fired_at IS NULL AND d.stopped_at IS NULL)"),
			 0);
	assert_int_equal(count(f, "SELECT count(*) FROM case_ c WHERE state IN " HY_CASE_ENDED
				  " AND EXISTS (SELECT 1 FROM deadline d WHERE d.case_id = c.id"
				  " AND d.fired_at IS NULL AND d.stopped_at IS NULL)"),
			 0);
	assert_int_equal(count(f, "SELECT count(*) FROM case_ c WHERE (SELECT count(*) FROM span s"
				  " WHERE s.case_id = c.id AND s.to_at IS NULL) <> CASE WHEN state IN "
				  HY_CASE_ENDED " THEN 0 ELSE 1 END"),
			 0);
	assert_int_equal(count(f, "SELECT count(*) FROM case_ c WHERE version <> 1 + (SELECT count(*)"
				  " FROM case_change h WHERE h.case_id = c.id)"),
			 0);
}

static void the_whole_way(void **state)
{
	static const struct step to_answer[] = {
		{OFFICER, HY_COMMAND_DRAFT, .kind = "resolve", .note = "x", .code = HY_ERR_CONFLICT,
		 .says = "已派单，待签收"},
		{OFFICER, HY_COMMAND_SIGN, .says = "已签收", .state = "signed"},
		{OFFICER, HY_COMMAND_SIGN, .code = HY_ERR_CONFLICT, .state = "signed"},
		{OFFICER, HY_COMMAND_SUBMIT, .code = HY_ERR_CONFLICT},
		{OFFICER, HY_COMMAND_DRAFT, .kind = "resolve", .note = "将尽快发放。",
		 .says = "有模糊用语“尽快”", .state = "drafting"},
		{"building/白班一岗", HY_COMMAND_SUBMIT, .code = HY_ERR_DENIED, .says = "主办单位"},
		{OFFICER, HY_COMMAND_SUBMIT, .says = "请审核人核对", .state = "review"},
		{OFFICER, HY_COMMAND_APPROVE, .code = HY_ERR_DENIED, .says = "审核人"},
		{"welfare/白班二岗", HY_COMMAND_APPROVE, .code = HY_ERR_DENIED},
		{LEADER, HY_COMMAND_SEND_BACK, .code = HY_ERR_MALFORMED, .says = "意见"},
		{LEADER, HY_COMMAND_SEND_BACK, .note = "写明日期", .state = "drafting"},
		{OFFICER, HY_COMMAND_DRAFT, .kind = "resolve", .note = "工资已于十一月二十日发放。"},
		{OFFICER, HY_COMMAND_SUBMIT, .state = "review"},
		{OFFICER, HY_COMMAND_PUBLISH, .url = URL, .code = HY_ERR_CONFLICT,
		 .says = "尚未审核通过"},
		{OFFICER, HY_COMMAND_ANSWER, .kind = "resolve", .url = URL, .note = "另一稿",
		 .code = HY_ERR_CONFLICT},
		{LEADER, HY_COMMAND_APPROVE, .says = "已审核通过", .state = "review"},
		{OFFICER, HY_COMMAND_PUBLISH, .url = "gov.example", .code = HY_ERR_MALFORMED,
		 .says = "网址"},
		{OFFICER, HY_COMMAND_PUBLISH, .url = URL, .promise = "建立台账", .due_in_ms = DUE,
		 .says = "承诺 1", .state = "answered"},
	};
	static const struct step to_end[] = {
		{OFFICER, HY_COMMAND_CLOSE, .code = HY_ERR_CONFLICT, .says = "承诺", .state = "verified"},
		{OFFICER, HY_COMMAND_KEPT, .target = "2", .code = HY_ERR_CONFLICT, .says = "第 2 项"},
		{OFFICER, HY_COMMAND_KEPT, .target = "1", .note = "台账已建立"},
		{OFFICER, HY_COMMAND_CLOSE, .says = "已办结", .state = "closed"},
		{OFFICER, HY_COMMAND_SIGN, .code = HY_ERR_CONFLICT, .state = "closed"},
	};
	static const struct step unverified[] = {
		{OFFICER, HY_COMMAND_CLOSE, .code = HY_ERR_CONFLICT, .state = "answered"}};
	struct fixture *f = *state;
	struct hy_case_id id = open_case(f, "a", HY_SEVERITY_GENERAL, "讨薪");

	PLAY(f, id.text, to_answer);
	is_sound(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_answer WHERE text = '工资已于十一月二十日发放。'"
				  " AND review_state = 'approved'"),
			 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_review WHERE state = 'sent-back'"), 1);
	PLAY(f, id.text, unverified);
	assert_true(system_event(f, id.text, HY_CASE_DO_VERIFY, "网页上找到了回应"));
	assert_false(system_event(f, id.text, HY_CASE_DO_VERIFY, ""));
	PLAY(f, id.text, to_end);
	is_sound(f);
	assert_true(system_event(f, id.text, HY_CASE_DO_VANISH, "网页已打不开"));
	assert_int_equal(count(f, "SELECT count(*) FROM v_case WHERE state = 'reopened' AND round = 2"
				  " AND sign_due IS NOT NULL AND reopened_due IS NOT NULL"),
			 1);
	is_sound(f);
}

static void a_return_is_ruled_once(void **state)
{
	static const struct step steps[] = {
		{OFFICER, HY_COMMAND_RETURN, .kind = "tired", .code = HY_ERR_MALFORMED, .says = "退回理由"},
		{OFFICER, HY_COMMAND_RETURN, .kind = "not-ours", .code = HY_ERR_MALFORMED,
		 .says = "建议的主办单位"},
		{OFFICER, HY_COMMAND_RETURN, .kind = "not-ours", .target = "welfare",
		 .code = HY_ERR_MALFORMED},
		{"office", HY_COMMAND_RULE, .target = "building", .note = "x", .code = HY_ERR_CONFLICT,
		 .says = "未经退回"},
		{OFFICER, HY_COMMAND_RETURN, .kind = "not-ours", .target = "building",
		 .note = "工地归口建设", .says = "已退回", .state = "returned"},
		{OFFICER, HY_COMMAND_SIGN, .code = HY_ERR_CONFLICT},
		{OFFICER, HY_COMMAND_RULE, .target = "building", .note = "x", .code = HY_ERR_DENIED},
		{"office/白班一岗", HY_COMMAND_RULE, .target = "nobody", .note = "x",
		 .code = HY_ERR_MALFORMED, .says = "没有单位“nobody”"},
		{"office/白班一岗", HY_COMMAND_RULE, .target = "building", .note = "施工单位欠薪",
		 .says = "routes.yaml", .state = "ruled"},
		{"building/白班一岗", HY_COMMAND_RETURN, .kind = "not-ours", .target = "welfare",
		 .code = HY_ERR_CONFLICT},
		{OFFICER, HY_COMMAND_SIGN, .code = HY_ERR_DENIED, .says = "building"},
		{"building/白班一岗", HY_COMMAND_SIGN, .state = "signed"},
		{"building/白班一岗", HY_COMMAND_RETURN, .kind = "not-ours", .target = "welfare",
		 .code = HY_ERR_CONFLICT, .says = "不得再退回"},
	};
	struct fixture *f = *state;
	struct hy_case_id id = open_case(f, "a", HY_SEVERITY_GENERAL, "讨薪");

	PLAY(f, id.text, steps);
	is_sound(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_ruling WHERE unit_before = 'welfare'"
				  " AND unit = 'building' AND proposal LIKE '%lead: building%'"),
			 1);
	/* The answer's clock has run on, and what was used is charged to who held the case. */
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE ladder = 'answer'"
				  " AND stopped_at IS NULL"),
			 3);
	assert_int_equal(count(f, "SELECT count(*) FROM v_span WHERE unit = 'office'"
				  " AND state = 'returned' AND to_at IS NOT NULL"),
			 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_span WHERE unit = 'building'"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step LIKE 'rule-v%'"
				  " AND recipient LIKE 'building/%'"),
			 1);
}

static void grave_answers_need_everyones_consent(void **state)
{
	static const struct step steps[] = {
		{"office", HY_COMMAND_ASSIST, .target = "ecology", .says = "已增加协办单位"},
		{"office", HY_COMMAND_ASSIST, .target = "ecology", .code = HY_ERR_CONFLICT},
		{"office", HY_COMMAND_ASSIST, .target = "welfare", .code = HY_ERR_CONFLICT},
		{"ecology/白班一岗", HY_COMMAND_SIGN, .says = "协办单位签收"},
		{"ecology/白班一岗", HY_COMMAND_SIGN, .code = HY_ERR_CONFLICT},
		{"ecology/白班一岗", HY_COMMAND_CONTRIBUTE, .code = HY_ERR_MALFORMED},
		{"ecology/白班一岗", HY_COMMAND_CONTRIBUTE, .note = "监测正常"},
		{OFFICER, HY_COMMAND_SIGN, .state = "signed"},
		{OFFICER, HY_COMMAND_DRAFT, .kind = "explain", .note = "情况属实，正在处理。"},
		{OFFICER, HY_COMMAND_SUBMIT, .state = "review"},
		{LEADER, HY_COMMAND_APPROVE, .code = HY_ERR_DENIED},
		{"office/白班一岗", HY_COMMAND_APPROVE, .says = "已会签", .state = "review"},
		{"office/白班一岗", HY_COMMAND_APPROVE, .code = HY_ERR_DENIED},
		{OFFICER, HY_COMMAND_PUBLISH, .url = URL, .code = HY_ERR_CONFLICT},
		{"ecology/白班一岗", HY_COMMAND_APPROVE, .says = "已会签"},
		{"committee", HY_COMMAND_APPROVE, .note = "同意", .says = "已审核通过"},
		{OFFICER, HY_COMMAND_PUBLISH, .url = URL, .state = "answered"},
		{OFFICER, HY_COMMAND_PRESS, .url = URL, .says = "发布会"},
	};
	struct fixture *f = *state;
	struct hy_case_id id = open_case(f, "a", HY_SEVERITY_CRITICAL, "讨薪");

	PLAY(f, id.text, steps);
	is_sound(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_consent WHERE at IS NOT NULL"), 3);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE (ladder LIKE 'review%'"
				  " OR ladder LIKE 'assist%' OR ladder = 'press')"
				  " AND stopped_at IS NULL"),
			 0);
	assert_int_equal(count(f, "SELECT count(*) FROM v_contribution"), 1);
}

static void published_first_is_reviewed_then(void **state)
{
	static const struct step steps[] = {
		{OFFICER, HY_COMMAND_ANSWER, .kind = "explain", .url = URL, .note = "经查情况属实。",
		 .state = "answered"},
		{OFFICER, HY_COMMAND_ANSWER, .kind = "explain", .url = URL,
		 .note = "经查情况不属实，工人12名。", .says = "“不属实”，已发布的回应称“属实”",
		 .state = "answered"},
		{"office", HY_COMMAND_SEND_BACK, .note = "与前次矛盾", .says = "须重新回应",
		 .state = "reopened"},
		{OFFICER, HY_COMMAND_SIGN, .state = "signed"},
	};
	struct fixture *f = *state;
	struct hy_case_id id = open_case(f, "a", HY_SEVERITY_MAJOR, "讨薪");

	PLAY(f, id.text, steps);
	is_sound(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_review WHERE state = 'withdrawn'"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE ladder = 'answer:2'"
				  " AND stopped_at IS NULL"),
			 3);
}

static void nobody_dismisses_alone(void **state)
{
	static const struct step steps[] = {
		{OFFICER, HY_COMMAND_DISMISS, .code = HY_ERR_MALFORMED, .says = "核销理由"},
		{OFFICER, HY_COMMAND_DISMISS, .note = "旧闻", .says = "待另一人确认", .state = "assigned"},
		{OFFICER, HY_COMMAND_DISMISS, .note = "旧闻", .code = HY_ERR_CONFLICT},
		{"welfare", HY_COMMAND_DISMISS, .note = "旧闻", .code = HY_ERR_CONFLICT},
		{OFFICER, HY_COMMAND_SIGN, .state = "signed"},
		{LEADER, HY_COMMAND_DISMISS, .note = "旧闻", .says = "待另一人确认"},
		{LEADER, HY_COMMAND_DISMISS, .code = HY_ERR_CONFLICT},
		{"office/白班一岗", HY_COMMAND_DISMISS, .says = "已核销", .state = "dismissed"},
		{OFFICER, HY_COMMAND_REOPEN, .code = HY_ERR_MALFORMED, .says = "重新打开的理由"},
		{OFFICER, HY_COMMAND_REOPEN, .note = "又有新情况", .state = "reopened"},
	};
	struct fixture *f = *state;
	struct hy_case_id id = open_case(f, "a", HY_SEVERITY_GENERAL, "讨薪");

	PLAY(f, id.text, steps);
	is_sound(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_dismissal WHERE ended_by = ''"), 1);
}

static void a_merger_can_be_undone(void **state)
{
	struct fixture *f = *state;
	struct sample other = {.id = "b", .title = "水污染", .text = "河水发黑", .topic = "water.pollution",
			       .place = "west"};
	struct hy_case_id id = open_case(f, "a", HY_SEVERITY_GENERAL, "讨薪");
	struct hy_case_id into = take(f, &other).case_id;
	const struct step merge[] = {
		{OFFICER, HY_COMMAND_MERGE, .target = into.text, .note = "同一事", .code = HY_ERR_DENIED},
		{"office", HY_COMMAND_MERGE, .target = id.text, .note = "同一事",
		 .code = HY_ERR_MALFORMED, .says = "自己"},
		{"office", HY_COMMAND_MERGE, .target = "2026-9", .note = "同一事",
		 .code = HY_ERR_MALFORMED},
		{"office", HY_COMMAND_MERGE, .target = into.text, .note = "同一事", .says = "已并入",
		 .state = "merged"},
		{OFFICER, HY_COMMAND_SIGN, .code = HY_ERR_CONFLICT},
	};
	const struct step undo[] = {
		{"office", HY_COMMAND_UNMERGE, .note = "并错了", .says = "已撤销合并", .state = "assigned"}};
	const struct step back[] = {
		{"office", HY_COMMAND_MERGE, .target = id.text, .note = "x", .code = HY_ERR_CONFLICT,
		 .says = "已结束"}};

	PLAY(f, id.text, merge);
	PLAY(f, into.text, back);
	is_sound(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_assist WHERE unit = 'welfare'"), 1);
	PLAY(f, id.text, undo);
	is_sound(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_assist WHERE unit = 'welfare'"), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE ladder = 'answer'"
				  " AND stopped_at IS NULL"),
			 6);
}

/* An alert on a merged case goes where that went; one after the end opens the case again. */
static void what_comes_again_is_followed(void **state)
{
	static const struct step end[] = {
		{OFFICER, HY_COMMAND_DISMISS, .note = "旧闻"},
		{"office", HY_COMMAND_DISMISS, .state = "dismissed"}};
	struct fixture *f = *state;
	struct sample a = {.id = "a", .title = "讨薪", .text = WAGES_TEXT};
	struct sample early = {.id = "b", .title = "讨薪", .text = WAGES_TEXT, .detected_ago_ms = HOUR_MS};
	struct sample late = {.id = "c", .title = "讨薪", .text = WAGES_TEXT, .detected_ago_ms = -HOUR_MS};
	struct hy_case_id id = take(f, &a).case_id;
	char now[32];

	PLAY(f, id.text, end);
	assert_string_equal(take(f, &early).case_id.text, id.text);
	state_of(f, id.text, now, sizeof now);
	assert_string_equal(now, "dismissed");
	assert_string_equal(take(f, &late).case_id.text, id.text);
	state_of(f, id.text, now, sizeof now);
	assert_string_equal(now, "reopened");
	is_sound(f);
	assert_int_equal(count(f, "SELECT count(*) FROM case_"), 1);
}

static void of_two_officers_one_wins(void **state)
{
	static const struct step steps[] = {
		{OFFICER, HY_COMMAND_SIGN, .version = 1, .state = "signed"},
		{OFFICER, HY_COMMAND_RETURN, .kind = "not-ours", .target = "building", .version = 1,
		 .code = HY_ERR_CONFLICT, .says = "welfare/白班一岗 已签收", .state = "signed"},
		{OFFICER, HY_COMMAND_RETURN, .kind = "not-ours", .target = "building", .version = 2,
		 .state = "returned"},
	};
	struct fixture *f = *state;
	struct hy_case_id id = open_case(f, "a", HY_SEVERITY_GENERAL, "讨薪");

	PLAY(f, id.text, steps);
}

static void a_batch_is_judged_case_by_case(void **state)
{
	struct fixture *f = *state;
	struct sample other = {.id = "b", .title = "水污染", .text = "河水发黑", .topic = "water.pollution"};
	struct hy_case_id a = open_case(f, "a", HY_SEVERITY_GENERAL, "讨薪");
	struct hy_case_id b = take(f, &other).case_id;
	struct hy_msg_case others[] = {{hy_str_of(b.text), 0}, {HY_STR_LIT("2026-9"), 0}};
	struct step s = {.actor = OFFICER, .command = HY_COMMAND_SIGN};
	struct hy_msg m = message_of(&s, a.text, "batch");
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(HY_MSG_REPLY_BYTES);
	enum hy_err code = HY_OK;
	struct hy_error e = {0};

	m.as.command.others = others;
	m.as.command.other_count = 2;
	assert_int_equal(hy_ledger_command(f->ledger, &m, &code, &text, &e), HY_OK);
	assert_int_equal(code, HY_ERR_DENIED);
	hy_buf_add_char(&text, '\0');
	assert_non_null(strstr(text.p, "已签收\n"));
	assert_non_null(strstr(text.p, "由 ecology 主办"));
	assert_non_null(strstr(text.p, "没有事项 2026-9"));
	assert_int_equal(count(f, "SELECT count(*) FROM case_ WHERE state = 'signed'"), 1);
}

static void more_time_is_granted_before_it_is_over(void **state)
{
	static const struct step steps[] = {
		{OFFICER, HY_COMMAND_EXTEND, .kind = "tea", .code = HY_ERR_MALFORMED, .says = "哪一项时限"},
		{OFFICER, HY_COMMAND_EXTEND, .kind = "answer", .due_in_ms = 60 * HOUR_MS, .note = "取证",
		 .approver = "welfare/带班一岗", .code = HY_ERR_DENIED, .says = "不能批准"},
		{OFFICER, HY_COMMAND_EXTEND, .kind = "answer", .due_in_ms = 60 * HOUR_MS, .note = "取证",
		 .approver = "office/带班一岗", .says = "延到"},
	};
	struct fixture *f = *state;
	struct hy_case_id id = open_case(f, "a", HY_SEVERITY_GENERAL, "讨薪");

	PLAY(f, id.text, steps);
	assert_int_equal(count(f, "SELECT count(*) FROM v_extension"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM audit WHERE act = 'case.extend'"), 1);
	is_sound(f);
}

/* When all limits are past there is a reminder every day, and it is told once. */
static void the_watch_never_ends_before_the_case(void **state)
{
	struct fixture *f = *state;
	struct hy_case_id id = open_case(f, "a", HY_SEVERITY_GENERAL, "讨薪");
	struct hy_wall now = hy_wall_now();

	(void)id;
	hy_ledger_set_now(f->ledger, hy_wall_add_ms(now, 30 * 24 * HOUR_MS));
	while (fire(f)) {
	}
	assert_int_equal(count(f, "SELECT count(*) FROM deadline WHERE ladder = 'watch'"
				  " AND fired_at IS NOT NULL"),
			 1);
	is_sound(f);
	hy_ledger_set_now(f->ledger, hy_wall_add_ms(now, 31 * 24 * HOUR_MS + HOUR_MS));
	assert_int_equal(fire(f), 1);
	assert_int_equal(fire(f), 0);
	assert_int_equal(count(f, "SELECT count(DISTINCT step) FROM notice WHERE step LIKE 'watch-%'"), 2);
	is_sound(f);
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(the_whole_way),
		TEST(a_return_is_ruled_once),
		TEST(grave_answers_need_everyones_consent),
		TEST(published_first_is_reviewed_then),
		TEST(nobody_dismisses_alone),
		TEST(a_merger_can_be_undone),
		TEST(what_comes_again_is_followed),
		TEST(of_two_officers_one_wins),
		TEST(a_batch_is_judged_case_by_case),
		TEST(more_time_is_granted_before_it_is_over),
		TEST(the_watch_never_ends_before_the_case),
	};

	if (case_world_rules(f))
		return 1;
	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
