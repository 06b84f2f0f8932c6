/* `huiying sources probe`: what a page is, and the entry of sources.yaml that would read it. */
#include <stdio.h>
#include <string.h>

#include "cli/config_file.h"
#include "cli/input.h"
#include "cli/options.h"
#include "cli/print.h"
#include "cli/sources_write.h"
#include "cli/verb.h"
#include "cli/verb_sources.h"
#include "common/base/mem.h"
#include "crawler/dom.h"
#include "crawler/extract.h"
#include "crawler/feed.h"
#include "crawler/links.h"
#include "crawler/polite_get.h"
#include "crawler/url.h"
#include "crawler/wechat_list.h"

#define OUT_BYTES ((size_t)1 << 20)
#define FEEDS_MAX 20
#define LIST_LINKS 3
#define DAY_MS (INT64_C(86400) * 1000)

struct probe {
	struct hy_str bytes, content_type, url;	/* url: normalised, or empty */
	struct hy_str sitemaps;
	bool allow_private;
	struct hy_buf out, title, first_feed;
	size_t feeds;
	const char *kind;	/* of the entry to propose; NULL: none */
};

/* ---- what the items say ---- */

struct items {
	size_t count, dated, at_wechat;
	struct hy_wall newest, oldest;
};

static void count_item(struct items *items, struct hy_str url, struct hy_wall at)
{
	items->count++;
	items->at_wechat += hy_str_eq(hy_url_host(url), HY_STR_LIT("mp.weixin.qq.com"));
	if (!hy_wall_known(at))
		return;
	if (!items->dated || at.ms > items->newest.ms)
		items->newest = at;
	if (!items->dated || at.ms < items->oldest.ms)
		items->oldest = at;
	items->dated++;
}

static double rate_of(const struct items *items)
{
	int64_t span_ms = items->dated > 1 ? items->newest.ms - items->oldest.ms : 0;

	return span_ms > 0 ? (double)(items->dated - 1) * DAY_MS / (double)span_ms : 0;
}

static void say_items(struct probe *p, const struct items *items)
{
	char time[HY_RFC3339_BYTES];

	hy_buf_addf(&p->out, "条目：%zu 条", items->count);
	if (items->dated)
		hy_buf_addf(&p->out, "，最新 %s", hy_wall_format(items->newest, time));
	else if (items->count)
		hy_buf_add_c(&p->out, "，没有发布时间");
	if (rate_of(items) > 0)
		hy_buf_addf(&p->out, "，平均每天约 %.1f 条", rate_of(items));
	hy_buf_add_char(&p->out, '\n');
}

/* ---- what kind of page ---- */

static void say_what(struct probe *p, const char *what)
{
	hy_buf_addf(&p->out, "这是：%s", what);
	if (p->title.n)
		hy_buf_addf(&p->out, "，标题“%s”", p->title.p);
	hy_buf_add_char(&p->out, '\n');
}

static void set_title(struct probe *p, struct hy_str title)
{
	hy_buf_clear(&p->title);
	hy_print_plain(title, &p->title);
	if (hy_buf_err(&p->title) != HY_OK)
		hy_buf_clear(&p->title);
}

static void say_feed(struct probe *p, const struct hy_feed *feed, struct items *items)
{
	static const char *const what[] = {
		[HY_FEED_RSS] = "订阅（RSS）",
		[HY_FEED_RDF] = "订阅（RSS 1.0）",
		[HY_FEED_ATOM] = "订阅（Atom）",
		[HY_FEED_JSON] = "订阅（JSON Feed）",
		[HY_FEED_SITEMAP] = "站点地图",
		[HY_FEED_SITEMAP_INDEX] = "站点地图索引",
		[HY_FEED_OPML] = "OPML 订阅清单，请用 huiying sources import 导入",
	};

	set_title(p, feed->title);
	for (size_t i = 0; i < feed->count; i++)
		count_item(items, feed->items[i].url, feed->items[i].published_at);
	say_what(p, what[feed->kind]);
	if (feed->kind == HY_FEED_SITEMAP || feed->kind == HY_FEED_SITEMAP_INDEX)
		p->kind = items->count ? "sitemap" : NULL;
	else if (feed->kind != HY_FEED_OPML)
		p->kind = items->at_wechat * 2 > items->count ? "wechat" : "feed";
}

static bool is_feed_type(struct hy_str type)
{
	static const char *const types[] = {"rss", "atom", "rdf", "feed+json"};

	for (size_t i = 0; i < HY_COUNT(types); i++)
		if (hy_str_find_nocase(type, hy_str_of(types[i]), 0) != SIZE_MAX)
			return true;
	return false;
}

static void say_advertised(struct probe *p, const struct hy_dom *dom, const xmlNode *link)
{
	hy_cleanup(hy_buf_fini) struct hy_buf url = HY_BUF(HY_URL_MAX_BYTES + 1);
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(HY_FEED_TITLE_MAX_BYTES);

	if (hy_dom_resolve(dom, hy_dom_attribute(link, "href"), &url) != HY_OK ||
	    p->feeds >= FEEDS_MAX)
		return;
	if (!p->feeds++) {
		hy_buf_add_c(&p->out, "页面声明的订阅：\n");
		hy_buf_add_str(&p->first_feed, hy_buf_str(&url));
	}
	hy_print_plain(hy_dom_attribute(link, "title"), &title);
	hy_buf_addf(&p->out, "  %s%s%s\n", url.p, title.n ? "  " : "", title.n ? title.p : "");
}

/* The page's own title, and the feeds that it advertises (rel=alternate). */
static void look_at_head(struct probe *p, const struct hy_extract_input *in)
{
	hy_cleanup(hy_dom_free_p) struct hy_dom *dom = NULL;
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(HY_FEED_TITLE_MAX_BYTES);
	const xmlNode *top;

	if (hy_dom_parse(in, &dom, NULL) != HY_OK)
		return;
	top = (const xmlNode *)hy_dom_document(dom);
	for (const xmlNode *n = hy_dom_next(NULL, top); n; n = hy_dom_next(n, top)) {
		if (hy_dom_is(n, "title") && !title.n)
			hy_dom_line(n, &title);
		if (hy_dom_is(n, "link") &&
		    hy_str_find_nocase(hy_dom_attribute(n, "rel"), HY_STR_LIT("alternate"), 0) !=
			    SIZE_MAX &&
		    is_feed_type(hy_dom_attribute(n, "type")))
			say_advertised(p, dom, n);
	}
	if (!p->title.n && hy_buf_err(&title) == HY_OK)
		set_title(p, hy_buf_str(&title));
}

static const char *what_of(const struct probe *p, const struct hy_article *a, const struct items *l)
{
	if (a->kind == HY_ARTICLE_BLOCKED)
		return "要求验证或登录的页面，未能看到内容";
	if (a->kind == HY_ARTICLE_DELETED)
		return "已被删除或下架的页面";
	if (l->count && hy_wechat_list_is_likely(p->bytes))
		return "公众号文章列表";
	if (a->kind == HY_ARTICLE_WECHAT)
		return "一篇公众号文章，不能作为来源";
	if (a->kind == HY_ARTICLE_ARTICLE)
		return "一篇文章，不能作为来源";
	return l->count >= LIST_LINKS ? "网页列表" : "空白或没有文章列表的页面";
}

static void say_page(struct probe *p, struct items *items)
{
	struct hy_extract_input in = {.bytes = p->bytes, .content_type = p->content_type,
				      .url = p->url, .now = hy_wall_now()};
	hy_cleanup(hy_article_fini) struct hy_article article = {.kind = HY_ARTICLE_EMPTY};
	hy_cleanup(hy_links_fini) struct hy_links links = {0};
	bool is_list;

	if (hy_article_extract(&in, &article, NULL) != HY_OK ||
	    hy_links_find(&in, &links, NULL) != HY_OK) {
		hy_buf_add_c(&p->out, "这是：过大或结构过于复杂的页面\n");
		return;
	}
	for (size_t i = 0; i < links.count; i++)
		count_item(items, links.items[i].url, links.items[i].published_at);
	is_list = links.count >= LIST_LINKS && article.kind != HY_ARTICLE_BLOCKED &&
		  article.kind != HY_ARTICLE_DELETED;
	if (links.count && hy_wechat_list_is_likely(p->bytes))
		p->kind = "wechat";
	else if (is_list && article.kind != HY_ARTICLE_ARTICLE && article.kind != HY_ARTICLE_WECHAT)
		p->kind = "list";
	look_at_head(p, &in);
	say_what(p, what_of(p, &article, items));
	if (!p->kind)
		*items = (struct items){0};
}

/* ---- the entry ---- */

static const char *goal_for(double per_day)
{
	if (per_day >= 24)
		return "10m";
	if (per_day >= 4 || per_day <= 0)
		return "15m";
	return per_day >= 1 ? "30m" : "1h";
}

static void say_entry(struct probe *p, const struct items *items)
{
	struct hy_str url = p->first_feed.n ? hy_buf_str(&p->first_feed) : p->url;
	const char *kind = p->first_feed.n ? "feed" : p->kind;
	struct hy_str name = p->title.n ? hy_buf_str(&p->title) : hy_url_host(url);
	hy_cleanup(hy_buf_fini) struct hy_buf id = HY_BUF(HY_SOURCE_ID_BYTES + 1);
	struct hy_taken taken;
	struct hy_findings findings;
	struct hy_sources *sources = NULL;

	hy_taken_init(&taken);
	hy_findings_init(&findings);
	if (hy_sources_load(hy_cli_rules_dir(NULL), &findings, &sources) == HY_OK)
		hy_taken_add_all(&taken, sources);
	if (url.n && !hy_taken_add_url(&taken, url))
		hy_buf_add_c(&p->out, "这一网址已在 sources.yaml 中登记\n");
	hy_taken_add_id(&taken, (struct hy_str){0}, name, url, &id);
	hy_buf_addf(&p->out, "建议写入 sources.yaml：\n  - id: %s\n    name: ", id.p);
	hy_yaml_quote(name.n && name.n <= HY_SOURCE_NAME_BYTES ? name : hy_url_host(url), &p->out);
	hy_buf_addf(&p->out, "\n    kind: %s\n    url: ", kind);
	hy_yaml_quote(url.n ? url : HY_STR_LIT("（请填写网址）"), &p->out);
	hy_buf_addf(&p->out, "\n    goal: %s\n%s", goal_for(rate_of(items)),
		    p->allow_private ? "    allow_private: true\n" : "");
	hy_sources_free(sources);
	hy_findings_fini(&findings);
	hy_taken_fini(&taken);
}

static int probe(struct probe *p)
{
	hy_cleanup(hy_feed_fini) struct hy_feed feed = {0};
	struct items items = {0};
	bool is_opml = false;

	if (p->url.n)
		hy_buf_addf(&p->out, "网址：%.*s\n", HY_STR_ARGS(p->url));
	if (hy_feed_parse(p->bytes, p->content_type, p->url, &feed, NULL) == HY_OK) {
		say_feed(p, &feed, &items);
		is_opml = feed.kind == HY_FEED_OPML;
	} else {
		say_page(p, &items);
	}
	if (items.count)
		say_items(p, &items);
	if (p->sitemaps.n && !(p->kind && strcmp(p->kind, "sitemap") == 0)) {
		hy_buf_add_c(&p->out, "robots.txt 声明的站点地图：\n");
		hy_print_plain(p->sitemaps, &p->out);
		hy_buf_add_char(&p->out, '\n');
	}
	if (p->kind || p->first_feed.n)
		say_entry(p, &items);
	else if (!is_opml)
		hy_buf_add_c(&p->out, "没有可用作来源的内容\n");
	hy_print_text(stdout, &p->out);
	return p->kind || p->first_feed.n || is_opml ? HY_EXIT_OK : HY_EXIT_FINDINGS;
}

static void probe_init(struct probe *p)
{
	hy_buf_init(&p->out, OUT_BYTES);
	hy_buf_init(&p->title, HY_FEED_TITLE_MAX_BYTES);
	hy_buf_init(&p->first_feed, HY_URL_MAX_BYTES + 1);
}

static void probe_fini(struct probe *p)
{
	hy_buf_fini(&p->out);
	hy_buf_fini(&p->title);
	hy_buf_fini(&p->first_feed);
}

static int probe_url(struct probe *p, const char *config, const char *url)
{
	hy_cleanup(hy_buf_fini) struct hy_buf normal = HY_BUF(HY_URL_MAX_BYTES + 1);
	struct hy_crawler_conf *conf;
	struct hy_polite_page page;
	struct hy_error e = {0};
	int code = HY_EXIT_FINDINGS;

	if (hy_url_normalise(hy_str_of(url), &normal) != HY_OK) {
		(void)fprintf(stderr, "不是有效的 http 或 https 网址：%s\n", url);
		return HY_EXIT_USAGE;
	}
	conf = hy_cli_config_load(config, &hy_crawler_section);
	if (!conf)
		return HY_EXIT_FAILURE;
	if (hy_polite_get(conf, hy_buf_str(&normal), p->allow_private, &page, &e) != HY_OK) {
		(void)fprintf(stderr, "huiying: %s\n", e.text);
		hy_config_free(&hy_crawler_section, conf);
		return HY_EXIT_FAILURE;
	}
	p->bytes = hy_buf_str(&page.body);
	p->content_type = hy_buf_str(&page.content_type);
	p->url = hy_buf_str(&page.url);
	p->sitemaps = hy_buf_str(&page.sitemaps);
	if (page.reason.n) {
		(void)printf("网址：%s\n未能看到内容：%s\n", page.url.p, page.reason.p);
		code = page.is_refused ? HY_EXIT_FINDINGS : HY_EXIT_FAILURE;
	} else {
		code = probe(p);
	}
	hy_polite_page_fini(&page);
	hy_config_free(&hy_crawler_section, conf);
	return code;
}

static int probe_file(struct probe *p, const char *path, const char *url)
{
	hy_cleanup(hy_buf_fini) struct hy_buf bytes = HY_BUF(HY_FEED_MAX_BYTES);
	hy_cleanup(hy_buf_fini) struct hy_buf normal = HY_BUF(HY_URL_MAX_BYTES + 1);
	struct hy_error e = {0};

	if (url && hy_url_normalise(hy_str_of(url), &normal) != HY_OK) {
		(void)fprintf(stderr, "不是有效的 http 或 https 网址：%s\n", url);
		return HY_EXIT_USAGE;
	}
	if (hy_input_read(path, &bytes, &e) != HY_OK) {
		(void)fprintf(stderr, "huiying: %s\n", e.text);
		return HY_EXIT_FAILURE;
	}
	p->bytes = hy_buf_str(&bytes);
	p->url = hy_buf_str(&normal);
	return probe(p);
}

int hy_verb_sources_probe(int argc, char **argv)
{
	const char *url = NULL, *config = NULL;
	struct probe p = {.kind = NULL};
	const struct hy_option options[] = {
		{"--url", "URL", &url, NULL, "where the file came from, for relative links"},
		{"--config", "FILE", &config, NULL, "configuration file: our name, limits, delay"},
		{"--allow-private", NULL, NULL, &p.allow_private, "also addresses of our own network"},
	};
	const struct hy_usage usage = {
		"sources probe [--config FILE] [--allow-private] URL | [--url URL] FILE",
		"Says what a page is (feed, list, sitemap, WeChat list, article, blocked, empty), which\n"
		"feeds it advertises, and the entry of sources.yaml that would read it. robots.txt is\n"
		"asked first. Exit 1 where nothing on it can be a source.",
		options, HY_COUNT(options)};
	int operands, code = hy_options_parse(&usage, argc, argv, &operands);

	if (code != HY_OPTIONS_GO_ON)
		return code;
	if (operands != 1)
		return hy_usage_error(&usage, "one page at a time");
	probe_init(&p);
	if (strncmp(argv[1], "http://", 7) == 0 || strncmp(argv[1], "https://", 8) == 0)
		code = probe_url(&p, config, argv[1]);
	else
		code = probe_file(&p, argv[1], url);
	probe_fini(&p);
	return code;
}
