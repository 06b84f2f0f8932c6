#include "tests/web/feed_page.h"

#include "common/base/mem.h"
#include "tests/web/encode.h"
#include "tests/web/http_date.h"
#include "tests/web/page.h"

#define URL_BYTES_MAX 512

/* One item as all forms need it. */
struct item {
	struct hy_buf url;
	struct sim_story story;
	struct hy_wall published, updated;
};

static void item_load(const struct sim_feed *f, uint32_t document, struct item *item)
{
	const struct sim_plan *p = f->world->plan;

	hy_buf_init(&item->url, URL_BYTES_MAX);
	sim_story_init(&item->story);
	sim_site_url(f->world, document, &item->url);
	sim_page_story(f->world, document, f->now_ms, &item->story);
	item->published = item->updated = sim_plan_published(p, document);
	if (sim_plan_is_edited(p, document, f->now_ms))
		item->updated = hy_wall_add_ms(p->options.start, p->document[document].edited_ms);
}

static void item_free(struct item *item)
{
	hy_buf_fini(&item->url);
	sim_story_fini(&item->story);
}

/* Calls add for the newest items, at most `limit`. */
static void each(const struct sim_feed *f, uint32_t limit,
		 void (*add)(const struct item *item, struct hy_buf *out), struct hy_buf *out)
{
	uint32_t visible = sim_plan_visible(f->world->plan, f->source, f->now_ms);

	for (uint32_t i = 0; i < visible && i < limit; i++) {
		struct item item;

		item_load(f, f->world->plan->of_source[f->source][visible - 1 - i], &item);
		add(&item, out);
		item_free(&item);
	}
}

static void add_rss(const struct item *item, struct hy_buf *out)
{
	char date[SIM_HTTP_DATE_BYTES];

	hy_buf_add_c(out, "<item><title><![CDATA[");
	hy_buf_add_str(out, hy_buf_str(&item->story.title));
	hy_buf_add_c(out, "]]></title><link>");
	sim_encode_markup(out, hy_buf_str(&item->url));
	hy_buf_addf(out, "</link><pubDate>%s</pubDate><description><![CDATA[<p>",
		    sim_http_date(item->published, "+0800", date));
	hy_buf_add_str(out, hy_buf_str(&item->story.paragraph[0]));
	hy_buf_add_c(out, "</p>]]></description></item>\n");
}

void sim_feed_rss(const struct sim_feed *f, struct hy_buf *out)
{
	hy_buf_addf(out,
		    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel>"
		    "<title>%.*s</title><link>/</link><description>%.*s</description>\n",
		    HY_STR_ARGS(f->name), HY_STR_ARGS(f->name));
	each(f, f->world->list_items, add_rss, out);
	hy_buf_add_c(out, "</channel></rss>\n");
}

static void add_atom(const struct item *item, struct hy_buf *out)
{
	char published[HY_RFC3339_BYTES], updated[HY_RFC3339_BYTES];

	hy_buf_add_c(out, "<entry><title type=\"html\">");
	sim_encode_markup(out, hy_buf_str(&item->story.title));
	hy_buf_add_c(out, "</title><link rel=\"alternate\" href=\"");
	sim_encode_markup(out, hy_buf_str(&item->url));
	hy_buf_add_c(out, "\"/><id>");
	sim_encode_markup(out, hy_buf_str(&item->url));
	hy_buf_addf(out, "</id><published>%s</published><updated>%s</updated><summary>",
		    hy_wall_format(item->published, published),
		    hy_wall_format(item->updated, updated));
	sim_encode_markup(out, hy_buf_str(&item->story.paragraph[0]));
	hy_buf_add_c(out, "</summary></entry>\n");
}

void sim_feed_atom(const struct sim_feed *f, struct hy_buf *out)
{
	char date[HY_RFC3339_BYTES];

	hy_buf_addf(out,
		    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
		    "<feed xmlns=\"http://www.w3.org/2005/Atom\"><title>%.*s</title><id>urn:sim:%u</id>"
		    "<updated>%s</updated>\n",
		    HY_STR_ARGS(f->name), f->source,
		    hy_wall_format(f->world->plan->options.start, date));
	each(f, f->world->list_items, add_atom, out);
	hy_buf_add_c(out, "</feed>\n");
}

static void add_location(const struct item *item, struct hy_buf *out)
{
	char updated[HY_RFC3339_BYTES];

	hy_buf_add_c(out, "<url><loc>");
	sim_encode_markup(out, hy_buf_str(&item->url));
	hy_buf_addf(out, "</loc><lastmod>%s</lastmod></url>\n", hy_wall_format(item->updated, updated));
}

void sim_feed_sitemap(const struct sim_feed *f, struct hy_buf *out)
{
	hy_buf_add_c(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			  "<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
	each(f, UINT32_MAX, add_location, out);
	hy_buf_add_c(out, "</urlset>\n");
}

static void add_json(const struct item *item, struct hy_buf *out)
{
	char published[HY_RFC3339_BYTES];

	if (out->p[out->n - 1] != '[')
		hy_buf_add_c(out, ",\n");
	hy_buf_add_c(out, "{\"id\":");
	sim_encode_json(out, hy_buf_str(&item->url));
	hy_buf_add_c(out, ",\"url\":");
	sim_encode_json(out, hy_buf_str(&item->url));
	hy_buf_add_c(out, ",\"title\":");
	sim_encode_json(out, hy_buf_str(&item->story.title));
	hy_buf_add_c(out, ",\"summary\":");
	sim_encode_json(out, hy_buf_str(&item->story.paragraph[0]));
	hy_buf_addf(out, ",\"date_published\":\"%s\"}", hy_wall_format(item->published, published));
}

void sim_feed_json(const struct sim_feed *f, struct hy_buf *out)
{
	hy_buf_add_c(out, "{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":");
	sim_encode_json(out, f->name);
	hy_buf_add_c(out, ",\"items\":[");
	each(f, f->world->list_items, add_json, out);
	hy_buf_add_c(out, "]}\n");
}
