#include "crawler/extract_source.h"

#include <string.h>

#include "common/base/mem.h"
#include "common/base/utf8.h"
#include "crawler/extract_hint.h"
#include "crawler/extract_title.h"

#define LINE_WIDTH 260
#define MAX_NAME_BYTES 90
#define LABEL_WIDTH 12
#define NAME_WIDTH 40
#define MIN_NAME_WIDTH 3

/* A name ends where the next fact of the line begins. */
static bool ends_name(struct hy_str rest)
{
	static const char *const ends[] = {
		" ", "|", "作者", "编辑", "责编", "记者", "时间", "发布", "日期", "字号", "（", "(",
		"】", "]", "）", ")", "，", "。", "、", ";", "；", "浏览", "点击", "阅读", "20",
		"分享", "打印",
	};

	for (size_t i = 0; i < HY_COUNT(ends); i++)
		if (hy_str_starts(rest, hy_str_of(ends[i])))
			return true;
	return false;
}

static struct hy_str name_at(struct hy_str line, size_t at)
{
	size_t end = at;

	while (end < line.n && end - at < MAX_NAME_BYTES) {
		uint32_t rune;
		size_t length = hy_utf8_decode(line.p + end, line.n - end, &rune);

		if (end > at && ends_name(hy_str_sub(line, end, line.n)))
			break;
		end += length ? length : 1;
	}
	return hy_str_trim(hy_str_sub(line, at, end - at));
}

/* The text behind "来源：" and its like; false where the line has none. */
static bool name_in_line(struct hy_str line, struct hy_str *out)
{
	static const char *const labels[] = {"来源", "稿源", "出处", "Source", "发布机构",
					     "发布单位", "发文机关", "发文单位", "发布机关"};
	static const char *const colons[] = {"：", ":", "】", "]"};

	for (size_t i = 0; i < HY_COUNT(labels); i++) {
		struct hy_str label = hy_str_of(labels[i]), rest, name;
		size_t at = hy_str_find(line, label, 0), colon = 0;

		if (at == SIZE_MAX)
			continue;
		rest = hy_str_trim(hy_str_sub(line, at + label.n, line.n));
		for (size_t k = 0; k < HY_COUNT(colons) && colon == 0; k++)
			if (hy_str_starts(rest, hy_str_of(colons[k])))
				colon = strlen(colons[k]);
		if (colon == 0)
			continue;
		rest = hy_str_trim(hy_str_sub(rest, colon, rest.n));
		name = name_at(rest, 0);
		if (hy_measure_text(name).width >= MIN_NAME_WIDTH && name.n < MAX_NAME_BYTES) {
			*out = name;
			return true;
		}
	}
	return false;
}

/* All labels hold one of these; looked for in one walk. */
static bool holds_part(struct hy_str text)
{
	static const struct hy_str parts[] = {{"源", 3}, {"出处", 6}, {"Source", 6},
					      {"发布", 6}, {"发文", 6}};

	for (size_t at = 0; at + 3 <= text.n; at++) {
		char c = text.p[at];

		if (c != '\xE5' && c != '\xE6' && c != 'S')
			continue;
		for (size_t k = 0; k < HY_COUNT(parts); k++)
			if (text.p[at + 1] == parts[k].p[1] &&
			    hy_str_starts(hy_str_sub(text, at, text.n), parts[k]))
				return true;
	}
	return false;
}

static bool may_hold_name(const struct hy_measure *m, const struct hy_unit *unit)
{
	for (size_t i = unit->first; i < unit->end && unit->width <= LINE_WIDTH; i++)
		if (holds_part(m->page->nodes[i].text))
			return true;
	return false;
}

static bool in_lines(const struct hy_measure *m, const struct hy_units *units, struct hy_buf *out)
{
	struct hy_buf line;
	bool found = false;

	hy_buf_init(&line, LINE_WIDTH * 16);
	for (size_t i = 0; i < units->count && !found; i++) {
		const struct hy_unit *unit = &units->items[i];
		struct hy_str name;

		if (!may_hold_name(m, unit))
			continue;
		hy_buf_clear(&line);
		hy_text_write(m, unit->first, unit->end, &line);
		/* The label may have a cell or a line of its own. */
		if (unit->width <= LABEL_WIDTH && i + 1 < units->count &&
		    unit[1].width <= NAME_WIDTH) {
			if (m->page->nodes[unit->owner].tag == HY_TAG_TD ||
			    m->page->nodes[unit->owner].tag == HY_TAG_TH)
				hy_buf_add_str(&line, HY_STR_LIT("："));
			hy_text_write(m, unit[1].first, unit[1].end, &line);
		}
		found = name_in_line(hy_buf_str(&line), &name);
		if (found)
			hy_buf_add_str(out, name);
	}
	hy_buf_fini(&line);
	return found;
}

static bool in_named_element(const struct hy_measure *m, struct hy_buf *out)
{
	const struct hy_page *page = m->page;

	for (size_t i = 0; i < page->count; i++) {
		struct hy_sum sum;

		if (page->nodes[i].tag == HY_TAG_TEXT || (m->hints[i] & HY_HINT_HIDDEN) ||
		    !(m->hints[i] & HY_HINT_SOURCE))
			continue;
		sum = hy_measure_of(m, i);
		if (sum.width < MIN_NAME_WIDTH || sum.width > 40 || sum.stops > 0)
			continue;
		hy_text_write(m, i, page->nodes[i].end, out);
		return true;
	}
	return false;
}

void hy_source_find(const struct hy_measure *m, const struct hy_units *units, struct hy_buf *out)
{
	static const char *const names[] = {"mediaid", "source", "contentsource", "og:site_name",
					    "application-name"};

	if (in_lines(m, units, out) || in_named_element(m, out))
		return;
	for (size_t i = 0; i < HY_COUNT(names); i++) {
		struct hy_str value = hy_meta_find(m->page, names[i]);
		struct hy_str name;

		if (value.n == 0 || value.n > MAX_NAME_BYTES)
			continue;
		hy_text_add(name_in_line(value, &name) ? name : value, out);
		return;
	}
}
