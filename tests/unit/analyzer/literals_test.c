#include "analyzer/literals.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"

#define HITS_MAX 4000
#define STRINGS_MAX 8
#define TEXT_MAX 8000

struct seen {
	size_t literal[HITS_MAX], at[HITS_MAX], end[HITS_MAX], count;
	size_t next[STRINGS_MAX];	/* where the next of each may begin at the earliest */
};

static void remember(void *ctx, size_t literal, size_t at, size_t end)
{
	struct seen *seen = ctx;

	assert_true(seen->count < HITS_MAX);
	assert_true(literal < STRINGS_MAX && at >= seen->next[literal]);
	seen->next[literal] = at + 1;
	seen->literal[seen->count] = literal;
	seen->end[seen->count] = end;
	seen->at[seen->count++] = at;
}

static bool has(const struct seen *seen, size_t literal, size_t at, size_t n)
{
	size_t times = 0;

	for (size_t i = 0; i < seen->count; i++)
		times += seen->literal[i] == literal && seen->at[i] == at &&
			 seen->end[i] == at + n;
	assert_true(times <= 1);
	return times == 1;
}

static void scan(const struct hy_literals *literals, const char *text, struct seen *seen)
{
	static char padded[TEXT_MAX + 16];
	size_t n = strlen(text);

	assert_true(n < TEXT_MAX);
	memcpy(padded, text, n);
	memset(padded + n, 0, 16);
	*seen = (struct seen){.count = 0};
	hy_literals_scan(literals, padded, n, remember, seen);
}

static void finds_overlapping_and_nested_ones(void **state)
{
	const struct hy_str strings[] = {
		HY_STR_LIT("拖欠"), HY_STR_LIT("拖欠工资"), HY_STR_LIT("欠工"), HY_STR_LIT("薪"),
		HY_STR_LIT("ktv"), HY_STR_LIT("12345"), HY_STR_LIT("ab"),
	};
	struct hy_literals *literals = hy_literals_new(strings, HY_COUNT(strings));
	struct seen seen;

	(void)state;
	scan(literals, "拖欠工资,欠薪,ktv,12345,aab", &seen);
	assert_int_equal(seen.count, 7);
	assert_true(has(&seen, 0, 0, 6) && has(&seen, 1, 0, 12) && has(&seen, 2, 3, 6));
	assert_true(has(&seen, 3, 16, 3) && has(&seen, 4, 20, 3) && has(&seen, 5, 24, 5));
	assert_true(has(&seen, 6, 31, 2));
	hy_literals_free(literals);
}

static void sees_nothing_beyond_the_end(void **state)
{
	const struct hy_str strings[] = {HY_STR_LIT("拖欠工资"), HY_STR_LIT("ab")};
	struct hy_literals *literals = hy_literals_new(strings, HY_COUNT(strings));
	const char text[] = "拖欠工资ab and padding";
	struct seen seen = {.count = 0};

	(void)state;
	hy_literals_scan(literals, text, 11, remember, &seen);
	assert_int_equal(seen.count, 0);
	hy_literals_scan(literals, text, 13, remember, &seen);
	assert_int_equal(seen.count, 1);
	hy_literals_free(literals);
}

static void an_empty_set_finds_nothing(void **state)
{
	struct hy_literals *literals = hy_literals_new(NULL, 0);
	struct seen seen;

	(void)state;
	scan(literals, "anything", &seen);
	assert_int_equal(seen.count, 0);
	hy_literals_free(literals);
	hy_literals_free(NULL);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static const char *const alphabet[] = {"拖", "欠", "工", "a", "b", "1", "𠀀", "é", "\n"};

/* Long ones of Chinese characters only: those are looked at many together. */
static void random_string(uint32_t *seed, size_t max, char *out)
{
	size_t kinds = max > 100 ? 3 : HY_COUNT(alphabet), n = 1 + next_random(seed) % max;

	out[0] = '\0';
	for (size_t i = 0, at = 0; i < n; i++) {
		const char *piece = alphabet[next_random(seed) % kinds];

		memcpy(out + at, piece, strlen(piece) + 1);
		at += strlen(piece);
	}
}

/* Every string at every place, by comparing. */
static void agrees_with_plain_search(void **state)
{
	uint32_t seed = 7;

	(void)state;
	for (int round = 0; round < 2000; round++) {
		char texts[STRINGS_MAX][40];
		static char text[TEXT_MAX];
		struct hy_str strings[STRINGS_MAX];
		size_t count = 0, expected = 0;
		struct seen seen;

		for (size_t i = 0; i < HY_COUNT(texts); i++) {
			bool twice = false;

			random_string(&seed, 4, texts[count]);
			for (size_t j = 0; j < count; j++)
				twice = twice || hy_str_eq_c(strings[j], texts[count]);
			if (!twice) {
				strings[count] = hy_str_of(texts[count]);
				count++;
			}
		}
		/* Now and then so long that what was found is reported in between. */
		random_string(&seed, round % 50 ? 30 : 1500, text);
		struct hy_literals *literals = hy_literals_new(strings, count);
		scan(literals, text, &seen);
		for (size_t i = 0; i < count; i++)
			for (size_t at = 0;
			     (at = hy_str_find(hy_str_of(text), strings[i], at)) != SIZE_MAX; at++) {
				assert_true(has(&seen, i, at, strings[i].n));
				expected++;
			}
		assert_int_equal(seen.count, expected);
		hy_literals_free(literals);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_overlapping_and_nested_ones),
		cmocka_unit_test(sees_nothing_beyond_the_end),
		cmocka_unit_test(an_empty_set_finds_nothing),
		cmocka_unit_test(agrees_with_plain_search),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
