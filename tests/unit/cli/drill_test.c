/* Drills: the same seed is the same month, and what units do decides what is late. */
#include "cli/drill.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "alerter/proof.h"
#include "cli/chance.h"
#include "cli/drill_result.h"
#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

#define MINUTE_MS 60000LL
#define HOUR_MS (60 * MINUTE_MS)
#define DAY_MS (24 * HOUR_MS)
#define SEEDS 20

struct fixture {
	struct test_rules folder;
	struct hy_rule_set *rules;
};

/* 2026-11-01T00:00:00+08:00 */
static const struct hy_drill_plan month = {
	.from = {1793462400000}, .until = {1793462400000 + 30 * DAY_MS}, .concerns_a_day = 6,
	.sign_ms = 40 * MINUTE_MS, .answer_ms = 16 * HOUR_MS, .seed = 7};

static int load(void **state)
{
	struct fixture *f = hy_xcalloc(1, sizeof *f);
	struct hy_findings findings;
	enum hy_err err = HY_ERR_IO;

	*state = f;
	hy_findings_init(&findings);
	if (test_rules_make(&f->folder))
		err = hy_rule_set_load_proved(f->folder.folder, month.from, &findings, &f->rules);
	if (err)
		print_error("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	hy_findings_fini(&findings);
	return err ? -1 : 0;
}

static int unload(void **state)
{
	struct fixture *f = *state;

	hy_rule_set_free(f->rules);
	test_rules_remove(&f->folder);
	hy_free_p(&f);
	return 0;
}

static struct hy_drill *play(struct fixture *f, const struct hy_drill_plan *plan)
{
	struct hy_drill *drill = NULL;
	struct hy_error e = {0};

	if (hy_drill_play(plan, f->rules, &drill, &e))
		fail_msg("seed %llu: %s", (unsigned long long)plan->seed, e.text);
	return drill;
}

static int64_t count(struct hy_drill *drill, const char *sql)
{
	struct hy_query *q = hy_store_query(hy_drill_store(drill), sql);
	struct hy_error e = {0};
	int64_t n;
	bool row;

	if (hy_query_next(q, &row, &e) || !row)
		fail_msg("%s: %s", sql, e.text);
	n = hy_query_int(q, 0);
	hy_query_reset(q);
	return n;
}

static char *text_of(struct hy_drill *drill)
{
	json_t *result = NULL;
	struct hy_error e = {0};
	char *text;

	if (hy_drill_result(drill, &result, &e))
		fail_msg("%s", e.text);
	text = json_dumps(result, JSON_COMPACT);
	json_decref(result);
	return text;
}

static void the_same_seed_is_the_same_month(void **state)
{
	struct hy_drill_plan other = month;
	struct hy_drill *first = play(*state, &month), *second = play(*state, &month), *third;
	char *a = text_of(first), *b = text_of(second), *c;

	other.seed++;
	third = play(*state, &other);
	c = text_of(third);
	assert_in_range(hy_drill_concerns(first), 100, 300);
	assert_string_equal(a, b);
	assert_string_not_equal(a, c);
	free(a);
	free(b);
	free(c);
	hy_drill_free(first);
	hy_drill_free(second);
	hy_drill_free(third);
}

#define LATE(ladder) \
	"SELECT count(*) FROM deadline WHERE ladder = '" ladder "' AND step = 100" \
	" AND fired_at IS NOT NULL"

static void lateness_follows_the_units(void **state)
{
	struct hy_drill_plan fast = month, slow = month;
	struct hy_drill *a, *b;

	fast.sign_ms = 1;
	fast.answer_ms = 1;
	slow.sign_ms = 60000 * DAY_MS;
	a = play(*state, &fast);
	b = play(*state, &slow);
	assert_int_equal(count(a, LATE("sign")), 0);
	/* What comes at night waits for the day, though its limit may be shorter. */
	assert_int_equal(count(a, LATE("answer") " AND case_id IN (SELECT id FROM case_ WHERE"
				  " (assigned_at / 3600000 + 8) % 24 BETWEEN 8 AND 19)"), 0);
	assert_int_equal(count(a, "SELECT count(*) FROM case_ WHERE answered_at IS NULL"
				  " AND assigned_at < 1795968000000"), 0);
	/* Those of the last day are not late yet. */
	assert_true(count(b, LATE("sign")) > count(b, "SELECT count(*) FROM case_") * 9 / 10);
	assert_int_equal(count(b, "SELECT count(*) FROM case_ WHERE signed_at IS NOT NULL"), 0);
	hy_drill_free(a);
	hy_drill_free(b);
}

/* What must hold whatever happens, seed by seed. */
static const struct {
	const char *what, *sql;
} laws[] = {
	{"a case without limits",
	 "SELECT count(*) FROM case_ c WHERE NOT EXISTS (SELECT 1 FROM deadline d"
	 " WHERE d.case_id = c.id AND d.ladder = 'answer' AND d.step = 100)"},
	{"an alert without a case", "SELECT count(*) FROM alert WHERE case_id NOT IN"
				    " (SELECT id FROM case_)"},
	{"a limit fired early or late",
	 "SELECT count(*) FROM deadline WHERE fired_at IS NOT NULL AND fired_at <> due_at"},
	{"a limit that was stopped and fired",
	 "SELECT count(*) FROM deadline WHERE fired_at IS NOT NULL AND stopped_at IS NOT NULL"
	 " AND fired_at > stopped_at"},
	{"a case nobody was told of",
	 "SELECT count(*) FROM case_ c WHERE NOT EXISTS (SELECT 1 FROM notice n"
	 " WHERE n.case_id = c.id)"},
	{"a notice left behind", "SELECT count(*) FROM notice WHERE state <> 'sent'"},
	{"a concern with two open cases",
	 "SELECT count(*) FROM (SELECT event FROM case_ WHERE state NOT IN ('closed', 'merged', 'dismissed')"
	 " GROUP BY event HAVING count(*) > 1) AS twice"},
};

static void laws_hold_in_every_month(void **state)
{
	struct hy_drill_plan plan = month;

	for (plan.seed = 1; plan.seed <= SEEDS; plan.seed++) {
		struct hy_drill *drill = play(*state, &plan);

		for (size_t i = 0; i < HY_COUNT(laws); i++) {
			int64_t n = count(drill, laws[i].sql);

			if (n)
				fail_msg("seed %llu: %s (%lld times)",
					 (unsigned long long)plan.seed, laws[i].what, (long long)n);
		}
		hy_drill_free(drill);
	}
}

static void drills_are_compared(void **state)
{
	struct hy_drill_plan slow = month;
	struct hy_drill *a = play(*state, &month), *b;
	json_t *same = NULL, *differences = NULL;
	struct hy_error e = {0};

	slow.answer_ms = 60000 * DAY_MS;
	b = play(*state, &slow);
	assert_int_equal(hy_drill_compare(a, a, &same, &e), HY_OK);
	assert_int_equal(json_array_size(same), 0);
	assert_int_equal(hy_drill_compare(a, b, &differences, &e), HY_OK);
	assert_int_equal(json_array_size(differences),
			 count(b, LATE("answer")) - count(a, LATE("answer")));
	json_decref(same);
	json_decref(differences);
	hy_drill_free(a);
	hy_drill_free(b);
}

/* Reprints, and only they, join. */
static void reprints_join(void **state)
{
	struct hy_drill *drill = play(*state, &month);
	struct hy_drill_outcome o;
	struct hy_error e = {0};
	size_t joined = 0;

	for (size_t i = 0; i < hy_drill_concerns(drill); i++) {
		assert_int_equal(hy_drill_outcome(drill, i, &o, &e), HY_OK);
		assert_non_null(o.lead);
		joined += o.joined;
	}
	assert_in_range(joined, hy_drill_concerns(drill) / 10, hy_drill_concerns(drill) / 3);
	assert_int_equal(count(drill, "SELECT count(*) FROM case_"),
			 (int64_t)(hy_drill_concerns(drill) - joined));
	hy_drill_free(drill);
}

static void chance_is_even(void **state)
{
	struct hy_chance chance = hy_chance_of(1, 2), again = hy_chance_of(1, 2);
	double waits = 0;
	int below = 0;

	(void)state;
	for (int i = 0; i < 10000; i++) {
		assert_true(hy_chance_next(&chance) == hy_chance_next(&again));
		waits += hy_chance_wait(&chance, 5);
		below += hy_chance_effort(&chance, 100, 2) < 100;
		assert_true(hy_chance_pick(&chance, 3) < 3);
		again = chance;
	}
	assert_in_range((int)(waits / 100), 480, 520);
	assert_in_range(below, 4800, 5200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_seed_is_the_same_month),
		cmocka_unit_test(lateness_follows_the_units),
		cmocka_unit_test(laws_hold_in_every_month),
		cmocka_unit_test(reprints_join),
		cmocka_unit_test(drills_are_compared),
		cmocka_unit_test(chance_is_even),
	};

	return cmocka_run_group_tests_name("drill", tests, load, unload);
}
