#include "crawler/extract_kind.h"

#include "common/base/mem.h"

/* A page shorter than this that says so is a notice, not an article about one. */
#define NOTICE_WIDTH 500
#define NOTICE_LINE_WIDTH 100
#define TEXT_MIN_WIDTH 60
#define ARTICLE_WIDTH 100
/* A pair of Han characters, a word of four letters; fewer of them prove nothing. */
#define MIN_PART_BYTES 4
#define MIN_PARTS 5
/* As long as a headline; shorter links are navigation. */
#define HEADLINE_WIDTH 16
#define LIST_MIN_LINKS 8
#define RESULTS_MIN 5
/* A text so long is one, however many links stand around it. */
#define LONG_WIDTH 1500
#define SURE_WIDTH 200

static bool any_in(struct hy_str text, const char *const *words, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hy_str_find_nocase(text, hy_str_of(words[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

/* "404", "404 Not Found", "页面错误 404": not the 404th of a series. */
static bool is_number_gone(struct hy_str title)
{
	static const char *const forms[] = {"404 ", "404-", "404_", "404错误", "404页面"};

	return hy_str_eq_c(title, "404") || hy_str_ends(title, HY_STR_LIT(" 404")) ||
	       any_in(title, forms, HY_COUNT(forms));
}

static bool is_gone(struct hy_str title, struct hy_str text)
{
	static const char *const titles[] = {"页面不存在", "Not Found", "页面没有找到",
					     "内容不存在", "已删除"};
	static const char *const words[] = {"页面不存在", "文章不存在", "内容不存在", "已被删除",
					    "已删除", "不存在或", "已下线", "无法找到",
					    "Page not found", "已过期"};
	/* Alone the words stand in any text. */
	static const char *const missing[] = {"找不到页面", "找不到网页", "找不到文章", "找不到内容",
					      "找不到该", "找不到您", "找不到你", "找不到相关",
					      "找不到此", "找不到对应"};

	return is_number_gone(title) || any_in(title, titles, HY_COUNT(titles)) ||
	       any_in(text, words, HY_COUNT(words)) || any_in(text, missing, HY_COUNT(missing)) ||
	       hy_str_eq_c(title, "找不到");
}

static bool is_blocked(struct hy_str title, struct hy_str text)
{
	static const char *const words[] = {
		"验证码", "安全验证", "人机验证", "访问过于频繁", "访问太频繁", "请求过于频繁",
		"环境异常", "请先登录", "登录后", "captcha", "Access Denied", "Just a moment",
		"are you a robot", "unusual traffic", "403 Forbidden", "访问被拒绝", "访问受限",
	};

	return any_in(title, words, HY_COUNT(words)) || any_in(text, words, HY_COUNT(words));
}

/*
 * An article may be about what a notice says: one that has a headline and a time of its own,
 * and a text of several sentences, is none.
 */
static bool reads_as_article(const struct hy_kind_input *in, struct hy_sum body)
{
	return in->title->confirmed && body.stops >= 3 && body.width >= ARTICLE_WIDTH &&
	       (in->time_declared || hy_wall_known(in->published_at));
}

/*
 * All lines of a page that may be a notice's. A paragraph below a headline of its own is none,
 * whatever words are in it.
 */
static void write_lines(const struct hy_kind_input *in, struct hy_buf *out)
{
	for (size_t i = 0; i < in->units->count; i++) {
		const struct hy_unit *unit = &in->units->items[i];

		if (in->title->confirmed && unit->width > NOTICE_LINE_WIDTH)
			continue;
		hy_text_write(in->m, unit->first, unit->end, out);
		hy_buf_add_char(out, '\n');
	}
}

/* What the units of a page look like. */
struct look {
	size_t headlines;	/* links that read like headlines */
	unsigned headline_width;
	size_t paragraphs;
	size_t turns;		/* where a paragraph follows a headline */
};

static bool is_headline(const struct hy_unit *unit)
{
	return unit->link_width >= HEADLINE_WIDTH && unit->link_width * 10 >= unit->width * 6;
}

static struct look look_at(const struct hy_units *units)
{
	struct look look = {0, 0, 0, 0};
	bool after_headline = false;

	for (size_t i = 0; i < units->count; i++) {
		const struct hy_unit *unit = &units->items[i];

		if (is_headline(unit)) {
			look.headlines++;
			look.headline_width += unit->link_width;
			after_headline = true;
		} else if (unit->width >= TEXT_MIN_WIDTH && unit->stops > 0) {
			look.paragraphs++;
			look.turns += after_headline;
			after_headline = false;
		}
	}
	return look;
}

/* Search results and the like: headline, summary, headline, summary. */
static bool is_results(const struct look *look)
{
	return look->turns >= RESULTS_MIN && look->paragraphs * 2 <= look->turns * 3;
}

static bool is_home(struct hy_str url)
{
	size_t path = hy_str_find(url, HY_STR_LIT("://"), 0);

	if (path == SIZE_MAX)
		return false;
	path = hy_str_find(url, HY_STR_LIT("/"), path + 3);
	return path == SIZE_MAX || path + 1 >= url.n;
}

static void suspect(struct hy_article *article, const char *why)
{
	article->suspicious = true;
	article->why = why;
}

/* Pairs of Han characters and words of a headline, and how many of them a text holds; counted
   until enough are found. */
struct overlap {
	size_t parts, found;
};

static size_t length_of_part(struct hy_str title, size_t at)
{
	size_t n = 0;

	if ((unsigned char)title.p[at] >= 0xE3)
		return at + 6 <= title.n && (unsigned char)title.p[at + 3] >= 0xE3 ? 6 : 0;
	while (at + n < title.n && (title.p[at + n] | 0x20) >= 'a' && (title.p[at + n] | 0x20) <= 'z')
		n++;
	return n;
}

static struct overlap overlap_of(struct hy_str title, struct hy_str text, size_t enough)
{
	struct overlap overlap = {0, 0};

	for (size_t at = 0; at < title.n && overlap.found < enough;) {
		size_t n = length_of_part(title, at);

		if (n >= MIN_PART_BYTES) {
			overlap.parts++;
			overlap.found += hy_str_find_nocase(text, hy_str_sub(title, at, n), 0) !=
					 SIZE_MAX;
		}
		/* Han characters overlap, words do not. */
		at += (unsigned char)title.p[at] >= 0xE3 ? 3 : n ? n : 1;
	}
	return overlap;
}

/* What a page says of itself in its head may stand in for the headline. */
static bool is_beside_title(const struct hy_kind_input *in)
{
	struct overlap title = overlap_of(hy_buf_str(&in->title->text), in->text, 1);
	struct overlap said;

	if (title.parts < MIN_PARTS || title.found > 0)
		return false;
	said = overlap_of(hy_str_sub(hy_meta_find(in->m->page, "description"), 0, 200), in->text,
			  SIZE_MAX);
	return said.found * 2 <= said.parts;
}

static void judge_article(const struct hy_kind_input *in, struct hy_article *article)
{
	struct hy_sum body = hy_measure_text(in->text);

	article->kind = HY_ARTICLE_ARTICLE;
	if (in->title->text.n == 0)
		suspect(article, "没有找到标题");
	else if (body.width < TEXT_MIN_WIDTH)
		suspect(article, "正文过短");
	else if (body.stops * 200 < body.width)
		suspect(article, "正文几乎没有标点，可能不是文章");
	else if (is_beside_title(in))
		suspect(article, "正文没有提到标题里的任何词，可能取错了地方");
}

/* Contributions to a thread may be short; a board's rows are no contributions. */
static bool is_one(const struct hy_kind_input *in, struct hy_sum body)
{
	bool timed = hy_wall_known(in->published_at);

	if (!in->title->confirmed)
		return in->is_thread && timed && body.stops >= 3 && body.width >= SURE_WIDTH;
	if (in->is_thread && timed && body.width >= TEXT_MIN_WIDTH)
		return true;
	return body.stops >= 3 && (timed || body.width >= SURE_WIDTH);
}

void hy_kind_judge(const struct hy_kind_input *in, struct hy_article *article)
{
	struct hy_sum all = in->m->sums[in->m->page->count];
	struct hy_sum body = hy_measure_text(in->text);
	struct hy_str title = hy_buf_str(&in->title->text);
	struct look look = look_at(in->units);
	bool one = in->time_declared || is_one(in, body);
	struct hy_buf words;
	bool gone = false, blocked = false;

	if (all.width < NOTICE_WIDTH && !reads_as_article(in, body)) {
		hy_buf_init(&words, HY_PAGE_MAX_BYTES * 2);
		write_lines(in, &words);
		blocked = is_blocked(title, hy_buf_str(&words));
		gone = is_gone(title, hy_buf_str(&words));
		hy_buf_fini(&words);
	}
	if (blocked)
		article->kind = HY_ARTICLE_BLOCKED;
	else if (gone)
		article->kind = HY_ARTICLE_DELETED;
	else if (!one && look.headlines >= LIST_MIN_LINKS &&
		 (is_home(in->url) ||
		  (body.width * 2 < look.headline_width && body.width < LONG_WIDTH)))
		article->kind = HY_ARTICLE_LIST;
	else if (!one && !in->title->confirmed && is_results(&look))
		article->kind = HY_ARTICLE_LIST;
	else if (body.width == 0 && title.n == 0)
		article->kind = HY_ARTICLE_EMPTY;
	else if (body.width < TEXT_MIN_WIDTH && !in->title->confirmed && !in->time_declared)
		article->kind = look.headlines >= 3 ? HY_ARTICLE_LIST : HY_ARTICLE_EMPTY;
	else
		judge_article(in, article);
	/* The date of some row is not the list's. */
	if (article->kind != HY_ARTICLE_ARTICLE && !in->title->confirmed)
		article->published_at = HY_WALL_NONE;
}
