/* The plan holds what was asked for, at addresses that lead back to it, and nothing early. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/web/plan.h"
#include "tests/web/site.h"
#include "tests/web/stats.h"
#include "tests/web/story.h"

#define SPAN_MS 60000

static const struct sim_plan_options some = {
	.seed = 3, .sites = 12, .documents = 1000, .concerns = 150, .span_ms = SPAN_MS, .captcha = true,
	.start = {INT64_C(1795000000000)},
};

static void make(const struct sim_plan_options *options, struct sim_plan *plan)
{
	struct hy_error e = {0};

	if (sim_plan_make(options, plan, &e))
		fail_msg("%s", e.text);
}

static void test_every_concern_is_planted(void **state)
{
	unsigned originals[150] = {0}, reposts = 0, edited = 0;
	struct sim_plan p;

	(void)state;
	make(&some, &p);
	for (uint32_t i = 0; i < some.documents; i++) {
		const struct sim_document *d = &p.document[i];

		assert_in_range(d->appears_ms, 0, SPAN_MS);
		assert_true(d->source < p.sources);
		assert_true(i == 0 || p.document[i - 1].appears_ms <= d->appears_ms);
		edited += d->edited_ms != SIM_NEVER;
		assert_true(d->edited_ms == SIM_NEVER || d->edited_ms >= d->appears_ms);
		if (d->concern == SIM_NO_CONCERN)
			continue;
		assert_int_equal(d->outcome, SIM_ARTICLE);
		originals[d->concern] += d->repost == 0;
		reposts += d->repost > 0;
	}
	for (uint32_t c = 0; c < some.concerns; c++)
		assert_int_equal(originals[c], 1);
	assert_in_range(reposts, 100, 400);
	assert_in_range(edited, 10, 60);
	sim_plan_free(&p);
}

static void test_same_seed_same_plan(void **state)
{
	struct sim_plan_options other = some;
	struct sim_plan a, b, c;
	size_t bytes = some.documents * sizeof *a.document;

	(void)state;
	other.seed++;
	make(&some, &a);
	make(&some, &b);
	make(&other, &c);
	assert_memory_equal(a.document, b.document, bytes);
	assert_memory_not_equal(a.document, c.document, bytes);
	sim_plan_free(&a);
	sim_plan_free(&b);
	sim_plan_free(&c);
}

static void test_visible_grows_with_time(void **state)
{
	uint32_t total = 0;
	struct sim_plan p;

	(void)state;
	make(&some, &p);
	for (uint32_t s = 0; s < p.sources; s++) {
		uint32_t before = 0;

		for (int64_t now = -1; now <= SPAN_MS; now += SPAN_MS / 10) {
			uint32_t visible = sim_plan_visible(&p, s, now);

			assert_true(visible >= before);
			for (uint32_t i = 0; i < p.source_count[s]; i++)
				assert_int_equal(i < visible,
						 p.document[p.of_source[s][i]].appears_ms <= now);
			before = visible;
		}
		assert_int_equal(sim_plan_visible(&p, s, -1), 0);
		total += sim_plan_visible(&p, s, SPAN_MS);
	}
	assert_int_equal(total, some.documents);
	sim_plan_free(&p);
}

static void test_addresses_lead_back(void **state)
{
	struct hy_error e = {0};
	struct sim_text *text = sim_text_load("tests/web/text", &e);
	hy_cleanup(hy_buf_fini) struct hy_buf path = HY_BUF(512);
	struct sim_plan p;

	(void)state;
	assert_non_null(text);
	make(&some, &p);
	for (uint32_t i = 0; i < some.documents; i++) {
		struct sim_world w = {text, &p, 80, 1, 40, 0};
		uint32_t found = UINT32_MAX, source = p.document[i].source;

		hy_buf_clear(&path);
		sim_site_path(&w, i, &path);
		if (sim_plan_is_account(&p, source)) {
			assert_true(hy_str_starts(hy_buf_str(&path), HY_STR_LIT("/s?__biz=")));
			continue;
		}
		assert_true(sim_site_find(&w, source, hy_buf_str(&path), &found));
		assert_int_equal(found, i);
		assert_false(sim_site_find(&w, (source + 1) % 12, hy_buf_str(&path), &found));
	}
	sim_plan_free(&p);
	sim_text_free(text);
}

static void test_options_that_do_not_fit(void **state)
{
	static const struct sim_plan_options bad[] = {
		{.sites = 1, .documents = 10, .concerns = 1},
		{.sites = 5000, .documents = 10, .concerns = 1},
		{.sites = 5, .documents = 10, .concerns = 11},
		{.sites = 5, .documents = 0, .concerns = 0},
		{.sites = 5, .documents = 5000, .concerns = SIM_CONCERNS_MAX + 1},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(bad); i++) {
		struct sim_plan p;
		struct hy_error e = {0};

		assert_int_equal(sim_plan_make(&bad[i], &p, &e), HY_ERR_LIMIT);
		assert_true(e.text[0] != '\0');
	}
}

static void test_scarce_documents_keep_every_original(void **state)
{
	struct sim_plan_options tight = some;
	unsigned originals = 0;
	struct sim_plan p;

	(void)state;
	tight.documents = tight.concerns + 5;
	make(&tight, &p);
	for (uint32_t i = 0; i < tight.documents; i++)
		originals += p.document[i].concern != SIM_NO_CONCERN && p.document[i].repost == 0;
	assert_int_equal(originals, tight.concerns);
	sim_plan_free(&p);
}

static void test_visits_are_judged(void **state)
{
	const struct {
		struct sim_visit visit;
		uint64_t violations;
	} visits[] = {
		{{HY_STR_LIT("/robots.txt"), 0, 0, 2, true, true}, 0},
		{{HY_STR_LIT("/a"), 100, 0, 2, true, true}, 0},
		{{HY_STR_LIT("/robots.txt"), 150, 0, 2, true, true}, 0},
		{{HY_STR_LIT("/b"), 2100, 0, 2, true, true}, 0},
		{{HY_STR_LIT("/c"), 3000, 0, 2, true, true}, 1},	/* too soon */
		{{HY_STR_LIT("/admin/"), 5000, 0, 2, false, true}, 2},	/* forbidden */
		{{HY_STR_LIT("/d"), 7000, 9000, 2, true, true}, 3},	/* Retry-After */
		{{HY_STR_LIT("/d"), 9000, 9000, 2, true, true}, 3},
	};
	struct sim_stats s;

	(void)state;
	sim_stats_init(&s);
	for (size_t i = 0; i < HY_COUNT(visits); i++) {
		sim_stats_count(&s, &visits[i].visit);
		assert_int_equal(sim_stats_violations(&s), visits[i].violations);
	}
	assert_int_equal(s.requests, HY_COUNT(visits));
	assert_int_equal(s.robots, 2);
	assert_int_equal(s.closest_ms, 900);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_concern_is_planted),
		cmocka_unit_test(test_same_seed_same_plan),
		cmocka_unit_test(test_visible_grows_with_time),
		cmocka_unit_test(test_addresses_lead_back),
		cmocka_unit_test(test_options_that_do_not_fit),
		cmocka_unit_test(test_scarce_documents_keep_every_original),
		cmocka_unit_test(test_visits_are_judged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
