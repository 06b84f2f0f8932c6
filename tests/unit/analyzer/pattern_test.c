#include "analyzer/pattern.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "common/base/mem.h"

static struct hy_pattern *compiled(const char *text)
{
	struct hy_pattern *pattern = NULL;
	struct hy_pattern_error error;

	assert_int_equal(hy_pattern_new(hy_str_of(text), &pattern, &error), HY_OK);
	return pattern;
}

static void finds_and_stops(void **state)
{
	static const struct {
		const char *pattern, *text;
		size_t from;
		enum hy_pattern_result result;
		size_t start, end;
	} cases[] = {
		{"拖欠.{0,3}工资", "被拖欠了工资", 0, HY_PATTERN_FOUND, 3, 18},
		{"拖欠.{0,3}工资", "被拖欠了工资", 6, HY_PATTERN_NONE, 0, 0},
		{"(?<=被)拖欠", "被拖欠", 3, HY_PATTERN_FOUND, 3, 9},
		{"KTV", "去ktv", 0, HY_PATTERN_FOUND, 3, 6},
		{"^a", "ba", 1, HY_PATTERN_NONE, 0, 0},
		{"a.b", "a\nb", 0, HY_PATTERN_NONE, 0, 0},
		{"a", "", 0, HY_PATTERN_NONE, 0, 0},
		{"拖\\K欠", "拖欠", 0, HY_PATTERN_FOUND, 3, 6},
	};
	struct hy_pattern_user *user = hy_pattern_user_new();

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_pattern *pattern = compiled(cases[i].pattern);
		struct hy_pattern_span span = {0, 0};

		assert_int_equal(hy_pattern_next(pattern, user, hy_str_of(cases[i].text),
						 cases[i].from, &span),
				 cases[i].result);
		assert_int_equal(span.start, cases[i].start);
		assert_int_equal(span.end, cases[i].end);
		hy_pattern_free(pattern);
	}
	hy_pattern_user_free(user);
}

static void refuses_with_a_reason_and_a_place(void **state)
{
	static const struct {
		const char *pattern, *text;
		size_t offset;
	} cases[] = {
		{"(拖欠", "缺少右括号 )", 7},
		{"拖欠)", "多了一个右括号 )", 6},
		{"[拖欠", "缺少右方括号 ]", 7},
		{"*欠", "? * + { } 前面没有可以重复的内容", 0},
		{"a{5,2}", "{ } 里的次数颠倒了，应当由小到大", 5},
		{"欠?", "模式能匹配空文字，处处都算命中", 0},
		{"(?=欠)", "模式能匹配空文字，处处都算命中", 0},
		{"欠\\", "末尾多了一个反斜杠", 4},
	};
	struct hy_pattern *pattern = NULL;

	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_pattern_error error = {.text = ""};

		assert_int_equal(hy_pattern_new(hy_str_of(cases[i].pattern), &pattern, &error),
				 HY_ERR_MALFORMED);
		assert_string_equal(error.text, cases[i].text);
		assert_int_equal(error.offset, cases[i].offset);
		assert_null(pattern);
	}
}

static void refuses_what_is_too_long(void **state)
{
	char text[HY_PATTERN_BYTES + 2];
	struct hy_pattern *pattern = NULL;
	struct hy_pattern_error error;

	(void)state;
	memset(text, 'a', sizeof text);
	assert_int_equal(hy_pattern_new((struct hy_str){text, HY_PATTERN_BYTES + 1}, &pattern,
					&error),
			 HY_ERR_LIMIT);
	assert_int_equal(hy_pattern_new((struct hy_str){text, HY_PATTERN_BYTES}, &pattern, &error),
			 HY_OK);
	hy_pattern_free(pattern);
}

/* Without limits the first would take longer than the world will last. */
static void a_hostile_pattern_ends_at_its_limit(void **state)
{
	static const char *const hostile[] = {"(?:中国|中|国)+[公司]", "(a+)+[bc]", "(?:a|aa)+[cd]",
					       "(?:国|国国|中)+(?:国|中中)+[公司]"};
	struct hy_pattern_user *user = hy_pattern_user_new();
	char text[2000];
	struct hy_pattern_span span;
	size_t n = 0;

	(void)state;
	while (n + 6 < 1200) {
		memcpy(text + n, "中国", 6);
		n += 6;
	}
	memset(text + n, 'a', sizeof text - n);
	for (size_t i = 0; i < HY_COUNT(hostile); i++) {
		struct hy_pattern *pattern = compiled(hostile[i]);
		struct timespec before, after;

		hy_pattern_begin(user);
		assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before), 0);
		assert_int_equal(hy_pattern_next(pattern, user, (struct hy_str){text, sizeof text},
						 0, &span),
				 HY_PATTERN_AT_LIMIT);
		assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after), 0);
		/* A thousandth of a second is usual; the bound leaves room for slow builds. */
		assert_true(after.tv_sec - before.tv_sec <= 1);
		hy_pattern_free(pattern);
	}
	hy_pattern_user_free(user);
}

/* What is slow in one place and settled in the others is no hostile pattern. */
static void a_slow_place_is_given_time(void **state)
{
	struct hy_pattern_user *user = hy_pattern_user_new();
	struct hy_pattern *pattern = compiled("(?:a|aa)+[cd]");
	char text[2000];
	struct hy_pattern_span span;

	(void)state;
	memset(text, 'x', sizeof text);
	/* Ways to split a run of a grow by two thirds a letter: 15 of them are a thousand. */
	memset(text + 900, 'a', 15);
	memset(text + 1500, 'a', 3);
	text[1503] = 'c';
	assert_int_equal(hy_pattern_next(pattern, user, (struct hy_str){text, sizeof text}, 0,
					 &span),
			 HY_PATTERN_FOUND);
	assert_int_equal(span.start, 1500);
	assert_int_equal(span.end, 1504);
	hy_pattern_free(pattern);
	hy_pattern_user_free(user);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_and_stops),
		cmocka_unit_test(refuses_with_a_reason_and_a_place),
		cmocka_unit_test(refuses_what_is_too_long),
		cmocka_unit_test(a_hostile_pattern_ends_at_its_limit),
		cmocka_unit_test(a_slow_place_is_given_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
