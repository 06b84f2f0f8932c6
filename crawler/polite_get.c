#include "crawler/polite_get.h"

#include "common/base/mem.h"
#include "common/sys/loop.h"
#include "crawler/fetch.h"
#include "crawler/robots.h"
#include "crawler/url.h"
#include "crawler/visit_table.h"

#define AGENT_VERSION "1.0"
#define LEGS_MAX 5
#define REASON_BYTES 4096
#define SITEMAPS_BYTES ((size_t)64 << 10)

/* One answer, copied out of the callback that it is borrowed for. */
struct answer {
	struct hy_loop *loop;
	enum hy_fetch_end end;
	int64_t status;
	struct hy_buf body, content_type, location;
};

struct getter {
	const struct hy_crawler_conf *conf;
	struct hy_loop *loop;
	struct hy_fetcher *fetcher;
	bool allow_private;
	bool has_asked;
	struct answer answer;
	struct hy_polite_page *page;
};

void hy_agent_name(const struct hy_crawler_conf *conf, struct hy_buf *out)
{
	hy_buf_addf(out, "%s/" AGENT_VERSION, conf->agent);
	if (conf->contact[0])
		hy_buf_addf(out, " (+%s)", conf->contact);
}

static void on_answer(void *ctx, const struct hy_fetch_result *result)
{
	struct answer *a = ctx;

	a->end = result->end;
	a->status = result->status;
	hy_buf_add_str(&a->body, result->body);
	hy_buf_add_str(&a->content_type, result->content_type);
	hy_buf_add_str(&a->location, result->location);
	hy_loop_stop(a->loop);
}

static void on_rested(void *ctx)
{
	hy_loop_stop(ctx);
}

/* Between two requests, as long as the crawler would wait. */
static void rest(struct getter *g)
{
	struct hy_timer *timer;

	if (g->has_asked && !g->allow_private) {
		timer = hy_timer_new(g->loop, on_rested, g->loop);
		hy_timer_start(timer, g->conf->delay_ms, 0);
		hy_loop_run(g->loop);
		hy_timer_free(timer);
	}
	g->has_asked = true;
}

static void ask(struct getter *g, const char *url, enum hy_fetch_accept accept)
{
	struct hy_fetch_request request = {
		.url = url, .allow_private = g->allow_private, .accept = accept};

	rest(g);
	hy_buf_clear(&g->answer.body);
	hy_buf_clear(&g->answer.content_type);
	hy_buf_clear(&g->answer.location);
	hy_fetch_start(g->fetcher, &request, on_answer, &g->answer);
	hy_loop_run(g->loop);
}

/* The address that a redirect leads to into *url; false where the answer is none. */
static bool follow(const struct getter *g, struct hy_buf *url)
{
	hy_cleanup(hy_buf_fini) struct hy_buf next = HY_BUF(HY_URL_MAX_BYTES + 1);

	if (g->answer.end != HY_FETCH_ANSWERED || g->answer.status < 300 ||
	    g->answer.status > 399 || !g->answer.location.n ||
	    hy_url_resolve(hy_buf_str(url), hy_buf_str(&g->answer.location), &next) != HY_OK)
		return false;
	hy_buf_clear(url);
	hy_buf_add_str(url, hy_buf_str(&next));
	return true;
}

static void keep_sitemaps(struct getter *g, const struct hy_robots *rules)
{
	hy_buf_clear(&g->page->sitemaps);
	for (size_t i = 0; i < hy_robots_sitemap_count(rules); i++) {
		struct hy_str address = hy_robots_sitemap(rules, i);

		if (address.n < SITEMAPS_BYTES - g->page->sitemaps.n)
			hy_buf_addf(&g->page->sitemaps, "%.*s\n", HY_STR_ARGS(address));
	}
}

/* RFC 9309; false with the reason in the page where the address may not be asked for. */
static bool robots_allow(struct getter *g)
{
	hy_cleanup(hy_buf_fini) struct hy_buf url = HY_BUF(HY_URL_MAX_BYTES + 1);
	hy_cleanup(hy_robots_free_p) struct hy_robots *rules = NULL;
	struct hy_str wanted = hy_buf_str(&g->page->url);
	int line = 0;

	hy_buf_addf(&url, "%.*s/robots.txt", HY_STR_ARGS(hy_url_origin(wanted)));
	for (int legs = 0; legs <= LEGS_MAX; legs++) {
		ask(g, url.p, HY_FETCH_ANY);
		if (!follow(g, &url))
			break;
	}
	switch (hy_robots_verdict_for_status(
		g->answer.end == HY_FETCH_ANSWERED ? (int)g->answer.status : 0)) {
	case HY_ROBOTS_ALLOW_ALL:
		return true;
	case HY_ROBOTS_DISALLOW_ALL:
		hy_buf_addf(&g->page->reason, "robots.txt 暂时无法取得（%d），按规定不抓取",
			    (int)g->answer.status);
		return false;
	case HY_ROBOTS_PARSE:
		break;
	}
	rules = hy_robots_parse(hy_buf_str(&g->answer.body));
	keep_sitemaps(g, rules);
	if (hy_robots_allowed(rules, hy_str_of(g->conf->agent), wanted, &line))
		return true;
	hy_buf_addf(&g->page->reason, "robots.txt 不允许（第 %d 行）", line);
	g->page->is_refused = true;
	return false;
}

static void take_page(struct getter *g)
{
	const struct hy_visit_rule *rule;

	if (g->answer.end == HY_FETCH_ANSWERED && g->answer.status == 200) {
		hy_buf_add_str(&g->page->body, hy_buf_str(&g->answer.body));
		hy_buf_add_str(&g->page->content_type, hy_buf_str(&g->answer.content_type));
		return;
	}
	rule = hy_visit_rule_of(g->answer.end, g->answer.status);
	hy_buf_addf(&g->page->reason, "%s", rule->reason ? rule->reason : "没有得到网页");
	if (g->answer.status)
		hy_buf_addf(&g->page->reason, "（HTTP %d）", (int)g->answer.status);
}

static void get(struct getter *g)
{
	for (int legs = 0; legs <= LEGS_MAX; legs++) {
		if (!robots_allow(g))
			return;
		ask(g, g->page->url.p, HY_FETCH_FEED);
		if (!follow(g, &g->page->url)) {
			take_page(g);
			return;
		}
	}
	hy_buf_add_c(&g->page->reason, "重定向次数过多");
}

static void page_init(struct hy_polite_page *page, const struct hy_crawler_conf *conf,
		      struct hy_str url)
{
	*page = (struct hy_polite_page){0};
	hy_buf_init(&page->url, HY_URL_MAX_BYTES + 1);
	hy_buf_init(&page->body, (size_t)conf->body_bytes);
	hy_buf_init(&page->content_type, (size_t)conf->header_bytes);
	hy_buf_init(&page->sitemaps, SITEMAPS_BYTES + 2);
	hy_buf_init(&page->reason, REASON_BYTES);
	hy_buf_add_str(&page->url, url);
}

void hy_polite_page_fini(struct hy_polite_page *page)
{
	hy_buf_fini(&page->url);
	hy_buf_fini(&page->body);
	hy_buf_fini(&page->content_type);
	hy_buf_fini(&page->sitemaps);
	hy_buf_fini(&page->reason);
}

static enum hy_err make_fetcher(struct getter *g, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf agent = HY_BUF(1024);
	const struct hy_crawler_conf *c = g->conf;
	struct hy_fetch_limits limits = {
		.connections = 1,
		.connect_ms = c->connect_ms,
		.total_ms = c->total_ms,
		.stall_ms = c->stall_ms,
		.body_bytes = c->body_bytes,
		.header_bytes = c->header_bytes,
	};

	hy_agent_name(c, &agent);
	return hy_fetcher_new(g->loop, &limits, hy_buf_str(&agent).p, &g->fetcher, e);
}

enum hy_err hy_polite_get(const struct hy_crawler_conf *conf, struct hy_str normalised_url,
			  bool allow_private, struct hy_polite_page *out, struct hy_error *e)
{
	struct getter g = {.conf = conf, .allow_private = allow_private, .page = out};
	enum hy_err err;

	g.loop = hy_loop_new();
	g.answer.loop = g.loop;
	hy_buf_init(&g.answer.body, (size_t)conf->body_bytes);
	hy_buf_init(&g.answer.content_type, (size_t)conf->header_bytes);
	hy_buf_init(&g.answer.location, (size_t)conf->header_bytes);
	err = make_fetcher(&g, e);
	if (err == HY_OK) {
		page_init(out, conf, normalised_url);
		get(&g);
	}
	hy_fetcher_free(g.fetcher);
	hy_loop_free(g.loop);
	hy_buf_fini(&g.answer.body);
	hy_buf_fini(&g.answer.content_type);
	hy_buf_fini(&g.answer.location);
	return err;
}
