/* Near-duplicates: what edits do to a signature, and what bands find. */
#include "alerter/signature.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/base/utf8.h"

#define ARTICLES 60
#define RUNES 1000

static unsigned next_random(unsigned *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

/* Text in which, as in language, few characters are frequent and most are rare. */
static void make_article(unsigned seed, struct hy_buf *out)
{
	hy_buf_clear(out);
	for (int i = 0; i < RUNES; i++) {
		unsigned range = 1u << (next_random(&seed) % 12);
		char utf8[4];
		size_t n = hy_utf8_encode(0x4e00 + next_random(&seed) % range, utf8);

		hy_buf_add(out, utf8, n);
	}
}

/* Replaces about `percent` of the characters. */
static void edit(const struct hy_buf *text, unsigned percent, unsigned seed, struct hy_buf *out)
{
	hy_buf_clear(out);
	for (size_t at = 0; at < text->n; at += 3) {
		char utf8[4];
		size_t n = hy_utf8_encode(0x6000 + next_random(&seed) % 4000, utf8);

		if (next_random(&seed) % 100 < percent)
			hy_buf_add(out, utf8, n);
		else
			hy_buf_add(out, text->p + at, 3);
	}
}

static struct hy_signature of(const struct hy_buf *text)
{
	struct hy_signature s;

	hy_signature_of((struct hy_str){0}, hy_buf_str(text), &s);
	return s;
}

static bool share_a_band(const struct hy_signature *a, const struct hy_signature *b)
{
	for (int band = 0; band < HY_SIGNATURE_BANDS; band++) {
		if (hy_signature_band(a, band) == hy_signature_band(b, band))
			return true;
	}
	return false;
}

static void edited_copies_are_found(void **state)
{
	struct hy_buf text, changed;
	int found = 0, cut_found = 0;

	(void)state;
	hy_buf_init(&text, RUNES * 4);
	hy_buf_init(&changed, RUNES * 4);
	for (unsigned i = 0; i < ARTICLES; i++) {
		struct hy_signature whole, copy, cut;
		struct hy_str tail;

		make_article(i + 1, &text);
		whole = of(&text);
		edit(&text, 2, i + 1000, &changed);
		copy = of(&changed);
		found += share_a_band(&whole, &copy) &&
			 hy_signature_similarity(&whole, &copy) >= 0.5;
		tail = hy_str_sub(hy_buf_str(&text), text.n / 8 / 3 * 3, text.n);
		hy_signature_of((struct hy_str){0}, tail, &cut);
		cut_found += share_a_band(&whole, &cut) &&
			     hy_signature_similarity(&whole, &cut) >= 0.5;
	}
	hy_buf_fini(&text);
	hy_buf_fini(&changed);
	assert_true(found >= ARTICLES - 1);
	assert_true(cut_found >= ARTICLES - 1);
}

static void strangers_are_not(void **state)
{
	struct hy_buf text, other;

	(void)state;
	hy_buf_init(&text, RUNES * 4);
	hy_buf_init(&other, RUNES * 4);
	for (unsigned i = 0; i < ARTICLES; i++) {
		struct hy_signature a, b;

		make_article(i + 1, &text);
		make_article(i + 5001, &other);
		a = of(&text);
		b = of(&other);
		assert_false(share_a_band(&a, &b));
		assert_true(hy_signature_similarity(&a, &b) < 0.2);
	}
	hy_buf_fini(&text);
	hy_buf_fini(&other);
}

static void form_does_not_matter(void **state)
{
	static const struct {
		const char *a, *b;
	} same[] = {
		{"关于ABC小区停水的通知，请互相转告。", "关于 abc 小区 停水的通知。请互相转告！"},
		{"关于ＡＢＣ小区停水１２小时的通知", "关于abc小区停水12小时的通知"},
		{"第一行的内容\n第二行的内容", "第一行的内容第二行的内容"},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(same); i++) {
		struct hy_signature a, b;

		hy_signature_of((struct hy_str){0}, hy_str_of(same[i].a), &a);
		hy_signature_of((struct hy_str){0}, hy_str_of(same[i].b), &b);
		assert_true(hy_signature_similarity(&a, &b) >= 1.0);
	}
}

static void short_texts(void **state)
{
	struct hy_signature none, few, same;

	(void)state;
	hy_signature_of((struct hy_str){0}, HY_STR_LIT("停水"), &none);
	assert_true(none.empty);
	assert_true(hy_signature_similarity(&none, &none) <= 0);
	hy_signature_of((struct hy_str){0}, HY_STR_LIT("又停水"), &few);
	assert_false(few.empty);
	hy_signature_of(HY_STR_LIT("又"), HY_STR_LIT("停水"), &same);
	assert_true(hy_signature_similarity(&few, &same) >= 1.0);
	hy_signature_of((struct hy_str){0}, (struct hy_str){0}, &none);
	assert_true(none.empty);
	hy_signature_of((struct hy_str){0}, HY_STR_LIT("\xff\xfe\x80停水了"), &few);
	assert_false(few.empty);
}

static void bytes_and_back(void **state)
{
	struct hy_signature a, b;
	char bytes[HY_SIGNATURE_BYTES];

	(void)state;
	hy_signature_of((struct hy_str){0}, HY_STR_LIT("一段足够长的文字，用来比较前后是否一致"), &a);
	hy_signature_encode(&a, bytes);
	assert_true(hy_signature_decode((struct hy_str){bytes, sizeof bytes}, &b));
	assert_memory_equal(a.bin, b.bin, sizeof a.bin);
	assert_false(hy_signature_decode((struct hy_str){bytes, sizeof bytes - 1}, &b));
	for (int band = 0; band < HY_SIGNATURE_BANDS; band++)
		assert_true(hy_signature_band(&a, band) >= 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edited_copies_are_found),
		cmocka_unit_test(strangers_are_not),
		cmocka_unit_test(form_does_not_matter),
		cmocka_unit_test(short_texts),
		cmocka_unit_test(bytes_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
