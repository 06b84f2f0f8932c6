#include "crawler/wechat.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "crawler/extract.h"

#define SCRIPT(text) "<script>/* mmbizwap */ " text "</script>"
#define NOTICE(text) \
	"<div class='weui-msg'><div class='weui-msg__text-area'><h2 class='weui-msg__title'>" text \
	"</h2></div></div>" SCRIPT("")

struct sample {
	const char *url, *html;
	enum hy_article_kind kind;
	const char *title, *text, *source, *time;
};

static const struct sample samples[] = {
	/* an article as readers see it; the body is hidden until a script has run */
	{"https://mp.weixin.qq.com/s/a",
	 "<meta property='og:title' content='供暖调试开始'>"
	 "<h1 id=activity-name>供暖调试开始<span>原创</span></h1><a id=js_name> 示例发布 </a>"
	 "<div id=js_content style='visibility: hidden'><section><p>第一段。</p><p>第二段。</p>"
	 "</section></div>" SCRIPT("var ct = \"1795311000\"; var msg_title = '供暖调试开始';"),
	 HY_ARTICLE_WECHAT, "供暖调试开始", "第一段。\n第二段。", "示例发布",
	 "2026-11-22T09:30:00+08:00"},
	/* an older one, without meta */
	{"", "<h2 id=activity-name>旧文章的标题</h2><div id=js_content>正文。</div>"
	 SCRIPT("var nickname = htmlDecode(\"示例&amp;发布\"); var ct = \"1795311000\";"),
	 HY_ARTICLE_WECHAT, "旧文章的标题", "正文。", "示例&发布", "2026-11-22T09:30:00+08:00"},
	/* a share of pictures: the text is in a variable, other accounts are mentioned */
	{"", "<div id=js_content>关注</div>"
	 SCRIPT("window.cgiDataNew = {nick_name: JsDecode('示例发布'), title: JsDecode('图集'),"
		"content_noencode: JsDecode('第一行\\x0a\\x0a\\x3cb\\x3e第二行\\x3c/b\\x3e'),"
		"weapp_link: {nickname: JsDecode('别人')}, item_show_type: '8' * 1};"
		"window.msg_title = window.title = '图集' || ''; window.ct = '1795311000' || '';"),
	 HY_ARTICLE_WECHAT, "图集", "第一行\n第二行", "示例发布", "2026-11-22T09:30:00+08:00"},
	/* a share of text has no headline of its own */
	{"", "<div class='wx_follow_nickname'>示例发布</div>"
	 SCRIPT("item_show_type = '10' || ''; msg_title = '今天停水。\\n\\n请备水。' || '';"
		"window.ct = '1795311000';"),
	 HY_ARTICLE_WECHAT, "今天停水。", "今天停水。\n请备水。", "示例发布",
	 "2026-11-22T09:30:00+08:00"},
	/* a video, a sound and a forwarded article: what the account wrote to it is the text */
	{"", "<meta property='og:title' content='视频的标题'><a id=js_name>示例发布</a>"
	 SCRIPT("item_show_type = '5' || ''; msg_title = '视频的标题'; desc = '一段积水的视频。';"
		"window.ct = '1795311000';"),
	 HY_ARTICLE_WECHAT, "视频的标题", "一段积水的视频。", "示例发布", "2026-11-22T09:30:00+08:00"},
	{"", "<meta property='og:title' content='声音的标题'><a id=js_name>示例发布</a>"
	 SCRIPT("item_show_type = '7'; msg_title = '声音的标题'; window.ct = '1795311000';"),
	 HY_ARTICLE_WECHAT, "声音的标题", "声音的标题", "示例发布", "2026-11-22T09:30:00+08:00"},
	{"", "<meta property='og:title' content='转来的标题'><meta property='og:description' "
	 "content='值得一读。'><a id=js_name>示例发布</a>"
	 SCRIPT("item_show_type = '11'; msg_title = '转来的标题'; window.ct = '1795311000';"),
	 HY_ARTICLE_WECHAT, "转来的标题", "值得一读。", "示例发布", "2026-11-22T09:30:00+08:00"},
	/* pages in place of an article */
	{"", NOTICE("该公众号已迁移"), HY_ARTICLE_DELETED, "", "", "", ""},
	{"", NOTICE("账号已自主注销，内容无法查看"), HY_ARTICLE_DELETED, "", "", "", ""},
	{"", NOTICE("该内容已被发布者删除"), HY_ARTICLE_DELETED, "", "", "", ""},
	{"", NOTICE("此内容因违规无法查看"), HY_ARTICLE_DELETED, "", "", "", ""},
	{"", NOTICE("链接已过期"), HY_ARTICLE_DELETED, "", "", "", ""},
	{"", "<div class=mesg-block><p>该内容暂时无法查看</p></div>", HY_ARTICLE_DELETED, "", "", "",
	 ""},
	{"", NOTICE("环境异常 当前环境异常，完成验证后即可继续访问。"), HY_ARTICLE_BLOCKED, "", "", "",
	 ""},
	/* a captcha has no visible text */
	{"", "<script>var PAGE_MID='mmbizwap:secitptpage/verify.html';</script>",
	 HY_ARTICLE_BLOCKED, "", "", "", ""},
	{"https://mp.weixin.qq.com/mp/wappoc_appmsgcaptcha?poc_token=x", "<p>x</p>",
	 HY_ARTICLE_BLOCKED, "", "", "", ""},
	{"http://weixin.sogou.com/antispider/?from=x", "<p>请输入</p>", HY_ARTICLE_BLOCKED, "", "", "",
	 ""},
	/* an account's own pages */
	{"https://mp.weixin.qq.com/profile?src=3", SCRIPT("var msgList = {\"list\":[]};"),
	 HY_ARTICLE_LIST, "", "", "", ""},
	{"https://mp.weixin.qq.com/mp/aboutbiz", "<div>主体信息，主体信息，主体信息。</div>",
	 HY_ARTICLE_EMPTY, "", "", "", ""},
};

static void reads_pages_of_wechat(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(samples); i++) {
		const struct sample *s = &samples[i];
		struct hy_extract_input in = {
			.bytes = hy_str_of(s->html),
			.content_type = HY_STR_LIT("text/html; charset=utf-8"),
			.url = hy_str_of(s->url),
			.now = {1795395600000},
		};
		char time[HY_RFC3339_BYTES];
		struct hy_article article;

		assert_int_equal(hy_article_extract(&in, &article, NULL), HY_OK);
		if (article.kind != s->kind)
			print_error("sample %zu: %s\n", i, s->html);
		assert_string_equal(hy_article_kind_name(article.kind),
				    hy_article_kind_name(s->kind));
		assert_string_equal(article.title.p, s->title);
		assert_string_equal(article.text.p, s->text);
		assert_string_equal(article.source.p, s->source);
		assert_string_equal(hy_wall_format(article.published_at, time), s->time);
		hy_article_fini(&article);
	}
}

/* An article of a newspaper that shows a picture from WeChat is the newspaper's. */
static void leaves_other_pages_alone(void **state)
{
	struct hy_extract_input in = {
		.bytes = HY_STR_LIT("<title>城区供暖开始调试</title><h1>城区供暖开始调试</h1>"
				    "<img src='http://mmbiz.qpic.cn/x'><p>今年的供暖比往年早了一周，"
				    "调试从周一开始，预计三天完成。</p><p>居民如发现漏水，可以拨打热线，"
				    "工作人员会到场。</p>"),
		.content_type = HY_STR_LIT("text/html; charset=utf-8"),
		.url = HY_STR_LIT("http://news.example.com/1.html"),
	};
	struct hy_article article;

	(void)state;
	assert_int_equal(hy_article_extract(&in, &article, NULL), HY_OK);
	assert_int_equal(article.kind, HY_ARTICLE_ARTICLE);
	hy_article_fini(&article);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_pages_of_wechat),
		cmocka_unit_test(leaves_other_pages_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
