#include "analyzer/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

static int setup(void **state)
{
	struct hy_fold_table *table = NULL;
	struct hy_error e = {0};

	if (hy_fold_table_new(&table, &e))
		return -1;
	*state = table;
	return 0;
}

static int teardown(void **state)
{
	hy_fold_table_free(*state);
	return 0;
}

static const struct {
	const char *in, *out;
} cases[] = {
	{"", ""},
	{"拆迁", "拆迁"},
	{"拆遷補償", "拆迁补偿"},
	{"ＡＢＣ１２３", "abc123"},
	{"Huiying", "huiying"},
	{"é É e\xcc\x81", "e e e"},			/* composed or not: no marks */
	{"㎏①㈱", "kg1(株)"},
	{"ﬁ", "fi"},
	/* Disguises inside Chinese. */
	{"拆 迁", "拆迁"},
	{"拆　迁", "拆迁"},				/* ideographic space */
	{"拆\t\t迁", "拆迁"},
	{"拆\n迁", "拆迁"},
	{"拆\r\n  迁", "拆迁"},
	{"拆\xe2\x80\x8b迁", "拆迁"},			/* zero width space */
	{"拆\xef\xbb\xbf迁\xc2\xad款", "拆迁款"},
	{"拆-迁", "拆迁"},
	{"拆 - 迁", "拆迁"},
	{"拆－迁", "拆迁"},
	{"拆*·.迁", "拆迁"},
	{"拆🈲迁", "拆禁迁"},				/* a sign that is a character */
	{"拆🔥迁", "拆迁"},
	{"拆\xcc\xb6迁\xcc\xb6", "拆迁"},		/* struck through */
	{"拆★☆迁", "拆迁"},
	{"欠|薪", "欠薪"},
	/* What is not a disguise. */
	{"拆-----迁", "拆-----迁"},			/* a line */
	{"拆。迁", "拆。迁"},
	{"拆，迁", "拆,迁"},
	{"拆——迁", "拆——迁"},
	{"拆《迁》", "拆《迁》"},
	{"拆\n\n迁", "拆\n迁"},
	{"拆\xff迁", "拆\xef\xbf\xbd迁"},
	{"a-b", "a-b"},
	{"a - b", "a - b"},
	{"3.5 万", "3.5万"},
	{"第3.5节", "第3.5节"},
	{"工资-3月", "工资-3月"},
	/* White space. */
	{"  a   b  ", "a b"},
	{"a\nb", "a\nb"},
	{"a \n \n b", "a\nb"},
	{"用 app 投诉", "用app投诉"},
	{"投诉。\n工资", "投诉。\n工资"},
	{"-工资-", "-工资-"},
};

static void folds_as_the_table_says(void **state)
{
	struct hy_folded folded;

	hy_folded_init(&folded);
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		assert_int_equal(hy_fold(*state, hy_str_of(cases[i].in), &folded), HY_OK);
		assert_string_equal(folded.text, cases[i].out);
		assert_int_equal(folded.n, strlen(cases[i].out));
	}
	hy_folded_fini(&folded);
}

/* The first occurrence of `needle` in the folded text, as bytes of the original. */
static struct hy_str found(struct hy_folded *folded, struct hy_fold_table *table, const char *in,
			   const char *needle)
{
	size_t start, end, at;

	assert_int_equal(hy_fold(table, hy_str_of(in), folded), HY_OK);
	at = hy_str_find((struct hy_str){folded->text, folded->n}, hy_str_of(needle), 0);
	assert_true(at != SIZE_MAX);
	hy_folded_span(folded, at, at + strlen(needle), &start, &end);
	return hy_str_sub(hy_str_of(in), start, end - start);
}

static void leads_back_to_the_original(void **state)
{
	static const struct {
		const char *in, *needle, *original;
	} spans[] = {
		{"关于拆迁补偿", "拆迁", "拆迁"},
		{"关于 拆 - 遷 補償", "拆迁", "拆 - 遷"},
		{"ＡＢＣ，拖　欠", "拖欠", "拖　欠"},
		{"ＡＢＣ，拖　欠", "bc", "ＢＣ"},
		{"㎏和㈱", "(株)", "㈱"},
		{"㎏和㈱", "株", "㈱"},
		{"\xff拆\xe2\x80\x8b迁\xff", "拆迁", "拆\xe2\x80\x8b迁"},
		{"e\xcc\x81t", "et", "e\xcc\x81t"},
		{"……拆迁", "拆迁", "拆迁"},
	};
	struct hy_folded folded;

	hy_folded_init(&folded);
	for (size_t i = 0; i < HY_COUNT(spans); i++) {
		struct hy_str s = found(&folded, *state, spans[i].in, spans[i].needle);

		assert_true(hy_str_eq_c(s, spans[i].original));
	}
	hy_folded_fini(&folded);
}

/* ---- properties over random texts ---- */

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void random_text(uint32_t *seed, struct hy_buf *out)
{
	static const char *const pieces[] = {
		"拆", "迁", "遷", "補", "工", "资", "A", "z", "５", "Ｂ", " ", "　", "\n", "\t", "\r",
		"\xe2\x80\x8b", "\xef\xbb\xbf", "-", "*", "·", "★", "🔥", "，", "。", "——", "㎏", "…",
		"㈱", "\xcc\xb6", "é", "\xff", "\xe6\x8b", "\xed\xa0\x80", "ﷺ", "𠀀", "𝐀", "ガ", "｡",
	};
	size_t n = next_random(seed) % 40;

	hy_buf_clear(out);
	for (size_t i = 0; i < n; i++)
		hy_buf_add_c(out, pieces[next_random(seed) % HY_COUNT(pieces)]);
}

static void check_map(const struct hy_folded *folded, struct hy_str in)
{
	size_t last_start = 0, last_end = 0;

	for (size_t at = 0, bytes; at < folded->n; at += bytes) {
		uint32_t rune;
		size_t start, end;

		bytes = hy_utf8_decode(folded->text + at, folded->n - at, &rune);
		assert_true(bytes > 0);
		hy_folded_span(folded, at, at + bytes, &start, &end);
		assert_true(start < end && end <= in.n);
		/* In order; what became several characters gives the same bytes for each. */
		assert_true((start >= last_end) || (start == last_start && end == last_end));
		last_start = start;
		last_end = end;
	}
}

/* From one Chinese character to another, the original folds to just what was found. */
static void check_spans_fold_back(const struct hy_folded *folded, struct hy_str in,
				  const struct hy_fold_table *table, uint32_t *seed)
{
	size_t from[512], to[512], count = 0;
	struct hy_folded again;

	for (size_t at = 0, bytes; at < folded->n; at += bytes) {
		uint32_t rune;

		bytes = hy_utf8_decode(folded->text + at, folded->n - at, &rune);
		if (hy_rune_is_han(rune) && rune != 0x682a && count < HY_COUNT(from)) {
			from[count] = at;
			to[count++] = at + bytes;
		}
	}
	if (count == 0)
		return;
	size_t a = next_random(seed) % count, b = a + next_random(seed) % (count - a), start, end;
	hy_folded_init(&again);
	hy_folded_span(folded, from[a], to[b], &start, &end);
	assert_int_equal(hy_fold(table, hy_str_sub(in, start, end - start), &again), HY_OK);
	assert_int_equal(again.n, to[b] - from[a]);
	assert_memory_equal(again.text, folded->text + from[a], again.n);
	hy_folded_fini(&again);
}

/* What ends by a place of the original is just what stands before its folded counterpart. */
static void check_before(const struct hy_folded *folded, struct hy_str in)
{
	for (size_t cut = 0; cut <= in.n; cut++) {
		size_t before = hy_folded_before(folded, cut);

		assert_true(before <= folded->n);
		for (size_t at = 0, bytes; at < folded->n; at += bytes) {
			uint32_t rune;
			size_t start, end;

			bytes = hy_utf8_decode(folded->text + at, folded->n - at, &rune);
			hy_folded_span(folded, at, at + bytes, &start, &end);
			assert_int_equal(end <= cut, at + bytes <= before);
		}
	}
}

static void keeps_its_promises_on_random_texts(void **state)
{
	struct hy_folded folded;
	struct hy_buf text;
	uint32_t seed = 20261123;

	hy_folded_init(&folded);
	hy_buf_init(&text, 4096);
	for (int i = 0; i < 20000; i++) {
		random_text(&seed, &text);
		assert_int_equal(hy_fold(*state, hy_buf_str(&text), &folded), HY_OK);
		assert_true(hy_utf8_valid(folded.text, folded.n));
		for (size_t pad = 0; pad < HY_FOLD_PADDING; pad++)
			assert_int_equal(folded.text[folded.n + pad], 0);
		check_before(&folded, hy_buf_str(&text));
		check_map(&folded, hy_buf_str(&text));
		check_spans_fold_back(&folded, hy_buf_str(&text), *state, &seed);
	}
	hy_buf_fini(&text);
	hy_folded_fini(&folded);
}

static void refuses_what_is_too_large(void **state)
{
	struct hy_folded folded;
	size_t n = HY_FOLD_INPUT_BYTES + 1;
	char *text = hy_xcalloc(n, 1);

	memset(text, 'a', n);
	hy_folded_init(&folded);
	assert_int_equal(hy_fold(*state, (struct hy_str){text, n}, &folded), HY_ERR_LIMIT);
	assert_int_equal(hy_fold(*state, (struct hy_str){text, n - 1}, &folded), HY_OK);
	assert_int_equal(folded.n, n - 1);
	hy_folded_fini(&folded);
	free(text);
}

static void grows_no_more_than_it_has_room_for(void **state)
{
	/* Two-byte characters that become the most. */
	struct hy_folded folded;
	struct hy_buf text;

	hy_folded_init(&folded);
	hy_buf_init(&text, 1u << 20);
	for (uint32_t rune = 0x80; rune < 0x3000; rune++) {
		char utf8[4];
		size_t n = hy_utf8_encode(rune, utf8);

		for (int i = 0; i < 20; i++)
			hy_buf_add(&text, utf8, n);
	}
	assert_int_equal(hy_buf_err(&text), HY_OK);
	assert_int_equal(hy_fold(*state, hy_buf_str(&text), &folded), HY_OK);
	assert_true(folded.n + HY_FOLD_PADDING <= folded.cap);
	hy_buf_fini(&text);
	hy_folded_fini(&folded);
}

static void folds_patterns_without_opening_groups(void **state)
{
	static const struct {
		const char *in, *out;
	} patterns[] = {
		{"拖欠.{0,8}工资", "拖欠.{0,8}工资"},
		{"拆遷(?:款|費)", "拆迁(?:款|费)"},
		{"（试行）", "\\(试行\\)"},
		{"[，。]", "[,。]"},
		{"what？", "what\\?"},
		{"㎏", "kg"},
		{"A\\d+", "A\\d+"},
		{"拆\xe2\x80\x8b迁", "拆迁"},
	};
	struct hy_buf out;

	hy_buf_init(&out, 1000);
	for (size_t i = 0; i < HY_COUNT(patterns); i++) {
		hy_buf_clear(&out);
		hy_fold_pattern(*state, hy_str_of(patterns[i].in), &out);
		assert_string_equal(out.p, patterns[i].out);
	}
	hy_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folds_as_the_table_says),
		cmocka_unit_test(leads_back_to_the_original),
		cmocka_unit_test(keeps_its_promises_on_random_texts),
		cmocka_unit_test(refuses_what_is_too_large),
		cmocka_unit_test(grows_no_more_than_it_has_room_for),
		cmocka_unit_test(folds_patterns_without_opening_groups),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
