#include "common/rules/places.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

static const char good[] =
	"places:\n"
	"  - id: zone\n    name: 某区\n    aliases: [某市某区, {name: 高新区, unique: false}]\n"
	"    codes: [\"370176\", \"370171\"]\n    evidence: {unique: true, needs: [某市]}\n"
	"  - id: street\n    name: 某街道\n    parent: zone\n    unit: office\n"
	"    valid_from: 2020-01-01\n    valid_to: 2023-01-01\n    evidence: {needs: [某市, 某城]}\n"
	"elsewhere: [他市]\n";

struct world {
	struct test_rules folder;
	struct hy_findings findings;
	struct hy_places *places;
};

static int setup(void **state)
{
	struct world *w = hy_xcalloc(1, sizeof *w);

	hy_findings_init(&w->findings);
	assert_true(test_rules_make(&w->folder));
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	hy_places_free(w->places);
	hy_findings_fini(&w->findings);
	test_rules_remove(&w->folder);
	free(w);
	return 0;
}

static void load(struct world *w, const char *text)
{
	struct hy_error e = {0};

	hy_places_free(w->places);
	w->places = NULL;
	hy_findings_fini(&w->findings);
	hy_findings_init(&w->findings);
	assert_true(test_rules_put(&w->folder, "places.yaml", text));
	assert_int_equal(hy_places_load(w->folder.folder, &w->findings, &w->places, &e), HY_OK);
}

static struct hy_wall day(const char *text)
{
	char full[40];
	struct hy_wall at;

	(void)snprintf(full, sizeof full, "%sT00:00:00+08:00", text);
	assert_true(hy_wall_parse(hy_str_of(full), &at));
	return at;
}

static void reads_everything(void **state)
{
	struct world *w = *state;
	const struct hy_str *elsewhere;

	load(w, good);
	assert_int_equal(w->findings.count, 0);
	assert_int_equal(hy_places_count(w->places), 2);
	const struct hy_place *zone = hy_places_at(w->places, 0);
	const struct hy_place *street = hy_places_get(w->places, HY_STR_LIT("street"));
	assert_int_equal(zone->name_count, 3);
	assert_true(hy_str_eq_c(zone->names[0].text, "某区") && zone->names[0].unique);
	assert_true(hy_str_eq_c(zone->names[1].text, "某市某区") && zone->names[1].unique);
	assert_true(hy_str_eq_c(zone->names[2].text, "高新区") && !zone->names[2].unique);
	assert_int_equal(zone->code_count, 2);
	assert_true(hy_str_eq_c(zone->codes[0], "370176"));
	assert_int_equal(zone->parent.n, 0);
	assert_int_equal(zone->unit.n, 0);
	assert_non_null(street);
	assert_true(hy_str_eq_c(street->unit, "office"));
	assert_int_equal(street->need_count, 2);
	assert_false(street->names[0].unique);
	assert_int_equal(hy_places_elsewhere(w->places, &elsewhere), 1);
	assert_true(hy_str_eq_c(elsewhere[0], "他市"));
	assert_null(hy_places_get(w->places, HY_STR_LIT("mars")));
}

static void validity_is_half_open(void **state)
{
	struct world *w = *state;

	load(w, good);
	const struct hy_place *street = hy_places_get(w->places, HY_STR_LIT("street"));
	assert_false(hy_place_valid_at(street, day("2019-12-31")));
	assert_true(hy_place_valid_at(street, day("2020-01-01")));
	assert_true(hy_place_valid_at(street, day("2022-12-31")));
	assert_false(hy_place_valid_at(street, day("2023-01-01")));
	assert_true(hy_place_valid_at(hy_places_at(w->places, 0), day("1999-01-01")));
}

static void knows_what_lies_in_what(void **state)
{
	struct world *w = *state;
	const struct hy_str zone = HY_STR_LIT("zone"), street = HY_STR_LIT("street");

	load(w, good);
	assert_true(hy_places_within(w->places, street, zone));
	assert_true(hy_places_within(w->places, zone, zone));
	assert_false(hy_places_within(w->places, zone, street));
	assert_false(hy_places_within(w->places, HY_STR_LIT("mars"), zone));
}

static void the_version_follows_the_bytes(void **state)
{
	struct world *w = *state;

	load(w, good);
	struct hy_id first = hy_places_version(w->places);
	load(w, good);
	struct hy_id again = hy_places_version(w->places);
	assert_string_equal(first.hex, again.hex);
	load(w, "places: []\n");
	struct hy_id other = hy_places_version(w->places);
	assert_string_not_equal(first.hex, other.hex);
}

#define UNIQUE ", evidence: {unique: true}}\n"

static void mistakes_are_findings(void **state)
{
	static const struct {
		const char *text, *place, *message;
		size_t left;	/* places that remain */
	} cases[] = {
		{"places:\n  - {id: a, name: 甲" UNIQUE "  - {id: a, name: 乙" UNIQUE, ":3:10", "重复", 1},
		{"places:\n  - {id: a, name: 甲}\n", ":2:5", "没有 evidence", 0},
		{"places:\n  - {id: a, name: 甲, evidence: {unique: false}}\n", ":2:", "佐证词", 0},
		{"places:\n  - {id: a, name: 甲, aliases: [{name: 乙, unique: false}]" UNIQUE, ":2:",
		 "不唯一的名称", 0},
		{"places:\n  - {id: a, name: 甲, parent: b" UNIQUE, ":2:", "上级地点 b 不存在", 1},
		{"places:\n  - {id: a, name: 甲, parent: b" UNIQUE "  - {id: b, name: 乙, parent: a" UNIQUE,
		 ":2:", "成环", 2},
		{"places:\n  - {id: a, nmae: 甲" UNIQUE, ":2:", "nmae", 0},
		{"places:\n  - {id: a, name: 甲, valid_from: 2022-01-01, valid_to: 2021-01-01" UNIQUE,
		 ":2:", "不晚于", 0},
		{"places:\n  - 甲\n", ":2:5", "映射", 0},
		{"places: 甲\n", ":1:9", "列表", 0},
		{"elsewhere: []\n", ":1:1", "places", 0},
		{"", ":1:1", "places", 0},
		{"places: [\n", "places.yaml:", "", 0},
	};
	struct world *w = *state;

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		load(w, cases[i].text);
		struct hy_str all = hy_buf_str(&w->findings.text);

		if (w->findings.count == 0 ||
		    hy_str_find(all, hy_str_of(cases[i].place), 0) == SIZE_MAX ||
		    hy_str_find(all, hy_str_of(cases[i].message), 0) == SIZE_MAX)
			fail_msg("case %zu: %.*s", i, HY_STR_ARGS(all));
		assert_int_equal(hy_places_count(w->places), cases[i].left);
	}
}

static void no_file_is_an_error(void **state)
{
	struct world *w = *state;
	struct hy_error e = {0};

	assert_int_equal(hy_places_load("/nonexistent", &w->findings, &w->places, &e), HY_ERR_IO);
	assert_null(w->places);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(reads_everything),
		TEST(validity_is_half_open),
		TEST(knows_what_lies_in_what),
		TEST(the_version_follows_the_bytes),
		TEST(mistakes_are_findings),
		TEST(no_file_is_an_error),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
