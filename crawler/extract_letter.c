#include "crawler/extract_letter.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/extract_hint.h"
#include "crawler/thread_line.h"

/* Less under a label is "无" or "处理中". */
#define PART_WIDTH 12
/* A label with its brackets and colon. */
#define LABEL_BYTES 27

enum role { NONE, LETTER, ANSWER, FACT };

/* Longer ones before those that begin them. */
static const struct {
	struct hy_str label;
	enum role role;
} labels[] = {
#define X(text, role) {{text, sizeof(text) - 1}, role},
	X("留言内容", LETTER) X("来信内容", LETTER) X("信件内容", LETTER) X("问题内容", LETTER)
	X("咨询内容", LETTER) X("诉求内容", LETTER) X("反映内容", LETTER) X("投诉内容", LETTER)
	X("建议内容", LETTER) X("提问内容", LETTER) X("写信内容", LETTER) X("问题描述", LETTER)
	X("网友留言", LETTER) X("留言详情", LETTER) X("信件正文", LETTER) X("内容", LETTER)
	X("回复内容", ANSWER) X("答复内容", ANSWER) X("回复意见", ANSWER) X("答复意见", ANSWER)
	X("办理结果", ANSWER) X("处理结果", ANSWER) X("办理情况", ANSWER) X("处理情况", ANSWER)
	X("办理意见", ANSWER) X("官方回复", ANSWER) X("官方答复", ANSWER) X("部门回复", ANSWER)
	X("部门答复", ANSWER) X("单位回复", ANSWER) X("回复详情", ANSWER) X("答复详情", ANSWER)
	X("反馈内容", ANSWER) X("反馈结果", ANSWER) X("答复结果", ANSWER) X("回复结果", ANSWER)
	X("姓名", FACT) X("来信人", FACT) X("写信人", FACT) X("留言人", FACT) X("提问人", FACT)
	X("咨询人", FACT) X("投诉人", FACT) X("昵称", FACT) X("网友", FACT) X("联系电话", FACT)
	X("来信时间", FACT) X("写信时间", FACT) X("留言时间", FACT) X("提交时间", FACT)
	X("咨询时间", FACT) X("提问时间", FACT) X("发布时间", FACT) X("来信日期", FACT)
	X("写信日期", FACT) X("回复时间", FACT) X("答复时间", FACT) X("办理时间", FACT)
	X("处理时间", FACT) X("回复日期", FACT) X("答复日期", FACT) X("回复单位", FACT)
	X("答复单位", FACT) X("办理单位", FACT) X("处理单位", FACT) X("承办单位", FACT)
	X("回复部门", FACT) X("答复部门", FACT) X("受理单位", FACT) X("受理部门", FACT)
	X("办理部门", FACT) X("处理部门", FACT) X("信件编号", FACT) X("留言编号", FACT)
	X("编号", FACT) X("查询号", FACT) X("信件类型", FACT) X("留言类型", FACT)
	X("信件类别", FACT) X("类型", FACT) X("类别", FACT) X("主题", FACT) X("标题", FACT)
	X("来信标题", FACT) X("信件标题", FACT) X("留言标题", FACT) X("信件主题", FACT)
	X("留言主题", FACT) X("状态", FACT) X("办理状态", FACT) X("处理状态", FACT)
	X("信件状态", FACT) X("满意度", FACT) X("评价", FACT) X("浏览次数", FACT)
	X("附件", FACT) X("是否公开", FACT)
#undef X
};

/*
 * The characters that labels begin with, by the last twelve bits of their three bytes: almost
 * every text is told apart by its first character.
 */
struct beginnings {
	bool has[4096];
};

static size_t slot_of(const char *p)
{
	return ((size_t)p[1] & 0x3F) << 6 | ((size_t)p[2] & 0x3F);
}

static void beginnings_init(struct beginnings *b)
{
	memset(b, 0, sizeof *b);
	for (size_t i = 0; i < HY_COUNT(labels); i++)
		b->has[slot_of(labels[i].label.p)] = true;
}

struct letter {
	const struct beginnings *beginnings;
	const struct hy_measure *m;
	const struct hy_units *units;
	struct hy_body body;
	uint32_t widths[FACT];	/* kept so far, by role */
};

/* Bytes of `text` that spell the label, spaces in it aside ("内　容"); 0 where they do not. */
static size_t spelled(struct hy_str text, struct hy_str label)
{
	size_t at = 0, done = 0;

	while (done < label.n && at < text.n) {
		uint32_t rune;
		size_t length;

		if (text.p[at] == label.p[done]) {
			at++;
			done++;
			continue;
		}
		length = hy_utf8_decode(text.p + at, text.n - at, &rune);
		if (length == 0 || done == 0 || !hy_rune_is_space(rune))
			return 0;
		at += length;
	}
	return done == label.n ? at : 0;
}

static struct hy_str without_opening(struct hy_str text)
{
	static const struct hy_str openings[] = {{"【", 3}, {"[", 1}, {"［", 3}, {"\xC2\xA0", 2}};

	for (size_t i = 0; i < HY_COUNT(openings); i++)
		if (hy_str_starts(text, openings[i]))
			return hy_str_trim(hy_str_sub(text, openings[i].n, text.n));
	return text;
}

/* Whether nothing but the label's end is left: ":", "】" or nothing. */
static bool ends_label(struct hy_str rest, bool *out_colon)
{
	static const struct hy_str ends[] = {{"：", 3}, {":", 1}, {"】", 3}, {"]", 1}, {"］", 3}};

	rest = hy_str_trim(rest);
	*out_colon = false;
	for (size_t i = 0; i < HY_COUNT(ends); i++)
		if (hy_str_starts(rest, ends[i]))
			*out_colon = true;
	return rest.n == 0 || *out_colon;
}

/* The role that a unit's first text gives to it and to what follows. */
static enum role role_of(const struct letter *l, const struct hy_unit *unit)
{
	const struct hy_node *nodes = l->m->page->nodes;
	struct hy_str text = without_opening(hy_str_trim(nodes[unit->first].text));

	if (text.n < 6 || (unsigned char)text.p[0] < 0xE4 ||
	    !l->beginnings->has[slot_of(text.p)])
		return NONE;
	for (size_t i = 0; i < HY_COUNT(labels); i++) {
		size_t length;
		bool colon;

		if (memcmp(text.p, labels[i].label.p, 3) != 0)
			continue;
		length = spelled(text, labels[i].label);
		if (length > 0 && ends_label(hy_str_sub(text, length, text.n), &colon) &&
		    (colon || unit->width <= labels[i].label.n))
			return labels[i].role;
	}
	return NONE;
}

static bool has_both_parts(const struct letter *l)
{
	bool has[FACT + 1] = {false};

	for (size_t i = 0; i < l->units->count && !(has[LETTER] && has[ANSWER]); i++)
		has[role_of(l, &l->units->items[i])] = true;
	return has[LETTER] && has[ANSWER];
}

static void keep_nodes(struct letter *l, size_t from, const struct hy_unit *unit, enum role role)
{
	memset(l->body.keep + from, 1, unit->end - from);
	l->widths[role] += l->m->sums[unit->end].width - l->m->sums[from].width;
	if (l->body.root == HY_PAGE_NO_NODE)
		l->body.root = unit->owner;
}

static bool is_text(const struct letter *l, const struct hy_unit *unit)
{
	struct hy_buf line = HY_BUF(4096);
	bool around;

	if (unit->link_width * 2 > unit->width || (l->m->hints[unit->owner] & HY_HINT_HIDDEN))
		return false;
	if (unit->width > HY_THREAD_LINE_WIDTH)
		return true;
	hy_text_write(l->m, unit->first, unit->end, &line);
	around = hy_thread_line_is_around(hy_buf_str(&line), (struct hy_str){NULL, 0});
	hy_buf_fini(&line);
	return !around;
}

/* The end of the smallest element that holds both nodes: an answer does not leave it. */
static size_t common_end(const struct hy_page *page, size_t first, size_t last)
{
	size_t node = first;

	while (page->nodes[node].parent != HY_PAGE_NO_NODE && page->nodes[node].end <= last)
		node = page->nodes[node].parent;
	return page->nodes[node].end;
}

/* A text on its label's line: with the label where both are one text. */
static void keep_behind_label(struct letter *l, const struct hy_unit *unit, enum role role)
{
	struct hy_str text = hy_str_trim(l->m->page->nodes[unit->first].text);

	if (unit->width <= hy_measure_text(text).width && text.n <= LABEL_BYTES)
		return;
	keep_nodes(l, unit->first + (text.n <= LABEL_BYTES), unit, role);
}

static void read_parts(struct letter *l)
{
	enum role now = NONE;
	size_t letter = HY_PAGE_NO_NODE, end = SIZE_MAX;

	for (size_t i = 0; i < l->units->count && l->units->items[i].first < end; i++) {
		const struct hy_unit *unit = &l->units->items[i];
		enum role role = role_of(l, unit);

		if (role == LETTER && letter == HY_PAGE_NO_NODE)
			letter = unit->first;
		if (role == ANSWER && letter != HY_PAGE_NO_NODE)
			end = common_end(l->m->page, letter, unit->first);
		now = role == NONE ? now : role;
		if (now != LETTER && now != ANSWER)
			continue;
		if (role != NONE)
			keep_behind_label(l, unit, role);
		else if (is_text(l, unit))
			keep_nodes(l, unit->first, unit, now);
	}
}

bool hy_letter_find(const struct hy_measure *m, const struct hy_units *units,
		    struct hy_body *out)
{
	struct beginnings beginnings;
	struct letter l = {.beginnings = &beginnings, .m = m, .units = units,
			   .body.root = HY_PAGE_NO_NODE};

	beginnings_init(&beginnings);
	if (!has_both_parts(&l))
		return false;
	l.body.keep = hy_xcalloc(m->page->count + 1, 1);
	read_parts(&l);
	if (l.widths[LETTER] < PART_WIDTH || l.widths[ANSWER] < PART_WIDTH) {
		hy_body_fini(&l.body);
		return false;
	}
	*out = l.body;
	return true;
}
