/* What `huiying rules traffic` prints and returns. */
#include "cli/verb.h"

#include "alerter/calendar.h"
#include "tests/unit/cli/verb_world.h"

#define NOON 1795492800000	/* 2026-11-24T12:00:00+08:00 */
#define QUESTION "rules traffic --at 2026-11-24T20:00:00+08:00"

static void tell_tally(struct fixture *f, int day, int64_t documents, int64_t wages, int64_t water)
{
	const struct hy_msg_share shares[] = {{HY_STR_LIT("wages.arrears"), wages},
					      {HY_STR_LIT("water.pollution"), water}};
	struct hy_wall at = {NOON - day * HY_DAY_MS};
	struct hy_msg m = {.type = HY_MSG_TALLY};
	struct hy_error e = {0};
	char id[32];
	bool fresh;

	(void)snprintf(id, sizeof id, "day-%d", day);
	m.id = hy_str_of(id);
	m.as.tally = (struct hy_msg_tally){.at = at, .documents = documents, .alerted = 5,
					   .shares = shares, .share_count = 2};
	hy_ledger_set_now(f->ledger, at);
	if (hy_ledger_tally(f->ledger, &m, &fresh, &e))
		fail_msg("tally: %s", e.text);
}

static void live_through(struct fixture *f)
{
	run(f, "UPDATE topic_form SET since = 0");
	for (int day = 14; day > 0; day--)
		tell_tally(f, day, 500, 5, 50);
}

static int ask_traffic(struct fixture *f, const char *words, char out[OUT_BYTES])
{
	char line[192];

	(void)snprintf(line, sizeof line, "%s --rules %s", words, f->folder.folder);
	return ask(f, hy_verb_rules, line, out);
}

static void a_usual_day_is_a_table(void **state)
{
	struct fixture *f = *state;
	char out[OUT_BYTES];

	live_through(f);
	tell_tally(f, 0, 400, 4, 40);
	assert_int_equal(ask_traffic(f, QUESTION, out), HY_EXIT_OK);
	assert_non_null(strstr(out, "今天命中/判读"));
	assert_non_null(strstr(out, "40/400"));
	assert_non_null(strstr(out, "10.0%"));
	assert_null(strstr(out, "site.noise"));
	assert_non_null(strstr(out, "另有 2 个议题今天和平时都没有命中"));
	/* The largest share first. */
	assert_true(strstr(out, "water.pollution") < strstr(out, "wages.arrears"));
	assert_int_equal(ask_traffic(f, QUESTION " --all", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "site.noise"));
}

static void what_is_out_of_its_usual_stands_first(void **state)
{
	struct fixture *f = *state;
	char out[OUT_BYTES];
	json_t *json;

	live_through(f);
	tell_tally(f, 0, 400, 60, 0);
	assert_int_equal(ask_traffic(f, QUESTION, out), HY_EXIT_FINDINGS);
	assert_non_null(strstr(out, "骤增"));
	assert_non_null(strstr(out, "沉寂"));
	assert_int_equal(ask_traffic(f, QUESTION " -o json", out), HY_EXIT_FINDINGS);
	json = first_line(out);
	assert_string_equal(json_string_value(json_object_get(json, "topic")), "wages.arrears");
	assert_string_equal(json_string_value(json_object_get(json, "state")), "surge");
	assert_int_equal(json_integer_value(json_object_get(json, "fired")), 60);
	assert_int_equal(json_integer_value(json_object_get(json, "documents")), 400);
	assert_true(json_real_value(json_object_get(json, "usual")) > 0.0099);
	json_decref(json);
}

static void nothing_is_known_of_new_rules(void **state)
{
	struct fixture *f = *state;
	char out[OUT_BYTES];

	assert_int_equal(ask_traffic(f, QUESTION " --all", out), HY_EXIT_OK);
	assert_non_null(strstr(out, "还看不出"));
	assert_null(strstr(out, "平常"));
	assert_int_equal(ask(f, hy_verb_rules, "rules traffic --at yesterday", out),
			 HY_EXIT_USAGE);
}

static int run_all(struct fixture *f)
{
	const struct CMUnitTest tests[] = {
		TEST(a_usual_day_is_a_table),
		TEST(what_is_out_of_its_usual_stands_first),
		TEST(nothing_is_known_of_new_rules),
	};

	return cmocka_run_group_tests_name(world_engine(f), tests, NULL, NULL);
}

int main(void)
{
	return world_on_both_engines(run_all);
}
