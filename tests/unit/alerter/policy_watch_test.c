/* Reactions to policies as they are kept, and the case that comes of many. */
#include "alerter/policy_watch.h"
#include "tests/unit/alerter/ledger_world.h"

#define DAY_MS (24 * HOUR_MS)
#define NAME "关于支持青年人才创新创业的若干措施"
#define POLICY \
	"policies:\n" \
	"  - {id: talent, title: " NAME ", number: 某管发〔2026〕12号, names: [青年人才十二条]," \
	" drafter: building, topic: housing.quality, severity: considerable," \
	" published: 2026-03-16, url: \"https://gov.example/talent\", words: [怎么, 没有]," \
	" threshold: 3, timespan: 7d, samples: {hit: [青年人才十二条怎么申请]," \
	" miss: [青年人才十二条发布]}}\n"

static const struct hy_str talent[] = {{"talent", 6}};

/* The folder's rules with this file of policies in force. */
static void use_policies(struct fixture *f, const char *policies)
{
	struct hy_rule_set *rules = NULL;
	struct hy_findings findings;
	struct hy_error e = {0};

	hy_findings_init(&findings);
	assert_true(test_rules_put(&f->folder, "policies/watched.yaml", policies));
	if (hy_rule_set_load_proved(f->folder.folder, hy_wall_now(), &findings, &rules))
		fail_msg("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	hy_rule_set_free(f->rules);
	f->rules = rules;
	assert_int_equal(hy_ledger_set_rules(f->ledger, rules, &e), HY_OK);
}

/* An alert that reacts to the policy, of a sensitive topic only where the sample names one. */
static struct hy_intake react(struct fixture *f, const struct sample *s)
{
	struct alert alert;
	struct hy_ledger_alert item = {.message = &alert.message};
	struct hy_error e = {0};

	make_alert(s, &alert);
	alert.message.as.alert.topic_count = s->topic ? 1 : 0;
	alert.message.as.alert.policies = talent;
	alert.message.as.alert.policy_count = 1;
	if (hy_ledger_alerts(f->ledger, &item, 1, &e))
		fail_msg("alert %s: %s", s->id, e.text);
	return item.result;
}

static struct hy_intake ask(struct fixture *f, const char *id, const char *question)
{
	struct sample s = {.id = id, .title = question, .text = "", .source = id};

	return react(f, &s);
}

static void a_mere_reaction_is_no_concern(void **state)
{
	struct fixture *f = *state;
	struct hy_intake first;

	use_policies(f, POLICY);
	first = ask(f, "a", "租房补贴怎么申请");
	assert_true(first.fresh);
	assert_string_equal(first.event.hex, "");
	assert_string_equal(first.case_id.text, "");
	assert_int_equal(count(f, "SELECT count(*) FROM v_reaction WHERE policy = 'talent'"
				  " AND topic = '' AND case_id IS NULL"), 1);
	assert_int_equal(count(f, "SELECT (SELECT count(*) FROM v_alert) +"
				  " (SELECT count(*) FROM v_event) + (SELECT count(*) FROM v_case) +"
				  " (SELECT count(*) FROM sighting)"), 0);
	/* The same again, and another version of the same document. */
	restart(f);
	assert_false(ask(f, "a", "租房补贴怎么申请").fresh);
	assert_false(react(f, &(struct sample){.id = "a2", .document = "a", .text = "",
					       .title = "租房补贴究竟怎么申请"}).fresh);
	assert_int_equal(count(f, "SELECT count(*) FROM v_reaction"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_question"), 1);
}

static void a_concern_that_reacts_is_led_by_the_drafter(void **state)
{
	struct fixture *f = *state;
	char text[2048];

	use_policies(f, POLICY);
	struct hy_intake taken = react(f, &(struct sample){.id = "a", .topic = "wages.arrears",
							   .title = "讨薪", .text = WAGES_TEXT});
	assert_true(taken.case_id.text[0]);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case WHERE lead = 'building'"
				  " AND topic = 'wages.arrears'"), 1);
	text_of(f, "SELECT because FROM v_case", text, sizeof text);
	assert_non_null(strstr(text, "针对建设部起草的政策《" NAME "》（谁起草谁解读），由其主办"));
	assert_int_equal(count(f, "SELECT count(*) FROM v_reaction WHERE topic = 'wages.arrears'"), 1);
	/* Without the policy it is the labour department's. */
	(void)take(f, &(struct sample){.id = "b", .title = "另一处", .text = "西城木工班组的工钱没有结清。"});
	assert_int_equal(count(f, "SELECT count(*) FROM v_case WHERE lead = 'welfare'"), 1);
}

static void enough_reactions_are_a_case_of_the_drafter(void **state)
{
	struct fixture *f = *state;
	char text[2048];

	use_policies(f, POLICY);
	(void)ask(f, "a", "租房补贴怎么申请");
	(void)ask(f, "b", "创业补贴怎么申请");
	(void)ask(f, "b", "创业补贴怎么申请");
	assert_int_equal(count(f, "SELECT count(*) FROM v_case"), 0);
	restart(f);
	(void)ask(f, "c", "社保要交几个月");
	assert_int_equal(count(f, "SELECT count(*) FROM v_case WHERE lead = 'building' AND"
				  " route = 'policy' AND topic = 'housing.quality' AND"
				  " severity = 'considerable' AND url = 'https://gov.example/talent'"),
			 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_reaction r JOIN v_case c"
				  " ON c.id = r.case_id"), 3);
	assert_int_equal(count(f, "SELECT reactions FROM v_policy_case"), 3);
	text_of(f, "SELECT title FROM v_case", text, sizeof text);
	assert_string_equal(text, "公众对《" NAME "》的反应：7 天内 3 篇");
	text_of(f, "SELECT because FROM v_case", text, sizeof text);
	assert_non_null(strstr(text, "谁起草谁解读"));
	assert_non_null(strstr(text, "7 天内达到 3 篇，来自 1 家媒体，门槛 3 篇"));
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE step = 'assigned'"), 1);
	/* The clock runs from the reaction that was enough. */
	assert_int_equal(count(f, "SELECT count(*) FROM v_case c WHERE c.clock_start ="
				  " (SELECT max(at) FROM v_reaction)"), 1);
	/* What comes later is the same matter. */
	(void)ask(f, "c", "社保要交几个月");
	(void)ask(f, "d", "公积金要交几个月");
	assert_int_equal(count(f, "SELECT count(*) FROM v_case"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_reaction WHERE case_id IS NOT NULL"), 4);
	assert_int_equal(count(f, "SELECT alerts FROM v_event"), 4);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE step = 'assigned'"), 1);
}

static void react_ago(struct fixture *f, const char *id, int64_t ago_ms)
{
	(void)react(f, &(struct sample){.id = id, .title = "怎么办理", .text = "",
					.detected_ago_ms = ago_ms});
}

static void only_what_lies_in_the_timespan_counts(void **state)
{
	struct fixture *f = *state;

	use_policies(f, POLICY);
	react_ago(f, "a", 20 * DAY_MS);
	react_ago(f, "b", 10 * DAY_MS);
	react_ago(f, "c", 2 * DAY_MS);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case"), 0);
	/* It comes late, but lies between the two: eight days apart they still are. */
	react_ago(f, "d", 5 * DAY_MS);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case"), 0);
	react_ago(f, "e", 4 * DAY_MS);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_reaction WHERE case_id IS NULL"), 2);
}

static void there_is_one_case_in_a_timespan(void **state)
{
	struct fixture *f = *state;

	use_policies(f, POLICY);
	react_ago(f, "a", 9 * DAY_MS);
	react_ago(f, "b", 9 * DAY_MS - 1);
	react_ago(f, "c", 9 * DAY_MS - 2);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case"), 1);
	run(f, "UPDATE case_ SET state = 'closed'");
	react_ago(f, "d", 8 * DAY_MS);
	react_ago(f, "e", 7 * DAY_MS);
	react_ago(f, "g", 5 * DAY_MS);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case"), 1);
	/* Over now, and three of them are of no case and close together. */
	react_ago(f, "h", DAY_MS);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM v_reaction WHERE case_id = (SELECT min(id)"
				  " FROM v_case)"), 3);
}

static void what_joined_a_case_makes_no_other(void **state)
{
	struct fixture *f = *state;

	use_policies(f, POLICY);
	react_ago(f, "a", 9 * DAY_MS);
	react_ago(f, "b", 9 * DAY_MS - 1);
	react_ago(f, "c", 9 * DAY_MS - 2);
	react_ago(f, "d", 6 * DAY_MS);
	react_ago(f, "e", 5 * DAY_MS);
	run(f, "UPDATE case_ SET state = 'closed'");
	react_ago(f, "g", DAY_MS);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case"), 1);
	assert_int_equal(count(f, "SELECT count(*) FROM v_reaction WHERE case_id IS NULL"), 1);
}

static void what_is_alike_is_asked_once(void **state)
{
	struct fixture *f = *state;
	char text[512];

	use_policies(f, POLICY);
	(void)ask(f, "a", "青年人才十二条的租房补贴怎么申请");
	(void)ask(f, "b", "请问租房补贴如何申请");
	(void)ask(f, "c", "租房补贴什么时候到账");
	assert_int_equal(count(f, "SELECT count(*) FROM v_question"), 3);
	assert_int_equal(count(f, "SELECT count(DISTINCT alike) FROM v_question"), 2);
	text_of(f, "SELECT asked FROM v_question GROUP BY asked ORDER BY count(*) DESC LIMIT 1", text,
		sizeof text);
	assert_string_equal(text, "青年人才十二条的租房补贴怎么申请");
}

/* While a reload is under way the analyzers may know a policy that the alerter does not. */
static void a_policy_that_is_not_known_loses_nothing(void **state)
{
	struct fixture *f = *state;

	use_policies(f, "policies: []\n");
	assert_true(ask(f, "a", "租房补贴怎么申请").fresh);
	assert_true(ask(f, "b", "创业补贴怎么申请").fresh);
	use_policies(f, POLICY);
	assert_int_equal(count(f, "SELECT listed FROM v_policy WHERE id = 'talent'"), 1);
	(void)ask(f, "c", "社保要交几个月");
	assert_int_equal(count(f, "SELECT count(*) FROM v_case WHERE lead = 'building'"), 1);
	/* Out of the rules again, it stays known. */
	use_policies(f, "policies: []\n");
	assert_int_equal(count(f, "SELECT listed FROM v_policy WHERE id = 'talent'"), 0);
	assert_true(ask(f, "d", "公积金要交几个月").fresh);
	assert_int_equal(count(f, "SELECT count(*) FROM v_reaction"), 4);
}

/* The ledger's moment is set: the first reaction at 10:00, and what comes later that day with it. */
static void the_drafter_gets_a_digest_a_day(void **state)
{
	struct fixture *f = *state;
	struct hy_wall now = hy_wall_add_ms(hy_day_start(hy_wall_now()), -5 * DAY_MS + 10 * HOUR_MS);
	char text[4096];

	use_policies(f, POLICY);
	hy_ledger_set_now(f->ledger, now);
	(void)ask(f, "a", "青年人才十二条的租房补贴怎么申请");
	hy_ledger_set_now(f->ledger, hy_wall_add_ms(now, HOUR_MS));
	(void)ask(f, "b", "租房补贴如何申请");
	hy_ledger_set_now(f->ledger, hy_wall_add_ms(now, DAY_MS - 1));
	(void)fire(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice"), 0);
	restart(f);
	hy_ledger_set_now(f->ledger, hy_wall_add_ms(now, DAY_MS));
	(void)fire(f);
	(void)fire(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE step = 'policy-digest'"
				  " AND recipient LIKE 'building%' AND alarm IN (SELECT id FROM"
				  " v_alarm WHERE kind = 'policy-digest' AND subject = 'talent'"
				  " AND state = 'cleared')"), 1);
	text_of(f, "SELECT text FROM v_notice", text, sizeof text);
	assert_non_null(strstr(text, "【政策反应】《" NAME "》（某管发〔2026〕12号） 新增 2 篇反应，"
				     "累计 2 篇、1 家媒体"));
	assert_non_null(strstr(text, "日 2 篇。媒体：某某晚报（2 篇）。问得最多："
				     "青年人才十二条的租房补贴怎么申请（2 篇）。详见"));
	/* Nothing new, nothing told; what is new is told a day behind it. */
	hy_ledger_set_now(f->ledger, hy_wall_add_ms(now, 2 * DAY_MS));
	(void)fire(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice"), 1);
	use_policies(f, POLICY);
	run(f, "UPDATE reaction SET at = at - 2592000000");
	hy_ledger_set_now(f->ledger, hy_wall_add_ms(now, 2 * DAY_MS));
	(void)ask(f, "c", "社保要交几个月");
	hy_ledger_set_now(f->ledger, hy_wall_add_ms(now, 3 * DAY_MS));
	(void)fire(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice WHERE text LIKE"
				  " '%新增 1 篇反应，累计 3 篇%'"), 1);
}

static void a_case_brings_its_digest_at_once(void **state)
{
	struct fixture *f = *state;

	use_policies(f, POLICY);
	(void)ask(f, "a", "租房补贴怎么申请");
	(void)ask(f, "b", "创业补贴怎么申请");
	(void)ask(f, "c", "社保要交几个月");
	(void)fire(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice n JOIN v_case c ON n.text LIKE"
				  " '%在办事项 ' || c.id || '%' WHERE n.step = 'policy-digest'"), 1);
}

/* Nobody is told of a policy that is out of the rules, and nothing waits for it. */
static void a_policy_gone_from_the_rules_has_no_digest(void **state)
{
	struct fixture *f = *state;

	use_policies(f, POLICY);
	(void)ask(f, "a", "租房补贴怎么申请");
	run(f, "UPDATE watched_policy SET due_at = 1");
	use_policies(f, "policies: []\n");
	(void)fire(f);
	assert_int_equal(count(f, "SELECT count(*) FROM v_notice"), 0);
	assert_int_equal(count(f, "SELECT count(*) FROM watched_policy WHERE due_at IS NOT NULL"), 0);
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mere_reaction_is_no_concern),
		TEST(a_concern_that_reacts_is_led_by_the_drafter),
		TEST(enough_reactions_are_a_case_of_the_drafter),
		TEST(only_what_lies_in_the_timespan_counts),
		TEST(there_is_one_case_in_a_timespan),
		TEST(what_joined_a_case_makes_no_other),
		TEST(what_is_alike_is_asked_once),
		TEST(a_policy_that_is_not_known_loses_nothing),
		TEST(the_drafter_gets_a_digest_a_day),
		TEST(a_case_brings_its_digest_at_once),
		TEST(a_policy_gone_from_the_rules_has_no_digest),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
