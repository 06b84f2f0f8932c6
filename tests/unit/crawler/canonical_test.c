/* Canonical addresses: which claims of a page are believed. */
#include "crawler/canonical.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "crawler/url.h"

struct claim_case {
	const char *url, *claimed;
	enum hy_canonical why;
};

#define TAKEN HY_CANONICAL_TAKEN
#define OWN HY_CANONICAL_OWN
#define HOME HY_CANONICAL_HOME
#define SECTION HY_CANONICAL_SECTION
#define OTHER HY_CANONICAL_OTHER_ARTICLE
#define SITE HY_CANONICAL_OTHER_SITE

static const struct claim_case cases[] = {
	/* nothing new in it */
	{"http://a.cn/1.html", "", OWN},
	{"http://a.cn/1.html", "http://a.cn/1.html", OWN},
	{"http://a.cn/1.html?utm_source=x", "http://a.cn/1.html", OWN},
	{"http://a.cn/1.html", "HTTP://A.CN:80/x/../1.html#top", OWN},
	/* no address */
	{"http://a.cn/1.html", "javascript:void(0)", HY_CANONICAL_UNUSABLE},
	{"http://a.cn/1.html", "/1.html", HY_CANONICAL_UNUSABLE},
	{"http://a.cn/1.html", "http://", HY_CANONICAL_UNUSABLE},
	/* scheme, hosts of a site */
	{"http://www.a.cn/n/12345.html", "https://www.a.cn/n/12345.html", TAKEN},
	{"https://www.a.cn/n/12345.html", "http://www.a.cn/n/12345.html", TAKEN},
	{"https://m.a.cn/n/12345.html", "https://www.a.cn/n/12345.html", TAKEN},
	{"https://wap.a.cn/12345.html", "https://news.a.cn/2021/0812/c12_12345.html", TAKEN},
	{"https://a.cn/n/12345.html", "https://www.a.cn/n/12345.html", TAKEN},
	{"http://m.jinan.gov.cn/art/2021/8/12/art_1861_4755223.html",
	 "http://www.jinan.gov.cn/art/2021/8/12/art_1861_4755223.html", TAKEN},
	{"http://m.jinan.gov.cn/art/2021/8/12/art_1861_4755223.html",
	 "http://www.qingdao.gov.cn/art/2021/8/12/art_1861_4755223.html", SITE},
	{"http://a.cn/n/12345.html", "http://b.cn/n/12345.html", SITE},
	{"http://a.com.cn/n/12345.html", "http://b.com.cn/n/12345.html", SITE},
	{"http://10.0.0.1/n/12345.html", "http://10.0.0.2/n/12345.html", SITE},
	{"http://127.0.0.1:8001/n/12345.html", "http://127.0.0.1:8002/n/12345.html", SITE},
	{"http://127.0.0.1:8001/n/12345.html", "http://127.0.0.1:8001/m/12345.html", TAKEN},
	/* the same number elsewhere on the site */
	{"https://m.a.cn/detail?id=998877", "https://www.a.cn/news/998877.html", TAKEN},
	{"https://a.cn/n/12345.html?spider=1", "https://a.cn/n/12345.html", TAKEN},
	{"https://a.cn/n/12345/amp/", "https://a.cn/n/12345/", TAKEN},
	{"https://a.cn/n/12345/amp.html", "https://a.cn/n/12345/", TAKEN},
	{"https://a.cn/n/12345/", "https://a.cn/n/12345.html", TAKEN},
	{"https://a.cn/n/12345/index.html", "https://a.cn/n/12345.html", TAKEN},
	{"https://k.a.com.cn/article_x.html?d=doc-ikqcfncc1234567",
	 "https://news.a.com.cn/c/2021-08-12/doc-ikqcfncc1234567.shtml", TAKEN},
	{"https://a.cn/dy/article/GH3K2L0J0514R9P4.html", "https://www.a.cn/GH3K2L0J0514R9P4", TAKEN},
	{"https://a.cn/t20210812_3456789.html", "https://www.a.cn/xw/t20210812_3456789.html", TAKEN},
	{"https://a.cn/a/550e8400-e29b-41d4-a716-446655440000",
	 "https://a.cn/b/550e8400-e29b-41d4-a716-446655440000", TAKEN},
	/* names instead of numbers */
	{"https://m.a.cn/heating-stopped", "https://a.cn/heating-stopped/", TAKEN},
	{"https://a.cn/HEATING.html", "https://a.cn/heating", TAKEN},
	{"https://a.cn/?p=123", "https://a.cn/2021/08/12/heating-pipe-stopped/", TAKEN},
	{"https://a.cn/?p=123", "https://a.cn/%E4%BE%9B%E7%83%AD%E5%81%9C%E4%BE%9B/", TAKEN},
	{"https://a.cn/heating-stopped", "https://a.cn/heating-again", OTHER},
	{"https://a.cn/?p=123", "https://a.cn/about", OTHER},
	/* lies: every page names the home page */
	{"https://a.cn/n/12345.html", "https://a.cn/", HOME},
	{"https://a.cn/n/12345.html", "https://www.a.cn", HOME},
	{"https://a.cn/n/12345.html", "http://a.cn/index.html", HOME},
	{"https://a.cn/n/12345.html", "https://m.a.cn/?utm_source=x", HOME},
	{"https://a.cn/?p=123", "https://a.cn/", HOME},
	{"https://mp.weixin.qq.com/s/AbC", "https://mp.weixin.qq.com/", HOME},
	/* a section or a list */
	{"https://a.cn/news/12345.html", "https://a.cn/news/", SECTION},
	{"https://a.cn/news/12345.html", "https://a.cn/news", SECTION},
	{"https://a.cn/news/12345.html", "https://a.cn/news/index.shtml", SECTION},
	{"https://a.cn/zt/2021zl/12345.html", "https://a.cn/zt/2021zl/", SECTION},
	{"https://a.cn/zt/2021zl/12345.html", "https://a.cn/zt/2021zl/list.html", SECTION},
	{"https://a.cn/node_7/content_12345.htm", "https://a.cn/node_7.htm", SECTION},
	{"https://a.cn/col/12345/art_9_887766.html", "https://a.cn/col/12345/", SECTION},
	{"https://a.cn/2021/0812/12345.html", "https://a.cn/2021/0812/", SECTION},
	/* another article */
	{"https://a.cn/n/12345.html", "https://a.cn/n/12346.html", OTHER},
	{"https://a.cn/n/12345.html", "https://a.cn/n/123456.html", OTHER},
	{"https://a.cn/n/t20210812_1.html", "https://a.cn/n/t20210812_2.html", OTHER},
	{"https://a.cn/20210812/55001.html", "https://a.cn/20210812/55002.html", OTHER},
	{"https://a.cn/show.php?id=7", "https://a.cn/show.php?id=8", OTHER},
	{"https://a.cn/show.php?id=7", "https://a.cn/show.php", OTHER},
	{"https://a.cn/show100.php?id=7", "https://a.cn/show100.php", OTHER},
	{"https://a.cn/show100.php?id=7", "https://a.cn/show100.php?id=8", OTHER},
	{"https://a.cn/show100.php", "https://a.cn/show100.php?id=8", OTHER},
	{"https://a.cn/n/12345.html", "https://a.cn/about.html", OTHER},
	{"https://a.cn/n/12345.html", "https://a.cn/404.html", OTHER},
	{"https://a.cn/heating-stopped", "https://a.cn/n/12345.html", OTHER},
	{"https://a.cn/thread-887766-1-1.html", "https://a.cn/thread-887767-1-1.html", OTHER},
	{"https://a.cn/thread-887766-2-1.html", "https://a.cn/thread-887766-1-1.html", TAKEN},
	/* WeChat */
	{"https://mp.weixin.qq.com/s/AbC", "http://mp.weixin.qq.com/s?__biz=M&mid=1&idx=2&sn=f&chksm=9",
	 TAKEN},
	{"https://mp.weixin.qq.com/s?src=11&timestamp=1&signature=x",
	 "http://mp.weixin.qq.com/s?__biz=M&mid=1&idx=2&sn=f", TAKEN},
	{"https://mp.weixin.qq.com/s?__biz=M&mid=1&idx=2&sn=f&scene=0",
	 "http://mp.weixin.qq.com/s?__biz=M&mid=1&idx=2&sn=f#rd", OWN},
	{"https://mp.weixin.qq.com/s?__biz=M&mid=1&idx=2&sn=f",
	 "http://mp.weixin.qq.com/s?__biz=M&mid=1&idx=1&sn=f", OTHER},
	{"https://mp.weixin.qq.com/s?__biz=M&mid=1&idx=2&sn=f", "https://mp.weixin.qq.com/s/AbC", OTHER},
	{"https://mp.weixin.qq.com/s/AbC", "https://mp.weixin.qq.com/s/AbD", OTHER},
	{"https://mp.weixin.qq.com/s/AbC", "https://mp.weixin.qq.com/mp/profile_ext?action=home&id=1",
	 SECTION},
	{"https://mp.weixin.qq.com/s/AbC", "https://weixin.sogou.com/s?__biz=M", SITE},
};

static void believes_what_is_plausible(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		const struct claim_case *c = &cases[i];
		hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(HY_URL_MAX_BYTES);
		hy_cleanup(hy_buf_fini) struct hy_buf want = HY_BUF(HY_URL_MAX_BYTES);
		enum hy_canonical why = OWN;

		assert_int_equal(hy_canonical_choose(hy_str_of(c->url), hy_str_of(c->claimed), &out,
						     &why), HY_OK);
		if (why != c->why)
			fail_msg("%s claims %s: %s, expected %s", c->url, c->claimed,
				 hy_canonical_name(why), hy_canonical_name(c->why));
		assert_int_equal(hy_url_canonical(hy_str_of(why == TAKEN ? c->claimed : c->url),
						  &want), HY_OK);
		assert_true(hy_str_eq(hy_buf_str(&out), hy_buf_str(&want)));
	}
}

static void a_page_without_an_address_is_refused(void **state)
{
	hy_cleanup(hy_buf_fini) struct hy_buf out = HY_BUF(HY_URL_MAX_BYTES);
	enum hy_canonical why = OWN;

	(void)state;
	assert_int_not_equal(hy_canonical_choose(HY_STR_LIT("x:"), HY_STR_LIT("http://a.cn/1"), &out,
						 &why), HY_OK);
	assert_int_equal(out.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(believes_what_is_plausible),
		cmocka_unit_test(a_page_without_an_address_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
