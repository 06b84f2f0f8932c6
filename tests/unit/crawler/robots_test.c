#include "crawler/robots.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"

struct verdict {
	const char *robots, *agent, *url;
	bool allowed;
	int line;
};

static const struct verdict verdicts[] = {
	/* no rules, no opinion */
	{"", "Bot", "/", true, 0},
	{"Disallow: /\n", "Bot", "/", true, 0},
	{"User-agent: *\nDisallow:\n", "Bot", "/x", true, 0},
	{"User-agent: *\nDisallow: /\n", "Bot", "http://a.cn", false, 2},
	{"User-agent: *\nDisallow: /\n", "Bot", "", false, 2},
	/* longest match, Allow wins a tie (RFC 9309, 2.2.2) */
	{"User-agent: *\nAllow: /p\nDisallow: /\n", "Bot", "/page", true, 2},
	{"User-agent: *\nAllow: /folder\nDisallow: /folder\n", "Bot", "/folder/x", true, 2},
	{"User-agent: *\nDisallow: /folder\nAllow: /folder\n", "Bot", "/folder/x", true, 3},
	{"User-agent: *\nAllow: /page\nDisallow: /*.htm\n", "Bot", "/page.htm", false, 3},
	{"User-agent: *\nAllow: /$\nDisallow: /\n", "Bot", "/", true, 2},
	{"User-agent: *\nAllow: /$\nDisallow: /\n", "Bot", "/page.htm", false, 3},
	/* wildcards */
	{"User-agent: *\nDisallow: /fish*\n", "Bot", "/fishheads/y.html?id=1", false, 2},
	{"User-agent: *\nDisallow: /*.php$\n", "Bot", "/a/b.php", false, 2},
	{"User-agent: *\nDisallow: /*.php$\n", "Bot", "/a/b.php?x", true, 0},
	{"User-agent: *\nDisallow: /a*b*c$\n", "Bot", "/a-b-b-c", false, 2},
	{"User-agent: *\nDisallow: /a*b*c$\n", "Bot", "/a-c-b", true, 0},
	{"User-agent: *\nDisallow: /x$y\n", "Bot", "/x$yz", false, 2},
	{"User-agent: *\nDisallow: *\n", "Bot", "/q", false, 2},
	/* the piece before $ must not overlap what a star has used */
	{"User-agent: *\nDisallow: /ab*b$\n", "Bot", "/ab", true, 0},
	{"User-agent: *\nDisallow: /ab*b$\n", "Bot", "/abb", false, 2},
	/* case: of paths yes, of agents and keys no */
	{"user-AGENT: bOt\nDISALLOW: /X\n", "Bot", "/X", false, 2},
	{"user-agent: bot\ndisallow: /X\n", "Bot", "/x", true, 0},
	/* groups */
	{"User-agent: a\nUser-agent: b\nDisallow: /x\n", "b", "/x", false, 3},
	{"User-agent: a\nDisallow: /x\nUser-agent: b\nDisallow: /y\n", "a", "/y", true, 0},
	{"User-agent: a\nDisallow: /x\n\nUser-agent: c\n\nUser-agent: a\nDisallow: /y\n", "a",
	 "/y", false, 7},
	{"User-agent: *\nDisallow: /\nUser-agent: a\nDisallow: /x\n", "a", "/y", true, 0},
	{"User-agent: *\nDisallow: /\nUser-agent: a\nDisallow:\n", "a", "/y", true, 0},
	{"User-agent: a\nSitemap: http://s/\nUser-agent: *\nDisallow: /\n", "a", "/", false, 4},
	{"User-agent: * and more\nDisallow: /x\n", "Bot", "/x", false, 2},
	{"User-agent: Bot/2.1\nDisallow: /x\n", "Bot", "/x", false, 2},
	{"User-agent: Bot\nDisallow: /x\n", "Bot/2.1", "/x", false, 2},
	{"User-agent: Botany\nDisallow: /x\n", "Bot", "/x", true, 0},
	/* the file as people write it */
	{"\xef\xbb\xbfUser-agent: *\nDisallow: /x\n", "Bot", "/x", false, 2},
	{"User-agent: *\r\nDisallow: /x\r\n", "Bot", "/x", false, 2},
	{"User-agent: *\rDisallow: /x\r", "Bot", "/x", false, 2},
	{"User-agent: *\r\n\r\nDisallow: /x", "Bot", "/x", false, 3},
	{"  User-agent :\t* # all\n \tDisallow : /x # not this\n", "Bot", "/x", false, 2},
	{"User-agent *\nDisallow /x\n", "Bot", "/x", false, 2},
	{"User-agent: *\nDisallow /x y\n", "Bot", "/x", true, 0},
	{"useragent: *\ndisalow: /x\n", "Bot", "/x", false, 2},
	{"user agent: *\ndissallow: /x\n", "Bot", "/x", false, 2},
	/* percent-encoding */
	{"User-agent: *\nDisallow: /新闻\n", "Bot", "/%E6%96%B0%E9%97%BB/1", false, 2},
	{"User-agent: *\nDisallow: /%e6%96%b0\n", "Bot", "/%E6%96%B0", false, 2},
	{"User-agent: *\nDisallow: /%62\n", "Bot", "/b", true, 0},
	/* an allowed index page allows its folder */
	{"User-agent: *\nAllow: /d/index.html\nDisallow: /\n", "Bot", "/d/", true, 2},
	{"User-agent: *\nAllow: /d/index.html\nDisallow: /\n", "Bot", "/d/x", false, 3},
	/* URLs */
	{"User-agent: *\nDisallow: /a?b\n", "Bot", "https://h.cn/a?b=c#d", false, 2},
	{"User-agent: *\nDisallow: /a\n", "Bot", "http://h.cn#/a", true, 0},
	{"User-agent: *\nDisallow: /?q\n", "Bot", "http://h.cn?q", false, 2},
};

static void decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(verdicts); i++) {
		const struct verdict *v = &verdicts[i];
		struct hy_robots *r = hy_robots_parse(hy_str_of(v->robots));
		int line = -1;
		bool allowed =
			hy_robots_allowed(r, hy_str_of(v->agent), hy_str_of(v->url), &line);

		if (allowed != v->allowed || line != v->line)
			fail_msg("<%s> for %s by\n%s: %s line %d", v->url, v->agent, v->robots,
				 allowed ? "allowed" : "disallowed", line);
		assert_int_equal(hy_robots_allowed(r, hy_str_of(v->agent), hy_str_of(v->url), NULL),
				 v->allowed);
		hy_robots_free(r);
	}
	hy_robots_free(NULL);
}

static void reads_half_a_megabyte_and_no_more(void **state)
{
	static const char rule[] = "User-agent: *\nDisallow: /x\n";
	struct hy_buf text;
	struct hy_robots *r;

	(void)state;
	hy_buf_init(&text, 2 * HY_ROBOTS_MAX_BYTES);
	while (text.n < HY_ROBOTS_MAX_BYTES - (sizeof rule - 1))
		hy_buf_add_char(&text, '\n');
	hy_buf_add_c(&text, rule);
	r = hy_robots_parse(hy_buf_str(&text));
	assert_false(hy_robots_allowed(r, HY_STR_LIT("Bot"), HY_STR_LIT("/x"), NULL));
	hy_robots_free(r);

	hy_buf_clear(&text);
	while (text.n < HY_ROBOTS_MAX_BYTES)
		hy_buf_add_char(&text, '\n');
	hy_buf_add_c(&text, rule);
	r = hy_robots_parse(hy_buf_str(&text));
	assert_true(hy_robots_allowed(r, HY_STR_LIT("Bot"), HY_STR_LIT("/x"), NULL));
	hy_robots_free(r);
	hy_buf_fini(&text);
}

static void cuts_a_line_as_google_does(void **state)
{
	struct hy_buf text;
	struct hy_robots *r;

	(void)state;
	hy_buf_init(&text, HY_ROBOTS_MAX_BYTES);
	hy_buf_add_c(&text, "User-agent: *\nDisallow: /");
	while (text.n < 30000)
		hy_buf_add_char(&text, '*');
	hy_buf_add_c(&text, "x\n");
	r = hy_robots_parse(hy_buf_str(&text));
	/* The x lies behind the cut, so every path matches. */
	assert_false(hy_robots_allowed(r, HY_STR_LIT("Bot"), HY_STR_LIT("/y"), NULL));
	hy_robots_free(r);
	hy_buf_fini(&text);
}

struct delay {
	const char *robots, *agent;
	int64_t ms;
};

static const struct delay delays[] = {
	{"User-agent: *\nDisallow: /\n", "a", -1},
	{"User-agent: *\nCrawl-delay: 10\n", "a", 10000},
	{"User-agent: *\nCrawl-delay: 0.5\n", "a", 500},
	{"User-agent: *\nCrawl-delay: 1.2345\n", "a", 1234},
	{"User-agent: *\nCrawl-delay: soon\n", "a", -1},
	{"User-agent: *\nCrawl-delay: -3\n", "a", -1},
	{"User-agent: *\nCrawl-delay: 1e3\n", "a", -1},
	{"User-agent: *\nCrawl-delay: 99999999999\n", "a", 86400000},
	{"User-agent: *\nCrawl-delay: 10\nUser-agent: a\nCrawl-delay: 2\n", "a", 2000},
	{"User-agent: *\nCrawl-delay: 10\nUser-agent: a\nCrawl-delay: 2\n", "b", 10000},
	{"User-agent: a\nCrawl-delay: 2\nUser-agent: a\nCrawl-delay: 7\n", "a", 7000},
	{"User-agent: *\nCrawl-delay: 10\nUser-agent: a\nDisallow: /x\n", "a", -1},
};

static void reads_delays(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(delays); i++) {
		struct hy_robots *r = hy_robots_parse(hy_str_of(delays[i].robots));
		int64_t ms = hy_robots_crawl_delay_ms(r, hy_str_of(delays[i].agent));

		if (ms != delays[i].ms)
			fail_msg("%s for %s: %lld", delays[i].robots, delays[i].agent,
				 (long long)ms);
		hy_robots_free(r);
	}
}

static void gives_sitemaps_and_lines(void **state)
{
	struct hy_robots *r = hy_robots_parse(
		HY_STR_LIT("Sitemap: https://a/1.xml # news\nUser-agent: *\n"
			   "Disallow: /x # why\nsite-map: https://a/2.xml"));

	(void)state;
	assert_int_equal(hy_robots_sitemap_count(r), 2);
	assert_true(hy_str_eq_c(hy_robots_sitemap(r, 0), "https://a/1.xml"));
	assert_true(hy_str_eq_c(hy_robots_sitemap(r, 1), "https://a/2.xml"));
	assert_int_equal(hy_robots_sitemap(r, 2).n, 0);
	assert_true(hy_str_eq_c(hy_robots_line(r, 3), "Disallow: /x"));
	assert_int_equal(hy_robots_line(r, 0).n, 0);
	assert_int_equal(hy_robots_line(r, 9).n, 0);
	hy_robots_free(r);
}

static void reads_the_status(void **state)
{
	static const struct {
		int status;
		enum hy_robots_verdict verdict;
	} rows[] = {
		{200, HY_ROBOTS_PARSE},	       {206, HY_ROBOTS_PARSE},
		{301, HY_ROBOTS_ALLOW_ALL},    {401, HY_ROBOTS_ALLOW_ALL},
		{403, HY_ROBOTS_ALLOW_ALL},    {404, HY_ROBOTS_ALLOW_ALL},
		{429, HY_ROBOTS_DISALLOW_ALL}, {500, HY_ROBOTS_DISALLOW_ALL},
		{503, HY_ROBOTS_DISALLOW_ALL}, {0, HY_ROBOTS_DISALLOW_ALL},
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(rows); i++)
		assert_int_equal(hy_robots_verdict_for_status(rows[i].status), rows[i].verdict);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides),
		cmocka_unit_test(reads_half_a_megabyte_and_no_more),
		cmocka_unit_test(cuts_a_line_as_google_does),
		cmocka_unit_test(reads_delays),
		cmocka_unit_test(gives_sitemaps_and_lines),
		cmocka_unit_test(reads_the_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
