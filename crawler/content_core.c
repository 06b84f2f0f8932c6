#include "crawler/content_core.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "common/sys/msg.h"

#define LABEL_BYTES 150		/* a line of labels and figures is no longer */
#define HEADING_BYTES 36	/* twelve characters */
#define LINE_MIN_BYTES 12	/* shorter ones stand in every article */

/* A figure that has one of these before it counts something that changes by itself ... */
static const char *const counted_before[] = {
	"阅读", "阅读量", "阅读数", "浏览", "浏览量", "浏览数", "浏览次数", "点击", "点击量",
	"点击数", "点击率", "点击次数", "访问", "访问量", "访问次数", "播放", "播放量", "点赞",
	"评论", "评论数", "在看", "转发", "收藏", "分享", "热度", "人气", "跟贴", "跟帖", "参与",
	"回复", "查看", "赞",
};
/* ... or behind it. */
static const char *const counted_after[] = {
	"次阅读", "次浏览", "次点击", "次播放", "次访问", "人阅读", "人浏览", "人参与", "人看过",
	"人评论", "条评论", "条跟贴", "条回复", "个赞", "人点赞", "阅读", "浏览", "点击", "评论",
	"跟贴", "回复",
};
/* Ages go with their unit: hours become days. */
static const char *const ages[] = {
	"秒前", "分钟前", "小时前", "天前", "周前", "个月前", "秒之前", "分钟之前", "小时之前",
	"天之前",
};
static const char *const related_headings[] = {
	"相关阅读", "相关新闻", "相关链接", "相关文章", "相关推荐", "相关报道", "相关稿件",
	"推荐阅读", "推荐新闻", "延伸阅读", "热门推荐", "热门文章", "热门新闻", "热点新闻",
	"猜你喜欢", "更多新闻", "更多阅读", "往期推荐", "往期回顾", "最新文章", "最新评论",
	"上一篇", "下一篇", "为你推荐", "精彩推荐",
};
/* What stands between a word and its figure. */
static const char *const between[] = {" ", ":", "：", "(", "（", "[", "【", "|", "·", "\t", "　"};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool ends_with_any(struct hy_str s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hy_str_ends(s, hy_str_of(words[i])))
			return true;
	return false;
}

/* The length of the word that s begins with, or 0. */
static size_t starts_with_any(struct hy_str s, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hy_str_starts(s, hy_str_of(words[i])))
			return hy_str_of(words[i]).n;
	return 0;
}

static struct hy_str without_between(struct hy_str s)
{
	bool more = true;

	while (more) {
		more = false;
		for (size_t i = 0; i < HY_COUNT(between); i++) {
			struct hy_str piece = hy_str_of(between[i]);

			if (hy_str_ends(s, piece)) {
				s.n -= piece.n;
				more = true;
			}
		}
	}
	return s;
}

/* "1.2万", "3,456", "10w+": where the figure that begins at `from` ends. */
static size_t figure_end(struct hy_str line, size_t from)
{
	static const char *const units[] = {"万", "千", "亿", "w", "W", "k", "K"};
	size_t i = from;

	while (i < line.n && (is_digit(line.p[i]) || ((line.p[i] == '.' || line.p[i] == ',') &&
						      i + 1 < line.n && is_digit(line.p[i + 1]))))
		i++;
	i += starts_with_any(hy_str_sub(line, i, line.n), units, HY_COUNT(units));
	if (i < line.n && line.p[i] == '+')
		i++;
	return i;
}

/* Where a figure that changes by itself ends, or 0 where it is none of these. */
static size_t end_of_count(struct hy_str line, size_t from)
{
	size_t end = figure_end(line, from), age;
	struct hy_str rest = hy_str_trim(hy_str_sub(line, end, line.n));
	bool is_count;

	age = starts_with_any(rest, ages, HY_COUNT(ages));
	if (age)
		return (size_t)(rest.p - line.p) + age;
	is_count = ends_with_any(without_between(hy_str_sub(line, 0, from)), counted_before,
				 HY_COUNT(counted_before)) ||
		   starts_with_any(rest, counted_after, HY_COUNT(counted_after));
	return is_count ? end : 0;
}

/* The length of the blank or invisible character at p, with `left` bytes from there, or 0. */
static size_t invisible_at(const char *p, size_t left)
{
	bool is_long = left > 2;

	switch ((unsigned char)*p) {
	case ' ':
	case '\t':
		return 1;
	case 0xc2:	/* U+00A0 */
		return left > 1 && p[1] == '\xa0' ? 2 : 0;
	case 0xe2:	/* U+200B to U+200D */
		return is_long && p[1] == '\x80' && p[2] >= '\x8b' && p[2] <= '\x8d' ? 3 : 0;
	case 0xe3:	/* U+3000 */
		return is_long && p[1] == '\x80' && p[2] == '\x80' ? 3 : 0;
	case 0xef:	/* U+FEFF */
		return is_long && p[1] == '\xbb' && p[2] == '\xbf' ? 3 : 0;
	default:
		return 0;
	}
}

static void add_visible(struct hy_buf *out, struct hy_str s)
{
	size_t start = 0;

	for (size_t i = 0; i < s.n;) {
		size_t n = invisible_at(s.p + i, s.n - i);

		if (n) {
			hy_buf_add(out, s.p + start, i - start);
			start = i + n;
		}
		i += n ? n : 1;
	}
	if (start < s.n)
		hy_buf_add(out, s.p + start, s.n - start);
}

/* A line of labels without the figures that go up by themselves. */
static void add_labels(struct hy_buf *out, struct hy_str line)
{
	size_t start = 0;

	for (size_t i = 0; i < line.n;) {
		size_t end = i + 1;

		if (is_digit(line.p[i])) {
			size_t over = end_of_count(line, i);

			end = over ? over : figure_end(line, i);
			if (over) {
				add_visible(out, hy_str_sub(line, start, i - start));
				start = over;
			}
		}
		i = end;
	}
	add_visible(out, hy_str_sub(line, start, line.n));
}

static bool has_digit(struct hy_str s)
{
	for (size_t i = 0; i < s.n; i++)
		if (is_digit(s.p[i]))
			return true;
	return false;
}

static bool is_figure(struct hy_str line)
{
	return line.n && is_digit(line.p[0]) && figure_end(line, 0) == line.n;
}

static bool is_heading_of_related(struct hy_str line)
{
	static const char *const adjacent[] = {"上一篇", "下一篇"};

	if (starts_with_any(line, adjacent, HY_COUNT(adjacent)))
		return true;
	return line.n <= HEADING_BYTES &&
	       starts_with_any(line, related_headings, HY_COUNT(related_headings));
}

static void add_line(struct hy_buf *out, struct hy_str line)
{
	if (is_figure(line))
		return;
	if (line.n > LABEL_BYTES || !has_digit(line) ||
	    hy_str_find(line, HY_STR_LIT("。"), 0) != SIZE_MAX)
		add_visible(out, line);
	else
		add_labels(out, line);
	hy_buf_add_char(out, '\n');
}

struct hy_id hy_content_core(struct hy_str title, struct hy_str text)
{
	hy_cleanup(hy_buf_fini) struct hy_buf core = HY_BUF(2 * HY_MSG_TEXT_BYTES);
	struct hy_str line, part;

	add_visible(&core, title);
	hy_buf_add_char(&core, '\n');
	while (hy_str_next(&text, '\n', &line)) {
		line = hy_str_trim(line);
		if (is_heading_of_related(line))
			break;
		if (line.n)
			add_line(&core, line);
	}
	/* Over the limit: the texts as they are. */
	part = hy_buf_err(&core) == HY_OK ? hy_buf_str(&core) : text;
	return hy_id_of(&part, 1);
}

bool hy_content_is_alike(struct hy_str text, struct hy_str other)
{
	struct hy_str shorter = text.n <= other.n ? text : other, line;
	struct hy_str longer = text.n <= other.n ? other : text;
	size_t all = 0, common = 0;

	while (hy_str_next(&shorter, '\n', &line)) {
		line = hy_str_trim(line);
		if (line.n < LINE_MIN_BYTES)
			continue;
		all += line.n;
		if (hy_str_find(longer, line, 0) != SIZE_MAX)
			common += line.n;
	}
	return all && common >= all - common;
}
