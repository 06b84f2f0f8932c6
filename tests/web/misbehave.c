#include "tests/web/misbehave.h"

#include <stdio.h>
#include <string.h>

#include "common/base/mem.h"
#include "tests/web/encode.h"
#include "tests/web/http_date.h"
#include "tests/web/rng.h"
#include "tests/web/story.h"

#define PAGES 3
#define REFUSALS 2		/* 429s before a busy host answers */
#define RETRY_AFTER_S 3
#define BOMB_BYTES (48u << 20)
#define DEEP_ELEMENTS 400000u
#define MANY_LINKS 250000u	/* somewhat less than the crawler's limit of a page */
#define MANY_ITEMS 60000u
#define FIRST_STORY 3000000u	/* numbers that no planned document has */

static void add_story(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	struct sim_story story;

	sim_story_init(&story);
	sim_story_ordinary(w->text, w->plan->options.seed, FIRST_STORY + (uint32_t)kind, &story);
	hy_buf_addf(&r->body, "<html><head><title>%s</title></head><body><h1>%s</h1>", story.title.p,
		    story.title.p);
	for (size_t i = 0; i < story.paragraphs; i++)
		hy_buf_addf(&r->body, "<p>%s</p>\n", story.paragraph[i].p);
	hy_buf_add_c(&r->body, "</body></html>\n");
	sim_story_fini(&story);
}

static void serve_slow(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	(void)w;
	(void)kind;
	r->sending = SIM_DRIP;
}

static void serve_endless(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	(void)w;
	(void)kind;
	r->sending = SIM_ENDLESS;
}

static void serve_huge(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	(void)w;
	(void)kind;
	r->sending = SIM_HUGE;
}

static void serve_truncated(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	(void)w;
	(void)kind;
	r->sending = SIM_TRUNCATED;
}

static void serve_loop(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	(void)w;
	(void)kind;
	r->status = 302;
	(void)snprintf(r->location, sizeof r->location, "/news/round.html");
}

/* Into a network that no public page has business with (RFC 1918). */
static void serve_private(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	(void)w;
	(void)kind;
	r->status = 301;
	(void)snprintf(r->location, sizeof r->location, "http://10.0.0.1:22/latest/meta-data/");
}

static void serve_broken_gzip(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	add_story(w, kind, r);
	sim_encode_gzip(&r->body);
	r->is_gzip = true;
	for (size_t i = r->body.n / 2; i < r->body.n; i++)
		r->body.p[i] = (char)(r->body.p[i] ^ 0x5a);
}

static void serve_bomb(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	char *room = hy_buf_reserve(&r->body, BOMB_BYTES);

	(void)w;
	(void)kind;
	hy_assert(room);
	memset(room, ' ', BOMB_BYTES);
	hy_buf_commit(&r->body, BOMB_BYTES);
	sim_encode_gzip(&r->body);
	r->is_gzip = true;
}

static void serve_deep(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	hy_buf_add_c(&r->body, "<html><head><title>很深</title></head><body>");
	for (unsigned i = 0; i < DEEP_ELEMENTS; i++)
		hy_buf_add_c(&r->body, i % 3 ? "<div>" : "<b><table><td>");
	add_story(w, kind, r);
}

static void serve_links(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	(void)w;
	(void)kind;
	for (unsigned i = 0; i < MANY_LINKS; i++)
		hy_buf_addf(&r->body, "<a href=/n/%u.html>%u</a>", i, i);
}

static void serve_long_feed(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	(void)w;
	(void)kind;
	(void)snprintf(r->type, sizeof r->type, "application/rss+xml");
	hy_buf_add_c(&r->body, "<rss><channel>");
	for (unsigned i = 0; i < MANY_ITEMS; i++)
		hy_buf_addf(&r->body, "<item><title>第%u条&#26032;闻</title><link>/f/%u.html</link></item>",
			    i, i);
	hy_buf_add_c(&r->body, "</channel></rss>");
}

/* Entities that double sixty times, and elements that nobody closes. */
static void serve_deep_feed(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	(void)w;
	(void)kind;
	(void)snprintf(r->type, sizeof r->type, "application/rss+xml");
	hy_buf_add_c(&r->body, "<!DOCTYPE rss [<!ENTITY e0 \"新闻\">");
	for (unsigned i = 1; i <= 60; i++)
		hy_buf_addf(&r->body, "<!ENTITY e%u \"&e%u;&e%u;\">", i, i - 1, i - 1);
	hy_buf_add_c(&r->body, "]><rss><channel><item><title>&e60;</title>");
	for (unsigned i = 0; i < DEEP_ELEMENTS; i++)
		hy_buf_add_c(&r->body, "<item><title>");
}

static void serve_lies(const struct sim_world *w, size_t kind, struct sim_reply *r)
{
	struct sim_rng rng = sim_rng_of(w->plan->options.seed, SIM_STREAM_PAGE, kind);

	(void)snprintf(r->type, sizeof r->type, "text/html; charset=utf-16");
	hy_buf_add_c(&r->body, "<html><head><meta charset=\"big5\"><title>");
	for (int i = 0; i < 4000; i++)
		hy_buf_add_char(&r->body, (char)(sim_rng_next(&rng) & 0xff));
}

static void refuse(struct sim_misbehave *memory, const struct sim_request *q, bool as_date,
		   struct hy_wall now, struct sim_reply *r)
{
	char date[SIM_HTTP_DATE_BYTES];
	struct hy_wall until = hy_wall_add_ms(now, RETRY_AFTER_S * 1000);

	memory->refusals++;
	memory->closed_until_ms = q->now_ms + RETRY_AFTER_S * 1000;
	sim_reply_plain(r, 429, "请稍后再试");
	if (as_date) {
		memory->closed_until_ms -= until.ms % 1000;	/* the form has no fractions */
		(void)snprintf(r->retry_after, sizeof r->retry_after, "%s",
			       sim_http_date(until, "GMT", date));
	} else {
		(void)snprintf(r->retry_after, sizeof r->retry_after, "%d", RETRY_AFTER_S);
	}
}

/* ITSELF: not its pages, the list is what is wrong. */
enum trait { DECENT, BUSY_SECONDS, BUSY_DATE, NO_ROBOTS, ITSELF };

struct kind {
	const char *name;
	void (*serve)(const struct sim_world *w, size_t kind, struct sim_reply *r);
	enum trait trait;
};

static const struct kind kinds[] = {
	{"slow", serve_slow, DECENT},
	{"endless", serve_endless, DECENT},
	{"redirect-loop", serve_loop, DECENT},
	{"busy-seconds", add_story, BUSY_SECONDS},
	{"busy-date", add_story, BUSY_DATE},
	{"robots-503", add_story, NO_ROBOTS},
	{"broken-gzip", serve_broken_gzip, DECENT},
	{"gzip-bomb", serve_bomb, DECENT},
	{"huge", serve_huge, DECENT},
	{"lying-charset", serve_lies, DECENT},
	{"truncated", serve_truncated, DECENT},
	{"private-redirect", serve_private, DECENT},
	{"deep", serve_deep, DECENT},
	{"many-links", serve_links, ITSELF},
	{"long-feed", serve_long_feed, ITSELF},
	{"deep-feed", serve_deep_feed, ITSELF},
};

size_t sim_misbehave_count(void)
{
	return HY_COUNT(kinds);
}

const char *sim_misbehave_name(size_t kind)
{
	return kinds[kind].name;
}

void sim_misbehave_address(size_t kind, char out[SIM_ADDRESS_BYTES])
{
	(void)snprintf(out, SIM_ADDRESS_BYTES, "127.1.1.%u", (unsigned)kind % 250 + 1);
}

bool sim_misbehave_is_closed(size_t kind)
{
	return kinds[kind].trait == NO_ROBOTS;
}

static void add_list(struct sim_reply *r)
{
	hy_buf_add_c(&r->body, "<html><head><title>列表</title></head><body><ul>\n");
	for (int i = 1; i <= PAGES; i++)
		hy_buf_addf(&r->body, "<li><a href=\"/news/2026/%d.html\">这是第%d条有点长的新闻标题</a></li>\n",
			    i, i);
	hy_buf_add_c(&r->body, "</ul></body></html>\n");
}

void sim_misbehave_answer(const struct sim_world *w, size_t kind, struct sim_misbehave *memory,
			  const struct sim_request *q, struct sim_reply *r)
{
	const struct kind *k = &kinds[kind];

	if (hy_str_eq_c(q->path, "/robots.txt")) {
		if (k->trait == NO_ROBOTS)
			sim_reply_plain(r, 503, "服务暂不可用");
		else
			sim_reply_plain(r, 200, "User-agent: *\nAllow: /");
	} else if ((k->trait == BUSY_SECONDS || k->trait == BUSY_DATE) &&
		   memory->refusals < REFUSALS) {
		refuse(memory, q, k->trait == BUSY_DATE, hy_wall_now(), r);
	} else if (k->trait == ITSELF && !hy_str_eq_c(q->path, "/news/index.html")) {
		sim_reply_plain(r, 404, "没有这一页");
	} else if (k->trait != ITSELF && hy_str_eq_c(q->path, "/news/index.html")) {
		add_list(r);
	} else {
		k->serve(w, kind, r);
	}
}
