/* Lists of WeChat articles in each of the forms that mirrors have. */
#include "crawler/wechat_list.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

static const struct {
	const char *what, *html, *expected;
} cases[] = {
	{"search results with times in scripts",
	 "<ul><li><div><a href='http://mp.weixin.qq.com/s?a=1'><img></a></div>"
	 "<h3><a href='http://mp.weixin.qq.com/s?a=1&amp;b=2'>供水<em>公告</em></a></h3><p>"
	 "<span><script>document.write(timeConvert('1763776800'))</script></span></p></li>"
	 "<li><h3><a href='/link?url=xyz'>停气通知</a></h3><div t='1763780400'><a "
	 "href='http://mp.weixin.qq.com/profile?x'>号</a><script>timeConvert('1763780400')</script>"
	 "</div></li></ul>",
	 "http://mp.weixin.qq.com/s?a=1&b=2 供水公告 2025-11-22T10:00:00+08:00\n"
	 "https://weixin.sogou.com/link?url=xyz 停气通知 2025-11-22T11:00:00+08:00\n"},
	{"mobile results",
	 "<li><h4><a href='http://mp.weixin.qq.com/s?c=1'><div>道路封闭</div></a></h4><p><a><span "
	 "data-lastModified='1763776800'></span></a></p></li>",
	 "http://mp.weixin.qq.com/s?c=1 道路封闭 2025-11-22T10:00:00+08:00\n"},
	{"history of an account",
	 "<script>var msgList = {\"list\":[{\"app_msg_ext_info\":{\"author\":\"某\",\"content_url\":"
	 "\"/s?d=1&amp;e=2\",\"title\":\"问&amp;答\",\"multi_app_msg_item_list\":[{\"content_url\":"
	 "\"/s?d=2\",\"title\":\"第二条\"}]},\"comm_msg_info\":{\"datetime\":1763776800}}]};\nvar b=1;"
	 "</script>",
	 "https://mp.weixin.qq.com/s?d=1&e=2 问&答 2025-11-22T10:00:00+08:00\n"
	 "https://mp.weixin.qq.com/s?d=2 第二条 2025-11-22T10:00:00+08:00\n"},
	{"history as a quoted text",
	 "<script>var msgList = '{&quot;list&quot;:[{&quot;app_msg_ext_info&quot;:{&quot;content_url"
	 "&quot;:&quot;/s?f=1&quot;,&quot;title&quot;:&quot;汉字&quot;}}]}';</script>",
	 "https://mp.weixin.qq.com/s?f=1 汉字 \n"},
	{"album",
	 "<ul><li class='album__list-item js_album_item' data-title='第一篇' "
	 "data-link='http://mp.weixin.qq.com/s?__biz=1&amp;mid=2'><span>第一篇</span><span> "
	 "1763776800 </span></li></ul>",
	 "http://mp.weixin.qq.com/s?__biz=1&mid=2 第一篇 2025-11-22T10:00:00+08:00\n"},
	{"broken and foreign data", "<script>var msgList = {\"list\":[1,{\"app_msg_ext_info\":3},"
	 "{\"app_msg_ext_info\":{\"content_url\":\"javascript:x\",\"title\":\"y\"}}]}</script>"
	 "<script>msgList = {</script><script>timeConvert(</script>", ""},
};

static void lists_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		hy_cleanup(hy_buf_fini) struct hy_buf got = HY_BUF(10000);
		struct hy_extract_input in = {
			.bytes = hy_str_of(cases[i].html),
			.content_type = HY_STR_LIT("text/html; charset=utf-8"),
			.url = HY_STR_LIT("https://weixin.sogou.com/weixin?type=2"),
		};
		struct hy_links links = {0};
		bool found = hy_wechat_list_find(&in, &links);

		assert_true(hy_wechat_list_is_likely(in.bytes));
		assert_int_equal(found, cases[i].expected[0] != '\0');
		for (size_t k = 0; k < links.count; k++) {
			char time[HY_RFC3339_BYTES];

			hy_buf_addf(&got, "%.*s %.*s %s\n", HY_STR_ARGS(links.items[k].url),
				    HY_STR_ARGS(links.items[k].title),
				    hy_wall_format(links.items[k].published_at, time));
		}
		if (!hy_str_eq_c(hy_buf_str(&got), cases[i].expected))
			fail_msg("%s:\n%s", cases[i].what, hy_buf_str(&got).p);
		hy_links_fini(&links);
	}
	assert_false(hy_wechat_list_is_likely(HY_STR_LIT("<ul><li><a href=/1.html>x</a></ul>")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(lists_are_read)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
