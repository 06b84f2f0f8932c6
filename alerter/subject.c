#include "alerter/subject.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"

/* Who and what an article is about stands in its opening. */
#define OPENING_BYTES 900
#define NAME_RUNES 2
#define TITLE_END HY_STR_LIT("/")

struct word {
	const char *text;
	size_t n;
};
#define W(literal) {literal, sizeof(literal) - 1}

static const struct word endings[] = {
	W("公司"), W("集团"), W("小区"), W("社区"), W("花园"), W("家园"), W("小学"), W("中学"),
	W("学校"), W("幼儿园"), W("医院"), W("酒店"), W("饭店"), W("超市"), W("项目"), W("工地"),
	W("工厂"), W("市场"), W("大厦"), W("广场"), W("商场"), W("地铁站"), W("大道"), W("路"),
	W("嘉苑"), W("雅苑"), W("花苑"), W("新苑"), W("名苑"), W("嘉园"), W("雅园"), W("佳园"),
	W("华庭"), W("豪庭"), W("名郡"), W("府邸"), W("华府"), W("公馆"), W("公寓"), W("小镇"),
	W("新村"), W("新城"), W("驾校"),
};

/* Parts of a name that many share and that therefore tell nothing. */
static const struct word generic[] = {
	W("有限"), W("责任"), W("股份"), W("集团"), W("物业"), W("服务"), W("管理"), W("建筑"),
	W("工程"), W("建设"), W("科技"), W("发展"), W("餐饮"), W("贸易"), W("置业"), W("房产"),
	W("地产"), W("房地"), W("开发"), W("实验"), W("中心"), W("花园"), W("家园"), W("住宅"),
};

/* "该小区", "一家公司": pointing at something, not naming it. */
static const struct word pointers[] = {
	W("该"), W("本"), W("此"), W("某"), W("各"), W("这"), W("那"), W("在"),
	W("个"), W("的"), W("家"), W("所"), W("条"), W("座"), W("处"), W("到"),
	W("与"), W("是"), W("等"), W("多"), W("新"), W("老"), W("旧"),
	W("从"), W("向"), W("对"), W("们"), W("有"), W("名"),
};

static bool ends_in(struct hy_str s, const struct word *w)
{
	return s.n >= w->n && memcmp(s.p + s.n - w->n, w->text, w->n) == 0;
}

static bool ends_pointing(struct hy_str s)
{
	for (size_t i = 0; i < HY_COUNT(pointers); i++) {
		if (ends_in(s, &pointers[i]))
			return true;
	}
	return false;
}

static bool ends_generic(struct hy_str s, size_t *out_bytes)
{
	for (size_t i = 0; i < HY_COUNT(generic); i++) {
		if (ends_in(s, &generic[i])) {
			*out_bytes = generic[i].n;
			return true;
		}
	}
	return false;
}

/* The bytes of the last NAME_RUNES Han characters of s; 0 where there are not so many. */
static size_t name_bytes(struct hy_str s)
{
	size_t at = s.n;

	for (int i = 0; i < NAME_RUNES; i++) {
		size_t before = at ? hy_utf8_floor(s.p, s.n, at - 1) : 0;
		uint32_t rune;

		if (at == 0 || !hy_utf8_decode(s.p + before, at - before, &rune) ||
		    !hy_rune_is_han(rune))
			return 0;
		at = before;
	}
	return s.n - at;
}

/* The same two characters, or the two exchanged, as they are often mistyped. */
static bool is_same_name(struct hy_str a, struct hy_str b)
{
	size_t half = a.n / 2;

	return hy_str_eq(a, b) || (a.n == b.n && memcmp(a.p, b.p + half, half) == 0 &&
				   memcmp(a.p + half, b.p, half) == 0);
}

static bool holds(struct hy_str list, struct hy_str word)
{
	struct hy_str rest = list, piece;

	while (rest.p && hy_str_next(&rest, ' ', &piece)) {
		if (piece.n && is_same_name(piece, word))
			return true;
	}
	return false;
}

static void add_subject(struct hy_str before, struct hy_buf *out, size_t *count)
{
	size_t n;
	struct hy_str name;

	while (ends_generic(before, &n))
		before.n -= n;
	n = name_bytes(before);
	if (n == 0 || *count == HY_SUBJECTS_MAX || ends_pointing(before))
		return;
	name = hy_str_sub(before, before.n - n, n);
	if (holds(hy_buf_str(out), name))
		return;
	if (out->n)
		hy_buf_add_char(out, ' ');
	hy_buf_add_str(out, name);
	(*count)++;
}

static const struct word *ending_at(struct hy_str text, size_t at)
{
	for (size_t i = 0; i < HY_COUNT(endings); i++) {
		const struct word *w = &endings[i];

		/* The last byte of a first character tells most of them apart. */
		if (text.n - at >= w->n && text.p[at + 2] == w->text[2] &&
		    memcmp(text.p + at, w->text, w->n) == 0)
			return w;
	}
	return NULL;
}

static void scan(struct hy_str text, struct hy_buf *out, size_t *count)
{
	size_t last_end = SIZE_MAX;

	for (size_t at = 0; at < text.n;) {
		uint32_t rune;
		size_t n = hy_utf8_decode(text.p + at, text.n - at, &rune);
		const struct word *ending = n == 3 ? ending_at(text, at) : NULL;

		/* Right behind another ending nothing new is named: 凤凰路路口. */
		if (ending && at != last_end)
			add_subject(hy_str_sub(text, 0, at), out, count);
		at += ending ? ending->n : n ? n : 1;
		if (ending)
			last_end = at;
	}
}

void hy_subjects_of(struct hy_str title, struct hy_str text, struct hy_buf *out)
{
	size_t count = 0;
	size_t opening = text.n > OPENING_BYTES ? hy_utf8_floor(text.p, text.n, OPENING_BYTES)
						: text.n;

	scan(title, out, &count);
	hy_buf_add_c(out, count ? " /" : "/");
	scan(hy_str_sub(text, 0, opening), out, &count);
}

/* Whether a names something that b does not mention. */
static bool names_more(const struct hy_named *a, const struct hy_named *b, bool in_titles)
{
	struct hy_str rest = a->subjects, piece;

	while (rest.p && hy_str_next(&rest, ' ', &piece)) {
		if (hy_str_eq(piece, TITLE_END) && in_titles)
			return false;
		if (piece.n && !hy_str_eq(piece, TITLE_END) && !holds(b->subjects, piece) &&
		    !hy_words_have(b->words, piece))
			return true;
	}
	return false;
}

bool hy_subjects_contradict(const struct hy_named *a, const struct hy_named *b, bool in_titles)
{
	return names_more(a, b, in_titles) && names_more(b, a, in_titles);
}
