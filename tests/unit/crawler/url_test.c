#include "crawler/url.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/mem.h"
#include "crawler/url_host.h"

struct resolve_case {
	const char *base, *ref, *want;	/* want NULL: refused */
};

static const struct resolve_case resolve_cases[] = {
	/* RFC 3986, 5.4 with its base; the fragment goes */
	{"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
	{"http://a/b/c/d;p?q", "./g", "http://a/b/c/g"},
	{"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"},
	{"http://a/b/c/d;p?q", "/g", "http://a/g"},
	{"http://a/b/c/d;p?q", "//g", "http://g/"},
	{"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
	{"http://a/b/c/d;p?q", "g?y", "http://a/b/c/g?y"},
	{"http://a/b/c/d;p?q", "#s", "http://a/b/c/d;p?q"},
	{"http://a/b/c/d;p?q", "g#s", "http://a/b/c/g"},
	{"http://a/b/c/d;p?q", ";x", "http://a/b/c/;x"},
	{"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
	{"http://a/b/c/d;p?q", ".", "http://a/b/c/"},
	{"http://a/b/c/d;p?q", "..", "http://a/b/"},
	{"http://a/b/c/d;p?q", "../..", "http://a/"},
	{"http://a/b/c/d;p?q", "../../../g", "http://a/g"},
	{"http://a/b/c/d;p?q", "/../g", "http://a/g"},
	{"http://a/b/c/d;p?q", "g.", "http://a/b/c/g."},
	{"http://a/b/c/d;p?q", "..g", "http://a/b/c/..g"},
	{"http://a/b/c/d;p?q", "./../g", "http://a/b/g"},
	{"http://a/b/c/d;p?q", "g/../h", "http://a/b/c/h"},
	{"http://a/b/c/d;p?q", "g;x=1/../y", "http://a/b/c/y"},
	{"http://a/b/c/d;p?q", "g?y/../x", "http://a/b/c/g?y/../x"},
	/* what browsers forgive */
	{"", "  http://a/b  ", "http://a/b"},
	{"", "http://a/\tb\nc", "http://a/bc"},
	{"", "http:\\\\a\\b\\c", "http://a/b/c"},
	{"", "http:a/b", "http://a/b"},
	{"", "http:////a/b", "http://a/b"},
	{"http://a/x/", "http:b", "http://a/x/b"},
	{"https://a/x/", "http:b", "http://b/"},
	{"http://a/b/", "%2e%2E/c", "http://a/c"},
	{"http://a/", "a b\"<>", "http://a/a%20b%22%3C%3E"},
	{"http://a/", "?k='v' w", "http://a/?k=%27v%27%20w"},
	{"http://a/", "/新闻?词=水", "http://a/%E6%96%B0%E9%97%BB?%E8%AF%8D=%E6%B0%B4"},
	{"http://a/", "%zz%2", "http://a/%zz%2"},
	/* scheme, host, port */
	{"", "HTTP://WWW.Example.COM:80/Path", "http://www.example.com/Path"},
	{"", "https://example.com:443", "https://example.com/"},
	{"", "https://example.com:80/", "https://example.com:80/"},
	{"", "https://example.com:/", "https://example.com/"},
	{"", "https://user:secret@example.com/", "https://example.com/"},
	{"", "http://济南.中国/", "http://xn--6kr171d.xn--fiqs8s/"},
	{"", "http://ｅｘａｍｐｌｅ。ｃｏｍ/", "http://example.com/"},
	{"", "http://ex%41mple.com/", "http://example.com/"},
	{"", "http://bücher.de/", "http://xn--bcher-kva.de/"},
	{"", "http://faß.de/", "http://xn--fa-hia.de/"},
	/* symbols, and punycode that decodes to nothing, are registered and answer */
	{"", "https://%e2%98%83.example/", "https://xn--n3h.example/"},
	{"", "http://a.XN--a/", "http://a.xn--a/"},
	{"", "http://-ä.example/", "http://xn----0fa.example/"},
	/* an IPv4 address has many spellings; the private-address check needs one */
	{"", "http://127.1/", "http://127.0.0.1/"},
	{"", "http://0x7f.1/", "http://127.0.0.1/"},
	{"", "http://2130706433/", "http://127.0.0.1/"},
	{"", "http://017700000001/", "http://127.0.0.1/"},
	{"", "http://127.0.0.1./", "http://127.0.0.1/"},
	{"", "http://１２７.0.0.1/", "http://127.0.0.1/"},
	{"", "http://[::1]:8080/", "http://[::1]:8080/"},
	{"", "http://[0:0:0:0:0:ffff:7f00:1]/", "http://[::ffff:7f00:1]/"},
	{"", "http://[2001:db8:0:0:1:0:0:1]/", "http://[2001:db8::1:0:0:1]/"},
	/* refused */
	{"", "", NULL},
	{"", "page.html", NULL},
	{"", "ftp://a/b", NULL},
	{"http://a/", "javascript:alert(1)", NULL},
	{"http://a/", "mailto:someone", NULL},
	{"http://a/", "data:text/html,x", NULL},
	{"http://a/", "file:///etc/passwd", NULL},
	{"", "http://", NULL},
	{"", "http:///", NULL},
	{"", "http://a b/", NULL},
	{"", "http://a:port/", NULL},
	{"", "http://a:65536/", NULL},
	{"", "http://256.1.1.1/", NULL},
	{"", "http://1.2.3.4.5/", NULL},
	{"", "http://[::1/", NULL},
	{"", "http://[1::2::3]/", NULL},
	{"", "http://a%00b/", NULL},
	{"", "http://a%2fb/", NULL},
	{"ftp://a/", "b", NULL},
};

static void check_resolve(const struct resolve_case *c)
{
	struct hy_buf out;
	enum hy_err err;

	hy_buf_init(&out, 4096);
	err = hy_url_resolve(hy_str_of(c->base), hy_str_of(c->ref), &out);
	if (!c->want && err == HY_OK)
		fail_msg("<%s> at <%s>: %s, not refused", c->ref, c->base, out.p);
	if (!c->want)
		assert_int_equal(out.n, 0);
	if (c->want && (err || strcmp(out.p, c->want) != 0))
		fail_msg("<%s> at <%s>: %s, want %s", c->ref, c->base,
			 err ? hy_err_text(err) : out.p, c->want);
	hy_buf_fini(&out);
}

static void resolves_as_the_standard(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(resolve_cases); i++)
		check_resolve(&resolve_cases[i]);
}

static void normal_form_is_stable(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(resolve_cases); i++) {
		const char *url = resolve_cases[i].want;
		struct resolve_case again = {"", url, url};

		if (url)
			check_resolve(&again);
	}
}

static void over_long_is_refused_not_cut(void **state)
{
	static const char head[] = "http://example.com/";
	char url[HY_URL_MAX_BYTES + 2];
	struct hy_buf out;

	(void)state;
	hy_buf_init(&out, 4096);
	memset(url, 'a', sizeof url);
	memcpy(url, head, sizeof head - 1);
	assert_int_equal(hy_url_normalise((struct hy_str){url, HY_URL_MAX_BYTES}, &out), HY_OK);
	assert_int_equal(out.n, HY_URL_MAX_BYTES);
	hy_buf_clear(&out);
	assert_int_equal(hy_url_normalise((struct hy_str){url, HY_URL_MAX_BYTES + 1}, &out),
			 HY_ERR_LIMIT);
	assert_int_equal(out.n, 0);
	/* Short as written, long when percent-encoded. */
	memset(url + sizeof head - 1, ' ', 1000);
	url[sizeof head + 1000] = 'z';
	assert_int_equal(hy_url_normalise((struct hy_str){url, sizeof head + 1001}, &out),
			 HY_ERR_LIMIT);
	hy_buf_fini(&out);
}

static void says_why_it_refuses(void **state)
{
	struct hy_buf out;

	(void)state;
	hy_buf_init(&out, 4096);
	assert_int_equal(hy_url_normalise(hy_str_of("gopher://a/"), &out), HY_ERR_DENIED);
	assert_int_equal(hy_url_normalise(hy_str_of("http://a b/"), &out), HY_ERR_MALFORMED);
	assert_int_equal(hy_url_normalise((struct hy_str){"http://a/\0b", 11}, &out), HY_OK);
	assert_string_equal(out.p, "http://a/%00b");
	hy_buf_fini(&out);
}

static const struct resolve_case canonical_cases[] = {
	{"", "http://a/x?utm_source=w&id=7&utm_medium=y", "http://a/x?id=7"},
	{"", "http://a/x?spm=1.2.3", "http://a/x"},
	{"", "http://a/x?id=1&from=timeline&isappinstalled=0", "http://a/x?id=1"},
	/* `from` can be an article's own parameter */
	{"", "http://a/x?from=20261123", "http://a/x?from=20261123"},
	/* unknown names stay, and so does the order */
	{"", "http://a/x?b=2&a=1", "http://a/x?b=2&a=1"},
	{"", "http://a/x?docid=1&aid=2&itemid=3", "http://a/x?docid=1&aid=2&itemid=3"},
	{"", "http://a/x?", "http://a/x"},
	{"", "http://a/x?&&a=1&", "http://a/x?a=1"},
	{"", "http://a/x;jsessionid=0A1B?id=1", "http://a/x?id=1"},
	{"", "http://a/%7euser/%e6%b5%8e", "http://a/~user/%E6%B5%8E"},
	{"", "HTTP://A:80/x#part", "http://a/x"},
	{"", "http://mp.weixin.qq.com/s?__biz=M&mid=1&idx=2&sn=f",
	 "https://mp.weixin.qq.com/s?__biz=M&mid=1&idx=2&sn=f"},
	{"", "https://mp.weixin.qq.com/s?scene=21&sn=f&idx=2&mid=1&__biz=MzA%3d%3D&chksm=a&key=b#rd",
	 "https://mp.weixin.qq.com/s?__biz=MzA%3D%3D&mid=1&idx=2&sn=f"},
	{"", "https://mp.weixin.qq.com/s?__biz=M&mid=1&idx=2&x=1",
	 "https://mp.weixin.qq.com/s?__biz=M&mid=1&idx=2&x=1"},
	{"", "https://mp.weixin.qq.com/s/AbC-1_x?from=timeline",
	 "https://mp.weixin.qq.com/s/AbC-1_x"},
	{"", "mailto:x", NULL},
};

static void canonical_leaves_tracking_out(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(canonical_cases); i++) {
		const struct resolve_case *c = &canonical_cases[i];
		struct hy_buf out, again;
		enum hy_err err;

		hy_buf_init(&out, 4096);
		hy_buf_init(&again, 4096);
		err = hy_url_canonical(hy_str_of(c->ref), &out);
		if (c->want) {
			assert_int_equal(err, HY_OK);
			assert_string_equal(out.p, c->want);
			assert_int_equal(hy_url_canonical(hy_buf_str(&out), &again), HY_OK);
			assert_string_equal(again.p, c->want);
		} else {
			assert_int_not_equal(err, HY_OK);
		}
		hy_buf_fini(&out);
		hy_buf_fini(&again);
	}
}

static void assert_str(struct hy_str got, const char *want)
{
	if (!hy_str_eq_c(got, want))
		fail_msg("got <%.*s>, want <%s>", HY_STR_ARGS(got), want);
}

static void splits(void **state)
{
	struct hy_url u;
	struct hy_str url = HY_STR_LIT("https://[::1]:8443/a/b?c=d");

	(void)state;
	assert_true(hy_url_split(url, &u));
	assert_str(u.scheme, "https");
	assert_str(u.host, "[::1]");
	assert_int_equal(u.port, 8443);
	assert_str(u.path, "/a/b");
	assert_str(u.query, "c=d");
	assert_str(hy_url_origin(url), "https://[::1]:8443");
	assert_str(hy_url_path_and_query(url), "/a/b?c=d");
	assert_str(hy_url_host(HY_STR_LIT("http://a/")), "a");
	assert_false(hy_url_split(HY_STR_LIT("ftp://a/"), &u));
	assert_false(hy_url_split(HY_STR_LIT("http://"), &u));
	assert_false(hy_url_split(HY_STR_LIT("http://[::1"), &u));
	assert_str(hy_url_host(HY_STR_LIT("nonsense")), "");
	assert_str(hy_url_origin((struct hy_str){0}), "");
}

static void finds_the_site(void **state)
{
	static const char *const sites[][2] = {
		{"www.example.com", "example.com"},	{"a.b.example.com.cn", "example.com.cn"},
		{"jnhtp.jinan.gov.cn", "jinan.gov.cn"}, {"example.com", "example.com"},
		{"com.cn", "com.cn"},			{"localhost", "localhost"},
		{"127.0.0.1", "127.0.0.1"},		{"[::1]", "[::1]"},
		{"www.xn--55qx5d.cn", "www.xn--55qx5d.cn"}, {"", ""},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(sites); i++)
		assert_str(hy_url_site(hy_str_of(sites[i][0])), sites[i][1]);
}

static void knows_addresses(void **state)
{
	(void)state;
	assert_true(hy_url_host_is_address(HY_STR_LIT("10.0.0.1")));
	assert_true(hy_url_host_is_address(HY_STR_LIT("[::1]")));
	assert_false(hy_url_host_is_address(HY_STR_LIT("1.example")));
	assert_false(hy_url_host_is_address((struct hy_str){0}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(resolves_as_the_standard),
		cmocka_unit_test(normal_form_is_stable),
		cmocka_unit_test(over_long_is_refused_not_cut),
		cmocka_unit_test(says_why_it_refuses),
		cmocka_unit_test(canonical_leaves_tracking_out),
		cmocka_unit_test(splits),
		cmocka_unit_test(finds_the_site),
		cmocka_unit_test(knows_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
