#include "crawler/extract.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/charset.h"
#include "crawler/extract_body.h"
#include "crawler/extract_data.h"
#include "crawler/extract_kind.h"
#include "crawler/extract_letter.h"
#include "crawler/extract_measure.h"
#include "crawler/extract_source.h"
#include "crawler/extract_thread.h"
#include "crawler/extract_title.h"
#include "crawler/extract_unit.h"
#include "crawler/page.h"
#include "crawler/publish_time.h"
#include "crawler/url.h"
#include "crawler/wechat.h"

#define SHORT_TEXT_WIDTH 60

/* Everything that is needed while one page is looked at. */
struct work {
	const struct hy_extract_input *in;
	struct hy_buf utf8;
	struct hy_page page;
	struct hy_measure measure;
	struct hy_units units;
	struct hy_title title;
	struct hy_body body;
	struct hy_buf text, source, canonical;
};

static void work_fini(struct work *w)
{
	hy_buf_fini(&w->utf8);
	hy_page_fini(&w->page);
	hy_measure_fini(&w->measure);
	hy_units_fini(&w->units);
	hy_title_fini(&w->title);
	hy_body_fini(&w->body);
	hy_buf_fini(&w->text);
	hy_buf_fini(&w->source);
	hy_buf_fini(&w->canonical);
}

/* Puts the four texts into one piece of memory that the article owns. */
static void publish(struct work *w, struct hy_article *article)
{
	const struct hy_buf *parts[] = {&w->title.text, &w->text, &w->source, &w->canonical};
	struct hy_str *views[] = {&article->title, &article->text, &article->source,
				  &article->canonical};
	size_t size = HY_COUNT(parts), at = 0;

	for (size_t i = 0; i < HY_COUNT(parts); i++)
		size += parts[i]->n;
	article->storage = hy_xcalloc(size, 1);
	for (size_t i = 0; i < HY_COUNT(parts); i++) {
		if (parts[i]->n > 0)
			memcpy(article->storage + at, parts[i]->p, parts[i]->n);
		*views[i] = (struct hy_str){article->storage + at, parts[i]->n};
		at += parts[i]->n + 1;
	}
}

/* What the page names as its own address, absolute. */
static void find_canonical(struct work *w)
{
	const struct hy_page *page = &w->page;
	struct hy_str address = {NULL, 0};

	for (size_t i = 0; i < page->count && address.n == 0; i++)
		if (page->nodes[i].tag == HY_TAG_LINK &&
		    hy_str_eq_nocase(hy_page_attribute(page, i, HY_ATTRIBUTE_REL),
				     HY_STR_LIT("canonical")))
			address = hy_str_trim(hy_page_attribute(page, i, HY_ATTRIBUTE_HREF));
	if (address.n == 0)
		address = hy_meta_find(page, "og:url");
	if (address.n > 0 && hy_url_resolve(w->in->url, address, &w->canonical) != HY_OK)
		hy_buf_clear(&w->canonical);
}

/* A text too short to be one may be all that is there before a script has run. */
static void find_in_data(struct work *w)
{
	struct hy_buf text;

	if (hy_measure_text(hy_buf_str(&w->text)).width >= SHORT_TEXT_WIDTH)
		return;
	hy_buf_init(&text, HY_PAGE_MAX_BYTES * 2);
	if (hy_data_text(&w->page.source.scripts, &text)) {
		hy_buf_clear(&w->text);
		hy_buf_add_str(&w->text, hy_buf_str(&text));
	}
	hy_buf_fini(&text);
}

static void look_at_article(struct work *w, struct hy_article *article)
{
	struct hy_publish_input publish_input = {
		.m = &w->measure,
		.units = &w->units,
		.url = w->in->url,
		.now = w->in->now,
	};
	struct hy_thread_input thread_input = {
		.m = &w->measure,
		.units = &w->units,
		.title = &w->title,
		.url = w->in->url,
	};
	bool declared, is_thread = false;

	hy_title_find(&w->measure, &w->title);
	if (!hy_letter_find(&w->measure, &w->units, &w->body)) {
		is_thread = hy_thread_find(&thread_input, &w->body);
		if (!is_thread)
			hy_body_find(&w->measure, &w->units, &w->title, &w->body);
	}
	hy_title_look_before(&w->measure, &w->units, w->body.root, &w->title);
	hy_body_write(&w->measure, &w->units, &w->body, &w->text);
	find_in_data(w);
	publish_input.title_node = w->title.node;
	publish_input.body_node = w->body.root;
	article->published_at = hy_publish_time_find(&publish_input, &declared);
	hy_source_find(&w->measure, &w->units, &w->source);
	hy_kind_judge(&(struct hy_kind_input){
			      .m = &w->measure,
			      .units = &w->units,
			      .title = &w->title,
			      .text = hy_buf_str(&w->text),
			      .url = w->in->url,
			      .published_at = article->published_at,
			      .time_declared = declared,
			      .is_thread = is_thread,
		      },
		      article);
}

/* WeChat's pages say what they are in a way of their own; false where this is none. */
static bool look_at_wechat(struct work *w, struct hy_article *article)
{
	struct hy_wechat found = {
		.title = &w->title.text,
		.text = &w->text,
		.source = &w->source,
	};

	hy_buf_init(&w->title.text, HY_WECHAT_TITLE_BYTES);
	if (!hy_wechat_find(w->in, &w->measure, &w->units, &found)) {
		hy_buf_fini(&w->title.text);
		return false;
	}
	article->kind = found.kind;
	article->published_at = found.published_at;
	return true;
}

static enum hy_err prepare(struct work *w, const char **out_charset, struct hy_error *e)
{
	struct hy_str html;
	enum hy_err err;

	if (w->in->bytes.n > HY_PAGE_MAX_BYTES)
		return hy_fail(e, HY_ERR_LIMIT, "page of %zu bytes, at most %d are read",
			       w->in->bytes.n, HY_PAGE_MAX_BYTES);
	hy_buf_init(&w->utf8, HY_PAGE_MAX_BYTES);
	err = hy_charset_read(w->in->bytes, w->in->content_type, &w->utf8, &html, out_charset);
	if (err != HY_OK)
		return hy_fail(e, err, "page cannot be read as text");
	err = hy_page_parse(html, &w->page, e);
	if (err != HY_OK)
		return err;
	hy_measure_init(&w->measure, &w->page);
	hy_units_find(&w->measure, &w->units);
	hy_buf_init(&w->text, HY_PAGE_MAX_BYTES * 2);
	hy_buf_init(&w->source, 1024);
	hy_buf_init(&w->canonical, HY_URL_MAX_BYTES + 1);
	return HY_OK;
}

enum hy_err hy_article_extract(const struct hy_extract_input *in, struct hy_article *out,
			       struct hy_error *e)
{
	struct work w = {.in = in, .body.root = HY_PAGE_NO_NODE};
	struct hy_article article = {.kind = HY_ARTICLE_EMPTY, .published_at = HY_WALL_NONE};
	enum hy_err err = prepare(&w, &article.charset, e);

	if (err == HY_OK) {
		if (!look_at_wechat(&w, &article))
			look_at_article(&w, &article);
		find_canonical(&w);
		publish(&w, &article);
		*out = article;
	}
	work_fini(&w);
	return err;
}

void hy_article_fini(struct hy_article *a)
{
	free(a->storage);
	memset(a, 0, sizeof *a);
}

const char *hy_article_kind_name(enum hy_article_kind kind)
{
	static const char *const names[] = {
#define X(name, text) text,
		HY_ARTICLE_KIND_LIST(X)
#undef X
	};

	return names[kind];
}
