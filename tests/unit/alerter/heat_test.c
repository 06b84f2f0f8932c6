/* An event becomes graver as more outlets tell of it, over restarts and redeliveries. */
#include "alerter/heat.h"

#include "tests/unit/alerter/ledger_world.h"

#include "alerter/calendar.h"

#define STEPS \
	"spread:\n" \
	"  - {outlets: 3, timespan: 24h, severity: 较大}\n" \
	"  - {outlets: 4, timespan: 3d, severity: 重大}\n"
#define BURST "spread:\n  - {burst: 5, outlets: 2, timespan: 1d, severity: 重大}\n"

static void use_steps(struct fixture *f, const char *outlets)
{
	struct hy_rule_set *rules = NULL;
	struct hy_findings findings;
	struct hy_error e = {0};

	hy_findings_init(&findings);
	assert_true(test_rules_put(&f->folder, "outlets.yaml", outlets));
	if (hy_rule_set_load_proved(f->folder.folder, hy_wall_now(), &findings, &rules))
		fail_msg("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	hy_rule_set_free(f->rules);
	f->rules = rules;
	if (hy_ledger_set_rules(f->ledger, rules, &e))
		fail_msg("rules: %s", e.text);
}

/* One telling of the same story, some hours ago. */
struct telling {
	const char *id, *outlet, *source;
	int hours_ago;
	const char *because;	/* of the alert itself */
};

static enum hy_err try_to_tell(struct fixture *f, const struct telling *t)
{
	const struct sample s = {.id = t->id, .place = "east", .title = "讨薪", .text = WAGES_TEXT,
				 .source = t->source ? t->source : "news",
				 .detected_ago_ms = t->hours_ago * HOUR_MS};
	struct alert alert;
	struct hy_ledger_alert item = {.message = &alert.message};
	struct hy_error e = {0};

	make_alert(&s, &alert);
	alert.message.as.alert.outlet = hy_str_of(t->outlet ? t->outlet : "");
	alert.message.as.alert.because = hy_str_of(t->because ? t->because : "");
	return hy_ledger_alerts(f->ledger, &item, 1, &e);
}

static void tell(struct fixture *f, const struct telling *t)
{
	if (try_to_tell(f, t))
		fail_msg("alert %s is not taken", t->id);
}

static void expect_severity(struct fixture *f, const char *severity)
{
	char text[64];

	text_of(f, "SELECT severity FROM v_case", text, sizeof text);
	assert_string_equal(text, severity);
}

static void outlets_raise_the_case_step_by_step(void **state)
{
	struct fixture *f = *state;
	char text[4096];

	use_steps(f, STEPS);
	tell(f, &(struct telling){.id = "a", .outlet = "甲报"});
	tell(f, &(struct telling){.id = "b", .outlet = "乙报"});
	/* The same outlet again, whatever the source. */
	tell(f, &(struct telling){.id = "c", .outlet = "乙报", .source = "other"});
	expect_severity(f, "general");
	restart(f);
	tell(f, &(struct telling){.id = "d", .outlet = "丙报"});
	expect_severity(f, "considerable");
	text_of(f, "SELECT text FROM notice WHERE step = 'raised-considerable' ORDER BY recipient",
		text, sizeof text);
	assert_non_null(strstr(text, "等级提高"));
	assert_non_null(strstr(text, "1 天内有 3 家媒体报道同一件事，至少为较大"));
	/* Where the page names none the source stands for it. */
	tell(f, &(struct telling){.id = "e", .source = "fourth"});
	expect_severity(f, "major");
	/* The same message again changes nothing. */
	tell(f, &(struct telling){.id = "e", .source = "fourth"});
	assert_int_equal(count(f, "SELECT count(DISTINCT step) FROM notice"
				  " WHERE step LIKE 'raised-%'"), 2);
	assert_int_equal(count(f, "SELECT count(*) FROM v_case"), 1);
}

static void outlets_that_came_too_slowly_do_not_count(void **state)
{
	struct fixture *f = *state;

	use_steps(f, STEPS);
	tell(f, &(struct telling){.id = "a", .outlet = "甲报", .hours_ago = 60});
	tell(f, &(struct telling){.id = "b", .outlet = "乙报", .hours_ago = 30});
	tell(f, &(struct telling){.id = "c", .outlet = "丙报"});
	expect_severity(f, "general");
	/* Four within three days are enough for the second step, past the first. */
	tell(f, &(struct telling){.id = "d", .outlet = "丁报"});
	expect_severity(f, "major");
}

static void nothing_is_asked_where_no_step_is(void **state)
{
	struct fixture *f = *state;

	use_steps(f, "spread: []\n");
	for (int i = 0; i < 6; i++) {
		const char *const names[] = {"a", "b", "c", "d", "e", "f"};

		tell(f, &(struct telling){.id = names[i], .outlet = names[i]});
	}
	expect_severity(f, "general");
}

/* Whoever told in what was rolled back has not told yet. */
static void what_was_rolled_back_is_told_again(void **state)
{
	struct fixture *f = *state;

	use_steps(f, STEPS);
	tell(f, &(struct telling){.id = "a", .outlet = "甲报"});
	tell(f, &(struct telling){.id = "b", .outlet = "乙报"});
	run(f, "ALTER TABLE sighting RENAME TO sighting_elsewhere");
	assert_int_not_equal(try_to_tell(f, &(struct telling){.id = "c", .outlet = "丙报"}), HY_OK);
	run(f, "ALTER TABLE sighting_elsewhere RENAME TO sighting");
	expect_severity(f, "general");
	tell(f, &(struct telling){.id = "c", .outlet = "丙报"});
	expect_severity(f, "considerable");
}

/* Steps that were put in force later ask about who told before. */
static void other_steps_ask_anew(void **state)
{
	struct fixture *f = *state;

	use_steps(f, "spread: [{outlets: 9, severity: 重大}]\n");
	tell(f, &(struct telling){.id = "a", .outlet = "甲报"});
	tell(f, &(struct telling){.id = "b", .outlet = "乙报"});
	tell(f, &(struct telling){.id = "c", .outlet = "丙报"});
	expect_severity(f, "general");
	use_steps(f, STEPS);
	tell(f, &(struct telling){.id = "d", .outlet = "丙报"});
	expect_severity(f, "considerable");
}

/* Days on which the topic fired on so many of 500 documents. */
static void live_through(struct fixture *f, int64_t fired)
{
	struct hy_wall today = hy_day_start(hy_wall_now());

	run(f, "UPDATE topic_form SET since = 0");
	for (int day = 1; day <= 10; day++) {
		struct hy_query *q = hy_store_query(
			hy_ledger_store(f->ledger),
			"INSERT INTO judged_day (day, documents) VALUES ($1, 500)");
		struct hy_error e = {0};

		hy_query_bind_int(q, 1, today.ms - day * HY_DAY_MS);
		assert_int_equal(hy_query_run(q, NULL, &e), HY_OK);
		q = hy_store_query(hy_ledger_store(f->ledger),
				   "INSERT INTO topic_day (topic, day, fired)"
				   " VALUES ('wages.arrears', $1, $2)");
		hy_query_bind_int(q, 1, today.ms - day * HY_DAY_MS);
		hy_query_bind_int(q, 2, fired);
		assert_int_equal(hy_query_run(q, NULL, &e), HY_OK);
	}
}

static void tell_many(struct fixture *f, int number)
{
	static const char *const ids[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"};

	for (int i = 0; i < number; i++)
		tell(f, &(struct telling){.id = ids[i], .outlet = i % 2 ? "甲报" : "乙报"});
}

static void a_burst_is_measured_by_the_topics_own_days(void **state)
{
	struct fixture *f = *state;
	char text[4096];

	use_steps(f, BURST);
	/* Nothing is known of its usual days: no burst, however many. */
	tell_many(f, 6);
	expect_severity(f, "general");
	live_through(f, 2);
	tell_many(f, 9);
	expect_severity(f, "general");
	tell_many(f, 10);
	expect_severity(f, "major");
	text_of(f, "SELECT text FROM notice WHERE step = 'raised-major' ORDER BY recipient", text,
		sizeof text);
	assert_non_null(strstr(text, "1 天内有 2 家媒体报道同一件事，10 篇稿件讲同一件事，这个议题平时共约 "
				     "2.0 篇，至少为重大"));
}

static void an_everyday_topic_has_no_burst_of_as_many(void **state)
{
	struct fixture *f = *state;

	use_steps(f, BURST);
	live_through(f, 20);
	tell_many(f, 10);
	expect_severity(f, "general");
}

/* What the analyzer said of the alert stands in the case and in the notice of its raising. */
static void the_alerts_own_reasons_are_kept(void **state)
{
	struct fixture *f = *state;
	char text[4096];

	use_steps(f, STEPS);
	tell(f, &(struct telling){.id = "a", .outlet = "甲报",
					.because = "议题“拖欠工资”：有 受伤，至少为较大\n"});
	text_of(f, "SELECT because FROM v_case", text, sizeof text);
	assert_non_null(strstr(text, "议题“拖欠工资”：有 受伤，至少为较大"));
	tell(f, &(struct telling){.id = "b", .outlet = "乙报"});
	tell(f, &(struct telling){.id = "c", .outlet = "丙报",
					.because = "议题“拖欠工资”：有 聚集，至少为较大\n"});
	text_of(f, "SELECT text FROM notice WHERE step LIKE 'raised-%' ORDER BY recipient", text,
		sizeof text);
	assert_non_null(strstr(text, "有 聚集，至少为较大；1 天内有 3 家媒体"));
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(outlets_raise_the_case_step_by_step),
		TEST(outlets_that_came_too_slowly_do_not_count),
		TEST(nothing_is_asked_where_no_step_is),
		TEST(what_was_rolled_back_is_told_again),
		TEST(other_steps_ask_anew),
		TEST(a_burst_is_measured_by_the_topics_own_days),
		TEST(an_everyday_topic_has_no_burst_of_as_many),
		TEST(the_alerts_own_reasons_are_kept),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
