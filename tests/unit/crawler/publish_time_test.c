#include "crawler/publish_time.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "crawler/extract.h"

static const struct hy_wall now = {1795395600000};	/* 2026-11-23T09:00:00+08:00 */

#define TEXT \
	"<div class=content><p>城区今年的供暖比往年早了一周，调试从周一开始，预计三天完成。</p>" \
	"<p>居民如发现漏水，可以拨打服务热线，工作人员两小时内到场，费用由企业承担。</p></div>"
#define HEAD "<title>城区供暖开始调试</title><h1>城区供暖开始调试</h1>"

struct sample {
	const char *url, *html, *time;
};

static const struct sample samples[] = {
	/* shown */
	{"", HEAD "<p>2026-11-22 09:30</p>" TEXT, "2026-11-22T09:30:00+08:00"},
	{"", HEAD TEXT "<p>发布时间：2026-11-22 09:30</p>", "2026-11-22T09:30:00+08:00"},
	{"", HEAD "<p>来源：示例日报 3小时前</p>" TEXT, "2026-11-23T06:00:00+08:00"},
	{"", HEAD "<p>更新时间：2026-11-22 19:30</p><p>发布时间：2026-11-22 09:30</p>" TEXT,
	 "2026-11-22T09:30:00+08:00"},
	/* the date in the page's head is today's, that beside the headline is the article's */
	{"", "<p>今天是2026年11月23日 星期一</p>" HEAD "<p>2026-11-20 10:11</p>" TEXT,
	 "2026-11-20T10:11:00+08:00"},
	{"", HEAD "<p>2026-11-20 10:11</p>" TEXT "<ul><li><a href=/1>另一条</a> 2026-11-22 12:00",
	 "2026-11-20T10:11:00+08:00"},
	/* said */
	{"", "<meta name=publishdate content='2026-11-22 09:30:12'>" HEAD TEXT,
	 "2026-11-22T09:30:12+08:00"},
	{"", "<meta property='article:published_time' content='2026-11-22T01:30:00Z'>" HEAD TEXT,
	 "2026-11-22T09:30:00+08:00"},
	{"", HEAD "<time itemprop=datePublished datetime='2026-11-22T09:30:00+08:00'></time>" TEXT,
	 "2026-11-22T09:30:00+08:00"},
	{"", HEAD TEXT "<script type='application/ld+json'>{\"datePublished\": "
	 "\"2026-11-22T09:30:00+08:00\"}</script>", "2026-11-22T09:30:00+08:00"},
	{"", HEAD TEXT "<script>var x = {\"publishTime\":1795311000000}</script>",
	 "2026-11-22T09:30:00+08:00"},
	/* who is right */
	{"", "<meta property='article:published_time' content='2026-11-22T09:30:00Z'>" HEAD
	 "<p>2026-11-22 09:30</p>" TEXT, "2026-11-22T09:30:00+08:00"},
	{"", "<meta name=pubdate content='2026-11-22'>" HEAD "<p>2026-11-22 09:30</p>" TEXT,
	 "2026-11-22T09:30:00+08:00"},
	{"", "<meta name=pubdate content='2026-11-22 09:30'>" HEAD "<p>2026-11-22</p>" TEXT,
	 "2026-11-22T09:30:00+08:00"},
	{"", "<meta name=pubdate content='2099-11-22 09:30'>" HEAD TEXT, ""},
	{"", HEAD "<time datetime='2026-11-22T09:30:00+08:00'>2026-11-22</time>" TEXT,
	 "2026-11-22T09:30:00+08:00"},
	{"", HEAD "<time datetime='2026-11-22T09:30:00Z'>2026-11-22 09:30</time>" TEXT,
	 "2026-11-22T09:30:00+08:00"},
	/* a government page's table of facts */
	{"", "<table><tr><td>成文日期</td><td>2026-10-08</td><td>发布日期</td><td>2026-10-12</td></tr>"
	 "</table>" HEAD TEXT, "2026-10-12T00:00:00+08:00"},
	{"", "<table><tr><td>成文日期：</td><td>2026年10月08日</td></tr></table>" HEAD TEXT,
	 "2026-10-08T00:00:00+08:00"},
	/* address */
	{"http://a.cn/2026/11/22/1.html", HEAD TEXT, "2026-11-22T00:00:00+08:00"},
	{"http://a.cn/2026/11/22/1.html", HEAD "<p>2026-11-22 09:30</p>" TEXT,
	 "2026-11-22T09:30:00+08:00"},
	{"", HEAD TEXT, ""},
};

static void finds_the_time_of_publication(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(samples); i++) {
		struct hy_extract_input in = {
			.bytes = hy_str_of(samples[i].html),
			.content_type = HY_STR_LIT("text/html; charset=utf-8"),
			.url = hy_str_of(samples[i].url),
			.now = now,
		};
		char text[HY_RFC3339_BYTES];
		struct hy_article article;

		assert_int_equal(hy_article_extract(&in, &article, NULL), HY_OK);
		hy_wall_format(article.published_at, text);
		if (strcmp(text, samples[i].time) != 0)
			print_error("sample %zu: %s\n", i, samples[i].html);
		assert_string_equal(text, samples[i].time);
		hy_article_fini(&article);
	}
}

static void reads_dates_of_addresses(void **state)
{
	static const struct {
		const char *url, *time;
	} urls[] = {
		{"http://a.cn/2026/11/22/1.html", "2026-11-22T00:00:00+08:00"},
		{"http://a.cn/20261122/1.html", "2026-11-22T00:00:00+08:00"},
		{"http://a.cn/2026-11/22/1.html", "2026-11-22T00:00:00+08:00"},
		{"http://a.cn/n/202611/t20261122_9.html", "2026-11-22T00:00:00+08:00"},
		{"http://a.cn/202611/22/1.html", "2026-11-22T00:00:00+08:00"},
		{"http://20261122.cn/x", ""},
		{"http://a.cn/20261322", ""},
		{"http://a.cn/1202611221", ""},
		{"http://a.cn/2026112212", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(urls); i++) {
		struct hy_wall at = HY_WALL_NONE;
		char text[HY_RFC3339_BYTES];

		(void)hy_publish_time_of_url(hy_str_of(urls[i].url), &at);
		if (strcmp(hy_wall_format(at, text), urls[i].time) != 0)
			print_error("%s\n", urls[i].url);
		assert_string_equal(text, urls[i].time);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_time_of_publication),
		cmocka_unit_test(reads_dates_of_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
