/* The stories keep the distances that the tests of clustering stand on. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "tests/web/story.h"

#define SEED 7
#define CONCERNS 300	/* twice what the campaign plants */
#define TEXT_BYTES_MAX (1u << 16)

/* The 3-character shingles of a story, sorted, each once. */
struct shingles {
	uint64_t *hash;
	size_t count;
};

static int by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static struct shingles shingles_of(struct hy_str text)
{
	struct shingles s = {hy_xcalloc(text.n + 1, sizeof *s.hash), 0};
	uint64_t window = 0;
	size_t seen = 0, kept = 0;

	for (size_t at = 0; at < text.n;) {
		uint32_t rune = 0;
		size_t n = hy_utf8_decode(text.p + at, text.n - at, &rune);

		assert_true(n > 0);
		at += n;
		window = (window << 21 | rune) & ((UINT64_C(1) << 63) - 1);
		if (++seen >= 3)
			s.hash[s.count++] = window;
	}
	qsort(s.hash, s.count, sizeof *s.hash, by_value);
	for (size_t i = 0; i < s.count; i++)
		if (i == 0 || s.hash[i] != s.hash[i - 1])
			s.hash[kept++] = s.hash[i];
	s.count = kept;
	return s;
}

static double jaccard(const struct shingles *a, const struct shingles *b)
{
	size_t i = 0, j = 0, both = 0;

	while (i < a->count && j < b->count) {
		both += a->hash[i] == b->hash[j];
		if (a->hash[i] < b->hash[j])
			i++;
		else if (a->hash[i] > b->hash[j])
			j++;
		else
			i++, j++;
	}
	return (double)both / (double)(a->count + b->count - both);
}

static struct shingles of_concern(const struct sim_text *t, uint32_t concern,
				  struct sim_variant variant)
{
	hy_cleanup(hy_buf_fini) struct hy_buf flat = HY_BUF(TEXT_BYTES_MAX);
	struct shingles result;
	struct sim_story s;

	sim_story_init(&s);
	sim_story_concern(t, SEED, concern, variant, &s);
	sim_story_flatten(&s, &flat);
	assert_int_equal(hy_buf_err(&flat), HY_OK);
	assert_true(hy_utf8_count(flat.p, flat.n) > 250);
	result = shingles_of(hy_buf_str(&flat));
	sim_story_fini(&s);
	return result;
}

static int load(void **state)
{
	struct hy_error e = {0};

	*state = sim_text_load("tests/web/text", &e);
	if (!*state)
		print_error("%s\n", e.text);
	return *state ? 0 : -1;
}

static int unload(void **state)
{
	sim_text_free(*state);
	return 0;
}

/* The arithmetic of story.c and slots.c depends on these numbers. */
static void test_tables_are_full(void **state)
{
	static const char *const places[] = {"title", "1", "2", "3", "4"};
	static const char *const tails[] = {"estate", "firm", "school", "hospital", "road", "project"};
	const struct sim_text *t = *state;
	char section[64];

	assert_int_equal(sim_text_count(t, "head"), 60);
	assert_int_equal(sim_text_count(t, "street"), 5);
	for (size_t i = 0; i < HY_COUNT(tails); i++) {
		(void)snprintf(section, sizeof section, "tail.%s", tails[i]);
		assert_int_equal(sim_text_count(t, section), 10);
	}
	for (uint32_t topic = 0; topic < 14; topic++) {
		struct sim_concern c = sim_concern_of(t, SEED, topic);

		for (size_t i = 0; i < HY_COUNT(places); i++) {
			(void)snprintf(section, sizeof section, "%s.%s", c.topic, places[i]);
			assert_int_equal(sim_text_count(t, section), 5);
		}
	}
	for (int i = 1; i <= 4; i++) {
		(void)snprintf(section, sizeof section, "generic.%d", i);
		assert_int_equal(sim_text_count(t, section), 11);
	}
}

static void test_concerns_differ(void **state)
{
	static struct shingles all[CONCERNS];
	double worst = 0;

	for (uint32_t i = 0; i < CONCERNS; i++)
		all[i] = of_concern(*state, i, (struct sim_variant){0});
	for (uint32_t i = 0; i < CONCERNS; i++) {
		for (uint32_t j = 0; j < i; j++) {
			double same = jaccard(&all[i], &all[j]);

			if (same > worst)
				worst = same;
			if (same >= 0.35)
				fail_msg("concerns %u and %u: %.3f", i, j, same);
		}
	}
	print_message("most alike of different concerns: %.3f\n", worst);
	for (uint32_t i = 0; i < CONCERNS; i++)
		free(all[i].hash);
}

static void test_reposts_stay_alike(void **state)
{
	double worst = 1;

	for (uint32_t c = 0; c < CONCERNS; c++) {
		struct shingles original = of_concern(*state, c, (struct sim_variant){0});

		for (unsigned variant = 1; variant < 6; variant++) {
			struct sim_variant v = {variant % 4, variant >= 4};
			struct shingles other = of_concern(*state, c, v);
			double same = jaccard(&original, &other);

			if (same < worst)
				worst = same;
			if (same <= 0.6 || same >= 1)
				fail_msg("concern %u, variant %u: %.3f", c, variant, same);
			free(other.hash);
		}
		free(original.hash);
	}
	print_message("least alike of one concern: %.3f\n", worst);
}

static bool mentions(const struct sim_story *s, const char *word)
{
	hy_cleanup(hy_buf_fini) struct hy_buf flat = HY_BUF(TEXT_BYTES_MAX);

	sim_story_flatten(s, &flat);
	return hy_str_find(hy_buf_str(&flat), hy_str_of(word), 0) != SIZE_MAX;
}

static void test_places_are_named(void **state)
{
	const struct sim_text *t = *state;

	for (uint32_t c = 0; c < CONCERNS; c++) {
		struct sim_concern concern = sim_concern_of(t, SEED, c);
		struct sim_story s;

		sim_story_init(&s);
		sim_story_concern(t, SEED, c, (struct sim_variant){0}, &s);
		assert_true(mentions(&s, "济南高新区"));
		for (size_t i = 0; i < sim_text_count(t, "street"); i++) {
			struct hy_str street = sim_text_line(t, "street", i);
			hy_cleanup(hy_free_p) char *name = hy_str_dup(street);

			assert_int_equal(mentions(&s, name), hy_str_eq(street, concern.place));
		}
		assert_false(mentions(&s, "{"));
		sim_story_fini(&s);
	}
}

static void test_ordinary_is_whole_and_repeatable(void **state)
{
	for (uint32_t d = 0; d < 2000; d++) {
		struct sim_story a, b;

		sim_story_init(&a);
		sim_story_init(&b);
		sim_story_ordinary(*state, SEED, d, &a);
		sim_story_ordinary(*state, SEED, d, &b);
		assert_int_equal(a.paragraphs, 4);
		assert_string_equal(a.title.p, b.title.p);
		for (size_t i = 0; i < a.paragraphs; i++)
			assert_string_equal(a.paragraph[i].p, b.paragraph[i].p);
		assert_false(mentions(&a, "{"));
		sim_story_fini(&a);
		sim_story_fini(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tables_are_full),
		cmocka_unit_test(test_concerns_differ),
		cmocka_unit_test(test_reposts_stay_alike),
		cmocka_unit_test(test_places_are_named),
		cmocka_unit_test(test_ordinary_is_whole_and_repeatable),
	};

	return cmocka_run_group_tests(tests, load, unload);
}
