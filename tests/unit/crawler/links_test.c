#include "crawler/links.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

#define PAGE "http://www.example.gov.cn/col/index.html"
#define ROW(n) \
	"<li><a href='./t2026112" n "_" n ".html'>关于做好供水供暖工作的通知之" n "</a>" \
	"<span>2026-11-2" n "</span></li>"

struct sample {
	const char *what, *html;
	const char *expected;	/* lines "url title time" */
};

#define OUT(n) \
	"http://www.example.gov.cn/col/t2026112" n "_" n ".html 关于做好供水供暖工作的通知之" n \
	" 2026-11-2" n "T00:00:00+08:00\n"
#define BARE(n) "http://www.example.gov.cn/" n ".html 一条足够长的新闻标题" n " \n"
#define CARD(n) \
	"<div class=card><a href='/" n ".html'><img></a><h3><a href='/" n ".html'>一条足够长的新闻标题" \
	n "</a></h3><p>摘要，写了一些话。</p></div>"

static const struct sample samples[] = {
	{"a list with dates beside navigation and a ranking",
	 "<div class=nav><a href=/a>政务公开</a><a href=/b>办事服务</a></div><ul class=list>" ROW("1")
	 ROW("2") ROW("3") "</ul><div class=hot><ul><li><a href=/x1.html>热门文章的标题也很长很长一</a>"
	 "<li><a href=/x2.html>热门文章的标题也很长很长二</a><li><a href=/x3.html>热门文章的标题也很长三</a>"
	 "</ul></div><p><a href=index_1.html>下一页</a></p>", OUT("1") OUT("2") OUT("3")},
	{"rows of a table",
	 "<table><tr><td><a href='t20261121_1.html'>关于做好供水供暖工作的通知之1</a><td>2026-11-21"
	 "<tr class=odd><td><a href='t20261122_2.html'>关于做好供水供暖工作的通知之2</a><td>2026-11-22"
	 "<tr><td><a href='t20261123_3.html'>关于做好供水供暖工作的通知之3</a><td>2026-11-23</table>",
	 OUT("1") OUT("2") OUT("3")},
	{"cards whose picture and headline lead to one address",
	 CARD("1") CARD("2") CARD("3"), BARE("1") BARE("2") BARE("3")},
	{"a title cut off stands whole in its attribute",
	 "<ul><li><a href=/1.html title=一条足够长的新闻标题1>一条足够长的新…</a><li>"
	 "<a href=/2.html title=一条足够长的新闻标题2>一条足够长的新...</a><li>"
	 "<a href=/3.html>· 一条足够长的新闻标题3</a></ul>", BARE("1") BARE("2") BARE("3")},
	{"the base of the page counts, other sites do not",
	 "<base href='http://www.example.gov.cn/'><ul><li><a href=1.html>一条足够长的新闻标题1</a><li>"
	 "<a href=2.html>一条足够长的新闻标题2</a><li><a href='http://www.example.com/9.html'>"
	 "广告的标题也足够长的</a><li><a href=3.html#top>一条足够长的新闻标题3</a></ul>",
	 BARE("1") BARE("2") BARE("3")},
	{"dates in short form",
	 "<ul><li><a href=/1.html>一条足够长的新闻标题1</a> <i>[11-20]</i><li>"
	 "<a href=/2.html>一条足够长的新闻标题2</a> <i>[11-21]</i><li>"
	 "<a href=/3.html>一条足够长的新闻标题3</a> <i>[12-31]</i></ul>",
	 "http://www.example.gov.cn/1.html 一条足够长的新闻标题1 2026-11-20T00:00:00+08:00\n"
	 "http://www.example.gov.cn/2.html 一条足够长的新闻标题2 2026-11-21T00:00:00+08:00\n"
	 "http://www.example.gov.cn/3.html 一条足够长的新闻标题3 2025-12-31T00:00:00+08:00\n"},
	{"a day in a headline is not the day it was published",
	 "<ul><li><a href=/1.html>管道改造明日停水一条新闻1</a> <i>2026-11-20</i><li>"
	 "<a href=/2.html>新线今日开通一条新闻2</a> <i>2026-11-21</i><li>"
	 "<a href=/3.html>昨天的比赛一条新闻标题3</a> <i>2026-11-22</i></ul>",
	 "http://www.example.gov.cn/1.html 管道改造明日停水一条新闻1 2026-11-20T00:00:00+08:00\n"
	 "http://www.example.gov.cn/2.html 新线今日开通一条新闻2 2026-11-21T00:00:00+08:00\n"
	 "http://www.example.gov.cn/3.html 昨天的比赛一条新闻标题3 2026-11-22T00:00:00+08:00\n"},
	{"a young column has one row",
	 "<div class=nav><a href=/a>政务公开</a></div><h1>通知公告</h1><ul class=list>" ROW("1") "</ul>",
	 OUT("1")},
	{"or two", "<h1>通知公告</h1><ul class=list>" ROW("1") ROW("2") "</ul>", OUT("1") OUT("2")},
	{"two links without dates are teasers",
	 "<ul><li><a href=/1.html>一条足够长的新闻标题1</a><li><a href=/2.html>一条足够长的新闻标题2</a>"
	 "</ul>", ""},
	{"nor are two dated links to other sites a list",
	 "<ul><li><a href='http://www.example.com/1.html'>一条足够长的新闻标题1</a> <i>2026-11-20</i><li>"
	 "<a href='http://www.example.com/2.html'>一条足够长的新闻标题2</a> <i>2026-11-21</i></ul>", ""},
	{"no list", "<p>正文里有一个<a href=/1.html>足够长的链接在这里面</a>。</p>", ""},
	{"navigation only", "<ul><li><a href=/a>首页</a><li><a href=/b>新闻</a><li><a href=/c>联系</a>",
	 ""},
	{"addresses that lead nowhere",
	 "<ul><li><a href='javascript:void(0)'>一条足够长的新闻标题1</a><li><a href='#x'>一条足够长的新闻"
	 "标题2</a><li><a href='mailto:a@b.cn'>一条足够长的新闻标题3</a></ul>", ""},
	{"empty", "", ""},
};

static void finds_the_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(samples); i++) {
		struct hy_extract_input in = {
			.bytes = hy_str_of(samples[i].html),
			.content_type = HY_STR_LIT("text/html; charset=utf-8"),
			.url = HY_STR_LIT(PAGE),
			.now = {1795395600000},	/* 2026-11-23 */
		};
		struct hy_links links;
		struct hy_buf out;

		hy_buf_init(&out, 65536);
		assert_int_equal(hy_links_find(&in, &links, NULL), HY_OK);
		for (size_t k = 0; k < links.count; k++) {
			char time[HY_RFC3339_BYTES];

			hy_buf_addf(&out, "%s %s %s\n", links.items[k].url.p,
				    links.items[k].title.p,
				    hy_wall_format(links.items[k].published_at, time));
		}
		if (!hy_str_eq_c(hy_buf_str(&out), samples[i].expected))
			print_error("%s\n", samples[i].what);
		assert_string_equal(out.p ? out.p : "", samples[i].expected);
		hy_buf_fini(&out);
		hy_links_fini(&links);
	}
}

static void without_an_address_only_absolute_links_count(void **state)
{
	struct hy_extract_input in = {
		.bytes = HY_STR_LIT("<ul><li><a href='http://a.cn/1.html'>A headline of some length</a>"
				    "<li><a href='/2.html'>A second headline of some length</a>"
				    "<li><a href='http://a.cn/3.html'>A third one of some length</a>"
				    "<li><a href='http://a.cn/4.html'>A fourth one of some length</a>"),
	};
	struct hy_links links;

	(void)state;
	assert_int_equal(hy_links_find(&in, &links, NULL), HY_OK);
	assert_int_equal(links.count, 3);
	hy_links_fini(&links);
	hy_links_fini(&links);
}

static void a_list_is_bounded(void **state)
{
	struct hy_extract_input in = {.url = HY_STR_LIT(PAGE)};
	struct hy_links links;
	struct hy_buf page;

	(void)state;
	hy_buf_init(&page, (size_t)4 << 20);
	for (int i = 0; i < HY_LINKS_MAX + 500; i++)
		hy_buf_addf(&page, "<li><a href='/%d.html'>A headline of some length</a>", i);
	in.bytes = hy_buf_str(&page);
	assert_int_equal(hy_links_find(&in, &links, NULL), HY_OK);
	assert_int_equal(links.count, HY_LINKS_MAX);
	hy_links_fini(&links);
	hy_buf_fini(&page);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_list),
		cmocka_unit_test(without_an_address_only_absolute_links_count),
		cmocka_unit_test(a_list_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
