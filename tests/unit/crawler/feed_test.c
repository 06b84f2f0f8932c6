#include "crawler/feed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

#define BASE "http://www.example.gov.cn/news/feed.xml"

/* What is expected of the first item; NULL: not looked at. */
struct feed_case {
	const char *bytes;
	enum hy_feed_kind kind;
	size_t count;
	const char *url, *title, *time, *summary;
};

static const struct feed_case cases[] = {
	{"<?xml version='1.0'?><rss version='2.0'><channel><title>公告</title><item>"
	 "<title>供水通知</title><link> /a.html </link>"
	 "<pubDate>Mon, 23 Nov 2026 09:00:00 +0800</pubDate>"
	 "<description>&lt;p&gt;今晚&lt;b&gt;停水&lt;/b&gt;&lt;/p&gt;</description></item>"
	 "<item/></channel></rss>",
	 HY_FEED_RSS, 2, "http://www.example.gov.cn/a.html", "供水通知", "2026-11-23T09:00:00+08:00",
	 "今晚停水"},
	/* a part that is missing is empty, the item stays */
	{"<rss><channel><item><title>x</title></item></channel></rss>", HY_FEED_RSS, 1, "", "x", "",
	 ""},
	/* without a zone China time, since the host is Chinese */
	{"<rss><channel><item><pubDate>2026-11-23 09:00:00</pubDate></item></channel></rss>",
	 HY_FEED_RSS, 1, "", "", "2026-11-23T09:00:00+08:00", ""},
	{"<rss><channel><language>en</language><item><pubDate>2026-11-23 09:00:00</pubDate></item>"
	 "</channel></rss>",
	 HY_FEED_RSS, 1, "", "", "2026-11-23T17:00:00+08:00", ""},
	/* guid as link, unless it says it is none */
	{"<rss><channel><item><guid>http://g.cn/1</guid></item></channel></rss>", HY_FEED_RSS, 1,
	 "http://g.cn/1", "", "", ""},
	{"<rss><channel><item><guid isPermaLink='false'>http://g.cn/1</guid></item></channel></rss>",
	 HY_FEED_RSS, 1, "", "", "", ""},
	{"<rss><channel><item><guid>http://g.cn/1</guid><link>http://l.cn/</link></item></channel>"
	 "</rss>",
	 HY_FEED_RSS, 1, "http://l.cn/", "", "", ""},
	/* atom:link in RSS: rel=self is not the article */
	{"<rss xmlns:atom='http://www.w3.org/2005/Atom'><channel><item>"
	 "<atom:link rel='self' href='http://s.cn/'/><link>http://l.cn/</link></item></channel></rss>",
	 HY_FEED_RSS, 1, "http://l.cn/", "", "", ""},
	/* HTML in titles, double escapes, titles that only look like HTML */
	{"<rss><channel><item><title><![CDATA[<em>水</em>费]]></title></item></channel></rss>",
	 HY_FEED_RSS, 1, "", "水费", "", ""},
	{"<rss><channel><item><title>A&amp;amp;B</title></item></channel></rss>", HY_FEED_RSS, 1,
	 "", "A&B", "", ""},
	{"<rss><channel><item><title>1 &lt; 2 &amp; 3</title></item></channel></rss>", HY_FEED_RSS,
	 1, "", "1 < 2 & 3", "", ""},
	/* other people's titles do not win over the item's own */
	{"<rss xmlns:media='http://search.yahoo.com/mrss/'><channel><item>"
	 "<media:title>picture</media:title><title>article</title></item></channel></rss>",
	 HY_FEED_RSS, 1, "", "article", "", ""},
	{"<rss xmlns:dc='http://purl.org/dc/elements/1.1/'><channel><item>"
	 "<dc:date>2026-11-23T09:00:00+08:00</dc:date></item></channel></rss>",
	 HY_FEED_RSS, 1, "", "", "2026-11-23T09:00:00+08:00", ""},
	/* a prefix that nobody declared */
	{"<rss><channel><item><dc:title>t</dc:title><dc:date>2026-11-23</dc:date></item></channel>"
	 "</rss>",
	 HY_FEED_RSS, 1, "", "t", "2026-11-23T00:00:00+08:00", ""},
	/* RSS 1.0 */
	{"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'"
	 " xmlns='http://purl.org/rss/1.0/'><channel><title>c</title></channel>"
	 "<item rdf:about='http://r.cn/1'><title>t</title></item></rdf:RDF>",
	 HY_FEED_RDF, 1, "http://r.cn/1", "t", "", ""},
	/* Atom */
	{"<feed xmlns='http://www.w3.org/2005/Atom'><title>f</title><entry>"
	 "<title type='html'>a &amp;lt; &lt;b&gt;b&lt;/b&gt;</title>"
	 "<link rel='enclosure' href='/e.mp3'/><link href='a/1'/>"
	 "<updated>2026-11-24T00:00:00Z</updated><published>2026-11-23T01:00:00Z</published>"
	 "<summary type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>x</p><p>y</p></div>"
	 "</summary></entry></feed>",
	 HY_FEED_ATOM, 1, "http://www.example.gov.cn/news/a/1", "a < b", "2026-11-23T09:00:00+08:00",
	 "x y"},
	{"<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>a &lt;b&gt; c</title>"
	 "<updated>2026-11-23T01:00:00Z</updated></entry></feed>",
	 HY_FEED_ATOM, 1, "", "a <b> c", "2026-11-23T09:00:00+08:00", ""},
	{"<feed xmlns='http://purl.org/atom/ns#'><entry>"
	 "<title mode='base64' type='text/html'>5YGc&#10;5rC0</title></entry></feed>",
	 HY_FEED_ATOM, 1, "", "停水", "", ""},
	{"<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>t</a:title></a:entry>"
	 "</a:feed>",
	 HY_FEED_ATOM, 1, "", "t", "", ""},
	/* xml:base, nested and relative */
	{"<feed xmlns='http://www.w3.org/2005/Atom' xml:base='http://b.cn/x/'><entry xml:base='y/'>"
	 "<link href='1'/></entry></feed>",
	 HY_FEED_ATOM, 1, "http://b.cn/x/y/1", "", "", ""},
	/* links that are no web addresses */
	{"<rss><channel><item><link>javascript:alert(1)</link></item></channel></rss>", HY_FEED_RSS,
	 1, "", "", "", ""},
	/* sitemaps */
	{"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc> http://s.cn/1 </loc>"
	 "<lastmod>2026-11-23</lastmod></url><url><loc>http://s.cn/2</loc></url></urlset>",
	 HY_FEED_SITEMAP, 2, "http://s.cn/1", "", "2026-11-23T00:00:00+08:00", ""},
	{"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'"
	 " xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'><url><loc>http://s.cn/1</loc>"
	 "<lastmod>2026-11-25</lastmod><n:news><n:publication><n:name>x</n:name></n:publication>"
	 "<n:publication_date>2026-11-23T09:00:00+08:00</n:publication_date><n:title>t</n:title>"
	 "</n:news></url></urlset>",
	 HY_FEED_SITEMAP, 1, "http://s.cn/1", "t", "2026-11-23T09:00:00+08:00", ""},
	{"<sitemapindex><sitemap><loc>http://s.cn/1.xml.gz</loc></sitemap></sitemapindex>",
	 HY_FEED_SITEMAP_INDEX, 1, "http://s.cn/1.xml.gz", "", "", ""},
	{"http://s.cn/1\r\n\r\nhttp://s.cn/2\n", HY_FEED_SITEMAP, 2, "http://s.cn/1", "", "", ""},
	/* OPML: folders add nothing */
	{"<opml version='2.0'><head/><body><outline text='folder'>"
	 "<outline text='T&amp;U' xmlUrl='http://f.cn/rss'/><outline type='link' url='http://x.cn/'/>"
	 "</outline></body></opml>",
	 HY_FEED_OPML, 1, "http://f.cn/rss", "T&U", "", ""},
	/* JSON Feed */
	{"{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":\"f\",\"items\":[{\"id\":7,"
	 "\"url\":\"/a\",\"title\":\" a  b \",\"date_published\":\"2026-11-23T01:00:00Z\","
	 "\"summary\":\"s\"},{},{\"id\":\"http://j.cn/3\"}]}",
	 HY_FEED_JSON, 3, "http://www.example.gov.cn/a", "a b", "2026-11-23T09:00:00+08:00", "s"},
	{"{\"items\":[{\"title\":\"a\\u0000b\",\"url\":5,\"summary\":null}]}", HY_FEED_JSON, 1, "",
	 NULL, "", ""},
	/* broken, as found */
	{"\n\n<br />\n<b>Warning</b>: mysql in <b>/x.php</b>\n<?xml version='1.0'?><rss><channel>"
	 "<item><title>R&D &nbsp; 水</title><link>http://l.cn/?a=1&b=2</link></item><item>"
	 "<title>second</item><item><title>third</title></item>",
	 HY_FEED_RSS, 3, "http://l.cn/?a=1&b=2", "R&D 水", "", ""},
	{"<!-- <feed> --><rss><channel><item><title>x", HY_FEED_RSS, 1, "", "x", "", ""},
	{"<!DOCTYPE rss [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><rss><channel><item>"
	 "<title>&b;</title></item></channel></rss>",
	 HY_FEED_RSS, 1, "", "&b;", "", ""},
};

static void assert_text(const struct feed_case *c, const char *what, struct hy_str got,
			const char *want)
{
	assert_non_null(got.p);
	if (want && !hy_str_eq_c(got, want))
		fail_msg("%s of %s: <%.*s>, want <%s>", what, c->bytes, HY_STR_ARGS(got), want);
}

static void reads_every_format(void **state)
{
	(void)state;
	for (size_t i = 0; i < HY_COUNT(cases); i++) {
		const struct feed_case *c = &cases[i];
		struct hy_error e = {0};
		struct hy_feed feed = {0};
		char time[HY_RFC3339_BYTES];

		if (hy_feed_parse(hy_str_of(c->bytes), (struct hy_str){0}, HY_STR_LIT(BASE), &feed,
				  &e))
			fail_msg("%s: %s", c->bytes, e.text);
		if (feed.kind != c->kind || feed.count != c->count)
			fail_msg("%s: %s with %zu items", c->bytes, hy_feed_kind_text(feed.kind),
				 feed.count);
		assert_text(c, "url", feed.items[0].url, c->url);
		assert_text(c, "title", feed.items[0].title, c->title);
		assert_text(c, "time",
			    hy_str_of(hy_wall_format(feed.items[0].published_at, time)), c->time);
		assert_text(c, "summary", feed.items[0].summary, c->summary);
		hy_feed_fini(&feed);
	}
}

static void refuses_what_is_no_feed(void **state)
{
	static const char *const texts[] = {
		"", "   ", "hello", "<html><body><item/></body></html>", "<note/>", "{", "{}",
		"{\"items\":5}", "[]", "http://a.cn/\nnot an address\n", "<rss", "\x1f\x8b broken",
	};

	(void)state;
	for (size_t i = 0; i < HY_COUNT(texts); i++) {
		struct hy_feed feed = {.count = 77};
		struct hy_error e = {0};
		enum hy_err err = hy_feed_parse(hy_str_of(texts[i]), (struct hy_str){0},
						(struct hy_str){0}, &feed, &e);

		/* "<rss" may be read as an empty feed; anything else is refused. */
		if (err == HY_OK && feed.count == 0) {
			assert_string_equal(texts[i], "<rss");
			hy_feed_fini(&feed);
			continue;
		}
		if (err != HY_ERR_MALFORMED || !e.text[0])
			fail_msg("<%s>: %s", texts[i], hy_err_text(err));
		assert_int_equal(feed.count, 77);
	}
}

static void keeps_full_text_apart(void **state)
{
	struct hy_feed feed;

	(void)state;
	assert_int_equal(
		hy_feed_parse(
			HY_STR_LIT("<rss xmlns:c='http://purl.org/rss/1.0/modules/content/'>"
				   "<channel><title> 频道 </title><item><guid> g1 </guid>"
				   "<description>short</description>"
				   "<c:encoded><![CDATA[<p>long &amp; full</p>]]></c:encoded>"
				   "</item></channel></rss>"),
			(struct hy_str){0}, (struct hy_str){0}, &feed, NULL),
		HY_OK);
	assert_true(hy_str_eq_c(feed.title, "频道"));
	assert_true(hy_str_eq_c(feed.items[0].content, "<p>long &amp; full</p>"));
	assert_true(hy_str_eq_c(feed.items[0].summary, "short"));
	assert_true(hy_str_eq_c(feed.items[0].id, "g1"));
	hy_feed_fini(&feed);
}

static void reads_other_charsets(void **state)
{
	/* 停水 in GB18030, labelled as gb2312 in the declaration and by the header */
	static const char labelled[] = "<?xml version='1.0' encoding='gb2312'?><rss><channel><item>"
				       "<title>\xcd\xa3\xcb\xae</title></item></channel></rss>";
	static const char bare[] = "<rss><channel><item><title>\xcd\xa3\xcb\xae</title></item>"
				   "</channel></rss>";
	struct hy_feed feed;

	(void)state;
	assert_int_equal(hy_feed_parse(hy_str_of(labelled), (struct hy_str){0}, (struct hy_str){0},
				       &feed, NULL),
			 HY_OK);
	assert_true(hy_str_eq_c(feed.items[0].title, "停水"));
	hy_feed_fini(&feed);
	assert_int_equal(hy_feed_parse(hy_str_of(bare), HY_STR_LIT("text/xml; charset=gbk"),
				       (struct hy_str){0}, &feed, NULL),
			 HY_OK);
	assert_true(hy_str_eq_c(feed.items[0].title, "停水"));
	hy_feed_fini(&feed);
}

static void later_items_past_the_limit_are_cut(void **state)
{
	struct hy_buf text;
	struct hy_feed feed;

	(void)state;
	hy_buf_init(&text, HY_FEED_MAX_BYTES);
	hy_buf_add_c(&text, "<rss><channel>");
	for (int i = 0; i <= HY_FEED_MAX_ITEMS; i++)
		hy_buf_addf(&text, "<item><title>%d</title></item>", i);
	assert_int_equal(hy_feed_parse(hy_buf_str(&text), (struct hy_str){0}, (struct hy_str){0},
				       &feed, NULL),
			 HY_OK);
	assert_int_equal(feed.count, HY_FEED_MAX_ITEMS);
	assert_true(feed.is_cut);
	assert_true(hy_str_eq_c(feed.items[HY_FEED_MAX_ITEMS - 1].title, "4999"));
	hy_feed_fini(&feed);
	hy_buf_fini(&text);
}

static void over_long_parts_are_empty_not_cut(void **state)
{
	struct hy_buf text;
	struct hy_feed feed;

	(void)state;
	hy_buf_init(&text, 1 << 20);
	hy_buf_add_c(&text, "<rss><channel><item><title>");
	for (int i = 0; i <= HY_FEED_TITLE_MAX_BYTES; i++)
		hy_buf_add_char(&text, 't');
	hy_buf_add_c(&text, "</title><link>http://l.cn/");
	for (int i = 0; i < 2048; i++)
		hy_buf_add_char(&text, 'u');
	hy_buf_add_c(&text, "</link><description>d</description></item></channel></rss>");
	assert_int_equal(hy_feed_parse(hy_buf_str(&text), (struct hy_str){0}, (struct hy_str){0},
				       &feed, NULL),
			 HY_OK);
	assert_int_equal(feed.items[0].title.n, 0);
	assert_int_equal(feed.items[0].url.n, 0);
	assert_true(hy_str_eq_c(feed.items[0].summary, "d"));
	hy_feed_fini(&feed);
	hy_buf_fini(&text);
}

static void an_over_long_feed_is_refused(void **state)
{
	char *bytes = hy_xcalloc(HY_FEED_MAX_BYTES + 1, 1);
	struct hy_error e = {0};
	struct hy_feed feed;

	(void)state;
	memset(bytes, ' ', HY_FEED_MAX_BYTES + 1);
	assert_int_equal(hy_feed_parse((struct hy_str){bytes, HY_FEED_MAX_BYTES + 1},
				       (struct hy_str){0}, (struct hy_str){0}, &feed, &e),
			 HY_ERR_LIMIT);
	free(bytes);
}

static void unpacks_gzip(void **state)
{
	/* <rss><channel><item><title>z</title></item></channel></rss> */
	static const char packed[] =
		"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xb3\x29\x2a\x2e\xb6\xb3\x49\xce\x48\xcc"
		"\xcb\x4b\xcd\xb1\xb3\xc9\x2c\x49\xcd\xb5\xb3\x29\xc9\x2c\xc9\x49\xb5\xab\xb2\xd1"
		"\x87\x30\x6c\xf4\x21\xc2\xfa\x70\x65\xfa\x20\x5d\x00\xda\x22\xea\x97\x3b\x00\x00"
		"\x00";
	struct hy_feed feed;

	(void)state;
	assert_int_equal(hy_feed_parse((struct hy_str){packed, sizeof packed - 1},
				       (struct hy_str){0}, (struct hy_str){0}, &feed, NULL),
			 HY_OK);
	assert_true(hy_str_eq_c(feed.items[0].title, "z"));
	hy_feed_fini(&feed);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_every_format),
		cmocka_unit_test(refuses_what_is_no_feed),
		cmocka_unit_test(keeps_full_text_apart),
		cmocka_unit_test(reads_other_charsets),
		cmocka_unit_test(later_items_past_the_limit_are_cut),
		cmocka_unit_test(over_long_parts_are_empty_not_cut),
		cmocka_unit_test(an_over_long_feed_is_refused),
		cmocka_unit_test(unpacks_gzip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
