/* Pages read by the expressions of their source, over the automatic reading. */
#include "crawler/xpath_page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

#define PAGE "http://www.example.gov.cn/col/index.html"
#define LONG "这一段是正文，说明管道改造从周一开始，预计持续三天，其间水压可能偏低，请居民提前储水。"

static struct hy_source_xpath *xpath_of(const char *yaml)
{
	struct hy_findings findings;
	struct hy_yaml *file = NULL;
	struct hy_source_xpath *xpath;

	hy_findings_init(&findings);
	if (hy_yaml_parse(hy_str_of(yaml), "sources.yaml", &findings, &file) != HY_OK)
		fail_msg("%s", hy_buf_str(&findings.text).p);
	xpath = hy_source_xpath_read(hy_yaml_root(file), true, &findings);
	if (findings.count)
		fail_msg("%s", hy_buf_str(&findings.text).p);
	hy_yaml_free(file);
	hy_findings_fini(&findings);
	return xpath;
}

static struct hy_extract_input input_of(const char *html)
{
	struct hy_wall now;

	assert_true(hy_wall_parse(HY_STR_LIT("2026-11-23T12:00:00+08:00"), &now));
	return (struct hy_extract_input){
		.bytes = hy_str_of(html), .content_type = HY_STR_LIT("text/html; charset=utf-8"),
		.url = HY_STR_LIT(PAGE), .now = now};
}

/* ---- articles ---- */

static const char page[] =
	"<title>供水公告 - 某网</title><body><h1>关于供水改造的公告</h1>"
	"<div class=real>二〇二六年供水公告全文</div><p class=when>2026年11月22日 09:30</p>"
	"<div class=box><p>" LONG "</p><p>第二段：" LONG "<script>var a=1</script></p>"
	"<div class=share>转发到<b>各处</b></div><p class=from>来源： 某某日报</p></div></body>";

struct article_case {
	const char *what, *yaml, *html;
	const char *title, *text, *source, *time, *why;	/* text: a piece, or "=" and the whole */
	const char *absent;
};

static const struct article_case articles[] = {
	{"every field", "{title: '//div[@class=\"real\"]', text: '//div[@class=\"box\"]/p[position()<3]', "
	 "published: '//p[@class=\"when\"]', source: 'substring-after(//p[@class=\"from\"], \"： \")'}",
	 page, "二〇二六年供水公告全文", "=" LONG "\n第二段：" LONG, "某某日报",
	 "2026-11-22T09:30:00+08:00", "", "var"},
	{"nested nodes are taken once", "{text: '//div[@class=\"box\"] | //div[@class=\"box\"]/p'}", page,
	 "关于供水改造的公告", "=" LONG "\n第二段：" LONG "\n转发到各处\n来源： 某某日报", NULL, NULL, "", NULL},
	{"what is removed is gone", "{text: '//div[@class=\"box\"]', "
	 "remove: '//div[@class=\"share\"] | //p[@class=\"from\"]'}", page, NULL,
	 "=" LONG "\n第二段：" LONG, NULL, NULL, "", "转发"},
	{"removed for the automatic reading too", "{remove: '//h1 | //div[@class=\"box\"]/p[2]'}", page,
	 NULL, LONG, NULL, NULL, "", "第二段"},
	{"removing all of the page leaves none", "{remove: '/html'}", page, "", "=", NULL, NULL, "",
	 "第二段"},
	{"what is not found stays automatic and is said",
	 "{title: '//h7', text: '//div[@class=\"none\"]', published: '//h1', source: '//x'}", page,
	 "关于供水改造的公告", LONG, NULL, "2026-11-22T09:30:00+08:00",
	 "XPath title 没有找到内容；XPath source 没有找到内容；XPath published 没有找到时间；"
	 "XPath text 没有找到内容，保留自动识别的结果", NULL},
	{"a time in an attribute, in seconds", "{published: '//i/@data-t'}",
	 "<h1>标题</h1><i data-t=1763776800></i><p>" LONG, NULL, LONG, NULL,
	 "2025-11-22T10:00:00+08:00", "", NULL},
	{"an expression that costs too much finds nothing",
	 "{title: '//*[count(//*[count(//*[count(//*)>1])>1])>1]'}",
	 "<h1>标题</h1><p>" LONG "<p><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i>"
	 "<i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i>"
	 "<i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i><i></i>",
	 NULL, LONG, NULL, NULL, "XPath title 没有找到内容，保留自动识别的结果", NULL},
};

static void check_article(const struct article_case *c, const struct hy_article *a)
{
	char time[HY_RFC3339_BYTES];

	if (c->title && !hy_str_eq_c(a->title, c->title))
		fail_msg("%s: title %.*s", c->what, HY_STR_ARGS(a->title));
	if (c->text[0] == '=' ? !hy_str_eq_c(a->text, c->text + 1)
			      : hy_str_find(a->text, hy_str_of(c->text), 0) == SIZE_MAX)
		fail_msg("%s: text %.*s", c->what, HY_STR_ARGS(a->text));
	if (c->source && !hy_str_eq_c(a->source, c->source))
		fail_msg("%s: source %.*s", c->what, HY_STR_ARGS(a->source));
	if (c->time && strcmp(hy_wall_format(a->published_at, time), c->time) != 0)
		fail_msg("%s: time %s", c->what, time);
	if (c->why[0] ? !a->suspicious || strcmp(a->why, c->why) != 0
		      : a->why && strstr(a->why, "XPath"))
		fail_msg("%s: why %s", c->what, a->why ? a->why : "none");
	if (c->absent && hy_str_find(a->text, hy_str_of(c->absent), 0) != SIZE_MAX)
		fail_msg("%s: text %.*s", c->what, HY_STR_ARGS(a->text));
}

static void articles_by_expression(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(articles); i++) {
		struct hy_source_xpath *xpath = xpath_of(articles[i].yaml);
		struct hy_extract_input in = input_of(articles[i].html);
		struct hy_article a;

		assert_int_equal(hy_xpath_article(&in, xpath, &a, NULL), HY_OK);
		check_article(&articles[i], &a);
		hy_article_fini(&a);
		hy_source_xpath_free(xpath);
	}
}

static void captcha_stays_one(void **state)
{
	struct hy_source_xpath *xpath = xpath_of("{text: //p, title: //h1}");
	struct hy_extract_input in = input_of(
		"<script>var u='/mp/secitptpage/verify'</script><h1>标题</h1><p>" LONG);
	struct hy_article a;

	(void)state;
	in.url = HY_STR_LIT("https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?x=1");
	assert_int_equal(hy_xpath_article(&in, xpath, &a, NULL), HY_OK);
	assert_int_equal(a.kind, HY_ARTICLE_BLOCKED);
	hy_article_fini(&a);
	hy_source_xpath_free(xpath);
}

/* ---- lists ---- */

#define ROWS \
	"<base href='/b/'><ul><li class=n><a href='1.html'>甲</a><span>11-22</span>" \
	"<li class=n><h4>乙<i>丙</i></h4><a title=长标题 href='2.html'></a><span>2026-11-21 08:00</span>" \
	"<li class=n><a href='1.html'>再次</a><li class=n>无链接<li class=n><a href='javascript:x()'>丁</a></ul>"

static const struct {
	const char *what, *yaml, *html, *expected, *note;
} lists[] = {
	{"item alone", "{item: '//li[@class=\"n\"]'}", ROWS,
	 "http://www.example.gov.cn/b/1.html 甲 2026-11-22T00:00:00+08:00\n"
	 "http://www.example.gov.cn/b/2.html 长标题 2026-11-21T08:00:00+08:00\n", NULL},
	{"all within the item", "{item: //li, link: a/@href, title: h4, published: span}", ROWS,
	 "http://www.example.gov.cn/b/1.html 甲 2026-11-22T00:00:00+08:00\n"
	 "http://www.example.gov.cn/b/2.html 乙丙 2026-11-21T08:00:00+08:00\n", NULL},
	{"an address that is put together",
	 "{item: //tr, link: 'concat(\"/show?id=\", @data-id)', title: 'td[2]'}",
	 "<table><tr data-id=7><td>1<td>戊<tr data-id=8><td>2<td>己</table>",
	 "http://www.example.gov.cn/show?id=7 戊 \nhttp://www.example.gov.cn/show?id=8 己 \n", NULL},
	{"dates that are missing are said", "{item: //li, published: u}", ROWS,
	 "http://www.example.gov.cn/b/1.html 甲 \nhttp://www.example.gov.cn/b/2.html 长标题 \n",
	 "XPath published 没有找到时间"},
	{"nothing found: automatic", "{item: //dl}",
	 "<ul><li><a href=/1.html>一条足够长的新闻标题1</a><li><a href=/2.html>一条足够长的新闻标题2</a>"
	 "<li><a href=/3.html>一条足够长的新闻标题3</a></ul>",
	 "http://www.example.gov.cn/1.html 一条足够长的新闻标题1 \n"
	 "http://www.example.gov.cn/2.html 一条足够长的新闻标题2 \n"
	 "http://www.example.gov.cn/3.html 一条足够长的新闻标题3 \n",
	 "XPath item、link 没有找到条目，改用自动识别"},
};

static void lists_by_expression(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(lists); i++) {
		struct hy_source_xpath *xpath = xpath_of(lists[i].yaml);
		struct hy_extract_input in = input_of(lists[i].html);
		hy_cleanup(hy_buf_fini) struct hy_buf got = HY_BUF(10000);
		struct hy_links links;
		const char *note;

		assert_int_equal(hy_xpath_links(&in, xpath, &links, &note, NULL), HY_OK);
		for (size_t k = 0; k < links.count; k++) {
			char time[HY_RFC3339_BYTES];

			hy_buf_addf(&got, "%.*s %.*s %s\n", HY_STR_ARGS(links.items[k].url),
				    HY_STR_ARGS(links.items[k].title),
				    hy_wall_format(links.items[k].published_at, time));
		}
		if (!hy_str_eq_c(hy_buf_str(&got), lists[i].expected))
			fail_msg("%s:\n%s", lists[i].what, hy_buf_str(&got).p);
		if (!note != !lists[i].note || (note && strcmp(note, lists[i].note) != 0))
			fail_msg("%s: note %s", lists[i].what, note ? note : "none");
		hy_links_fini(&links);
		hy_source_xpath_free(xpath);
	}
}

static void without_expressions_nothing_changes(void **state)
{
	struct hy_extract_input in = input_of(page);
	struct hy_article automatic, same;

	(void)state;
	assert_int_equal(hy_article_extract(&in, &automatic, NULL), HY_OK);
	assert_int_equal(hy_xpath_article(&in, NULL, &same, NULL), HY_OK);
	assert_true(hy_str_eq(automatic.text, same.text));
	assert_true(hy_str_eq(automatic.title, same.title));
	hy_article_fini(&automatic);
	hy_article_fini(&same);
}

/* Too many elements end the reading, not the memory. */
static void large_pages_are_refused(void **state)
{
	struct hy_source_xpath *xpath = xpath_of("{text: //p}");
	hy_cleanup(hy_buf_fini) struct hy_buf html = HY_BUF(8 << 20);
	struct hy_extract_input in;
	struct hy_article a;

	(void)state;
	for (int i = 0; i < 210000; i++)
		hy_buf_add_c(&html, "<i></i>");
	in = input_of(hy_buf_str(&html).p);
	assert_int_equal(hy_xpath_article(&in, xpath, &a, NULL), HY_ERR_LIMIT);
	hy_source_xpath_free(xpath);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(articles_by_expression),
		cmocka_unit_test(captcha_stays_one),
		cmocka_unit_test(lists_by_expression),
		cmocka_unit_test(without_expressions_nothing_changes),
		cmocka_unit_test(large_pages_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
