#include "tests/web/control.h"

#include <stdio.h>

#include "common/base/mem.h"
#include "tests/web/encode.h"
#include "tests/web/truth.h"
#include "tests/web/wechat.h"

#define PATH_BYTES_MAX 128

static void add_stats(const struct sim_host *h, struct hy_buf *out)
{
	const struct sim_stats *s = &h->stats;

	hy_buf_addf(out,
		    "{\"host\":\"%s\",\"requests\":%llu,\"robots\":%llu,\"articles\":%llu,"
		    "\"not_modified\":%llu,\"bytes\":%llu,\"anonymous\":%llu,\"closest_ms\":%lld,",
		    h->address, (unsigned long long)s->requests, (unsigned long long)s->robots,
		    (unsigned long long)s->articles, (unsigned long long)s->not_modified,
		    (unsigned long long)s->bytes, (unsigned long long)s->anonymous,
		    (long long)s->closest_ms);
	if (h->kind == SIM_HOST_HOSTILE)
		hy_buf_addf(out, "\"hostile\":\"%s\",", sim_misbehave_name(h->index));
	hy_buf_addf(out,
		    "\"violations\":{\"disallowed\":%llu,\"crawl_delay\":%llu,\"retry_after\":%llu}}",
		    (unsigned long long)s->disallowed, (unsigned long long)s->too_soon,
		    (unsigned long long)s->too_eager);
}

static void answer_stats(const struct sim_server *s, struct sim_reply *r)
{
	uint64_t violations = 0;

	hy_buf_add_c(&r->body, "{\"hosts\":[\n");
	for (size_t i = 0; i < s->hosts; i++) {
		if (i > 0)
			hy_buf_add_c(&r->body, ",\n");
		add_stats(&s->host[i], &r->body);
		violations += sim_stats_violations(&s->host[i].stats);
	}
	hy_buf_addf(&r->body, "\n],\"deliveries\":%llu,\"violations\":%llu}\n",
		    (unsigned long long)s->webhook.deliveries, (unsigned long long)violations);
}

void sim_control_answer(struct sim_server *s, const struct sim_request *q, struct sim_reply *r)
{
	(void)snprintf(r->type, sizeof r->type, "application/json; charset=utf-8");
	if (hy_str_eq_c(q->path, "/_stats")) {
		answer_stats(s, r);
	} else if (hy_str_eq_c(q->path, "/_truth")) {
		sim_truth_write(&s->world, &r->body);
	} else if (hy_str_starts(q->path, HY_STR_LIT("/_webhook")) &&
		   hy_str_eq_c(q->method, "POST")) {
		sim_webhook_answer(&s->webhook, q, r);
	} else {
		sim_reply_plain(r, 404, "/_stats, /_truth, POST /_webhook");
	}
}

static void add_source(const struct sim_server *s, const char *id, struct hy_str name,
		       const char *kind, const char *address, struct hy_buf *out)
{
	hy_buf_addf(out, "%s{\"id\":\"%s\",\"name\":", out->p[out->n - 1] == '[' ? "" : ",", id);
	sim_encode_json(out, name);
	hy_buf_addf(out, ",\"kind\":\"%s\",\"host\":\"%s\",\"url\":\"http://%s:%u", kind, address,
		    address, s->world.port);
}

static void add_news(const struct sim_server *s, const struct sim_host *h, struct hy_buf *out)
{
	static const char *const kinds[] = {"list", "rss", "atom", "sitemap"};
	struct sim_site site = sim_site_of(&s->world, h->index);
	char id[16];

	(void)snprintf(id, sizeof id, "site%02u", h->index + 1);
	add_source(s, id, site.name, kinds[site.listing], h->address, out);
	hy_buf_addf(out, "%s\",\"documents\":%u,\"pages\":%u,\"crawl_delay_s\":%d}",
		    sim_site_entry(site.listing), s->world.plan->source_count[h->index],
		    sim_site_list_pages(&s->world, s->world.plan->source_count[h->index]),
		    site.crawl_delay_s);
}

static void add_accounts(const struct sim_server *s, const struct sim_host *h, struct hy_buf *out)
{
	const struct sim_plan *p = s->world.plan;

	for (uint32_t account = 0; account < SIM_ACCOUNTS; account++) {
		char id[16];

		(void)snprintf(id, sizeof id, "wechat%02u", account % 100 + 1);
		add_source(s, id, sim_wechat_account_name(&s->world, account),
			   account % 2 ? "jsonfeed" : "rss", h->address, out);
		sim_wechat_feed_path(account, out);
		hy_buf_addf(out, "\",\"documents\":%u,\"wechat\":true}",
			    p->source_count[p->options.sites + account]);
	}
}

static void add_hostile(const struct sim_server *s, const struct sim_host *h, struct hy_buf *out)
{
	const char *name = sim_misbehave_name(h->index);
	char id[48];

	(void)snprintf(id, sizeof id, "hostile-%s", name);
	add_source(s, id, hy_str_of(name), "list", h->address, out);
	hy_buf_addf(out, "/news/index.html\",\"hostile\":\"%s\"}", name);
}

void sim_control_ready(const struct sim_server *s, struct hy_buf *out)
{
	const struct sim_plan_options *o = &s->world.plan->options;
	char start[HY_RFC3339_BYTES];

	hy_buf_addf(out,
		    "{\"port\":%u,\"control\":\"http://%s:%u\",\"start\":\"%s\",\"seed\":%llu,"
		    "\"documents\":%u,\"concerns\":%u,\"span_seconds\":%lld,\"sources\":[",
		    s->world.port, SIM_CONTROL, s->world.port, hy_wall_format(o->start, start),
		    (unsigned long long)o->seed, o->documents, o->concerns,
		    (long long)(o->span_ms / 1000));
	for (size_t i = 0; i < s->hosts; i++) {
		const struct sim_host *h = &s->host[i];

		if (h->kind == SIM_HOST_NEWS)
			add_news(s, h, out);
		else if (h->kind == SIM_HOST_MIRROR)
			add_accounts(s, h, out);
		else if (h->kind == SIM_HOST_HOSTILE)
			add_hostile(s, h, out);
	}
	hy_buf_add_c(out, "]}\n");
}
