#include "analyzer/judge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define TOPICS 70
#define HITS 20

/* More topics and hits than an alert may have. */
struct world {
	struct hy_topic topics[TOPICS];
	struct hy_rule rules[TOPICS];
	struct hy_scan_topic found[TOPICS];
	struct hy_scan_hit hits[HITS];
	struct hy_judgement judgement;
	char text[10000];
	struct hy_msg document;
};

static int setup(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);

	memset(w->text, 'x', sizeof w->text - 1);
	for (size_t i = 0; i < HITS; i++)
		w->hits[i] = (struct hy_scan_hit){HY_STR_LIT("x"), HY_FIELD_BODY, i, i + 1};
	for (size_t i = 0; i < TOPICS; i++) {
		w->topics[i].id = HY_STR_LIT("t");
		w->rules[i].topic = &w->topics[i];
		w->found[i] = (struct hy_scan_topic){.rule = &w->rules[i], .score = 3, .own = 3,
						     .hits = w->hits, .hit_count = HITS};
	}
	w->document = (struct hy_msg){.type = HY_MSG_DOCUMENT, .id = HY_STR_LIT("v1")};
	w->document.as.document = (struct hy_msg_document){
		.document = HY_STR_LIT("d"), .url = HY_STR_LIT("http://a/"), .source = HY_STR_LIT("s"),
		.region = HY_STR_LIT("zone"), .published_at = HY_WALL_NONE,
		.detected_at = hy_wall_now(), .text = hy_str_of(w->text)};
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

static const struct hy_msg_alert *judged(struct world *w, size_t topics, bool ours, bool need_place)
{
	const struct hy_scan_result result = {
		.topics = w->found, .topic_count = topics, .ours = ours};

	hy_judge(&w->document, &result, need_place, HY_STR_LIT("r"), &w->judgement);
	return &w->judgement.alert;
}

static void keeps_an_alert_within_its_message(void **state)
{
	struct world *w = *state;
	const struct hy_msg_alert *alert = judged(w, TOPICS, true, true);
	struct hy_id id = hy_alert_id(HY_STR_LIT("v1"));
	struct hy_msg m = {.type = HY_MSG_ALERT, .id = hy_id_str(&id)};
	struct hy_frames frames;
	struct hy_error e = {0};

	assert_int_equal(w->judgement.outcome, HY_OUTCOME_ALERTED);
	assert_int_equal(alert->topic_count, HY_MSG_TOPICS_MAX);
	assert_int_equal(alert->hit_count, HY_MSG_HITS_MAX);
	m.as.alert = *alert;
	assert_int_equal(hy_msg_encode(&m, &frames, &e), HY_OK);
	hy_frames_fini(&frames);
}

static void a_hit_too_long_for_a_message_is_left_out(void **state)
{
	struct world *w = *state;

	w->hits[0].end = HY_MSG_RULE_BYTES;
	w->hits[1].end = w->hits[1].start + HY_MSG_RULE_BYTES + 1;
	const struct hy_msg_alert *alert = judged(w, 1, true, true);
	assert_int_equal(alert->hit_count, HITS - 1);
	assert_int_equal(alert->hits[0].end, HY_MSG_RULE_BYTES);
	assert_int_equal(alert->hits[1].start, 2);
}

static void the_gravest_topic_gives_the_severity(void **state)
{
	struct world *w = *state;

	w->found[1].severity = HY_SEVERITY_CRITICAL;
	w->found[2].severity = HY_SEVERITY_MAJOR;
	assert_int_equal(judged(w, 1, true, true)->severity, HY_SEVERITY_GENERAL);
	assert_int_equal(judged(w, 3, true, true)->severity, HY_SEVERITY_CRITICAL);
}

static void place_is_asked_of_each_topic(void **state)
{
	static const struct {
		enum hy_topic_place place;
		bool ours, need_place, alerted;
	} cases[] = {
		{HY_TOPIC_PLACE_PRESET, false, true, false},
		{HY_TOPIC_PLACE_PRESET, false, false, true},
		{HY_TOPIC_PLACE_PRESET, true, true, true},
		{HY_TOPIC_PLACE_REQUIRED, false, false, false},
		{HY_TOPIC_PLACE_REQUIRED, true, false, true},
		{HY_TOPIC_PLACE_ANY, false, true, true},
	};
	struct world *w = *state;

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		w->topics[0].place = cases[i].place;
		const struct hy_msg_alert *alert = judged(w, 1, cases[i].ours, cases[i].need_place);

		assert_int_equal(w->judgement.outcome,
				 cases[i].alerted ? HY_OUTCOME_ALERTED : HY_OUTCOME_QUIET);
		assert_int_equal(alert->topic_count, cases[i].alerted);
	}
}

static void a_topic_merely_mentioned_brings_nobody_in(void **state)
{
	static const struct hy_sector labour = {.number = 0}, health = {.number = 1};
	static const struct {
		const struct hy_sector *sector;
		int64_t score, own;
		enum hy_severity severity;
		bool counts;
	} cases[] = {
		{&health, 6, 1, HY_SEVERITY_GENERAL, true},
		{&health, 5, 5, HY_SEVERITY_GENERAL, false},
		{NULL, 6, 6, HY_SEVERITY_GENERAL, true},
		{NULL, 5, 5, HY_SEVERITY_GENERAL, false},
		/* Of the same sector: the sector's words say nothing between the two. */
		{&labour, 9, 3, HY_SEVERITY_GENERAL, true},
		{&labour, 9, 2, HY_SEVERITY_GENERAL, false},
		{&labour, 9, 2, HY_SEVERITY_MAJOR, true},
		{&health, 1, 1, HY_SEVERITY_MAJOR, true},
	};
	struct world *w = *state;

	w->topics[0].sector = &labour;
	w->found[0].score = 10;
	w->found[0].own = 5;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		w->topics[1].sector = cases[i].sector;
		w->found[1].score = cases[i].score;
		w->found[1].own = cases[i].own;
		w->found[1].severity = cases[i].severity;
		assert_int_equal(judged(w, 2, true, true)->topic_count, 1 + cases[i].counts);
	}
}

/* What no topic with a place keeps out does not count for the severity either. */
static void a_topic_left_out_raises_nothing(void **state)
{
	struct world *w = *state;

	w->topics[0].place = HY_TOPIC_PLACE_REQUIRED;
	w->found[0].severity = HY_SEVERITY_CRITICAL;
	const struct hy_msg_alert *alert = judged(w, 2, false, false);
	assert_int_equal(alert->topic_count, 1);
	assert_int_equal(alert->severity, HY_SEVERITY_GENERAL);
	assert_int_equal(alert->hit_count, HITS);
}

/* The second one's release: what stands there is no reaction. */
static void a_reaction_to_a_policy_is_told_beside_the_topics(void **state)
{
	static const struct hy_policy policies[] = {
		{.id = {"p1", 2}, .url = {"https://gov.example/1", 21}},
		{.id = {"p2", 2}, .url = {"https://a/", 10}},
	};
	struct world *w = *state;
	struct hy_scan_topic reactions[HY_COUNT(policies)];
	const struct hy_msg_alert *alert = &w->judgement.alert;
	struct hy_scan_result result = {.policies = reactions, .policy_count = 2, .ours = true};

	for (size_t i = 0; i < HY_COUNT(policies); i++) {
		w->topics[i + 1].id = policies[i].id;
		w->rules[i + 1].policy = &policies[i];
		reactions[i] = w->found[i + 1];
	}
	hy_judge(&w->document, &result, true, HY_STR_LIT("r"), &w->judgement);
	assert_int_equal(w->judgement.outcome, HY_OUTCOME_REACTION);
	assert_int_equal(alert->topic_count, 0);
	assert_int_equal(alert->policy_count, 1);
	assert_true(hy_str_eq_c(alert->policies[0], "p1"));
	assert_int_equal(alert->hit_count, HITS);
	assert_true(hy_str_eq_c(alert->hits[0].topic, "p1"));
	assert_true(hy_str_eq_c(alert->places[0], "zone"));
	assert_int_equal(alert->severity, HY_SEVERITY_GENERAL);
	result.topics = w->found;
	result.topic_count = 1;
	hy_judge(&w->document, &result, true, HY_STR_LIT("r"), &w->judgement);
	assert_int_equal(w->judgement.outcome, HY_OUTCOME_ALERTED);
	assert_int_equal(alert->policy_count, 1);
	result.topic_count = 0;
	result.policies = &reactions[1];
	result.policy_count = 1;
	hy_judge(&w->document, &result, true, HY_STR_LIT("r"), &w->judgement);
	assert_int_equal(w->judgement.outcome, HY_OUTCOME_QUIET);
}

static void an_alert_names_so_many_policies_and_no_more(void **state)
{
	static const struct hy_policy policy = {.id = {"p", sizeof("p") - 1}};
	struct world *w = *state;
	const struct hy_scan_result result = {.policies = w->found, .policy_count = TOPICS};

	for (size_t i = 0; i < TOPICS; i++)
		w->rules[i].policy = &policy;
	hy_judge(&w->document, &result, true, HY_STR_LIT("r"), &w->judgement);
	assert_int_equal(w->judgement.alert.policy_count, HY_MSG_POLICIES_MAX);
}

static void the_same_version_has_the_same_alert(void **state)
{
	struct hy_id a = hy_alert_id(HY_STR_LIT("v1")), b = hy_alert_id(HY_STR_LIT("v1")),
		     c = hy_alert_id(HY_STR_LIT("v2"));

	(void)state;
	assert_string_equal(a.hex, b.hex);
	assert_string_not_equal(a.hex, c.hex);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(keeps_an_alert_within_its_message),
		TEST(a_hit_too_long_for_a_message_is_left_out),
		TEST(the_gravest_topic_gives_the_severity),
		TEST(place_is_asked_of_each_topic),
		TEST(a_topic_merely_mentioned_brings_nobody_in),
		TEST(a_topic_left_out_raises_nothing),
		TEST(a_reaction_to_a_policy_is_told_beside_the_topics),
		TEST(an_alert_names_so_many_policies_and_no_more),
		TEST(the_same_version_has_the_same_alert),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
