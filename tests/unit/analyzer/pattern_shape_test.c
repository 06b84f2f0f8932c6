#include "analyzer/pattern_shape.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/pattern.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define ANY HY_SHAPE_UNBOUNDED

static void join(const struct hy_pattern_shape *shape, struct hy_buf *out)
{
	hy_buf_clear(out);
	for (size_t i = 0; i < shape->string_count; i++) {
		if (i)
			hy_buf_add_char(out, ' ');
		hy_buf_add(out, shape->strings[i].p, shape->strings[i].n);
	}
	hy_buf_add(out, "", 0);
}

static void reads_what_patterns_need(void **state)
{
	static const struct {
		const char *pattern, *strings;
		size_t longest;
	} cases[] = {
		{"拖欠", "拖欠", 2},
		{"拖欠.{0,8}工资", "拖欠", 12},
		{"工资.{0,8}(?:拖欠|不发)", "工资", 12},
		{"(?:讨要|追讨)[^，。]{0,8}(?:工资|工钱)", "讨要 追讨", 12},
		{"(?:不|没)发工资", "不发工资 没发工资", 4},
		{"[不没]发", "不发 没发", 2},
		{"工资(?:了)?不发", "工资了不发 工资不发", 5},
		{"KTV|酒吧", "ktv 酒吧", 3},
		{"\\d+人", "人", ANY},
		{".{3}", "", 3},
		{"a", "", 1},
		{"ab?", "", 2},
		{"(?:拖欠|.)x", "", 3},
		{"拖欠$", "拖欠", ANY},
		{"拖欠(?=工资)", "拖欠", ANY},
		{"(?<=被)拖欠", "拖欠", 2},
		{"(?<name>拖欠)工资", "拖欠工资", 4},
		{"哈{2,3}", "哈", 3},
		{"(?:拖欠){2}", "拖欠", 4},
		{"(?:拖欠)*工", "工", ANY},
		{"[一-龥]{2}路", "路", 3},
		{"[^a]bc", "bc", 3},
		{"\\.com", ".com", 4},
		{"\\bai\\b", "ai", 2},
		/* Not understood: nothing is claimed. */
		{"(拖欠)\\1", "", ANY},
		{"\\Q拖欠\\E", "", ANY},
		{"(?R)?拖欠", "", ANY},
		{"拖\\K欠", "", ANY},
		{"[[:alpha:]]拖欠", "", ANY},
		{"拖{,3}欠工", "", ANY},
		{"(?x)拖 欠", "", ANY},
		{"\\N{U+62d6}欠", "", ANY},
		{"(?|拖欠|欠薪)", "", ANY},
	};
	struct hy_buf text;

	(void)state;
	hy_buf_init(&text, 10000);
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_pattern_shape shape;

		hy_pattern_shape(hy_str_of(cases[i].pattern), &shape);
		join(&shape, &text);
		assert_true(hy_str_eq_c(hy_buf_str(&text), cases[i].strings));
		assert_int_equal(shape.longest, cases[i].longest);
	}
	hy_buf_fini(&text);
}

/* ---- soundness: what is claimed holds for every match of random patterns ---- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void random_pattern(uint32_t *seed, int depth, struct hy_buf *out)
{
	static const char *const atoms[] = {"拖", "欠", "工", "a", "B", ".", "[拖a]", "[^欠]", "\\d",
					    "\\b", "\\w", "[拖-欠]", "\\.", "^", "$", "(?=工)", "(?<!a)",
					    "(?i)"};
	static const char *const repeats[] = {"", "", "", "?", "*", "+", "{2}", "{0,2}", "{1,}",
					      "??", "*+", "+?"};
	size_t n = 1 + next_random(seed) % 4;

	for (size_t i = 0; i < n; i++) {
		if (depth > 0 && next_random(seed) % 3 == 0) {
			hy_buf_add_c(out, next_random(seed) % 2 ? "(?:" : "(");
			random_pattern(seed, depth - 1, out);
			hy_buf_add_c(out, ")");
		} else {
			hy_buf_add_c(out, atoms[next_random(seed) % HY_COUNT(atoms)]);
		}
		hy_buf_add_c(out, repeats[next_random(seed) % HY_COUNT(repeats)]);
		if (next_random(seed) % 6 == 0)
			hy_buf_add_c(out, "|");
	}
}

static void random_text(uint32_t *seed, struct hy_buf *out)
{
	static const char *const pieces[] = {"拖", "欠", "工", "a", "b", "1", ".", "\n", "，"};

	hy_buf_clear(out);
	for (size_t i = 0; i < 30; i++)
		hy_buf_add_c(out, pieces[next_random(seed) % HY_COUNT(pieces)]);
}

static void check_match(const struct hy_pattern_shape *shape, struct hy_str match)
{
	bool found = shape->string_count == 0;

	for (size_t i = 0; i < shape->string_count && !found; i++)
		found = hy_str_find(match, (struct hy_str){shape->strings[i].p, shape->strings[i].n},
				    0) != SIZE_MAX;
	assert_true(found);
	assert_true(hy_utf8_count(match.p, match.n) <= shape->longest);
}

static void check_pattern(struct hy_str text, uint32_t *seed, struct hy_pattern_user *user,
			  struct hy_buf *subject)
{
	struct hy_pattern *pattern = NULL;
	struct hy_pattern_error error;
	struct hy_pattern_shape shape;

	if (hy_pattern_new(text, &pattern, &error))
		return;
	hy_pattern_shape(text, &shape);
	for (int i = 0; i < 20; i++) {
		struct hy_pattern_span span;
		size_t from = 0;

		random_text(seed, subject);
		while (hy_pattern_next(pattern, user, hy_buf_str(subject), from, &span) ==
		       HY_PATTERN_FOUND) {
			check_match(&shape, hy_str_sub(hy_buf_str(subject), span.start,
							  span.end - span.start));
			from = span.end;
		}
	}
	hy_pattern_free(pattern);
}

static void claims_nothing_that_a_match_denies(void **state)
{
	struct hy_pattern_user *user = hy_pattern_user_new();
	struct hy_buf pattern, subject;
	uint32_t seed = 99;

	(void)state;
	hy_buf_init(&pattern, 10000);
	hy_buf_init(&subject, 10000);
	for (int i = 0; i < 5000; i++) {
		hy_buf_clear(&pattern);
		random_pattern(&seed, 3, &pattern);
		check_pattern(hy_buf_str(&pattern), &seed, user, &subject);
	}
	hy_buf_fini(&pattern);
	hy_buf_fini(&subject);
	hy_pattern_user_free(user);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_patterns_need),
		cmocka_unit_test(claims_nothing_that_a_match_denies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
