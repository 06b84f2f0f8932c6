/* What a text names, and when two texts name different things. */
#include "alerter/subject.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/mem.h"

static const struct {
	const char *title, *text, *subjects;
} named[] = {
	{"阳光小区停暖", "", "阳光 /"},
	{"", "记者来到阳光花园小区，居民说阳光小区的暖气不热", "/ 阳光"},
	{"", "济南华泰物业服务有限公司与业主发生纠纷", "/ 华泰"},
	{"", "该小区的业主反映，一家公司在路上堆土", "/"},
	{"经十路塌陷", "经十路与凤凰路路口", "经十 / 凤凰"},
	{"", "第三实验小学和锦绣幼儿园", "/ 第三 锦绣"},
	{"公司", "小区", "/"},
	{"", "", "/"},
	{"盛和嘉苑延期交房", "", "盛和 /"},
};

static void subjects_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(named); i++) {
		struct hy_buf out;

		hy_buf_init(&out, HY_SUBJECTS_BYTES);
		hy_subjects_of(hy_str_of(named[i].title), hy_str_of(named[i].text), &out);
		assert_int_equal(hy_buf_err(&out), HY_OK);
		if (!hy_str_eq_c(hy_buf_str(&out), named[i].subjects))
			fail_msg("%s %s: \"%.*s\"", named[i].title, named[i].text,
				 HY_STR_ARGS(hy_buf_str(&out)));
		hy_buf_fini(&out);
	}
}

static const struct {
	const char *a, *a_text, *b, *b_text;
	bool in_titles, contradict;
} pairs[] = {
	{"阳光", "", "锦绣", "", false, true},
	{"阳光", "", "阳光", "", false, false},
	{"阳光 热力", "", "锦绣 热力", "", false, true},
	/* A cut paragraph takes a name away on one side only. */
	{"阳光 热力", "", "阳光", "", false, false},
	{"阳光", "", "阳光 经十", "", false, false},
	{"", "", "锦绣", "", false, false},
	{"阳光", "", "", "", false, false},
	{"", "", "", "", false, false},
	/* Mistyped, or mentioned without an ending. */
	{"广铁", "", "铁广", "", false, false},
	{"阳光", "锦绣的居民也来了", "锦绣", "", false, false},
	{"阳光", "", "锦绣", "离阳光不远", false, false},
	{"阳光", "锦衣绣春", "锦绣", "", false, true},
	{"阳光 / 热力", "", "阳光 / 经十", "", false, true},
	{"阳光 /", "", "/ 锦绣", "", false, true},
	/* Of titles alone. */
	{"阳光 /", "", "锦绣 /", "", true, true},
	{"阳光 / 热力", "", "锦绣 / 经十", "", true, true},
	{"阳光 / 热力", "", "阳光 / 经十", "", true, false},
	{"阳光 /", "", "/ 锦绣", "", true, false},
	{"阳光 / 锦绣", "", "锦绣 / 阳光", "", true, false},
};

static struct hy_words words_of(const char *text)
{
	struct hy_phrase_set none = {{false}};
	struct hy_phrases phrases;
	struct hy_words words;

	hy_phrases_of(hy_str_of(text), &phrases);
	hy_words_of((struct hy_str){0}, &phrases, &none, &words);
	return words;
}

static void contradictions(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(pairs); i++) {
		struct hy_words a_words = words_of(pairs[i].a_text);
		struct hy_words b_words = words_of(pairs[i].b_text);
		struct hy_named a = {hy_str_of(pairs[i].a), &a_words};
		struct hy_named b = {hy_str_of(pairs[i].b), &b_words};

		if (hy_subjects_contradict(&a, &b, pairs[i].in_titles) != pairs[i].contradict)
			fail_msg("row %zu: %s %s", i, pairs[i].a, pairs[i].b);
	}
}

static void many_are_bounded(void **state)
{
	struct hy_buf text, out;
	size_t spaces = 0;

	(void)state;
	hy_buf_init(&text, 65536);
	hy_buf_init(&out, HY_SUBJECTS_BYTES);
	for (int i = 0; i < 40; i++)
		hy_buf_addf(&text, "\xe4\xb8%c\xe4\xb9%c路", 0x80 + i, 0x80 + i);
	hy_subjects_of(hy_buf_str(&text), (struct hy_str){0}, &out);
	assert_int_equal(hy_buf_err(&out), HY_OK);
	for (size_t i = 0; i < out.n; i++)
		spaces += out.p[i] == ' ';
	assert_int_equal(spaces, HY_SUBJECTS_MAX);
	hy_buf_fini(&text);
	hy_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(subjects_are_found),
		cmocka_unit_test(contradictions),
		cmocka_unit_test(many_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
