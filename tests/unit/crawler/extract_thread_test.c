#include "crawler/extract_thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "crawler/extract.h"
#include "crawler/thread_line.h"

#define ASK "小区门口的路灯坏了快两个月，晚上接孩子看不见路，请问归谁修？"
#define ONE "我们这边也坏了，打过热线，说已经转给路灯管理所，还在等。"
#define TWO "昨天看到有工人来测电缆，估计这周就能修好，再等等看。"
#define TEXT ASK "\n" ONE "\n" TWO
#define HEAD "<title>路灯坏了归谁修</title><h1>路灯坏了归谁修</h1>"
#define BBS "https://bbs.example.cn/thread-12-1-1.html"

/* The markup of forum software that many sites run; TEXT is what is to be found. */
static const struct {
	const char *url, *html;
} threads[] = {
	/* Discuz! */
	{"", HEAD "<div id=postlist>"
	 "<table id=pid11 class=plhin><td class=pls><a href=u1>清风</a><p>积分 120</p>"
	 "<td class=plc><div class=authi>清风 发表于 2026-11-21 23:10</div>"
	 "<div class=t_fsz><i class=pstatus>本帖最后由 清风 于 2026-11-21 23:20 编辑</i>"
	 "<div class=t_f id=postmessage_11>" ASK "</div></div><div class=sign>签名：天天向上，好好生活。</div></table>"
	 "<table id=pid12 class=plhin><td class=pls><a href=u2>明月</a><p>积分 3</p>"
	 "<td class=plc><div class=authi>明月 发表于 2026-11-21 23:41</div>"
	 "<div class=t_fsz><div class=t_f id=postmessage_12>" ONE "</div></div></table>"
	 "<table id=pid13 class=plhin><td class=pls><a href=u3>阿三</a><p>积分 8</p>"
	 "<td class=plc><div class=authi>阿三 发表于 2026-11-22 07:05</div>"
	 "<div class=t_fsz><div class=t_f id=postmessage_13>" TWO "</div></div></table></div>"},
	/* phpBB */
	{"", HEAD "<div id=p1 class='post bg2'><div class=inner><div class=postbody>"
	 "<h3>路灯坏了归谁修</h3><p class=author>清风 » 2026-11-21 23:10</p><div class=content>" ASK
	 "</div></div><dl class=postprofile><dt>清风<dd>帖子: 24</dl></div></div>"
	 "<div id=p2 class='post bg1'><div class=inner><div class=postbody>"
	 "<h3>Re: 路灯坏了归谁修</h3><p class=author>明月 » 2026-11-21 23:41</p><div class=content>" ONE
	 "</div></div><dl class=postprofile><dt>明月<dd>帖子: 3</dl></div></div>"
	 "<div id=p3 class='post bg2'><div class=inner><div class=postbody>"
	 "<h3>Re: 路灯坏了归谁修</h3><p class=author>阿三 » 2026-11-22 07:05</p><div class=content>" TWO
	 "</div></div><dl class=postprofile><dt>阿三<dd>帖子: 9</dl></div></div>"},
	/* A question with markup of its own, answers below. */
	{"https://ask.example.cn/question/77", HEAD "<div class=question-richtext>" ASK "</div>"
	 "<div class=answer-list><div class=answer-item><div class=author-info>明月，路灯爱好者。</div>"
	 "<div class=answer-content><p>" ONE "</p></div><div class=actions>赞同 3</div></div>"
	 "<div class=answer-item><div class=author-info>阿三，住在附近。</div>"
	 "<div class=answer-content><p>" TWO "</p></div><div class=actions>赞同 1</div></div></div>"},
	/* Replies whose place is called so, as on group pages. */
	{"https://www.example.cn/group/topic/5/", HEAD "<div class=topic-content><p>" ASK "</p></div>"
	 "<ul class=topic-reply><li class=comment-item><h4><a href=u2>明月</a> 2026-11-21 23:41</h4>"
	 "<p class=reply-content>" ONE "</p><div class=operation>赞 回复</div></li>"
	 "<li class=comment-item><h4><a href=u3>阿三</a> 2026-11-22 07:05</h4>"
	 "<p class=reply-content>" TWO "</p><div class=operation>赞 回复</div></li></ul>"},
	/* Answers to answers stand inside them. */
	{BBS, HEAD "<div class=post><div class=post-text>" ASK "</div></div>"
	 "<div class=comment-list><div class=comment><div class=comment-meta>明月 2026-11-21</div>"
	 "<div class=comment-text>" ONE "</div><div class=children><div class=comment>"
	 "<div class=comment-meta>阿三 2026-11-22</div><div class=comment-text>" TWO
	 "</div></div></div></div></div>"},
	/* No name tells what the parts are. */
	{BBS, HEAD "<div class=x><div class=y><b>清风</b></div><div class=z>" ASK "</div></div>"
	 "<div class=x><div class=y><b>明月</b></div><div class=z>" ONE "</div></div>"
	 "<div class=x><div class=y><b>阿三</b></div><div class=z>" TWO "</div></div>"},
};

#define REPLY "您好，您反映的路灯已于十一月二十日修复，如仍有问题，请拨打服务热线。"

/* Letter boxes of public offices: labels tell what is what. */
static const char *const letters[] = {
	"<title>路灯坏了归谁修</title><h1>路灯坏了归谁修</h1><table>"
	"<tr><td>来信人：<td>张某某<tr><td>来信时间：<td>2026-11-18 10:21:05"
	"<tr><td>来信内容：<td>" ASK "<tr><td>答复单位：<td>城市管理局"
	"<tr><td>答复时间：<td>2026-11-20 09:30:00<tr><td>答复内容：<td>" REPLY
	"<tr><td>满意度：<td>满意，处理得很快，谢谢。</table><p>网站地图，联系我们，版权所有。</p>",
	"<title>路灯坏了归谁修</title><h2>路灯坏了归谁修</h2><div class=box><h3>留言内容</h3>"
	"<p class=c>" ASK "</p><p>网友：张某某</p></div><div class=box><h3>官方回复</h3>"
	"<p>2026-11-20 09:30</p><p class=c>" REPLY "</p></div>",
	"<title>路灯坏了归谁修</title><h2>路灯坏了归谁修</h2><ul>"
	"<li><b>姓　　名：</b>张某某<li><b>内　　容：</b>" ASK
	"<li><b>回复内容：</b>" REPLY "<li><b>回复时间：</b>2026-11-20</ul>",
};

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

static void finds_question_and_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(threads); i++) {
		struct hy_article article;

		extract_at(threads[i].url, threads[i].html, &article);
		if (!hy_str_eq_c(article.text, TEXT))
			print_error("thread %zu\n", i);
		assert_string_equal(article.text.p, TEXT);
		assert_string_equal(article.title.p, "路灯坏了归谁修");
		assert_int_equal(article.kind, HY_ARTICLE_ARTICLE);
		hy_article_fini(&article);
	}
}

static void finds_letter_and_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(letters); i++) {
		struct hy_article article;

		extract_at("", letters[i], &article);
		if (!hy_str_eq_c(article.text, ASK "\n" REPLY))
			print_error("letter %zu\n", i);
		assert_string_equal(article.text.p, ASK "\n" REPLY);
		hy_article_fini(&article);
	}
}

#define NEWS "<p>" ASK "</p><p>" ONE "</p>"

/* An article's comments are not its text. */
static const char *const articles[] = {
	HEAD "<div class=article>" NEWS "</div><div class=comment-list>"
	"<div class=comment><p>" TWO "</p></div><div class=comment><p>" TWO "</p></div></div>",
	HEAD "<div itemscope itemtype='https://schema.org/NewsArticle'><div class=article>" NEWS
	"</div></div><div class=reply-list><div class=reply><p>" TWO
	"</p></div><div class=reply><p>" TWO "</p></div></div>",
};

/* A news article under an address that reads like a forum's, with summaries beside it. */
static void leaves_what_stands_beside_an_article(void **state)
{
	struct hy_article article;

	(void)state;
	extract_at("https://www.example.cn/topic/2026/1.html",
		   HEAD "<div class=article>" NEWS "<p>" REPLY "</p></div><div class=box>"
		   "<div class=item>另一条新闻的摘要，写得很短。</div>"
		   "<div class=item>再一条新闻的摘要，也写得很短。</div></div>", &article);
	assert_string_equal(article.text.p, ASK "\n" ONE "\n" REPLY);
	hy_article_fini(&article);
}

static void leaves_the_comments_of_an_article(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(articles); i++) {
		struct hy_article article;

		extract_at("https://news.example.cn/2026/1122/1.html", articles[i], &article);
		assert_string_equal(article.text.p, ASK "\n" ONE);
		hy_article_fini(&article);
	}
}

static void knows_lines_around_a_text(void **state)
{
	static const struct {
		const char *line;
		bool around;
	} lines[] = {
		{"清风 发表于 2026-11-21 23:10", true},
		{"本帖最后由 清风 于 2026-11-21 23:20 编辑", true},
		{"2026-11-21 23:10", true},
		{"回复", true},
		{"赞 3 | 回复 | 举报", true},
		{"3", false},
		{"Re: 路灯坏了归谁修", true},
		{"路灯坏了归谁修", true},
		{"@清风 已经修好了", false},
		{"物业在 2026-11-21 回电说，下周一上午派人来修，请大家不要着急。", false},
		{"回复楼上，我也遇到过。", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(lines); i++) {
		bool around = hy_thread_line_is_around(hy_str_of(lines[i].line),
						       HY_STR_LIT("路灯坏了归谁修"));

		if (around != lines[i].around)
			print_error("line %zu: %s\n", i, lines[i].line);
		assert_int_equal(around, lines[i].around);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_question_and_answers),
		cmocka_unit_test(finds_letter_and_answer),
		cmocka_unit_test(leaves_what_stands_beside_an_article),
		cmocka_unit_test(leaves_the_comments_of_an_article),
		cmocka_unit_test(knows_lines_around_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
