#include "crawler/xpath_page.h"

#include <libxml/xpath.h>
#include <libxml/xpathInternals.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/dom.h"
#include "crawler/links_build.h"
#include "crawler/time_text.h"
#include "crawler/url.h"

#define LINE_BYTES ((size_t)64 << 10)
#define TITLE_BYTES 4096
#define TEXT_BYTES HY_DOM_MAX_BYTES
#define WHY_BYTES 300

struct look {
	const struct hy_extract_input *in;
	const struct hy_source_xpath *xpath;
	struct hy_dom *dom;
	xmlXPathContextPtr context;
	struct hy_buf line;	/* scratch */
};

static void quiet(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

static void quiet_error(void *ctx, xmlErrorPtr error)
{
	(void)ctx;
	(void)error;
}

static enum hy_err look_init(struct look *l, const struct hy_extract_input *in,
			     const struct hy_source_xpath *xpath, struct hy_error *e)
{
	struct hy_dom *dom;
	enum hy_err err = hy_dom_parse(in, &dom, e);

	if (err != HY_OK)
		return err;
	*l = (struct look){.in = in, .xpath = xpath, .dom = dom};
	l->context = xmlXPathNewContext(hy_dom_document(dom));
	hy_assert(l->context);
	l->context->error = quiet_error;
	l->context->opLimit = HY_XPATH_MAX_STEPS;
	hy_buf_init(&l->line, LINE_BYTES);
	return HY_OK;
}

static void look_fini(struct look *l)
{
	xmlXPathFreeContext(l->context);
	hy_dom_free(l->dom);
	hy_buf_fini(&l->line);
}

/* NULL where there is no such expression or it failed. Steps count for the whole page. */
static xmlXPathObjectPtr evaluate(struct look *l, enum hy_xpath_field field, xmlNode *at)
{
	xmlXPathCompExprPtr expression = hy_source_xpath_get(l->xpath, field);
	xmlXPathObjectPtr result;

	if (!expression)
		return NULL;
	l->context->node = at ? at : (xmlNode *)hy_dom_document(l->dom);
	/* libxml2 prints some failures wherever the errors go otherwise. */
	xmlSetGenericErrorFunc(NULL, quiet);
	result = xmlXPathCompiledEval(expression, l->context);
	xmlSetGenericErrorFunc(NULL, NULL);
	if (result && result->type == XPATH_NODESET && result->nodesetval)
		xmlXPathNodeSetSort(result->nodesetval);
	return result;
}

static size_t count_of(const xmlXPathObject *result)
{
	if (!result)
		return 0;
	if (result->type == XPATH_NODESET)
		return result->nodesetval ? (size_t)result->nodesetval->nodeNr : 0;
	return result->type == XPATH_STRING || result->type == XPATH_NUMBER;
}

/* The i-th result as one line in the scratch buffer. */
static struct hy_str line_of(struct look *l, xmlXPathObjectPtr result, size_t i)
{
	hy_buf_clear(&l->line);
	if (result->type == XPATH_NODESET) {
		hy_dom_line(result->nodesetval->nodeTab[i], &l->line);
	} else {
		xmlChar *text = xmlXPathCastToString(result);

		if (text && !(result->type == XPATH_NUMBER && xmlXPathIsNaN(result->floatval)))
			hy_buf_add_c(&l->line, (const char *)text);
		xmlFree(text);
	}
	if (hy_buf_err(&l->line) != HY_OK)
		hy_buf_clear(&l->line);
	return hy_str_trim(hy_buf_str(&l->line));
}

/* Appends the first result with words in it; false where there is none. */
static bool take_line(struct look *l, enum hy_xpath_field field, xmlNode *at, struct hy_buf *out)
{
	xmlXPathObjectPtr result = evaluate(l, field, at);
	bool found = false;

	for (size_t i = 0; !found && i < count_of(result); i++) {
		struct hy_str line = line_of(l, result, i);

		found = line.n && line.n <= TITLE_BYTES;
		if (found)
			hy_buf_add_str(out, line);
	}
	xmlXPathFreeObject(result);
	return found;
}

static bool time_of_text(struct hy_str text, struct hy_wall now, struct hy_wall *out)
{
	struct hy_time_text found;
	int64_t number;

	if (hy_str_to_int(text, 1000000000, 9999999999, &number)) {
		*out = (struct hy_wall){number * 1000};
		return true;
	}
	if (hy_str_to_int(text, 1000000000000, 9999999999999, &number)) {
		*out = (struct hy_wall){number};
		return true;
	}
	if (hy_time_text_is_month_day(text, now, out))
		return true;
	if (!hy_time_text_find(text, 0, now, &found))
		return false;
	*out = found.at;
	return true;
}

static bool take_time(struct look *l, enum hy_xpath_field field, xmlNode *at, struct hy_wall *out)
{
	xmlXPathObjectPtr result = evaluate(l, field, at);
	bool found = false;

	for (size_t i = 0; !found && i < count_of(result); i++)
		found = time_of_text(line_of(l, result, i), l->in->now, out);
	xmlXPathFreeObject(result);
	return found;
}

/* ---- articles ---- */

static bool is_within(const xmlNode *node, const xmlNode *outer)
{
	for (; node; node = node->parent)
		if (node == outer)
			return true;
	return false;
}

static bool take_text(struct look *l, struct hy_buf *out)
{
	xmlXPathObjectPtr result = evaluate(l, HY_XPATH_TEXT, NULL);
	const xmlNode *last = NULL;
	size_t before = out->n;

	for (size_t i = 0; i < count_of(result); i++) {
		const xmlNode *node;

		if (result->type != XPATH_NODESET) {
			hy_buf_add_str(out, line_of(l, result, i));
			break;
		}
		node = result->nodesetval->nodeTab[i];
		if (last && is_within(node, last))
			continue;
		last = node;
		hy_dom_paragraphs(node, out);
	}
	xmlXPathFreeObject(result);
	return hy_buf_err(out) == HY_OK && out->n > before;
}

/* What stands at the expression's places is no part of the article. */
static size_t remove_nodes(struct look *l)
{
	xmlXPathObjectPtr result = evaluate(l, HY_XPATH_REMOVE, NULL);
	size_t count = result && result->type == XPATH_NODESET ? count_of(result) : 0;

	for (size_t i = 0; i < count; i++)
		hy_dom_remove(l->dom, result->nodesetval->nodeTab[i]);
	xmlXPathFreeObject(result);
	return count;
}

/* The automatic reading, of the page without what was removed. */
static enum hy_err read_rest(struct look *l, struct hy_article *out, struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf html = HY_BUF(HY_DOM_MAX_BYTES * 2);
	struct hy_extract_input in = *l->in;

	if (!remove_nodes(l))
		return hy_article_extract(l->in, out, e);
	if (hy_dom_write(l->dom, &html) != HY_OK)
		return hy_fail(e, HY_ERR_LIMIT, "page is too large as UTF-8");
	in.bytes = hy_buf_str(&html);
	in.content_type = HY_STR_LIT("text/html; charset=utf-8");
	return hy_article_extract(&in, out, e);
}

/* The texts of an article while some of them are replaced. */
struct texts {
	struct hy_buf title, text, source, why;
};

static void miss(struct texts *t, const char *key, const char *what)
{
	hy_buf_addf(&t->why, "%sXPath %s %s", t->why.n ? "；" : "", key, what);
}

static void override(struct look *l, struct hy_article *a, struct texts *t)
{
	if (hy_source_xpath_has(l->xpath, HY_XPATH_TITLE) &&
	    !take_line(l, HY_XPATH_TITLE, NULL, &t->title))
		miss(t, "title", "没有找到内容");
	if (hy_source_xpath_has(l->xpath, HY_XPATH_SOURCE) &&
	    !take_line(l, HY_XPATH_SOURCE, NULL, &t->source))
		miss(t, "source", "没有找到内容");
	if (hy_source_xpath_has(l->xpath, HY_XPATH_PUBLISHED) &&
	    !take_time(l, HY_XPATH_PUBLISHED, NULL, &a->published_at))
		miss(t, "published", "没有找到时间");
	if (!hy_source_xpath_has(l->xpath, HY_XPATH_TEXT))
		return;
	if (!take_text(l, &t->text)) {
		hy_buf_clear(&t->text);
		miss(t, "text", "没有找到内容");
		return;
	}
	/* What looked wrong was the automatic text, which is gone. */
	a->suspicious = false;
	a->why = NULL;
	if (a->kind != HY_ARTICLE_WECHAT)
		a->kind = HY_ARTICLE_ARTICLE;
}

static struct hy_str put(char *storage, size_t *at, struct hy_str s)
{
	struct hy_str view = {storage + *at, s.n};

	if (s.n)
		memcpy(storage + *at, s.p, s.n);
	*at += s.n + 1;
	return view;
}

/* All texts of the article, kept or replaced, into memory of its own. */
static void republish(struct hy_article *a, const struct texts *t)
{
	struct hy_str title = t->title.n ? hy_buf_str(&t->title) : a->title;
	struct hy_str text = t->text.n ? hy_buf_str(&t->text) : a->text;
	struct hy_str source = t->source.n ? hy_buf_str(&t->source) : a->source;
	size_t at = 0, n = title.n + text.n + source.n + a->canonical.n + t->why.n + 5;
	char *storage = hy_xcalloc(n, 1);

	a->title = put(storage, &at, title);
	a->text = put(storage, &at, text);
	a->source = put(storage, &at, source);
	a->canonical = put(storage, &at, a->canonical);
	if (t->why.n) {
		a->suspicious = true;
		a->why = put(storage, &at, hy_buf_str(&t->why)).p;
	}
	free(a->storage);
	a->storage = storage;
}

static enum hy_err read_article(struct look *l, struct hy_article *out, struct hy_error *e)
{
	struct hy_article article = {0};
	struct texts texts;
	enum hy_err err = read_rest(l, &article, e);

	if (err != HY_OK)
		return err;
	if (article.kind == HY_ARTICLE_BLOCKED || article.kind == HY_ARTICLE_DELETED) {
		*out = article;
		return HY_OK;
	}
	hy_buf_init(&texts.title, TITLE_BYTES + 1);
	hy_buf_init(&texts.source, TITLE_BYTES + 1);
	hy_buf_init(&texts.text, TEXT_BYTES);
	hy_buf_init(&texts.why, WHY_BYTES);
	override(l, &article, &texts);
	if (texts.why.n)
		hy_buf_add_c(&texts.why, "，保留自动识别的结果");
	republish(&article, &texts);
	hy_buf_fini(&texts.title);
	hy_buf_fini(&texts.source);
	hy_buf_fini(&texts.text);
	hy_buf_fini(&texts.why);
	*out = article;
	return HY_OK;
}

enum hy_err hy_xpath_article(const struct hy_extract_input *in, const struct hy_source_xpath *xpath,
			     struct hy_article *out, struct hy_error *e)
{
	struct look look;
	enum hy_err err;

	if (!hy_source_xpath_reads_articles(xpath))
		return hy_article_extract(in, out, e);
	err = look_init(&look, in, xpath, e);
	if (err != HY_OK)
		return err;
	err = read_article(&look, out, e);
	look_fini(&look);
	return err;
}

/* ---- lists ---- */

/* The element that an item's link stands in, or the item's first <a href>. */
static const xmlNode *link_node(xmlXPathObjectPtr found, const xmlNode *item)
{
	const xmlNode *node = item;

	if (count_of(found) && found->type == XPATH_NODESET)
		node = found->nodesetval->nodeTab[0];
	if (node->type == XML_ATTRIBUTE_NODE)
		return node->parent;
	for (const xmlNode *n = node; n; n = hy_dom_next(n, node))
		if (hy_dom_is(n, "a") && hy_dom_attribute(n, "href").n)
			return n;
	return NULL;
}

/* The address of the item, resolved, into url; the element it belongs to, or NULL. */
static const xmlNode *take_link(struct look *l, xmlNode *item, struct hy_buf *url)
{
	xmlXPathObjectPtr found = evaluate(l, HY_XPATH_LINK, item);
	const xmlNode *node = NULL;
	struct hy_str ref = {0};

	if (!hy_source_xpath_has(l->xpath, HY_XPATH_LINK) || count_of(found))
		node = link_node(found, item);
	if (count_of(found) && (found->type != XPATH_NODESET ||
				found->nodesetval->nodeTab[0]->type == XML_ATTRIBUTE_NODE))
		ref = line_of(l, found, 0);
	else if (node)
		ref = hy_dom_attribute(node, "href");
	if (ref.n && hy_dom_resolve(l->dom, ref, url) != HY_OK)
		hy_buf_clear(url);
	xmlXPathFreeObject(found);
	return node;
}

/* The first text of the item that is a time, not one that its headline mentions. */
static void find_time(struct look *l, const xmlNode *item, struct hy_wall *out)
{
	for (const xmlNode *n = item; n; n = hy_dom_next_node(n, item)) {
		if (n->type != XML_TEXT_NODE || (n->parent && hy_dom_is(n->parent, "a")))
			continue;
		hy_buf_clear(&l->line);
		hy_dom_line(n, &l->line);
		if (hy_buf_err(&l->line) == HY_OK &&
		    time_of_text(hy_buf_str(&l->line), l->in->now, out))
			return;
	}
}

static void take_item(struct look *l, xmlNode *item, struct hy_links_build *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf url = HY_BUF(HY_URL_MAX_BYTES + 1);
	hy_cleanup(hy_buf_fini) struct hy_buf title = HY_BUF(TITLE_BYTES + 1);
	struct hy_wall published_at = HY_WALL_NONE;
	const xmlNode *link = take_link(l, item, &url);

	if (!take_line(l, HY_XPATH_ITEM_TITLE, item, &title) && link) {
		hy_dom_line(link, &title);
		if (hy_buf_err(&title) != HY_OK || !title.n) {
			hy_buf_clear(&title);
			hy_buf_add_str(&title, hy_dom_attribute(link, "title"));
		}
	}
	if (!take_time(l, HY_XPATH_ITEM_PUBLISHED, item, &published_at) &&
	    !hy_source_xpath_has(l->xpath, HY_XPATH_ITEM_PUBLISHED))
		find_time(l, item, &published_at);
	if (hy_buf_err(&title) != HY_OK)
		hy_buf_clear(&title);
	hy_links_build_add(out, hy_buf_str(&url), hy_buf_str(&title), published_at);
}

/* How many of the links have what an expression should have found. */
static const char *note_of(const struct look *l, const struct hy_links *links)
{
	size_t dated = 0;

	for (size_t i = 0; i < links->count; i++)
		dated += hy_wall_known(links->items[i].published_at);
	if (!links->count)
		return "XPath item、link 没有找到条目，改用自动识别";
	if (hy_source_xpath_has(l->xpath, HY_XPATH_ITEM_PUBLISHED) && !dated)
		return "XPath published 没有找到时间";
	return NULL;
}

enum hy_err hy_xpath_links(const struct hy_extract_input *in, const struct hy_source_xpath *xpath,
			   struct hy_links *out, const char **out_note, struct hy_error *e)
{
	struct hy_links_build build;
	struct look look;
	struct hy_links links;
	xmlXPathObjectPtr items;
	enum hy_err err;

	*out_note = NULL;
	if (!hy_source_xpath_reads_lists(xpath))
		return hy_links_find(in, out, e);
	err = look_init(&look, in, xpath, e);
	if (err != HY_OK)
		return err;
	items = evaluate(&look, HY_XPATH_ITEM, NULL);
	hy_links_build_init(&build);
	for (size_t i = 0; items && items->type == XPATH_NODESET && i < count_of(items); i++)
		if (items->nodesetval->nodeTab[i]->type == XML_ELEMENT_NODE)
			take_item(&look, items->nodesetval->nodeTab[i], &build);
	hy_links_build_end(&build, &links);
	*out_note = note_of(&look, &links);
	xmlXPathFreeObject(items);
	look_fini(&look);
	if (!links.count) {
		hy_links_fini(&links);
		return hy_links_find(in, out, e);
	}
	*out = links;
	return HY_OK;
}
