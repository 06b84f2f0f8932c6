/* Each kind of mistake in a rules folder, with the place and the words it is told in. */
#include "alerter/proof.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

struct mistake {
	const char *file, *old, *text;	/* the passage and what replaces it */
	const char *says;		/* must stand in a finding, with its place */
	size_t count;			/* of findings; 0: any number above none */
};

#define ROUTE "  - {id: noise-east, topic: site.noise, place: east, lead: east-street," \
	      " assist: [building], basis: 委托执法协议}\n"
#define LINE_4 "routes.yaml:4:"
#define LINE_5 "routes.yaml:5:"

static const struct mistake mistakes[] = {
	/* routes.yaml */
	{"routes.yaml", "lead: east-street", "lead: nobody", "routes.yaml:4:60: 没有单位“nobody”", 1},
	{"routes.yaml", "assist: [building]", "assist: [nobody]", "没有单位“nobody”", 1},
	{"routes.yaml", "topic: site.noise", "topic: \"site.nois\"", "没有议题符合“site.nois”", 0},
	{"routes.yaml", "place: east", "place: north", "没有地点符合“north”", 0},
	{"routes.yaml", "fallback: office\n", "", "缺少兜底单位", 1},
	{"routes.yaml", "fallback: office", "fallback: nobody", "routes.yaml:1:11: 没有单位“nobody”", 1},
	{"routes.yaml", " major: committee,", "", "等级“重大”没有督办单位", 1},
	{"routes.yaml", "supervisors:", "supervisor:", "supervisor", 0},
	{"routes.yaml", ROUTE, ROUTE ROUTE, LINE_5, 0},
	{"routes.yaml", ROUTE, ROUTE "  - {id: b, topic: site.noise, place: east,"
				     " lead: building, basis: x}\n",
	 LINE_5 "5: 同一情形有两个主办单位", 1},
	{"routes.yaml", ROUTE, ROUTE "  - {id: b, topic: site.noise, place: \"*st\","
				     " severity: major, lead: building, basis: x}\n",
	 "同一情形有两个主办单位", 1},
	{"routes.yaml", ROUTE,
	 "  - {id: wide, topic: \"site.*\", place: \"*\", lead: building, basis: x}\n" ROUTE,
	 LINE_5 "5: 路由“noise-east”永远不会生效", 1},
	{"routes.yaml", ROUTE,
	 ROUTE "  - {id: all, explicit: true, topic: site.noise, lead: building, basis: x}\n",
	 LINE_4 "5: 路由“noise-east”永远不会生效：别的路由", 1},
	{"routes.yaml", "basis: 委托执法协议", "note: 无", "basis", 0},
	{"routes.yaml", "topic: site.noise, place: east, ", "", "必须写明 topic 或 place", 1},
	{"routes.yaml", "basis: 委托", "valid_from: 2026-05-01, valid_to: 2026-04-01, basis: 委托",
	 "有效期的结束不晚于开始", 0},
	{"routes.yaml", "id: noise-east", "id: 噪声", "id 只能用小写字母", 1},
	{"routes.yaml", "lead: east-street", "lead: [east-street, building]", "主办单位只能有一个", 1},
	{"routes.yaml", "routes:\n", "routes: [\n", "routes.yaml:", 0},
	{"routes.yaml", ROUTE, "  - {id: b, topic: site.noise, basis: x}\n"
			       "  - {id: c, lead: building, basis: x}\n",
	 LINE_5 "5: 路由必须写明 topic 或 place", 2},
	/* units.yaml */
	{"units.yaml", "roles: [environment]", "roles: []", "没有单位承担", 1},
	{"units.yaml", "roles: [environment]", "roles: [environment, labour]", "两个主办单位", 1},
	{"units.yaml", "roles: [environment]", "roles: [enviroment]", "没有“enviroment”这个职责", 0},
	{"units.yaml", "id: west-street", "id: east-street", "单位“east-street”重复，前一处在第 7 行", 0},
	{"units.yaml", "roles: [environment]", "roles: [environment], phone: 找老王",
	 "units.yaml:6:93: “找老王”不是电话号码", 1},
	{"units.yaml", "roles: [environment]", "roles: [environment], phone: \"12\"", "不是电话号码", 1},
	{"units.yaml", "roles: [environment]",
	 "roles: [environment], contacts: [{post: 信访岗, phone: 0531-1234转}, {post: 发言人}]",
	 "缺少必填的键 “phone”", 1},
	{"units.yaml", "roles: [environment]",
	 "roles: [environment], contacts: {post: 信访岗, phone: \"12369\"}", "“contacts”应为列表", 1},
	{"units.yaml", "kind: agency", "kind: bureau", "单位类别应为", 1},
	{"units.yaml", "id: office, name: 综合部, kind: department, parent: committee",
	 "id: office, name: 综合部, kind: department, parent: nobody", "没有单位“nobody”", 1},
	{"units.yaml", "name: 管委会, kind: committee", "name: 管委会, kind: committee, parent: office",
	 "绕成了一圈", 1},
	{"units.yaml", "kind: agency, parent: committee,", "kind: agency, valid_to: 2026-12-01,",
	 "自 2026-12-01T00:00:00+08:00 起没有单位承担", 1},
	{"units.yaml", "id: east-street, ", "id: east-street, valid_to: 2027-01-01, ",
	 "有效期超出主办单位", 2},
	{"units.yaml", "id: office, ", "id: office, valid_to: 2027-01-01, ",
	 "routes.yaml:1:11: 单位“office”（综合部）在 2027-01-01T00:00:00+08:00 不在有效期内", 0},
	{"units.yaml", "id: committee, ", "id: committee, valid_to: 2027-01-01, ",
	 "units.yaml:3:55: 上级单位“committee”", 0},
	{"units.yaml", "id: committee, ", "id: committee, valid_to: 2027-01-01, ",
	 "routes.yaml:2:61: 单位“committee”（管委会）在 2027-01-01", 0},
	{"units.yaml", "id: west-street, ", "id: west-street, valid_to: 2027-01-01, ",
	 "places.yaml:4:52: 属地单位“west-street”（西街街道办）在 2027-01-01", 1},
	{"units.yaml", "id: west-street, ", "id: west-street, valid_from: 2026-12-01, ",
	 "places.yaml:4:52: 属地单位“west-street”（西街街道办）在 2026-11-23T09:00", 1},
	{"places.yaml", "unit: west-street", "unit: nobody", "places.yaml:4:52: 没有单位“nobody”", 1},
	{"routes.yaml", "assist: [building]", "assist: [east-street]", "不能又是协办单位", 1},
	{"routes.yaml", "assist: [building], basis: 委托执法协议}\n",
	 "assist: [ecology], basis: x, valid_to: 2030-01-01}\n"
	 "  - {id: over, topic: wages.arrears, lead: welfare, assist: [former], basis: x}\n",
	 "没有单位“former”", 1},
	/* A topic of a short season whose owner is gone by then. */
	{"topics/livelihood.yaml", "owner: labour, ",
	 "owner: finance, valid_from: 2026-12-20, valid_to: 2026-12-31, ",
	 "归口“finance”，自 2026-12-20T00:00:00+08:00 起没有单位承担", 1},
	{"roster.yaml", "rosters:\n",
	 "changes:\n"
	 "  - {kind: away, post: 白班一岗, from: 2026-11-24, to: 2026-11-25}\nrosters:\n",
	 "roster.yaml:2:12: 应为 leave", 1},
	{"roster.yaml", "rosters:\n",
	 "changes:\n"
	 "  - {kind: leave, post: 白班三岗, from: 2026-11-24, to: 2026-11-25}\nrosters:\n",
	 "roster.yaml:2:25: 这份排班里没有岗位", 1},
	{"roster.yaml", "rosters:\n",
	 "changes:\n"
	 "  - {kind: leave, post: 白班一岗, from: 2026-11-25, to: 2026-11-25}\nrosters:\n",
	 "“to”应晚于“from”", 1},
	{"roster.yaml", "rosters:\n",
	 "changes:\n  - {kind: leave, post: 白班一岗, from: 2026-11-25}\nrosters:\n",
	 "必须写明", 1},
	{"roster.yaml", "rosters:\n",
	 "changes:\n"
	 "  - {kind: swap, post: 白班一岗, from: 2026-11-24, to: 2026-11-25}\nrosters:\n",
	 "缺少必填的键 “by”", 1},
	{"roster.yaml", "rosters:\n",
	 "changes:\n"
	 "  - {kind: leave, by: 白班二岗, post: 白班一岗, from: 2026-10-24, to: 2026-10-25}\nrosters:\n",
	 "只有换班", 1},
	{"roster.yaml", "rosters:\n",
	 "changes:\n"
	 "  - {kind: leave, unit: office, post: 白班一岗, from: 2026-11-24, to: 2026-11-25}\nrosters:\n",
	 "没有单独排班", 1},
	{"roster.yaml", "rosters:\n",
	 "changes:\n"
	 "  - {kind: leave, unit: nobody, post: 白班一岗, from: 2026-11-24, to: 2026-11-25}\nrosters:\n",
	 "没有单位", 1},
	{"roster.yaml", "rosters:\n",
	 "changes:\n"
	 "  - {kind: leave, duty: cook, post: 白班一岗, from: 2026-11-24, to: 2026-11-25}\nrosters:\n",
	 "应为 officer", 1},
	/* Leave that nobody stands in for is a gap at its own place; one that is, is none. */
	{"roster.yaml", "rosters:\n",
	 "changes:\n"
	 "  - {kind: leave, post: 带班一岗, from: 2026-12-07, to: 2026-12-08}\nrosters:\n",
	 "roster.yaml:2:5: 默认排班的带班领导有空档：2026-12-07T", 1},
	/* deadlines.yaml */
	{"deadlines.yaml", "limit: 48h", "limit: soon", "deadlines.yaml:4:", 0},
	{"deadlines.yaml", "limit: 48h, ", "", "缺少“limit”", 1},
	{"deadlines.yaml", "id: sign-10s", "id: sign-2h", "时限“sign-2h”重复", 0},
	{"deadlines.yaml", "limit: 48h", "limit: 48h, hours: waking", "计算方式应为", 1},
	{"deadlines.yaml", "limit: 5h", "limit: 5h, hours: workdays", "应为整日", 1},
	{"deadlines.yaml", "limit: 48h", "limit: 48h, hours: workdays, extension: 5h", "应为整日", 1},
	{"deadlines.yaml", "limit: 48h", "limit: 48h, extension: soon", "deadlines.yaml:4:", 0},
	{"deadlines.yaml", "presets:\n", "cards: {yellow: 90}\npresets:\n", "deadlines.yaml:1:", 1},
	{"deadlines.yaml", "presets:\n", "cards: {yellow: 120, red: 110}\npresets:\n",
	 "deadlines.yaml:1:27: 红牌应晚于黄牌", 1},
	{"deadlines.yaml", "presets:\n", "office_hours: [\"08:30-12:00\", \"11:00-17:00\"]\npresets:\n",
	 "deadlines.yaml:1:31: 上班时间", 1},
	{"deadlines.yaml", "presets:\n", "office_hours: [\"8:30-12:00\"]\npresets:\n", "上班时间", 1},
	{"deadlines.yaml", "ladder: press", "ladder: assist", "协办时限应早于", 2},
	{"deadlines.yaml", "ladder: press", "ladder: pray", "时限种类应为", 3},
	{"deadlines.yaml", "limit: 48h", "limit: 48h, steps: [80, 50, 100]", "由小到大", 1},
	{"deadlines.yaml", "limit: 48h", "limit: 48h, steps: [50]", "最后一步应为 100", 1},
	{"deadlines.yaml", "use: [sign-2h, answer-48h]", "use: [answer-48h]", "必须同时给出", 1},
	{"deadlines.yaml", "use: [sign-2h, answer-48h]", "use: [sign-2h, sign-10s, answer-48h]",
	 "不能有两个签收时限", 1},
	{"deadlines.yaml", "use: [sign-2h, answer-48h]", "use: [sign-2h, answer-49h]",
	 "没有时限“answer-49h”", 0},
	{"deadlines.yaml", "{use: [sign-2h, answer-48h]}",
	 "{severity: general, use: [sign-2h, answer-48h]}", "等级较大没有适用的时限", 1},
	{"deadlines.yaml", "{severity: critical, use:", "{use:", "永远不会生效", 2},
	{"deadlines.yaml", "{use: [sign-2h", "{topic: \"no.*\", use: [sign-2h", "没有议题符合“no.*”", 0},
	/* roster.yaml */
	{"roster.yaml", "to: \"17:30\"", "to: \"17:00\"",
	 "值班员有空档：2026-11-23T17:00:00+08:00 至 2026-11-23T17:30:00+08:00", 10},
	{"roster.yaml", "since: 2026-01-05", "since: 2026-12-01",
	 "带班领导有空档：2026-11-23T09:00:00+08:00 至 2026-12-01T08:30:00+08:00", 1},
	{"roster.yaml", "turn: week", "turn: week, until: 2026-12-10",
	 "带班领导有空档：2026-12-10T08:30:00+08:00 至 2026-12-28T09:00:00+08:00", 1},
	{"roster.yaml", "to: \"17:30\"", "to: \"17:30\", days: [1, 2, 3, 4, 5]",
	 "值班员有空档：2026-11-28T08:30:00+08:00 至 2026-11-28T17:30:00+08:00", 10},
	{"roster.yaml", "unit: default", "unit: office", "没有排班，也没有默认排班", 6},
	{"roster.yaml", "unit: default", "unit: nobody", "没有单位“nobody”", 0},
	{"roster.yaml", "from: \"08:30\", to: \"17:30\"", "from: \"8:30\", to: \"25:00\"",
	 "时间应写成", 0},
	{"roster.yaml", "turn: week", "turn: month", "轮换应为", 1},
	{"roster.yaml", "posts: [白班一岗, 白班二岗]", "posts: []", "岗位", 0},
	/* channels.yaml */
	{"channels.yaml", "  - {id: terminal, type: publish}\n", "  []\n", "没有任何通知通道", 1},
	{"channels.yaml", "type: publish", "type: pigeon", "通道类型应为", 1},
	{"channels.yaml", "type: publish", "type: webhook, url: \"ftp://a\"", "http://", 1},
	{"channels.yaml", "id: terminal, type: publish}\n",
	 "id: terminal, type: publish}\n  - {id: terminal, type: publish}\n", "通道“terminal”重复", 1},
	/* topics and places, as far as routing needs them */
	{"topics/livelihood.yaml", "owner: labour", "owner: labor", "不是已知职责", 1},
};

/* Monday 09:00, so that the spans in the findings are known. */
static struct hy_wall monday(void)
{
	struct hy_wall at;

	assert_true(hy_wall_parse(HY_STR_LIT("2026-11-23T09:00:00+08:00"), &at));
	return at;
}

static void each_mistake_is_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(mistakes); i++) {
		const struct mistake *m = &mistakes[i];
		struct hy_findings findings;
		struct test_rules rules;
		enum hy_err err;

		assert_true(test_rules_make(&rules));
		assert_true(test_rules_edit(&rules, m->file, m->old, m->text));
		hy_findings_init(&findings);
		err = hy_alerter_check_at(rules.folder, monday(), &findings);
		if (err != HY_ERR_MALFORMED || findings.count == 0 ||
		    !strstr(findings.text.p, m->says) ||
		    (m->count && findings.count != m->count))
			fail_msg("%s: \"%s\" -> \"%s\" (%s): %zu findings:\n%s", m->file, m->old,
				 m->text, m->says, findings.count,
				 findings.text.p ? findings.text.p : "");
		hy_findings_fini(&findings);
		test_rules_remove(&rules);
	}
}

static void missing_file_is_found(void **state)
{
	static const char *const names[] = {"units.yaml", "routes.yaml", "deadlines.yaml",
					    "roster.yaml", "channels.yaml", "places.yaml"};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(names); i++) {
		struct hy_findings findings;
		struct test_rules rules;
		char path[128];

		assert_true(test_rules_make(&rules));
		(void)snprintf(path, sizeof path, "%s/%s", rules.folder, names[i]);
		assert_int_equal(remove(path), 0);
		hy_findings_init(&findings);
		assert_int_equal(hy_alerter_check_at(rules.folder, monday(), &findings),
				 HY_ERR_MALFORMED);
		assert_true(findings.count > 0);
		hy_findings_fini(&findings);
		test_rules_remove(&rules);
	}
}

static void good_set_has_no_finding(void **state)
{
	/* Exceptions before the rule, units that follow each other, and rows of the past. */
	static const struct mistake good[] = {
		{"routes.yaml", "routes:\n", "routes:\n", NULL, 0},
		{"routes.yaml", ROUTE,
		 ROUTE "  - {id: wide, topic: \"site.*\", place: \"*\", lead: building, basis: x}\n",
		 NULL, 0},
		{"routes.yaml", ROUTE,
		 ROUTE "  - {id: same, topic: \"s*\", place: \"*st\", severity: major,"
		       " lead: east-street, basis: x}\n",
		 NULL, 0},
		{"routes.yaml", ROUTE,
		 ROUTE "  - {id: past, topic: site.noise, place: east, lead: building, basis: x,"
		       " valid_to: 2020-01-01}\n",
		 NULL, 0},
		{"routes.yaml", ROUTE,
		 "  - {id: now, topic: site.noise, place: east, lead: building, basis: x,"
		 " valid_to: 2027-01-01}\n"
		 "  - {id: then, topic: site.noise, place: east, lead: east-street, basis: x,"
		 " valid_from: 2027-01-01}\n",
		 NULL, 0},
		/* A street office that ends, and the row that says who follows it. */
		{"routes.yaml", ROUTE,
		 ROUTE "  - {id: after, place: west, lead: office, basis: x,"
		       " valid_from: 2027-01-01}\n",
		 "west-street", 0},
		{"units.yaml",
		 "  - {id: ecology, name: 生态机构, kind: agency, parent: committee,"
		 " roles: [environment]}\n",
		 "  - {id: ecology, name: 生态机构, kind: agency, roles: [environment],"
		 " valid_to: 2027-01-01}\n"
		 "  - {id: ecology-2, name: 生态分局, kind: agency, roles: [environment],"
		 " valid_from: 2027-01-01}\n",
		 NULL, 0},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(good); i++) {
		struct hy_findings findings;
		struct test_rules rules;

		assert_true(test_rules_make(&rules));
		assert_true(test_rules_edit(&rules, good[i].file, good[i].old, good[i].text));
		if (good[i].says)
			assert_true(test_rules_edit(&rules, "units.yaml", "id: west-street",
						    "id: west-street, valid_to: 2027-01-01"));
		hy_findings_init(&findings);
		if (hy_alerter_check_at(rules.folder, monday(), &findings))
			fail_msg("%s: %s", good[i].text, findings.text.p);
		hy_findings_fini(&findings);
		test_rules_remove(&rules);
	}
}

static enum hy_err load_at(const struct test_rules *rules, const char *text, bool again,
			   size_t *out_findings)
{
	struct hy_rule_set *set = NULL;
	struct hy_findings findings;
	struct hy_wall at;
	enum hy_err err;

	assert_true(hy_wall_parse(hy_str_of(text), &at));
	hy_findings_init(&findings);
	err = again ? hy_rule_set_load_again(rules->folder, at, &findings, &set)
		    : hy_rule_set_load_proved(rules->folder, at, &findings, &set);
	*out_findings = findings.count;
	hy_findings_fini(&findings);
	hy_rule_set_free(set);
	return err;
}

/* A date that came stops no start; what was never right does, and so does a reload. */
static void time_alone_stops_no_start(void **state)
{
	struct test_rules rules;
	size_t findings;

	(void)state;
	assert_true(test_rules_make(&rules));
	assert_true(test_rules_edit(&rules, "units.yaml", "id: ecology, ",
				    "id: ecology, valid_to: 2090-01-01, "));
	assert_int_equal(load_at(&rules, "2088-01-01T00:00:00+08:00", false, &findings), HY_OK);
	for (int i = 0; i < 2; i++) {
		const char *at = i ? "2089-12-01T00:00:00+08:00" : "2091-01-01T00:00:00+08:00";

		assert_int_equal(load_at(&rules, at, false, &findings), HY_ERR_MALFORMED);
		assert_true(findings > 0);
		assert_int_equal(load_at(&rules, at, true, &findings), HY_OK);
		assert_int_equal(findings, 0);
	}
	assert_true(test_rules_edit(&rules, "units.yaml", "roles: [environment]", "roles: []"));
	assert_int_equal(load_at(&rules, "2091-01-01T00:00:00+08:00", true, &findings),
			 HY_ERR_MALFORMED);
	assert_int_equal(findings, 1);
	test_rules_remove(&rules);
}

/* The rules that are shipped, where the test runs in the source tree. */
static void shipped_rules_are_proved(void **state)
{
	struct hy_findings findings;

	(void)state;
	hy_findings_init(&findings);
	if (hy_alerter_check("rules", &findings))
		fail_msg("%s", findings.text.p);
	hy_findings_fini(&findings);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_found),
		cmocka_unit_test(missing_file_is_found),
		cmocka_unit_test(good_set_has_no_finding),
		cmocka_unit_test(time_alone_stops_no_start),
		cmocka_unit_test(shipped_rules_are_proved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
