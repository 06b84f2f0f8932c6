#include "crawler/mask.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

struct mask_case {
	const char *text, *want;	/* want NULL: stays as it is */
};

/* All numbers are made up; the cards have a right check digit only where the test needs it. */
static const struct mask_case cases[] = {
	/* mobile phones */
	{"电话13812345678。", "电话138********。"},
	{"19912345678", "199********"},
	/* lines are looked at one by one: what has neither digit nor at sign is copied */
	{"甲\n电话１３８１２３４５６７８\n乙\n", "甲\n电话１３８********\n乙\n"},
	{"zhang＠example.com\nA.B", "***＠example.com\nA.B"},
	{"138\n12345678", NULL},
	{"138 1234 5678", "138 **** ****"},
	{"138-1234-5678", "138-****-****"},
	{"138－1234－5678", "138－****－****"},
	{"138 - 1234 - 5678", "138 - **** - ****"},
	{"138.1234.5678", "138.****.****"},
	{"1 3 8 1 2 3 4 5 6 7 8", "1 3 8 * * * * * * * *"},
	{"１３８１２３４５６７８", "１３８********"},
	{"+8613812345678", "+86138********"},
	{"+86 138 1234 5678", "+86 138 **** ****"},
	{"0086-13812345678", "0086-138********"},
	{"(+86)13812345678", "(+86)138********"},
	{"013812345678", "0138********"},
	{"微信同号：13812345678/13912345678", "微信同号：138********/139********"},
	{"李13812345678王13912345678", "李138********王139********"},
	{"1381234-5678", "138****-****"},
	{"+852 9123 4567", "+852 **** ****"},
	{"tel13812345678", "tel138********"},
	/* fixed phones */
	{"0531-88888888", "0531-********"},
	{"（0531）88888888", "（0531）********"},
	{"(0531) 8888 8888", "(0531) **** ****"},
	{"053188888888", "0531********"},
	{"010-66666666", "010-********"},
	{"01066666666", "010********"},
	{"0535-6666666", "0535-*******"},
	{"+86-531-88888888", "+86-531-********"},
	{"+86 10 6666 6666", "+86 10 **** ****"},
	{"+8653188888888", "+86531********"},
	{"0531-88888888-8001", "0531-********-8001"},
	/* ID cards: right, wrong and letter check digit, 15 digits, in groups */
	{"370102199001011234", "37****************"},
	{"37010219900101123X", "37****************"},
	{"37010219900101123x。", "37****************。"},
	{"３７０１０２１９９００１０１１２３Ｘ", "３７****************"},
	{"370102 19900101 123X", "37**** ******** ****"},
	{"370102900101123", "37*************"},
	/* bank cards: the check sum is right */
	{"6222021234567890128", "62*****************"},
	{"4111111111111111", "41**************"},
	{"4111 1111 1111 1111", "41** **** **** ****"},
	{"4111-1111-1111-1111", "41**-****-****-****"},
	/* plates */
	{"鲁A12345", "鲁A*****"},
	{"鲁A·12345", "鲁A·*****"},
	{"鲁A 1C345", "鲁A *****"},
	{"鲁AD12345", "鲁A******"},
	{"鲁A12345F", "鲁A******"},
	{"鲁Ａ１２３４５", "鲁Ａ*****"},
	{"鲁a12b45", "鲁a*****"},
	{"鲁A1234学", "鲁A*****"},
	{"粤Z1234港", "粤Z*****"},
	{"牌照京B·C1234的车", "牌照京B·*****的车"},
	/* e-mail */
	{"写信到zhang.san@163.com。", "写信到***@163.com。"},
	{"13812345678@139.com", "***@139.com"},
	{"a_b+c-d%e@mail.example.com.cn", "***@mail.example.com.cn"},
	{"x＠qq．com", "***＠qq．com"},
	/* what an answer needs, and what is only a figure */
	{"拨打12345、110、119、120、96777", NULL},
	{"0531-12345", NULL},
	{"400-123-4567 4001234567 800-820-8820", NULL},
	{"95588 1069123456", NULL},
	{"2021年11月23日09:00:00", NULL},
	{"2021-11-23 0900-1730", NULL},
	{"20211123090000001", NULL},
	{"2018 2019 2020 2021", NULL},
	{"116.397470,39.908823", NULL},
	{"138.12345678", NULL},
	{"13812345678元", NULL},
	{"￥13812345678", NULL},
	{"13800000000万", NULL},
	{"1,381,234,567", NULL},
	{"1638320000 1638320000000", NULL},
	{"浙B2-20080224号", NULL},
	{"鲁ICP备12345678号-1", NULL},
	{"济高管发〔2021〕12号", NULL},
	{"统一社会信用代码12370100MB2846541Y", NULL},
	{"新G20 云A股 川A1234 苏E1", NULL},
	{"@微博用户 a@b 1@2.3", NULL},
	{"12812345678 10812345678", NULL},
	{"1234567890123", NULL},
	{"4111111111111112", NULL},
	{"123456789012345678901234567890", NULL},
	{"", NULL},
};

/* Masks and checks what holds for every text: valid UTF-8, and the second time no change. */
static char *mask(struct hy_str text, unsigned *out_count)
{
	struct hy_buf once, twice;
	unsigned again = 99;

	hy_buf_init(&once, 1 << 20);
	hy_buf_init(&twice, 1 << 20);
	assert_int_equal(hy_mask(text, &once, out_count), HY_OK);
	assert_true(hy_utf8_valid(once.p, once.n));
	assert_int_equal(hy_mask(hy_buf_str(&once), &twice, &again), HY_OK);
	if (again || !hy_str_eq(hy_buf_str(&once), hy_buf_str(&twice)))
		fail_msg("not stable: <%s> became <%s>", once.p, twice.p);
	hy_buf_fini(&twice);
	return hy_buf_take(&once);
}

static void masks_what_is_personal(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		const char *want = cases[i].want ? cases[i].want : cases[i].text;
		unsigned count = 99;
		char *got = mask(hy_str_of(cases[i].text), &count);

		if (strcmp(got, want) != 0)
			fail_msg("<%s> became <%s>, want <%s>", cases[i].text, got, want);
		assert_int_equal(count == 0, cases[i].want == NULL);
		free(got);
	}
}

/* A small fixed generator: the same numbers in every run. */
static unsigned next(uint64_t *seed, unsigned below)
{
	*seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(*seed >> 33) % below;
}

static void add_digits(struct hy_buf *out, uint64_t *seed, size_t n)
{
	while (n--)
		hy_buf_addf(out, "%u", next(seed, 10));
}

static void add_mobile(struct hy_buf *out, uint64_t *seed)
{
	hy_buf_addf(out, "1%u", 3 + next(seed, 7));
	add_digits(out, seed, 9);
}

static void add_fixed(struct hy_buf *out, uint64_t *seed)
{
	hy_buf_addf(out, "0%u", 31 + next(seed, 60));
	hy_buf_addf(out, "%u-%u", next(seed, 10), 2 + next(seed, 8));
	add_digits(out, seed, 6 + next(seed, 2));
}

static void add_id_card(struct hy_buf *out, uint64_t *seed)
{
	hy_buf_addf(out, "37%04u%04u%02u%02u", next(seed, 10000), 1930 + next(seed, 90),
		    1 + next(seed, 12), 1 + next(seed, 28));
	add_digits(out, seed, 3);
	hy_buf_add_char(out, "0123456789X"[next(seed, 11)]);
}

static void add_bank_card(struct hy_buf *out, uint64_t *seed)
{
	size_t start = out->n, n = 15 + next(seed, 4);
	unsigned sum = 0;

	hy_buf_add_c(out, "62");
	add_digits(out, seed, n - 2);
	for (size_t i = 0; i < n; i++) {
		unsigned digit = (unsigned)(out->p[out->n - 1 - i] - '0');

		digit = i % 2 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
		sum += digit;
	}
	hy_buf_addf(out, "%u", (10 - sum % 10) % 10);
	hy_assert(out->n - start == n + 1);
}

static void add_plate(struct hy_buf *out, uint64_t *seed)
{
	hy_buf_addf(out, "鲁%c", "ABCDEFGHJKLMNPQRSTUVWXYZ"[next(seed, 24)]);
	add_digits(out, seed, 2);
	hy_buf_add_char(out, "ABCDEFGH"[next(seed, 8)]);
	add_digits(out, seed, 2);
}

static void add_mail(struct hy_buf *out, uint64_t *seed)
{
	hy_buf_addf(out, "wang%u.li_%u@mail%u.cn", next(seed, 1000), next(seed, 1000),
		    next(seed, 10));
}

static const struct {
	void (*add)(struct hy_buf *out, uint64_t *seed);
	size_t readable_bytes;	/* what masking may leave of it, from the start */
} classes[] = {
	{add_mobile, 3}, {add_fixed, 5}, {add_id_card, 2}, {add_bank_card, 2}, {add_plate, 4},
	{add_mail, 0},
};

static const char *const fillers[] = {
	"，联系人电话", "。编号2021-11-23，", "（", "）：", "；共3500元；", "\n", "、", " 号码 ",
	"（12345热线）", "：",
};

static void no_class_survives(void **state)
{
	uint64_t seed = 20261123;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		size_t class = next(&seed, HY_COUNT(classes));
		struct hy_buf secret, text;
		char *got;

		hy_buf_init(&secret, 200);
		hy_buf_init(&text, 2000);
		classes[class].add(&secret, &seed);
		hy_buf_add_c(&text, fillers[next(&seed, HY_COUNT(fillers))]);
		hy_buf_add_str(&text, hy_buf_str(&secret));
		hy_buf_add_c(&text, fillers[next(&seed, HY_COUNT(fillers))]);
		got = mask(hy_buf_str(&text), NULL);
		/* One character more than may stay must not be there. */
		secret.p[classes[class].readable_bytes + 1] = '\0';
		if (class != 5 && strstr(got, secret.p))
			fail_msg("<%s> became <%s>", text.p, got);
		if (class == 5 && strstr(got, "wang"))
			fail_msg("<%s> became <%s>", text.p, got);
		free(got);
		hy_buf_fini(&secret);
		hy_buf_fini(&text);
	}
}

static void any_bytes_are_stable_and_valid(void **state)
{
	static const char alphabet[] = "0123456789138-- .()+86X@a.cn鲁A京**\xff\xe9";
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[64];
		size_t n = next(&seed, sizeof text);

		for (size_t i = 0; i < n; i++)
			text[i] = alphabet[next(&seed, sizeof alphabet - 1)];
		free(mask((struct hy_str){text, n}, NULL));
	}
}

static void ordinary_figures_are_untouched(void **state)
{
	uint64_t seed = 99;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[160];
		unsigned count = 0;

		(void)snprintf(text, sizeof text,
			       "%u年%u月%u日%02u:%02u投资%u万元，同比增长%u.%u%%，惠及%u人，面积%u.%02u平方米，"
			       "坐标%u.%06u",
			       1990 + next(&seed, 40), 1 + next(&seed, 12), 1 + next(&seed, 28),
			       next(&seed, 24), next(&seed, 60), next(&seed, 100000000),
			       next(&seed, 100), next(&seed, 100), next(&seed, 10000000),
			       next(&seed, 1000000), next(&seed, 100), 70 + next(&seed, 65),
			       next(&seed, 1000000));
		free(mask(hy_str_of(text), &count));
		if (count)
			fail_msg("<%s>", text);
	}
}

static void a_full_buffer_is_no_success(void **state)
{
	struct hy_buf out;
	unsigned count = 5;

	(void)state;
	hy_buf_init(&out, 4);
	assert_int_equal(hy_mask(HY_STR_LIT("电话13812345678"), &out, &count), HY_ERR_LIMIT);
	assert_int_equal(count, 5);
	hy_buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masks_what_is_personal),
		cmocka_unit_test(no_class_survives),
		cmocka_unit_test(any_bytes_are_stable_and_valid),
		cmocka_unit_test(ordinary_figures_are_untouched),
		cmocka_unit_test(a_full_buffer_is_no_success),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
