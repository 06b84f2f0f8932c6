#include "tests/web/news.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "tests/web/encode.h"
#include "tests/web/feed_page.h"
#include "tests/web/page.h"

static const char *const header_types[] = {
	[SIM_UTF8] = "text/html; charset=utf-8",
	[SIM_GB_IN_HEADER] = "text/html; charset=gb2312",
	[SIM_GB_IN_META] = "text/html",
	[SIM_GB_SAID_UTF8] = "text/html; charset=utf-8",
	[SIM_UTF8_SAID_LATIN1] = "text/html; charset=iso-8859-1",
};

static void finish_html(enum sim_charset charset, struct sim_reply *r)
{
	(void)snprintf(r->type, sizeof r->type, "%s", header_types[charset]);
	if (charset == SIM_GB_IN_HEADER || charset == SIM_GB_IN_META || charset == SIM_GB_SAID_UTF8)
		sim_encode_gb18030(&r->body);
}

/* A list changes when something appears; its version is how much is visible. */
static void version_of_list(const struct sim_world *w, uint32_t source, int64_t now_ms,
			    struct sim_reply *r)
{
	uint32_t visible = sim_plan_visible(w->plan, source, now_ms);
	uint64_t edits = 0;
	int64_t latest = 0;

	for (uint32_t i = 0; i < visible; i++) {
		const struct sim_document *d = &w->plan->document[w->plan->of_source[source][i]];

		edits += d->edited_ms <= now_ms;
		if (d->edited_ms <= now_ms && d->edited_ms > latest)
			latest = d->edited_ms;
		if (d->appears_ms > latest)
			latest = d->appears_ms;
	}
	sim_reply_version(r, 0x10000u + source, visible + (edits << 32),
			  hy_wall_add_ms(w->plan->options.start, latest));
}

static void answer_feed(const struct sim_world *w, uint32_t site, const struct sim_request *q,
			struct sim_reply *r)
{
	struct sim_site s = sim_site_of(w, site);
	struct sim_feed feed = {w, site, s.name, q->now_ms};
	const char *type = "application/xml; charset=utf-8";

	if (hy_str_eq_c(q->path, "/rss.xml")) {
		type = "application/rss+xml; charset=utf-8";
		sim_feed_rss(&feed, &r->body);
	} else if (hy_str_eq_c(q->path, "/atom.xml")) {
		type = "application/atom+xml";
		sim_feed_atom(&feed, &r->body);
	} else {
		sim_feed_sitemap(&feed, &r->body);
	}
	(void)snprintf(r->type, sizeof r->type, "%s", type);
	version_of_list(w, site, q->now_ms, r);
}

/* "/", "/news/index.html" and "/news/index_N.html"; 0 for what is no list page. */
static uint32_t list_page(struct hy_str path)
{
	const struct hy_str prefix = HY_STR_LIT("/news/index_"), suffix = HY_STR_LIT(".html");
	int64_t page;

	if (hy_str_eq_c(path, "/") || hy_str_eq_c(path, "/news/index.html"))
		return 1;
	if (!hy_str_starts(path, prefix) || !hy_str_ends(path, suffix) ||
	    !hy_str_to_int(hy_str_sub(path, prefix.n, path.n - prefix.n - suffix.n), 2, 100000, &page))
		return 0;
	return (uint32_t)page;
}

static bool answer_article(const struct sim_world *w, uint32_t site, const struct sim_request *q,
			   struct sim_reply *r)
{
	const struct sim_plan *p = w->plan;
	struct hy_wall modified;
	uint32_t document;
	bool edited;

	if (!sim_site_find(w, site, q->path, &document) ||
	    p->document[document].appears_ms > q->now_ms)
		return false;
	edited = sim_plan_is_edited(p, document, q->now_ms);
	modified = edited ? hy_wall_add_ms(p->options.start, p->document[document].edited_ms)
			  : sim_plan_published(p, document);
	sim_page_article(w, document, q->now_ms, &r->body);
	finish_html(sim_site_of(w, site).charset, r);
	sim_reply_version(r, document, edited, modified);
	return true;
}

void sim_news_answer(const struct sim_world *w, uint32_t site, const struct sim_request *q,
		     struct sim_reply *r)
{
	struct sim_site s = sim_site_of(w, site);
	uint32_t page = list_page(q->path);

	r->gzip = s.gzip;
	if (hy_str_eq_c(q->path, "/robots.txt")) {
		(void)snprintf(r->type, sizeof r->type, "text/plain; charset=utf-8");
		sim_page_robots(w, site, &r->body);
	} else if (page > 0 && page <= sim_site_list_pages(w, sim_plan_visible(w->plan, site,
									       q->now_ms))) {
		sim_page_list(w, site, page, q->now_ms, &r->body);
		finish_html(s.charset, r);
		version_of_list(w, site, q->now_ms, r);
	} else if (hy_str_eq_c(q->path, sim_site_entry(s.listing)) && s.listing != SIM_LIST_HTML) {
		answer_feed(w, site, q, r);
	} else if (!answer_article(w, site, q, r)) {
		sim_reply_plain(r, 404, "没有这个页面");
	}
}
