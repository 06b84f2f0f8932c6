#include "tests/web/page.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "tests/web/chrome.h"
#include "tests/web/encode.h"
#include "tests/web/filler.h"

#define HEAD_BYTES_MAX (8u << 20)
#define TITLE_BYTES_MAX 1024
#define SOURCE_BYTES_MAX 256
#define TIME_BYTES 48

void sim_page_story(const struct sim_world *w, uint32_t document, int64_t now_ms,
		    struct sim_story *out)
{
	const struct sim_document *d = &w->plan->document[document];
	struct sim_variant variant = {d->repost, sim_plan_is_edited(w->plan, document, now_ms)};

	if (d->concern == SIM_NO_CONCERN)
		sim_story_ordinary(w->text, w->plan->options.seed, document, out);
	else
		sim_story_concern(w->text, w->plan->options.seed, d->concern, variant, out);
}

void sim_page_title(const struct sim_world *w, uint32_t document, int64_t now_ms,
		    struct hy_buf *out)
{
	struct sim_story story;

	sim_story_init(&story);
	sim_page_story(w, document, now_ms, &story);
	hy_buf_add_str(out, hy_buf_str(&story.title));
	sim_story_fini(&story);
}

/* One article while its page is written. */
struct article {
	const struct sim_world *world;
	uint32_t document;
	struct sim_story story;
	struct hy_civil time;
	struct hy_str source;
};

static void add_paragraphs(const struct article *a, const char *open, const char *shut,
			   struct hy_buf *out)
{
	for (size_t i = 0; i < a->story.paragraphs; i++) {
		hy_buf_add_c(out, open);
		sim_encode_markup(out, hy_buf_str(&a->story.paragraph[i]));
		hy_buf_add_c(out, shut);
	}
	sim_filler_text(a->world, a->document, open, shut, out);
}

static void add_head(const struct article *a, struct hy_buf *out)
{
	const struct hy_civil *t = &a->time;

	if (sim_site_of(a->world, a->world->plan->document[a->document].source).layout !=
	    SIM_LAYOUT_SECTION)
		return;
	hy_buf_add_c(out, "<meta property=\"og:type\" content=\"article\">\n"
			  "<meta property=\"og:title\" content=\"");
	sim_encode_markup(out, hy_buf_str(&a->story.title));
	hy_buf_addf(out,
		    "\">\n<meta property=\"article:published_time\" "
		    "content=\"%04d-%02d-%02dT%02d:%02d:%02d+08:00\">\n",
		    t->year, t->month, t->day, t->hour, t->minute, t->second);
}

static void div_layout(const struct article *a, struct hy_buf *out)
{
	const struct hy_civil *t = &a->time;

	hy_buf_add_c(out, "<div class=\"crumb\">当前位置：<a href=\"/\">首页</a> &gt; 民生 &gt; 正文</div>\n"
			  "<div class=\"article\">\n<h1>");
	sim_encode_markup(out, hy_buf_str(&a->story.title));
	hy_buf_addf(out,
		    "</h1>\n<div class=\"info\"><span class=\"time\">%04d-%02d-%02d %02d:%02d</span>"
		    "　<span class=\"source\">来源：%.*s</span>　<span>浏览：<i id=\"hits\">--</i></span></div>\n"
		    "<div class=\"content\">\n",
		    t->year, t->month, t->day, t->hour, t->minute, HY_STR_ARGS(a->source));
	add_paragraphs(a, "<p>　　", "</p>\n", out);
	hy_buf_add_c(out, "</div>\n</div>\n");
}

static void table_layout(const struct article *a, struct hy_buf *out)
{
	const struct hy_civil *t = &a->time;

	hy_buf_add_c(out, "<table width=\"980\" align=\"center\"><tr><td width=\"200\" valign=\"top\">"
			  "<table><tr><td><a href=\"/news/index.html\">最新文章</a></td></tr>"
			  "<tr><td><a href=\"/news/index.html\">热点推荐</a></td></tr></table></td>\n"
			  "<td><table width=\"760\"><tr><td align=\"center\" class=\"bt\"><b>");
	sim_encode_markup(out, hy_buf_str(&a->story.title));
	hy_buf_addf(out,
		    "</b></td></tr>\n<tr><td align=\"center\">发布时间：%d年%02d月%02d日 %02d:%02d　"
		    "信息来源：%.*s　【字体：大 中 小】</td></tr>\n<tr><td id=\"zoom\">\n",
		    t->year, t->month, t->day, t->hour, t->minute, HY_STR_ARGS(a->source));
	add_paragraphs(a, "<p style=\"text-indent:2em\"><font size=\"3\">", "</font></p>\n", out);
	hy_buf_add_c(out, "</td></tr></table></td></tr></table>\n");
}

static void section_layout(const struct article *a, struct hy_buf *out)
{
	const struct hy_civil *t = &a->time;

	hy_buf_add_c(out, "<main>\n<article>\n<header><h1>");
	sim_encode_markup(out, hy_buf_str(&a->story.title));
	hy_buf_addf(out,
		    "</h1><time datetime=\"%04d-%02d-%02dT%02d:%02d:%02d+08:00\">%d月%d日</time>"
		    "<span class=\"source\">%.*s</span></header>\n<section class=\"body\">\n",
		    t->year, t->month, t->day, t->hour, t->minute, t->second, t->month, t->day,
		    HY_STR_ARGS(a->source));
	add_paragraphs(a, "<section><p><span>", "</span></p></section>\n", out);
	hy_buf_add_c(out, "</section>\n</article>\n</main>\n");
}

static void br_layout(const struct article *a, struct hy_buf *out)
{
	const struct hy_civil *t = &a->time;

	hy_buf_add_c(out, "<div id=\"main\"><h2 class=\"tit\">");
	sim_encode_markup(out, hy_buf_str(&a->story.title));
	hy_buf_addf(out,
		    "</h2>\n<div class=\"date\">%d/%d/%d %d:%02d:%02d %.*s</div>\n<div class=\"text\">",
		    t->year, t->month, t->day, t->hour, t->minute, t->second, HY_STR_ARGS(a->source));
	add_paragraphs(a, "&nbsp;&nbsp;&nbsp;&nbsp;", "<br><br>\n", out);
	hy_buf_add_c(out, "</div></div>\n");
}

static void (*const layouts[])(const struct article *a, struct hy_buf *out) = {
	[SIM_LAYOUT_DIV] = div_layout,
	[SIM_LAYOUT_TABLE] = table_layout,
	[SIM_LAYOUT_SECTION] = section_layout,
	[SIM_LAYOUT_BR] = br_layout,
};

void sim_page_article(const struct sim_world *w, uint32_t document, int64_t now_ms,
		      struct hy_buf *out)
{
	uint32_t site = w->plan->document[document].source;
	struct sim_site s = sim_site_of(w, site);
	struct article a = {.world = w, .document = document, .source = s.name};
	hy_cleanup(hy_buf_fini) struct hy_buf head = HY_BUF(HEAD_BYTES_MAX);

	a.time = hy_civil_of(sim_plan_published(w->plan, document), HY_CST_OFFSET_MIN);
	sim_story_init(&a.story);
	sim_page_story(w, document, now_ms, &a.story);
	add_head(&a, &head);
	sim_filler_head(w, document, &head);
	sim_chrome_open(w, site, hy_buf_str(&a.story.title), hy_buf_str(&head), out);
	sim_filler_menu(w, document, out);
	layouts[s.layout](&a, out);
	sim_chrome_share(document, out);
	sim_chrome_related(w, document, out);
	sim_chrome_comments(w, document, out);
	sim_filler_tail(w, document, out);
	sim_chrome_close(w, site, out);
	sim_story_fini(&a.story);
}

static void add_pager(uint32_t page, uint32_t pages, struct hy_buf *out)
{
	hy_buf_addf(out, "<div class=\"pager\">第%u页 共%u页 ", page, pages);
	for (uint32_t i = 1; i <= pages; i++) {
		if (i == 1)
			hy_buf_add_c(out, "<a href=\"/news/index.html\">1</a> ");
		else
			hy_buf_addf(out, "<a href=\"/news/index_%u.html\">%u</a> ", i, i);
	}
	if (page < pages)
		hy_buf_addf(out, "<a class=\"next\" href=\"/news/index_%u.html\">下一页</a>", page + 1);
	hy_buf_add_c(out, "</div>\n");
}

static void add_list_item(const struct sim_world *w, uint32_t document, int64_t now_ms,
			  struct hy_buf *out)
{
	struct hy_civil t = hy_civil_of(sim_plan_published(w->plan, document), HY_CST_OFFSET_MIN);
	hy_cleanup(hy_buf_fini) struct hy_buf text = HY_BUF(TITLE_BYTES_MAX);

	sim_site_path(w, document, &text);
	hy_buf_add_c(out, "<li><a href=\"");
	sim_encode_markup(out, hy_buf_str(&text));
	hy_buf_add_c(out, "\" target=\"_blank\">");
	hy_buf_clear(&text);
	sim_page_title(w, document, now_ms, &text);
	sim_encode_markup(out, hy_buf_str(&text));
	hy_buf_addf(out, "</a><span class=\"date\">%04d-%02d-%02d</span></li>\n", t.year, t.month, t.day);
}

void sim_page_list(const struct sim_world *w, uint32_t site, uint32_t page, int64_t now_ms,
		   struct hy_buf *out)
{
	uint32_t visible = sim_plan_visible(w->plan, site, now_ms);
	uint32_t first = (page - 1) * w->list_items;

	sim_chrome_open(w, site, HY_STR_LIT("民生新闻"), (struct hy_str){0}, out);
	hy_buf_add_c(out, "<div class=\"list\"><h2>民生新闻</h2>\n<ul class=\"news-list\">\n");
	for (uint32_t i = first; i < first + w->list_items && i < visible; i++)
		add_list_item(w, w->plan->of_source[site][visible - 1 - i], now_ms, out);
	hy_buf_add_c(out, "</ul>\n");
	add_pager(page, sim_site_list_pages(w, visible), out);
	hy_buf_add_c(out, "</div>\n");
	sim_chrome_close(w, site, out);
}

static const char *const disallowed[] = {"/print/", "/admin/", "/search"};

void sim_page_robots(const struct sim_world *w, uint32_t site, struct hy_buf *out)
{
	struct sim_site s = sim_site_of(w, site);

	hy_buf_add_c(out, "# 欢迎按规则访问\nUser-agent: *\n");
	for (size_t i = 0; i < HY_COUNT(disallowed); i++)
		hy_buf_addf(out, "Disallow: %s\n", disallowed[i]);
	if (s.crawl_delay_s > 0)
		hy_buf_addf(out, "Crawl-delay: %d\n", s.crawl_delay_s);
	hy_buf_add_c(out, "\nUser-agent: BadBot\nDisallow: /\n");
	if (s.listing == SIM_LIST_SITEMAP) {
		char address[SIM_ADDRESS_BYTES];

		sim_site_address(site, address);
		hy_buf_addf(out, "\nSitemap: http://%s:%u/sitemap.xml\n", address, w->port);
	}
}

bool sim_page_is_disallowed(struct hy_str path)
{
	for (size_t i = 0; i < HY_COUNT(disallowed); i++)
		if (hy_str_starts(path, hy_str_of(disallowed[i])))
			return true;
	return false;
}
