/* Words: what is one, their form in the store, and what they find alike. */
#include "alerter/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/mem.h"

static struct hy_words of(const char *title, const char *text)
{
	struct hy_words words;

	hy_words_of(hy_str_of(title), hy_str_of(text), &words);
	return words;
}

static void words_are_counted(void **state)
{
	static const struct {
		const char *title, *text;
		size_t count;
	} rows[] = {
		{"", "", 0},	  {"停水", "", 1},	{"停水三天", "", 3},
		{"停水", "停水", 1}, {"7-Zip", "7-ZIP", 1}, {"停，水", "", 0},
		{"", "\xff\xfe停水", 1},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++)
		assert_int_equal(of(rows[i].title, rows[i].text).count, rows[i].count);
}

static void bytes_and_back(void **state)
{
	struct hy_words words = of("柳园小区停水", "水泵坏了，没有人修"), back;
	struct hy_buf bytes;

	(void)state;
	hy_buf_init(&bytes, HY_WORDS_BYTES);
	hy_words_encode(&words, &bytes);
	assert_true(hy_words_decode(hy_buf_str(&bytes), &back));
	assert_int_equal(back.count, words.count);
	assert_memory_equal(back.word, words.word, words.count * sizeof words.word[0]);
	assert_false(hy_words_decode(hy_str_sub(hy_buf_str(&bytes), 0, 4), &back));
	assert_false(hy_words_decode(HY_STR_LIT("abcabc"), &back));
	hy_buf_fini(&bytes);
}

static void rare_words_weigh_more(void **state)
{
	struct hy_word_counts *counts = hy_word_counts_new();
	struct hy_words common = of("投诉停水", ""), a = of("投诉停水柳园", "");
	struct hy_words b = of("柳园投诉停水", ""), c = of("投诉停水金桂", "");
	int64_t keys[HY_WORD_KEYS];

	(void)state;
	assert_int_equal(hy_words_keys(counts, &a, true, keys), 0);
	assert_int_equal(hy_words_keys(counts, &a, false, keys), a.count);
	double before = hy_words_likeness(counts, &a, &c);
	for (int i = 0; i < 60; i++)
		hy_word_counts_learn(counts, &common);
	assert_true(hy_words_likeness(counts, &a, &c) < before);
	assert_true(hy_words_likeness(counts, &a, &b) > hy_words_likeness(counts, &a, &c));
	assert_true(hy_words_likeness(counts, &a, &a) > 0.999);
	assert_int_equal(hy_words_keys(counts, &common, true, keys), 0);
	hy_word_counts_free(counts);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_counted),
		cmocka_unit_test(bytes_and_back),
		cmocka_unit_test(rare_words_weigh_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
