/* Correlation by what the store holds, over restarts and redeliveries. */
#include "tests/unit/alerter/ledger_world.h"

#define DAY_MS (24 * HOUR_MS)

static const char *const stories[] = {
	WAGES_TEXT,
	"西城某工程的木工班组来信，说去年的工钱还差四万元没有结清，总包和分包互相推诿，至今没有结果。",
	"一名货车司机投诉，给工地拉了两个月砂石，运费一分没给，项目部已经人去楼空，电话也打不通了。",
	"保洁员们说，公司换了老板以后，上半年的加班费就没有下文，劳动合同也不肯补签，请求主持公道。",
};

/* The folder's rules with these topics in force. */
static void use_topics(struct fixture *f, const char *topics)
{
	struct hy_rule_set *rules = NULL;
	struct hy_findings findings;
	struct hy_error e = {0};

	hy_findings_init(&findings);
	assert_true(test_rules_put(&f->folder, "topics/livelihood.yaml", topics));
	if (hy_rule_set_load_proved(f->folder.folder, hy_wall_now(), &findings, &rules))
		fail_msg("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	hy_rule_set_free(f->rules);
	f->rules = rules;
	assert_int_equal(hy_ledger_set_rules(f->ledger, rules, &e), HY_OK);
}

#define OTHERS \
	"  - {id: housing.quality, title: 房屋质量, owner: housing}\n" \
	"  - {id: water.pollution, title: 水污染, owner: environment, severity: major}\n" \
	"  - {id: site.noise, title: 工地噪声, owner: housing}\n"
#define BY_PLACE \
	"topics:\n" \
	"  - id: wages.arrears\n    title: 拖欠工资\n    owner: labour\n    match: {any: [拖欠工资]}\n" \
	"    correlation: {type: value_count, field: source, timespan: 24h, gte: 3," \
	" group_by: [place], severity: major}\n" OTHERS
#define DERIVED \
	"topics:\n" \
	"  - {id: wages.arrears, title: 拖欠工资, owner: labour}\n" \
	"  - id: spread.wages\n    title: 欠薪集中\n    owner: office\n    severity: major\n" \
	"    correlation: {type: event_count, topics: [\"wages.*\"], timespan: 2h, gte: 2}\n" OTHERS

static struct hy_intake tell(struct fixture *f, const char *id, const char *source,
			     const char *place, const char *text)
{
	struct sample s = {.id = id, .place = place, .title = "讨薪", .text = text, .source = source};

	return take(f, &s);
}

static void a_third_source_raises_the_case(void **state)
{
	struct fixture *f = *state;
	char text[2048];

	use_topics(f, BY_PLACE);
	struct hy_intake first = tell(f, "a", "north-news", "east", stories[0]);
	(void)tell(f, "b", "south-news", "east", stories[0]);
	(void)tell(f, "c", "south-news", "east", stories[0]);
	(void)tell(f, "d", "west-news", "west", stories[0]);
	assert_int_equal(count(f, "SELECT max(severity_rank) FROM v_case"), HY_SEVERITY_GENERAL);
	restart(f);
	struct hy_intake third = tell(f, "e", "west-news", "east", stories[0]);
	assert_string_equal(third.case_id.text, first.case_id.text);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case WHERE severity = 'major'"), 1);
	text_of(f, "SELECT text FROM notice WHERE step = 'raised-major' ORDER BY recipient", text,
		sizeof text);
	assert_non_null(strstr(text, "24 小时内同一地点 3 个来源，级别升为重大"));
	/* The same again changes nothing. */
	assert_false(tell(f, "e", "west-news", "east", stories[0]).fresh);
	assert_int_equal(count(f, "SELECT count(*) FROM sighting"), 5);
	assert_int_equal(count(f, "SELECT count(*) FROM notice WHERE step = 'raised-major'"), 2);
}

/* Different texts are cases of their own: the one that makes it enough is the graver one. */
static void the_alert_that_is_enough_opens_a_graver_case(void **state)
{
	static const char *const sources[] = {"a-news", "b-news", "c-news"};
	struct fixture *f = *state;
	char text[2048];

	use_topics(f, BY_PLACE);
	for (size_t i = 0; i < HY_COUNT(sources); i++)
		assert_true(tell(f, sources[i], sources[i], "east", stories[i]).fresh);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case WHERE severity = 'general'"), 2);
	text_of(f, "SELECT because FROM v_case WHERE severity = 'major'", text, sizeof text);
	assert_non_null(strstr(text, "议题“拖欠工资”：24 小时内同一地点 3 个来源，级别升为重大\n"));
}

static void a_topic_comes_of_others(void **state)
{
	struct fixture *f = *state;
	char text[2048];

	use_topics(f, DERIVED);
	(void)tell(f, "a", "news", "east", stories[1]);
	text_of(f, "SELECT topics FROM v_alert", text, sizeof text);
	assert_string_equal(text, "[\"wages.arrears\"]");
	restart(f);
	(void)tell(f, "b", "news", "west", stories[2]);
	text_of(f, "SELECT topics FROM v_alert WHERE severity = 'major'", text, sizeof text);
	assert_string_equal(text, "[\"wages.arrears\",\"spread.wages\"]");
	/* What is derived is not counted itself. */
	assert_int_equal(count(f, "SELECT count(*) FROM sighting WHERE topic = 'spread.wages'"), 0);
}

static void only_what_lies_in_the_timespan_counts(void **state)
{
	struct fixture *f = *state;
	struct sample old = {.id = "old", .place = "east", .title = "讨薪", .text = stories[0],
			     .source = "a", .detected_ago_ms = 25 * HOUR_MS};
	struct sample late = {.id = "late", .place = "east", .title = "讨薪", .text = stories[3],
			      .source = "d", .detected_ago_ms = 2 * HOUR_MS};

	use_topics(f, BY_PLACE);
	(void)take(f, &old);
	(void)tell(f, "b", "b", "east", stories[1]);
	(void)tell(f, "c", "c", "east", stories[2]);
	assert_int_equal(count(f, "SELECT max(severity_rank) FROM v_case"), HY_SEVERITY_GENERAL);
	/* It came late, but it was there before them: the three lie within a day. */
	(void)take(f, &late);
	assert_int_equal(count(f, "SELECT max(severity_rank) FROM v_case"), HY_SEVERITY_MAJOR);
}

static void what_no_timespan_reaches_is_forgotten(void **state)
{
	struct fixture *f = *state;
	struct sample old = {.id = "old", .title = "讨薪", .text = stories[0],
			     .detected_ago_ms = 30 * DAY_MS};
	struct sample older = {.id = "older", .title = "讨薪", .text = stories[1],
			       .detected_ago_ms = 32 * DAY_MS};

	(void)take(f, &old);
	(void)take(f, &older);
	assert_int_equal(count(f, "SELECT count(*) FROM sighting"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM alert"), 2);
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(a_third_source_raises_the_case),
		TEST(the_alert_that_is_enough_opens_a_graver_case),
		TEST(a_topic_comes_of_others),
		TEST(only_what_lies_in_the_timespan_counts),
		TEST(what_no_timespan_reaches_is_forgotten),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
