#include "analyzer/variants.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyzer/fold.h"
#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define TEXT_BYTES 4000

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

/* ---- findings ---- */

static void says_what_is_wrong_and_where(void **state)
{
	static const struct {
		const char *yaml, *finding;	/* NULL: none */
	} cases[] = {
		{"账: [帐]\n拆迁: [柴迁, 折迁]\n信访: 信仿\n", NULL},
		{"拆迁: [拆q迁, 拆a1迁]\n", NULL},
		{"", NULL},
		{"[]\n", "v:1:1: 应为“标准写法"},
		{"拆迁: []\n", "v:1:5: 应写成"},
		{"拆迁: {a: b}\n", "v:1:5: 应写成"},
		{"cq: [柴迁]\n", "v:1:1: 写法 cq 不行"},
		{"拆迁: [cq]\n", "v:1:6: 写法 cq 不行"},
		{"拆迁: [拆。迁]\n", "v:1:6: 写法 拆。迁 不行"},
		{"拆迁: [\"\"]\n", "v:1:6: 写法  不行"},
		{"拆迁: [一二三四五六七八九十一二三四五六七]\n", "v:1:6: 写法 一二"},
		{"拆迁: [𠀀迁]\n", "v:1:6: 写法 𠀀迁 不行"},
		{"拆迁: [拆遷]\n", "v:1:6: 变体 拆遷 本来就视为相同"},
		{"拆迁: [拆-迁]\n", "v:1:6: 变体 拆-迁 本来就视为相同"},
		{"拆迁: [柴]\n", "v:1:6: 单字 柴 只能是单字的变体"},
		{"拆迁: [柴迁, 柴 遷]\n", "v:1:10: 柴 遷 重复，另一处在 v:1:6"},
		{"拆迁: [柴迁]\n迁移: [柴迁]\n", "v:2:6: 柴迁 不能是两个词的变体，另一处在 v:1:6"},
		/* Circles and chains. */
		{"账: [帐]\n帐: [账]\n", "v:1:5: 帐 的标准写法里又有变体"},
		{"拆迁: [柴迁]\n柴迁: [才迁]\n", "v:2:6: 才迁 的标准写法里又有变体（成环或连环），另一处在 v:1:6"},
		{"拆迁办: [拆迁]\n", "v:1:7: 拆迁 的标准写法里又有变体"},
		{"拆迁: [柴迁]\n迁移: [柴迁移]\n", "v:2:6: 柴迁移 里含有另一个变体，另一处在 v:1:6"},
		/* A character, and words that hold it. */
		{"账: [帐]\n账号: [帐号]\n", "v:2:6: 变体 帐号 已由单字的变体涵盖"},
		{"账: [帐]\n账号: [帐好, 账好]\n", "v:2:10: 账好 与另一个变体相同，另一处在 v:2:6"},
		{"账: [帐]\n账号: [帐好]\n", NULL},
	};

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		const struct hy_rules_text file = {"v", hy_str_of(cases[i].yaml)};
		struct hy_findings findings;

		hy_findings_init(&findings);
		hy_fold_table_free(hy_variants_parse(&file, *state, &findings));
		struct hy_str text = hy_buf_str(&findings.text), first = {0};
		(void)hy_str_next(&text, '\n', &first);
		if (!cases[i].finding != (findings.count == 0) ||
		    (cases[i].finding && !hy_str_starts(first, hy_str_of(cases[i].finding)))) {
			print_error("case %zu: %.*s\n", i, HY_STR_ARGS(first));
			fail();
		}
		hy_findings_fini(&findings);
	}
}

/* ---- folding ---- */

static const char yaml[] = "账: [帐]\n作: [做]\n"
			   "拆迁: [柴迁, 折迁, 拆q迁]\n拆迁补偿: [柴补, 补尝]\n信访: [信仿]\n迁: 千\n"
			   "工资: [公子]\n资工: [公迁]\n";

static struct hy_fold_table *table_of(const struct hy_fold_table *base)
{
	const struct hy_rules_text file = {"v", HY_STR_LIT(yaml)};
	struct hy_findings findings;

	hy_findings_init(&findings);
	struct hy_fold_table *table = hy_variants_parse(&file, base, &findings);
	if (findings.count)
		print_error("%.*s", HY_STR_ARGS(hy_buf_str(&findings.text)));
	assert_int_equal(findings.count, 0);
	hy_findings_fini(&findings);
	return table;
}

static void folds_to_the_proper_spelling(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{"帐目做假", "账目作假"},
		{"帳目", "账目"},			/* by way of the simplified form */
		{"柴迁", "拆迁"},
		{"柴千", "拆迁"},			/* the character first */
		{"柴 - 遷", "拆迁"},			/* folded before */
		{"拆Ｑ迁", "拆迁"},
		{"柴补", "拆迁补偿"},			/* longer than it was */
		{"柴迁柴补折迁", "拆迁拆迁补偿拆迁"},
		{"柴", "柴"},
		{"柴，迁", "柴,迁"},
		{"柴。柴迁。", "柴。拆迁。"},
		{"信仿局公子", "信访局工资"},
		/* What ends first is replaced first; the proper spelling may take part in what follows. */
		{"柴补尝", "拆迁补偿尝"},
		{"公子公迁", "工资资工"},
		{"a公子b", "a工资b"},
	};
	struct hy_fold_table *table = table_of(*state);
	struct hy_folded folded;

	hy_folded_init(&folded);
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		assert_int_equal(hy_fold(table, hy_str_of(cases[i].in), &folded), HY_OK);
		assert_string_equal(folded.text, cases[i].out);
	}
	hy_folded_fini(&folded);
	hy_fold_table_free(table);
}

static void folds_patterns(void **state)
{
	static const struct {
		const char *in, *out;
		bool good;
	} cases[] = {
		{"柴迁", "拆迁", true},
		{"(?:柴迁|折千).{0,4}帐", "(?:拆迁|拆迁).{0,4}账", true},
		{"柴迁+", "柴迁+", false},
		{"柴迁{2}", "柴迁{2}", false},
		{"(?:柴迁)+", "(?:拆迁)+", true},
		{"[柴迁]", "[柴迁]", true},		/* characters, not a word */
		{"[柴]迁", "[柴]迁", true},
		{"\\柴迁", "\\柴迁", true},
		{"拆Q遷", "拆迁", true},
		{"柴.迁", "柴.迁", true},
		{"柴（迁", "柴\\(迁", true},
		{"帐?", "账?", true},
		{"[\\]柴迁", "[\\]柴迁", true},
	};
	struct hy_fold_table *table = table_of(*state);

	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		struct hy_buf out = HY_BUF(TEXT_BYTES);

		assert_int_equal(hy_fold_pattern(table, hy_str_of(cases[i].in), &out), cases[i].good);
		if (!hy_str_eq_c(hy_buf_str(&out), cases[i].out))
			print_error("case %zu: %.*s\n", i, HY_STR_ARGS(hy_buf_str(&out)));
		assert_true(hy_str_eq_c(hy_buf_str(&out), cases[i].out));
		hy_buf_fini(&out);
	}
	hy_fold_table_free(table);
}

/* ---- properties over random texts ---- */

static const struct {
	const char *from, *to;
} words[] = {
	{"柴迁", "拆迁"}, {"折迁", "拆迁"}, {"拆q迁", "拆迁"}, {"柴补", "拆迁补偿"},
	{"补尝", "拆迁补偿"}, {"信仿", "信访"}, {"公子", "工资"}, {"公迁", "资工"},
};

static const struct {
	const char *from, *to;
} characters[] = {{"帐", "账"}, {"做", "作"}, {"千", "迁"}};

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void random_text(uint32_t *seed, struct hy_buf *out)
{
	static const char *const pieces[] = {
		"拆", "柴", "折", "迁", "千", "遷", "补", "尝", "公", "子", "信", "仿", "帐", "帳", "做",
		"q", "Ｑ", " ", "-", "\n", "，", "\xe2\x80\x8b", "㎏", "\xff", "𠀀", "柴迁", "公子",
	};
	size_t n = next_random(seed) % 40;

	hy_buf_clear(out);
	for (size_t i = 0; i < n; i++)
		hy_buf_add_c(out, pieces[next_random(seed) % HY_COUNT(pieces)]);
}

/* The same in plain words: a character after the other, and what then stands at the end. */
static void respell(struct hy_str folded, struct hy_buf *out)
{
	hy_buf_clear(out);
	for (size_t at = 0, bytes; at < folded.n; at += bytes) {
		uint32_t rune;

		bytes = hy_utf8_decode(folded.p + at, folded.n - at, &rune);
		struct hy_str one = hy_str_sub(folded, at, bytes);

		for (size_t i = 0; i < HY_COUNT(characters); i++)
			if (hy_str_eq_c(one, characters[i].from))
				one = hy_str_of(characters[i].to);
		hy_buf_add_str(out, one);
		for (size_t i = 0; i < HY_COUNT(words); i++) {
			struct hy_str from = hy_str_of(words[i].from);

			if (!hy_str_ends(hy_buf_str(out), from))
				continue;
			out->n -= from.n;
			hy_buf_add_c(out, words[i].to);
			break;
		}
	}
}

struct span {
	size_t at, end, start_original, end_original;
};

static size_t spans_of(const struct hy_folded *folded, struct span *out)
{
	size_t count = 0;

	for (size_t at = 0, bytes; at < folded->n; at += bytes, count++) {
		uint32_t rune;

		bytes = hy_utf8_decode(folded->text + at, folded->n - at, &rune);
		assert_true(bytes > 0);
		out[count] = (struct span){.at = at, .end = at + bytes};
		hy_folded_span(folded, at, at + bytes, &out[count].start_original,
			       &out[count].end_original);
	}
	return count;
}

/* In order; characters that came from one variant give its bytes, each. */
static void check_map(const struct span *spans, size_t count, struct hy_str in)
{
	for (size_t i = 0; i < count; i++) {
		assert_true(spans[i].start_original < spans[i].end_original);
		assert_true(spans[i].end_original <= in.n);
		if (i == 0)
			continue;
		bool same = spans[i].start_original == spans[i - 1].start_original &&
			    spans[i].end_original == spans[i - 1].end_original;

		assert_true(same || spans[i].start_original >= spans[i - 1].end_original);
	}
}

static bool is_han_at(const struct hy_folded *folded, size_t at)
{
	uint32_t rune;

	(void)hy_utf8_decode(folded->text + at, folded->n - at, &rune);
	return hy_rune_is_han(rune);
}

/* From one whole piece to another the original folds to just what was found. */
static void check_folds_back(const struct hy_fold_table *table, const struct hy_folded *folded,
			     const struct span *spans, size_t count, struct hy_str in)
{
	struct hy_folded again;

	hy_folded_init(&again);
	for (size_t a = 0; a < count; a++) {
		if (!is_han_at(folded, spans[a].at) ||
		    (a > 0 && spans[a - 1].start_original == spans[a].start_original))
			continue;
		for (size_t b = a; b < count && b < a + 6; b++) {
			if (!is_han_at(folded, spans[b].at) ||
			    (b + 1 < count && spans[b + 1].start_original == spans[b].start_original))
				continue;
			size_t n = spans[b].end_original - spans[a].start_original;

			assert_int_equal(hy_fold(table, hy_str_sub(in, spans[a].start_original, n),
						 &again), HY_OK);
			assert_int_equal(again.n, spans[b].end - spans[a].at);
			assert_memory_equal(again.text, folded->text + spans[a].at, again.n);
		}
	}
	hy_folded_fini(&again);
}

static void keeps_its_promises_on_random_texts(void **state)
{
	struct hy_fold_table *table = table_of(*state);
	struct hy_buf text = HY_BUF(TEXT_BYTES), expected = HY_BUF(TEXT_BYTES);
	struct hy_folded folded, plain;
	struct span spans[400];
	uint32_t seed = 3;
	size_t replaced = 0;

	hy_folded_init(&folded);
	hy_folded_init(&plain);
	for (int i = 0; i < 20000; i++) {
		random_text(&seed, &text);
		struct hy_str in = hy_buf_str(&text);

		assert_int_equal(hy_fold(table, in, &folded), HY_OK);
		assert_int_equal(hy_fold(*state, in, &plain), HY_OK);
		respell((struct hy_str){plain.text, plain.n}, &expected);
		assert_int_equal(folded.n, expected.n);
		assert_memory_equal(folded.text, expected.n ? expected.p : "", expected.n);
		replaced += !hy_str_eq((struct hy_str){plain.text, plain.n}, hy_buf_str(&expected));
		size_t count = spans_of(&folded, spans);

		check_map(spans, count, in);
		check_folds_back(table, &folded, spans, count, in);
	}
	assert_true(replaced > 5000);
	hy_folded_fini(&folded);
	hy_folded_fini(&plain);
	hy_buf_fini(&text);
	hy_buf_fini(&expected);
	hy_fold_table_free(table);
}

/* The proper spelling may be the longer one: there is room for a text of nothing else. */
static void grows_as_far_as_needed(void **state)
{
	struct hy_fold_table *table = table_of(*state);
	struct hy_buf text = HY_BUF(HY_FOLD_INPUT_BYTES);
	struct hy_folded folded;
	const size_t count = 200000;

	for (size_t i = 0; i < count; i++)
		hy_buf_add_c(&text, "柴补");
	hy_folded_init(&folded);
	assert_int_equal(hy_fold(table, hy_buf_str(&text), &folded), HY_OK);
	assert_int_equal(folded.n, count * 12);
	for (size_t pad = 0; pad < HY_FOLD_PADDING; pad++)
		assert_int_equal(folded.text[folded.n + pad], 0);
	hy_folded_fini(&folded);
	hy_buf_fini(&text);
	hy_fold_table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_what_is_wrong_and_where),
		cmocka_unit_test(folds_to_the_proper_spelling),
		cmocka_unit_test(folds_patterns),
		cmocka_unit_test(keeps_its_promises_on_random_texts),
		cmocka_unit_test(grows_as_far_as_needed),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
