/* What topics say besides their conditions; mistakes in them are in analyzer/check_test.c. */
#include "common/rules/topics.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "tests/lib/rules_folder.h"

struct world {
	struct test_rules folder;
	struct hy_findings findings;
	struct hy_topics *topics;
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

	hy_topics_free(w->topics);
	hy_findings_fini(&w->findings);
	test_rules_remove(&w->folder);
	free(w);
	return 0;
}

static void load(struct world *w)
{
	struct hy_error e = {0};

	hy_topics_free(w->topics);
	w->topics = NULL;
	assert_int_equal(hy_topics_load(w->folder.folder, &w->findings, &w->topics, &e), HY_OK);
}

static void reads_files_in_the_order_of_their_names(void **state)
{
	struct world *w = *state;

	assert_true(test_rules_put(&w->folder, "topics/a.yaml",
				   "- {id: first, title: 一, owner: labour}\n"
				   "- {id: second, title: 二, owner: civil, severity: II, place: any,"
				   " valid_from: 2026-01-01}\n"));
	assert_true(test_rules_put(&w->folder, "topics/z.yaml",
				   "{id: last, title: 末, owner: office}\n"));
	assert_true(test_rules_put(&w->folder, "topics/.hidden.yaml", "[}"));
	assert_true(test_rules_put(&w->folder, "topics/notes.txt", "[}"));
	load(w);
	assert_int_equal(w->findings.count, 0);
	size_t count = hy_topics_count(w->topics);
	assert_int_equal(count, 7);
	assert_true(hy_str_eq_c(hy_topics_at(w->topics, 0)->id, "first"));
	assert_true(hy_str_eq_c(hy_topics_at(w->topics, count - 1)->id, "last"));

	const struct hy_topic *first = hy_topics_at(w->topics, 0);
	const struct hy_topic *second = hy_topics_get(w->topics, HY_STR_LIT("second"));
	assert_int_equal(first->severity, HY_SEVERITY_GENERAL);
	assert_int_equal(first->place, HY_TOPIC_PLACE_PRESET);
	assert_false(hy_wall_known(first->valid_from));
	assert_non_null(second);
	assert_true(hy_str_eq_c(second->owner, "civil"));
	assert_int_equal(second->severity, HY_SEVERITY_MAJOR);
	assert_int_equal(second->place, HY_TOPIC_PLACE_ANY);
	assert_true(hy_wall_known(second->valid_from));
	assert_int_equal(hy_lists_count(hy_topics_lists(w->topics)), 0);
}

static void a_bad_topic_leaves_the_others(void **state)
{
	struct world *w = *state;

	assert_true(test_rules_put(&w->folder, "topics/a.yaml",
				   "- {id: good, title: 一, owner: labour}\n"
				   "- {id: bad, title: 二}\n- 三\n"));
	assert_true(test_rules_put(&w->folder, "topics/b.yaml", "[}"));
	load(w);
	assert_true(w->findings.count >= 3);
	assert_non_null(hy_topics_get(w->topics, HY_STR_LIT("good")));
	assert_null(hy_topics_get(w->topics, HY_STR_LIT("bad")));
}

/* The version names the rules that judged: any byte of any file read, and names, change it. */
static void the_version_follows_every_file(void **state)
{
	struct world *w = *state;
	struct hy_id seen[4];

	load(w);
	seen[0] = hy_topics_version(w->topics);
	load(w);
	seen[1] = hy_topics_version(w->topics);
	assert_string_equal(seen[0].hex, seen[1].hex);
	assert_true(test_rules_put(&w->folder, "lists.yaml", "a: [甲]\n"));
	load(w);
	seen[1] = hy_topics_version(w->topics);
	assert_int_equal(hy_lists_count(hy_topics_lists(w->topics)), 1);
	assert_true(test_rules_put(&w->folder, "lists.yaml", "a: [乙]\n"));
	load(w);
	seen[2] = hy_topics_version(w->topics);
	assert_true(test_rules_put(&w->folder, "topics/a.yaml", "[]\n"));
	load(w);
	seen[3] = hy_topics_version(w->topics);
	for (size_t i = 0; i < HY_COUNT(seen); i++)
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(seen[i].hex, seen[j].hex);
}

static void a_folder_without_topics_is_an_error(void **state)
{
	struct world *w = *state;
	struct hy_error e = {0};

	assert_int_equal(hy_topics_load("/nonexistent", &w->findings, &w->topics, &e), HY_ERR_IO);
	assert_null(w->topics);
	assert_true(strlen(e.text) > 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(reads_files_in_the_order_of_their_names),
		TEST(a_bad_topic_leaves_the_others),
		TEST(the_version_follows_every_file),
		TEST(a_folder_without_topics_is_an_error),
	};
#undef TEST

	return cmocka_run_group_tests(tests, NULL, NULL);
}
