#include "analyzer/place_finder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/scanner.h"
#include "common/base/mem.h"

/* The places of the tree: what officers rely on. */
struct world {
	struct hy_fold_table *table;
	struct hy_ruleset *ruleset;
	struct hy_scanner *scanner;
};

static int setup(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);
	struct hy_findings findings;
	struct hy_error e = {0};

	hy_findings_init(&findings);
	if (hy_fold_table_new(&w->table, &e) ||
	    hy_ruleset_load("rules", w->table, &findings, &w->ruleset, &e) || findings.count)
		return -1;
	hy_findings_fini(&findings);
	w->scanner = hy_scanner_new(w->ruleset);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	hy_scanner_free(w->scanner);
	hy_ruleset_free(w->ruleset);
	hy_fold_table_free(w->table);
	free(w);
	return 0;
}

static const struct {
	const char *title, *text, *region, *at, *places;
} cases[] = {
	/* By itself, or not at all. */
	{"", "济南高新区发布通知", "", "2026-01-01", "zone"},
	{"", "舜华路街道的居民", "", "2026-01-01", "shunhua-road"},
	{"", "高新区发布通知", "", "2026-01-01", ""},
	{"", "孙村的居民", "", "2026-01-01", ""},
	{"", "临港街道的居民", "", "2026-01-01", ""},
	/* With a word that makes it ours, wherever it stands. */
	{"", "济南市民王先生说，高新区某小区", "", "2026-01-01", "zone"},
	{"泉城今日", "孙村的居民", "", "2026-01-01", "suncun"},
	{"", "濟南　孫村街道", "", "2026-01-01", "suncun"},
	{"", "孙-村街道，济\xe2\x80\x8b南", "", "2026-01-01", "suncun"},
	/* With a name that only the district has. */
	{"", "汉峪金谷旁，高新区一家企业", "", "2026-01-01", "zone shunhua-road"},
	/* With a source that is about the district. */
	{"", "高新区发布通知", "zone", "2026-01-01", "zone"},
	{"", "孙村的居民", "suncun", "2026-01-01", "suncun"},
	{"", "高新区发布通知", "mars", "2026-01-01", ""},
	/* Never another city's. */
	{"", "成都高新区与济南合作", "", "2026-01-01", ""},
	{"", "成都市高新区与济南合作", "", "2026-01-01", ""},
	{"", "全国高新区排名，济南第几", "", "2026-01-01", ""},
	{"", "成都高新区学习济南高新区", "", "2026-01-01", "zone"},
	/* The title counts more, then how often. */
	{"济南巨野河街道", "济南孙村街道，孙村街道", "", "2026-01-01", "juyehe suncun"},
	{"", "济南孙村街道、巨野河街道、孙村街道", "", "2026-01-01", "suncun juyehe"},
	/* A name that is no longer valid stands for what it lies in now. */
	{"", "济南章锦街道", "", "2021-06-01", "zhangjin"},
	{"", "济南章锦街道", "", "2026-01-01", "zone"},
	{"", "济南创新谷街道", "", "2020-01-01", "chuangxingu"},
	{"", "济南创新谷街道", "", "2026-01-01", "zone"},
};

static void finds_ours_and_nobody_elses(void **state)
{
	struct world *w = *state;
	struct hy_buf ids;

	hy_buf_init(&ids, 1000);
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_scan_input input = {.title = hy_str_of(cases[i].title),
					      .text = hy_str_of(cases[i].text),
					      .region = hy_str_of(cases[i].region)};
		struct hy_scan_result result;
		char at[HY_RFC3339_BYTES];

		(void)snprintf(at, sizeof at, "%sT12:00:00+08:00", cases[i].at);
		assert_true(hy_wall_parse(hy_str_of(at), &input.at));
		assert_int_equal(hy_scan(w->scanner, &input, &result), HY_OK);
		hy_buf_clear(&ids);
		hy_buf_add(&ids, "", 0);
		for (size_t j = 0; j < result.place_count; j++)
			hy_buf_addf(&ids, "%s%.*s", j ? " " : "",
				    HY_STR_ARGS(result.places[j].place->id));
		assert_string_equal(ids.n ? ids.p : "", cases[i].places);
		assert_int_equal(result.ours, cases[i].places[0] != '\0');
	}
	hy_buf_fini(&ids);
}

static void tells_where_it_stands(void **state)
{
	static const char text[] = "成都高新区，济南 高新区";
	struct world *w = *state;
	struct hy_scan_input input = {.text = hy_str_of(text), .at = hy_wall_now()};
	struct hy_scan_result result;

	assert_int_equal(hy_scan(w->scanner, &input, &result), HY_OK);
	assert_int_equal(result.place_count, 1);
	assert_int_equal(result.places[0].start, 18);
	assert_int_equal(result.places[0].end, strlen(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_ours_and_nobody_elses),
		cmocka_unit_test(tells_where_it_stands),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
