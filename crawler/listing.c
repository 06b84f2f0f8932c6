#include "crawler/listing.h"

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/extract.h"
#include "crawler/feed.h"
#include "crawler/identity.h"
#include "crawler/links.h"
#include "crawler/mask.h"
#include "crawler/url.h"
#include "crawler/xpath_page.h"

#define TITLE_BYTES HY_FEED_TITLE_MAX_BYTES

void hy_listing_fini(struct hy_listing *listing)
{
	for (size_t i = 0; i < listing->count; i++) {
		free(listing->items[i].url);
		free(listing->items[i].title);
	}
	free(listing->items);
	for (size_t i = 0; i < listing->part_count; i++)
		free(listing->parts[i].url);
	free(listing->parts);
	*listing = (struct hy_listing){0};
}

/* A title that cannot be masked within its limit is left out: it is only a hint. */
static char *masked(struct hy_str title)
{
	struct hy_buf out;
	char *text;

	hy_buf_init(&out, (size_t)TITLE_BYTES * 2);
	if (hy_mask(title, &out, NULL) != HY_OK)
		hy_buf_clear(&out);
	text = hy_buf_take(&out);
	hy_buf_fini(&out);
	return text ? text : hy_xstrdup("");
}

static void add(struct hy_listing *l, const struct hy_listing_terms *terms, struct hy_str url,
		struct hy_str title, struct hy_wall published_at)
{
	struct hy_buf normal;
	struct hy_id id;

	l->seen++;
	if (hy_wall_known(terms->oldest) && hy_wall_known(published_at) &&
	    published_at.ms < terms->oldest.ms)
		return;
	hy_buf_init(&normal, HY_URL_MAX_BYTES + 1);
	if (url.n && hy_url_normalise(url, &normal) == HY_OK &&
	    hy_document_id(hy_buf_str(&normal), &id)) {
		l->items = hy_grow(l->items, &l->cap, l->count + 1, sizeof *l->items);
		l->items[l->count++] = (struct hy_listing_item){
			.url = hy_buf_take(&normal),
			.title = masked(title),
			.published_at = published_at,
		};
	}
	hy_buf_fini(&normal);
}

/* The sitemap that changed last first; those of which nothing is said behind, as listed. */
static int by_change(const void *a, const void *b)
{
	const struct hy_feed_item *const *left = a, *const *right = b;
	int64_t x = hy_wall_known((*left)->published_at) ? (*left)->published_at.ms : 0;
	int64_t y = hy_wall_known((*right)->published_at) ? (*right)->published_at.ms : 0;

	if (x != y)
		return x > y ? -1 : 1;
	return *left < *right ? -1 : *left > *right;
}

static void add_part(struct hy_listing *l, const struct hy_listing_terms *terms,
		     const struct hy_feed_item *item)
{
	hy_cleanup(hy_buf_fini) struct hy_buf url = HY_BUF(HY_URL_MAX_BYTES + 1);

	/* An index that lists itself would be read without end. */
	if (!item->url.n || hy_url_normalise(item->url, &url) != HY_OK ||
	    hy_str_eq_c(hy_buf_str(&url), terms->url))
		return;
	l->parts = hy_grow(l->parts, &l->part_cap, l->part_count + 1, sizeof *l->parts);
	l->parts[l->part_count++] = (struct hy_sitemap_part){
		.url = hy_buf_take(&url), .changed_at = item->published_at};
}

static void read_index(struct hy_listing *l, const struct hy_listing_terms *terms,
		       const struct hy_feed *index)
{
	const struct hy_feed_item **sorted = hy_xcalloc(index->count + 1, sizeof(sorted[0]));

	for (size_t i = 0; i < index->count; i++)
		sorted[i] = &index->items[i];
	qsort(sorted, index->count, sizeof *sorted, by_change);
	for (size_t i = 0; i < index->count && l->part_count < HY_SITEMAP_PARTS_MAX; i++)
		add_part(l, terms, sorted[i]);
	free(sorted);
	l->is_index = true;
	if (!l->part_count)
		l->problem = "站点地图索引是空的";
}

static void read_feed(const struct hy_listing_terms *terms, const struct hy_fetch_result *response,
		      struct hy_listing *l)
{
	hy_cleanup(hy_feed_fini) struct hy_feed feed = {0};

	if (hy_feed_parse(response->body, response->content_type, hy_str_of(terms->url), &feed,
			  NULL) != HY_OK) {
		l->problem = "不是可读的订阅（RSS、Atom、JSON Feed 或站点地图）";
		return;
	}
	if (feed.kind == HY_FEED_OPML) {
		l->problem = "是 OPML 订阅清单，请把其中的订阅分别登记为来源";
		return;
	}
	if (feed.kind == HY_FEED_SITEMAP_INDEX) {
		read_index(l, terms, &feed);
		return;
	}
	for (size_t i = 0; i < feed.count; i++)
		add(l, terms, feed.items[i].url, feed.items[i].title, feed.items[i].published_at);
}

static struct hy_extract_input page_of(const struct hy_listing_terms *terms,
				       const struct hy_fetch_result *response)
{
	return (struct hy_extract_input){
		.bytes = response->body,
		.content_type = response->content_type,
		.url = hy_str_of(terms->url),
		.now = terms->now,
	};
}

static void read_list(const struct hy_listing_terms *terms, const struct hy_fetch_result *response,
		      struct hy_listing *l)
{
	struct hy_extract_input page = page_of(terms, response);
	hy_cleanup(hy_links_fini) struct hy_links links = {0};

	if (hy_xpath_links(&page, terms->xpath, &links, &l->note, NULL) != HY_OK) {
		l->problem = "列表页过大或结构过于复杂";
		return;
	}
	for (size_t i = 0; i < links.count; i++)
		add(l, terms, links.items[i].url, links.items[i].title,
		    links.items[i].published_at);
	if (!links.count)
		l->problem = terms->kind == HY_SOURCE_WECHAT
				     ? "既不是可读的订阅，也没有找到文章列表"
				     : "页面上没有找到文章列表";
}

/* Instead of a listing, is it a page that shuts us out? */
static bool is_shut(const struct hy_listing_terms *terms, const struct hy_fetch_result *response)
{
	struct hy_extract_input page = page_of(terms, response);
	hy_cleanup(hy_article_fini) struct hy_article article = {0};

	return hy_article_extract(&page, &article, NULL) == HY_OK &&
	       article.kind == HY_ARTICLE_BLOCKED;
}

/* A mirror of an account may be a page of results instead of a feed. */
static bool is_wechat_page(const struct hy_listing_terms *terms,
			   const struct hy_fetch_result *response)
{
	hy_cleanup(hy_feed_fini) struct hy_feed feed = {0};

	return terms->kind == HY_SOURCE_WECHAT &&
	       hy_feed_parse(response->body, response->content_type, hy_str_of(terms->url), &feed,
			     NULL) != HY_OK;
}

void hy_listing_read(const struct hy_listing_terms *terms, const struct hy_fetch_result *response,
		     struct hy_listing *out)
{
	struct hy_listing l = {0};

	if (terms->kind == HY_SOURCE_LIST || is_wechat_page(terms, response))
		read_list(terms, response, &l);
	else
		read_feed(terms, response, &l);
	if (l.problem && is_shut(terms, response)) {
		l.is_blocked = true;
		l.problem = "网站要求验证或登录，未能看到内容";
	}
	*out = l;
}
