/* Words and phrases: what is one, their form in the store, and what is bounded. */
#include "alerter/words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/mem.h"

static struct hy_words of(const char *title, const char *text, size_t skipped)
{
	struct hy_phrase_set skip = {{false}};
	struct hy_phrases phrases;
	struct hy_words words;

	hy_phrases_of(hy_str_of(text), &phrases);
	if (skipped < HY_PHRASES_MAX)
		skip.has[skipped] = true;
	hy_words_of(hy_str_of(title), &phrases, &skip, &words);
	return words;
}

static void words_are_counted(void **state)
{
	static const struct {
		const char *title, *text;
		size_t count, in_title;
	} rows[] = {
		{"", "", 0, 0},
		{"停水", "", 1, 1},
		{"停水三天", "", 3, 3},
		{"停水", "停水三天了", 4, 1},
		{"7-Zip 漏洞", "7-ZIP", 2, 2},
		{"阳光·花园", "阳光花园", 3, 3},
		{"停，水", "", 0, 0},
		{"停 水", "", 1, 1},
		{"", "小区停水", 3, 0},
		/* Less than a phrase. */
		{"", "停水。好。", 0, 0},
		{"", "\xff\xfe小区停水", 3, 0},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++) {
		struct hy_words words = of(rows[i].title, rows[i].text, HY_PHRASES_MAX);
		size_t in_title = 0;

		for (size_t k = 0; k < words.count; k++)
			in_title += words.word[k] & HY_WORD_IN_TITLE;
		if (words.count != rows[i].count || in_title != rows[i].in_title)
			fail_msg("row %zu: %zu words, %zu of the title", i, words.count, in_title);
	}
}

static void phrases_are_cut_and_skipped(void **state)
{
	struct hy_phrases phrases;

	(void)state;
	hy_phrases_of(hy_str_of("尊敬的领导您好！我们小区停水了，三天。物业不管\n谢谢领导"), &phrases);
	assert_int_equal(phrases.count, 4);
	assert_true(hy_str_eq_c(phrases.item[1].text, "我们小区停水了"));
	assert_true(hy_str_eq_c(phrases.item[2].text, "物业不管"));
	assert_true(hy_str_eq_c(phrases.item[3].text, "谢谢领导"));
	assert_int_equal(of("", "我们小区停水。物业不管", 0).count, 3);
	assert_int_equal(of("", "我们小区停水。物业不管", 1).count, 5);
	assert_false(hy_words_have(&(struct hy_words){.count = 0}, HY_STR_LIT("停水")));
}

static void words_are_had(void **state)
{
	struct hy_words words = of("广铁集团", "车位捆绑销售 A3 区", HY_PHRASES_MAX);

	(void)state;
	assert_true(hy_words_have(&words, HY_STR_LIT("广铁")));
	assert_true(hy_words_have(&words, HY_STR_LIT("捆绑")));
	assert_false(hy_words_have(&words, HY_STR_LIT("铁广")));
	assert_false(hy_words_have(&words, HY_STR_LIT("团车")));
	assert_false(hy_words_have(&words, HY_STR_LIT("销")));
	assert_false(hy_words_have(&words, HY_STR_LIT("捆绑销售")));
}

static void bytes_and_back(void **state)
{
	struct hy_words words = of("阳光小区停水", "水泵坏了没有人修，物业说等", HY_PHRASES_MAX), back;
	struct hy_phrases phrases, phrases_back;
	struct hy_buf bytes;

	(void)state;
	hy_buf_init(&bytes, 4096);
	hy_words_encode(&words, &bytes);
	assert_int_equal(hy_buf_err(&bytes), HY_OK);
	assert_true(hy_words_decode(hy_buf_str(&bytes), &back));
	assert_int_equal(back.count, words.count);
	assert_memory_equal(back.word, words.word, words.count * sizeof words.word[0]);
	for (size_t n = 0; n < bytes.n; n++)
		assert_int_equal(hy_words_decode(hy_str_sub(hy_buf_str(&bytes), 0, n), &back),
				 n % 4 == 0);
	/* Out of order, and twice. */
	bytes.p[0] = (char)0xff;
	assert_false(hy_words_decode(hy_buf_str(&bytes), &back));
	hy_buf_clear(&bytes);
	hy_phrases_of(hy_str_of("我们小区停水了，物业不管"), &phrases);
	hy_phrases_encode(&phrases, &bytes);
	assert_true(hy_phrases_decode(hy_buf_str(&bytes), &phrases_back));
	assert_int_equal(phrases_back.count, 2);
	assert_int_equal(phrases_back.item[1].hash, phrases.item[1].hash);
	assert_false(hy_phrases_decode(hy_str_sub(hy_buf_str(&bytes), 0, 5), &phrases_back));
	hy_buf_fini(&bytes);
}

static void long_texts_are_bounded(void **state)
{
	struct hy_buf text;
	struct hy_phrases phrases;

	(void)state;
	hy_buf_init(&text, 1 << 20);
	for (unsigned i = 0; i < 20000; i++)
		hy_buf_addf(&text, "%c%c%s", (int)('a' + i % 26), (int)('a' + i / 26 % 26),
			    i % 7 ? "x" : "一二三四五，");
	hy_phrases_of(hy_buf_str(&text), &phrases);
	assert_int_equal(phrases.count, HY_PHRASES_MAX);
	assert_true(of(text.p, text.p, HY_PHRASES_MAX).count <= HY_WORDS_MAX);
	hy_buf_fini(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_counted),
		cmocka_unit_test(phrases_are_cut_and_skipped),
		cmocka_unit_test(words_are_had),
		cmocka_unit_test(bytes_and_back),
		cmocka_unit_test(long_texts_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
