#include "crawler/extract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/extract_phrase.h"
#include "crawler/extract_title.h"
#include "crawler/page.h"

#define ONE "城区今年的供暖比往年早了一周，调试从周一开始，预计三天完成。"
#define TWO "居民如发现漏水，可以拨打服务热线，工作人员两小时内到场，费用由企业承担。"
#define THREE "去年同期的投诉主要是温度不达标，今年企业更换了十二公里老旧管网。"
/* Not a line about the text, though it begins with a time. */
#define TIMED "北京时间11月20日，城区供暖调试结束。"
#define BODY "<p>" ONE "</p><p>" TWO "</p><p>" THREE "</p>"
#define TEXT ONE "\n" TWO "\n" THREE
#define TITLE "城区供暖开始调试"
#define HEAD "<title>" TITLE "_示例新闻网</title><h1>" TITLE "</h1>"

static void extract_at(const char *url, const char *html, struct hy_article *out)
{
	struct hy_extract_input in = {
		.bytes = hy_str_of(html),
		.content_type = HY_STR_LIT("text/html; charset=utf-8"),
		.url = hy_str_of(url),
		.now = {1795395600000},
	};

	assert_int_equal(hy_article_extract(&in, out, NULL), HY_OK);
}

static void assert_view(struct hy_str view, const char *expected)
{
	assert_string_equal(view.p, expected);
	assert_int_equal(view.n, strlen(expected));
}

/* Everything around TEXT is to be left out. */
static const char *const pages[] = {
	HEAD "<div>" BODY "</div>",
	HEAD "<div><p>首页 &gt; 新闻</p>" BODY "</div>",
	HEAD "<div class=nav><a href=/>首页</a><a href=/n>新闻中心</a></div><div>" BODY "</div>",
	HEAD "<div>" ONE "<br><br>" TWO "<br/>" THREE "</div>",
	HEAD "<div><div>" ONE "</div><div>" TWO "</div><div>" THREE "</div></div>",
	HEAD "<section><section><p>" ONE "</p></section><section><section><p>" TWO
	     "</p></section></section><p>" THREE "</p></section>",
	HEAD "<table><tr><td>" BODY "</td><td><a href=/1>另一条新闻的标题在这里</a></td></tr></table>",
	HEAD "<div><p>2026-11-23 09:30 来源：示例日报</p>" BODY "<p>责任编辑：某</p></div>",
	HEAD "<div>" BODY "<p>相关新闻</p><p>下一条新闻的摘要，写了很多，写了很多。</p></div>",
	HEAD "<div>" BODY "</div><div class=comment-list><p>评论说得好，评论说得好，评论说得好，"
	     "评论说得好，评论说得好。</p></div>",
	HEAD "<div>" BODY "<ul><li><a href=/1>另一条新闻的标题在这里</a><li>"
	     "<a href=/2>再一条新闻的标题也在这里</a></ul></div>",
	HEAD "<div><h1>" TITLE "</h1>" BODY "</div>",
	HEAD "<div>" BODY "<p style='display: none'>隐藏的文字，隐藏的文字，隐藏的文字，隐藏的文字。"
	     "</p><p hidden>隐藏的文字，隐藏的文字，隐藏的文字，隐藏的文字。</p></div>",
	HEAD "<div><p>" ONE "</p><figure><img><figcaption>图为调试现场，摄影。</figcaption></figure><p>"
	     TWO "</p><p>" THREE "</p></div>",
	HEAD "<div>" BODY "<div><h3>市区公交线路调整的通知</h3><p>从下周起，市区公交有六条线路将要调整，"
	     "请乘客注意...</p><h3>旧衣物回收点增加</h3><p>今年各街道新增旧衣物回收点，位置见下表，"
	     "欢迎使用...</p></div></div>",
	"<title>" TITLE "_示例新闻网</title><table><tr><td>" TITLE "</td></tr><tr><td>" BODY
	"</td></tr></table>",
	HEAD "<div>" BODY "</div><div class=article-recommend><p>另一篇文章比这一篇要长得多，写了又写，写了又写，"
	     "写了又写，写了又写。</p><p>它有很多段落，每一段都很长，每一段都有很多标点，但它不是这一篇。</p><p>它有很多段落，"
	     "每一段都很长，每一段都有很多标点，但它不是这一篇。</p><p>它有很多段落，每一段都很长，每一段都有很多标点，"
	     "但它不是这一篇。</p></div>",
	HEAD "<div>" BODY "<h2>猜你喜欢</h2><div><p>另一篇文章比这一篇要长得多，写了又写，写了又写，写了又写。</p><p>它有很多段落，"
	     "每一段都很长，每一段都有很多标点，但它不是这一篇。</p><p>它有很多段落，每一段都很长，每一段都有很多标点，"
	     "但它不是这一篇。</p></div></div>",
	HEAD "<div id=app></div><script type='application/ld+json'>{\"articleBody\": \"" ONE "\\n" TWO
	     "\\n" THREE "\"}</script>",
	HEAD "<div id=root>加载中</div><script>window.__STATE__ = {content: {id: 1}, article: {\"content\": "
	     "\"\\u003cp>" ONE "\\u003c/p>\\u003cp>" TWO "\\u003c/p>\\u003cp>" THREE
	     "\\u003c/p>\"}}</script>",
	HEAD "<div id=root></div><script>var data = {content: '&lt;p&gt;" ONE "&lt;/p&gt;&lt;p&gt;" TWO
	     "&lt;/p&gt;&lt;p&gt;" THREE "&lt;/p&gt;'}</script>",
	HEAD "<p class=article-lead>" ONE "</p><p>2026-11-23 09:30</p><div><div><p>" TWO "</p><p>" THREE
	     "</p></div></div>",
	HEAD "<form id=aspnetForm><div>" BODY "</div></form>",
	HEAD "<body class='page-with-sidebar'><div>" BODY "</div></body>",
};

static void keeps_a_sentence_with_a_time(void **state)
{
	struct hy_article article;

	(void)state;
	extract_at("", HEAD "<div><p>" TIMED "</p>" BODY "</div>", &article);
	assert_view(article.text, TIMED "\n" TEXT);
	hy_article_fini(&article);
}

static void doubts_a_text_beside_its_title(void **state)
{
	struct hy_article article;

	(void)state;
	extract_at("", "<title>春季运动会在校园举行</title><h1>春季运动会在校园举行</h1><p>2026-11-22 09:30</p>"
		       "<div>" BODY "</div>", &article);
	assert_true(article.suspicious);
	hy_article_fini(&article);
	extract_at("", "<title>周一供暖</title><h1>城区的供暖从周一开始</h1><p>2026-11-22 09:30</p><div>" BODY
		       "</div>", &article);
	assert_false(article.suspicious);
	hy_article_fini(&article);
}

static void finds_the_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(pages); i++) {
		struct hy_article article;

		extract_at("", pages[i], &article);
		if (!hy_str_eq_c(article.text, TEXT))
			print_error("page %zu: %s\n", i, pages[i]);
		assert_view(article.text, TEXT);
		assert_view(article.title, TITLE);
		assert_int_equal(article.kind, HY_ARTICLE_ARTICLE);
		assert_false(article.suspicious);
		hy_article_fini(&article);
	}
}

struct field {
	const char *html, *value;
};

static const struct field titles[] = {
	{"<title>" TITLE " - 示例论坛</title><h1>示例论坛</h1><h2><a href=/t/1>" TITLE "</a></h2>" BODY, TITLE},
	{"<title>" TITLE "_示例新闻网</title><h2>" TITLE "<span>原创</span></h2>" BODY, TITLE},
	{"<title>城区供暖开始调试_新闻频道_示例网</title>" BODY, TITLE},
	{"<title>城区供暖开始调试 - 示例网</title>" BODY, TITLE},
	{"<title>城区供暖开始调试-示例网</title>" BODY, TITLE},
	{"<title>2020-2021年供暖季总结会议召开</title>" BODY, "2020-2021年供暖季总结会议召开"},
	{"<title>示例网</title><meta property=og:title content='城区供暖开始调试'>" BODY, TITLE},
	{"<title>城区供暖开始调试_示例网</title><h1>示例网</h1><h2>城区供暖开始调试</h2>" BODY, TITLE},
	{"<title>城区供暖开始调试_示例网</title><div class=title>城区供暖开始调试</div>" BODY, TITLE},
	{"<title>新闻动态--示例网</title><h5>城区供暖开始调试</h5><p>2026-11-23</p>" BODY, TITLE},
	{BODY, ""},
};

static void finds_the_title(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(titles); i++) {
		struct hy_article article;

		extract_at("", titles[i].html, &article);
		if (!hy_str_eq_c(article.title, titles[i].value))
			print_error("%s\n", titles[i].html);
		assert_view(article.title, titles[i].value);
		hy_article_fini(&article);
	}
}

static const struct field sources[] = {
	{HEAD "<p>2026-11-23 09:30 来源：示例日报 作者：某人</p>" BODY, "示例日报"},
	{HEAD "<p>稿源: 示例晚报</p>" BODY, "示例晚报"},
	{HEAD "<p>来源：<a href=/>示例日报</a><span>记者某人</span></p>" BODY, "示例日报"},
	{HEAD "<span class=source>示例新闻</span>" BODY, "示例新闻"},
	{"<meta property=og:site_name content='示例网'>" HEAD BODY, "示例网"},
	{HEAD "<table><tr><td>发布机构</td><td>示例区住建局</td></tr></table>" BODY, "示例区住建局"},
	{HEAD "<p>来源：<br>示例日报</p>" BODY, "示例日报"},
	{HEAD "<p>作者：某人</p>" BODY, ""},
	{HEAD BODY, ""},
};

static void finds_the_outlet_and_never_an_author(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(sources); i++) {
		struct hy_article article;

		extract_at("", sources[i].html, &article);
		if (!hy_str_eq_c(article.source, sources[i].value))
			print_error("%s\n", sources[i].html);
		assert_view(article.source, sources[i].value);
		hy_article_fini(&article);
	}
}

#define LINK(n) "<li><a href='/2026/" n ".html'>一条足够长的新闻标题在这里" n "</a></li>"
#define LIST LINK("1") LINK("2") LINK("3") LINK("4") LINK("5") LINK("6") LINK("7") LINK("8")

static const struct {
	const char *url, *html;
	enum hy_article_kind kind;
} kinds[] = {
	{"", HEAD BODY, HY_ARTICLE_ARTICLE},
	{"", "<title>新闻列表</title><ul>" LIST "</ul>", HY_ARTICLE_LIST},
	{"http://a.cn/", "<title>示例网</title>" BODY "<ul>" LIST "</ul>", HY_ARTICLE_LIST},
	{"", HEAD "<p>2026-11-23 09:30</p>" BODY "<ul>" LIST LIST LIST "</ul>", HY_ARTICLE_ARTICLE},
	{"", "<title>页面不存在</title><p>您访问的页面不存在</p>", HY_ARTICLE_DELETED},
	{"", "<title>404 Not Found</title><h1>404 Not Found</h1>", HY_ARTICLE_DELETED},
	{"", "<p>抱歉，该文章已被删除</p>", HY_ARTICLE_DELETED},
	{"", "<title>网传视频已被删除</title><h1>网传视频已被删除</h1><p>2026-11-22 09:30</p><p>" ONE
	     "</p><p>平台说，该视频已被删除，发布者的账号也已停用，后续会公布。</p>", HY_ARTICLE_ARTICLE},
	{"", "<title>提醒：别把验证码告诉别人</title><h1>提醒：别把验证码告诉别人</h1><p>2026-11-22 09:30</p>"
	     "<p>" ONE "</p><p>索要验证码的，多半是诈骗，接到这样的电话，请挂断并报警。</p>",
	 HY_ARTICLE_ARTICLE},
	/* a short thread beside more headlines than it has words */
	{"", HEAD "<div id=postlist><table id=pid11 class=plhin><td class=plc>"
	     "<div class=authi>发表于 2026-11-21 23:10</div><div class=t_f id=postmessage_11>请问城东这几条巷子的"
	     "停车场什么时候才能重新开放呢</div></table><table id=pid12 class=plhin><td class=plc>"
	     "<div class=authi>发表于 2026-11-21 23:41</div><div class=t_f id=postmessage_12>昨天刚刚问过物业说是要"
	     "等到下个月底才能开</div></table></div><ul>" LIST LIST LIST "</ul>", HY_ARTICLE_ARTICLE},
	{"", "<title>城区月报 总第404期</title><h1>城区月报 总第404期</h1>", HY_ARTICLE_ARTICLE},
	{"", "<title>停车难题有人管</title><h1>停车难题有人管</h1><p>下班以后转了三圈，还是找不到车位，登录后"
	     "预约也排不上，几条巷子的住户说，原来的停车场已下线半年，新的停车场什么时候开，没有人知道。</p>",
	 HY_ARTICLE_ARTICLE},
	{"", "<title>抱歉</title><h1>抱歉</h1><p>找不到您要的网页</p>", HY_ARTICLE_DELETED},
	{"", "<title>安全验证</title><p>请输入验证码</p>", HY_ARTICLE_BLOCKED},
	{"", "<p>您的访问过于频繁，请稍后再试</p>", HY_ARTICLE_BLOCKED},
	{"", "", HY_ARTICLE_EMPTY},
	{"", "<html><body><img src=x></body></html>", HY_ARTICLE_EMPTY},
	/* an article about deleted pages is an article */
	{"", HEAD BODY BODY BODY BODY BODY "<p>记者发现，不少页面不存在，或已被删除，读者应当留意。</p>",
	 HY_ARTICLE_ARTICLE},
};

static void tells_kinds_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(kinds); i++) {
		struct hy_article article;

		extract_at(kinds[i].url, kinds[i].html, &article);
		if (article.kind != kinds[i].kind)
			print_error("kind %zu\n", i);
		assert_string_equal(hy_article_kind_name(article.kind),
				    hy_article_kind_name(kinds[i].kind));
		hy_article_fini(&article);
	}
}

static void flags_what_looks_wrong(void **state)
{
	struct hy_article article;

	(void)state;
	extract_at("", "<title>城区供暖开始调试_示例网</title><h1>城区供暖开始调试</h1><p>图集</p>", &article);
	assert_true(article.suspicious);
	assert_non_null(article.why);
	hy_article_fini(&article);
}

static void names_its_own_address(void **state)
{
	struct hy_article article;

	(void)state;
	extract_at("http://a.cn/x/1.html?from=y", "<link rel=canonical href='/x/1.html'>" HEAD BODY,
		   &article);
	assert_view(article.canonical, "http://a.cn/x/1.html");
	hy_article_fini(&article);
	extract_at("http://a.cn/x", "<meta property=og:url content='javascript:x'>" HEAD BODY,
		   &article);
	assert_view(article.canonical, "");
	hy_article_fini(&article);
}

static void refuses_what_is_too_large(void **state)
{
	size_t size = HY_PAGE_MAX_BYTES + 1;
	hy_cleanup(hy_free_p) char *bytes = hy_xcalloc(size, 1);
	struct hy_extract_input in = {.bytes = {bytes, size}, .now = HY_WALL_NONE};
	struct hy_article article = {.charset = "untouched"};
	struct hy_error e = {0};

	(void)state;
	assert_int_equal(hy_article_extract(&in, &article, &e), HY_ERR_LIMIT);
	assert_non_null(strstr(e.text, "bytes"));
	assert_string_equal(article.charset, "untouched");
}

static void strips_the_site(void **state)
{
	static const struct field forms[] = {
		{"标题很长很长_频道_网站", "标题很长很长"},
		{"标题很长很长 | 网站", "标题很长很长"},
		{"标题——很长很长", "标题——很长很长"},
		{"短_网站", "短_网站"},
		{"Some headline - The Example", "Some headline"},
		{"Covid-19 in schools", "Covid-19 in schools"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(forms); i++) {
		struct hy_str left = hy_title_without_site(hy_str_of(forms[i].html));

		if (!hy_str_eq_c(left, forms[i].value))
			print_error("%s\n", forms[i].html);
		assert_true(hy_str_eq_c(left, forms[i].value));
	}
}

static void knows_the_lines_around_a_text(void **state)
{
	static const struct {
		const char *line;
		enum hy_phrase phrase;
	} lines[] = {
		{"责任编辑：某人", HY_PHRASE_LINE},	{"（责任编辑：某人）", HY_PHRASE_LINE},
		{"【编辑:某人】", HY_PHRASE_LINE},	{"相关新闻", HY_PHRASE_END},
		{"Baca juga: kabar lain", HY_PHRASE_LINE}, {"推荐阅读：另一条新闻", HY_PHRASE_LINE},
		{"展开工作以来，投诉少了", HY_PHRASE_NONE}, {"관련기사", HY_PHRASE_END},
		{"Related Stories", HY_PHRASE_END},	{"编辑部昨天搬家了", HY_PHRASE_NONE},
		{"相关新闻发布会昨天举行，会上公布了三项措施", HY_PHRASE_NONE}, {"", HY_PHRASE_NONE},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(lines); i++)
		assert_int_equal(hy_phrase_of(hy_str_of(lines[i].line)), lines[i].phrase);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_text),
		cmocka_unit_test(doubts_a_text_beside_its_title),
		cmocka_unit_test(keeps_a_sentence_with_a_time),
		cmocka_unit_test(finds_the_title),
		cmocka_unit_test(finds_the_outlet_and_never_an_author),
		cmocka_unit_test(tells_kinds_apart),
		cmocka_unit_test(flags_what_looks_wrong),
		cmocka_unit_test(names_its_own_address),
		cmocka_unit_test(refuses_what_is_too_large),
		cmocka_unit_test(strips_the_site),
		cmocka_unit_test(knows_the_lines_around_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
