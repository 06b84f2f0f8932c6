/* Limits: which apply, and the moments of their steps. */
#include "alerter/presets.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

struct fixture {
	struct test_rules folder;
	struct hy_presets *presets;
};

static int set_up(void **state)
{
	static struct fixture f;
	struct hy_findings findings;
	bool good = test_rules_make(&f.folder) &&
		    test_rules_edit(&f.folder, "deadlines.yaml", "limit: 10s",
				    "limit: 10s, steps: [10, 100]") ;

	*state = &f;
	hy_findings_init(&findings);
	good = good && !hy_presets_load(f.folder.folder, &findings, &f.presets) &&
	       findings.count == 0;
	hy_findings_fini(&findings);
	return good ? 0 : -1;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	hy_presets_free(f->presets);
	test_rules_remove(&f->folder);
	return 0;
}

/* Natural hours: nights, week-ends, holidays, the ends of months and years all count. */
static const struct {
	const char *preset, *start;
	int percent;
	const char *due;
} moments[] = {
	{"answer-48h", "2026-11-23T09:00:00+08:00", 100, "2026-11-25T09:00:00+08:00"},
	{"answer-48h", "2026-11-23T09:00:00+08:00", 50, "2026-11-24T09:00:00+08:00"},
	{"answer-48h", "2026-09-30T18:00:00+08:00", 100, "2026-10-02T18:00:00+08:00"},
	{"answer-48h", "2026-12-31T08:00:00+08:00", 80, "2027-01-01T22:24:00+08:00"},
	{"answer-48h", "2028-02-28T12:00:00+08:00", 100, "2028-03-01T12:00:00+08:00"},
	{"answer-5h", "2026-11-23T22:00:00+08:00", 100, "2026-11-24T03:00:00+08:00"},
	{"answer-5h", "2026-11-23T14:00:00Z", 50, "2026-11-24T00:30:00+08:00"},
	{"press-24h", "2026-11-28T23:59:59+08:00", 100, "2026-11-29T23:59:59+08:00"},
	{"sign-10s", "2026-11-23T09:00:00+08:00", 10, "2026-11-23T09:00:01+08:00"},
};

static void steps_fall_where_they_must(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(moments); i++) {
		const struct hy_preset *preset = hy_presets_find(f->presets,
								 hy_str_of(moments[i].preset));
		struct hy_wall start;
		char due[HY_RFC3339_BYTES];

		assert_non_null(preset);
		assert_true(hy_wall_parse(hy_str_of(moments[i].start), &start));
		assert_string_equal(hy_wall_format(hy_preset_due(preset, start, moments[i].percent),
						   due),
				    moments[i].due);
	}
}

static void severity_chooses(void **state)
{
	static const struct {
		enum hy_severity severity;
		const char *sign, *answer, *press;
	} wanted[] = {
		{HY_SEVERITY_GENERAL, "sign-2h", "answer-48h", NULL},
		{HY_SEVERITY_CONSIDERABLE, "sign-2h", "answer-48h", NULL},
		{HY_SEVERITY_MAJOR, "sign-2h", "answer-5h", "press-24h"},
		{HY_SEVERITY_CRITICAL, "sign-10s", "answer-5h", "press-24h"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < HY_COUNT(wanted); i++) {
		const struct hy_preset_use *use = hy_presets_use(f->presets, HY_STR_LIT("any"),
								 wanted[i].severity);

		assert_non_null(use);
		assert_true(hy_str_eq_c(use->ladder[HY_LADDER_SIGN]->id, wanted[i].sign));
		assert_true(hy_str_eq_c(use->ladder[HY_LADDER_ANSWER]->id, wanted[i].answer));
		assert_int_equal(use->ladder[HY_LADDER_PRESS] != NULL, wanted[i].press != NULL);
	}
}

static void steps_are_read(void **state)
{
	struct fixture *f = *state;
	const struct hy_preset *given = hy_presets_find(f->presets, HY_STR_LIT("sign-10s"));
	const struct hy_preset *preset = hy_presets_find(f->presets, HY_STR_LIT("sign-2h"));

	assert_int_equal(given->step_count, 2);
	assert_int_equal(given->steps[0], 10);
	assert_int_equal(preset->step_count, 3);
	assert_int_equal(preset->steps[1], 80);
	assert_int_equal(f->presets->clock_start, HY_CLOCK_DETECTION);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_fall_where_they_must),
		cmocka_unit_test(severity_chooses),
		cmocka_unit_test(steps_are_read),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
