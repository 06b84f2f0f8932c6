#include "alerter/subject.h"

#include "common/base/mem.h"
#include "common/base/utf8.h"

/* Who and what an article is about stands in its opening. */
#define OPENING_BYTES 900
#define NAME_RUNES 2

static const char *const endings[] = {
	"公司", "集团", "小区", "社区",
	"花园", "家园", "小学", "中学",
	"学校", "幼儿园", "医院", "酒店",
	"饭店", "超市", "项目", "工地",
	"工厂", "市场", "大厦", "广场",
	"商场", "地铁站", "大道", "路",
};

/* Parts of a name that many share and that therefore tell nothing. */
static const char *const generic[] = {
	"有限", "责任", "股份", "集团",
	"物业", "服务", "管理", "建筑",
	"工程", "建设", "科技", "发展",
	"餐饮", "贸易", "置业", "房产",
	"地产", "房地", "开发", "实验",
	"中心", "花园", "家园", "住宅",
};

/* "该小区", "一家公司": pointing at something, not naming it. */
static const char *const pointers[] = {
	"该", "本", "此", "某", "各", "这", "那", "在", "个", "的", "家", "所", "条", "座", "处",
	"到", "和", "与", "是", "等", "多", "新", "老", "旧", "从", "向", "对", "们", "有", "名",
};

static bool ends_pointing(struct hy_str s)
{
	for (size_t i = 0; i < HY_COUNT(pointers); i++) {
		if (hy_str_ends(s, hy_str_of(pointers[i])))
			return true;
	}
	return false;
}

static bool ends_generic(struct hy_str s, size_t *out_bytes)
{
	for (size_t i = 0; i < HY_COUNT(generic); i++) {
		struct hy_str word = hy_str_of(generic[i]);

		if (hy_str_ends(s, word)) {
			*out_bytes = word.n;
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

static bool holds(struct hy_str list, struct hy_str word)
{
	struct hy_str rest = list, piece;

	while (rest.p && hy_str_next(&rest, ' ', &piece)) {
		if (piece.n && hy_str_eq(piece, word))
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

static void scan(struct hy_str text, struct hy_buf *out, size_t *count)
{
	size_t last_end = SIZE_MAX;

	for (size_t at = 0; at < text.n; at++) {
		struct hy_str rest = hy_str_sub(text, at, text.n - at);

		for (size_t i = 0; i < HY_COUNT(endings); i++) {
			struct hy_str ending = hy_str_of(endings[i]);

			if (!hy_str_starts(rest, ending))
				continue;
			/* Right behind another ending nothing new is named: 凤凰路路口. */
			if (at != last_end)
				add_subject(hy_str_sub(text, 0, at), out, count);
			last_end = at + ending.n;
			at = last_end - 1;
			break;
		}
	}
}

void hy_subjects_of(struct hy_str title, struct hy_str text, struct hy_buf *out)
{
	size_t count = 0;
	size_t opening = text.n > OPENING_BYTES ? hy_utf8_floor(text.p, text.n, OPENING_BYTES)
						: text.n;

	scan(title, out, &count);
	scan(hy_str_sub(text, 0, opening), out, &count);
}

/* Whether a names something that b does not. */
static bool names_more(struct hy_str a, struct hy_str b)
{
	struct hy_str rest = a, piece;

	while (rest.p && hy_str_next(&rest, ' ', &piece)) {
		if (piece.n && !holds(b, piece))
			return true;
	}
	return false;
}

bool hy_subjects_contradict(struct hy_str a, struct hy_str b)
{
	return names_more(a, b) && names_more(b, a);
}
