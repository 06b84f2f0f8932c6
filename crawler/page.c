#include "crawler/page.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"
#include "crawler/page_fold.h"

/* libxml2 hands out one pointer per element name and page: a look-up by pointer is enough. */
#define NAME_SLOTS 256

struct builder {
	struct hy_page *page;
	htmlParserCtxtPtr parser;
	uint32_t current;	/* the open element, HY_PAGE_NO_NODE outside */
	unsigned depth;
	bool over;		/* a limit was hit; what comes is ignored */
	struct hy_fold_place place;
	bool skips_end;		/* the element that stood for a run is no node */
	const xmlChar *names[NAME_SLOTS];
	uint8_t tags[NAME_SLOTS];
};

static void stop(struct builder *b)
{
	b->over = true;
	xmlStopParser(b->parser);
}

static enum hy_tag tag_of(struct builder *b, const xmlChar *name)
{
	size_t slot = ((uintptr_t)name >> 3) % NAME_SLOTS;

	if (b->names[slot] != name) {
		b->names[slot] = name;
		b->tags[slot] = (uint8_t)hy_tag_find(hy_str_of((const char *)name));
	}
	return (enum hy_tag)b->tags[slot];
}

static struct hy_node *add_node(struct builder *b, enum hy_tag tag)
{
	struct hy_page *page = b->page;
	struct hy_node *node;

	if (page->count >= HY_PAGE_MAX_NODES) {
		stop(b);
		return NULL;
	}
	page->nodes = hy_grow(page->nodes, &page->cap, page->count + 1, sizeof *page->nodes);
	node = &page->nodes[page->count++];
	*node = (struct hy_node){
		.tag = (uint8_t)tag,
		.parent = b->current,
		.end = (uint32_t)page->count,
	};
	return node;
}

/* A text that goes on where the last node ends: an ignored tag stood between. */
static bool join(struct builder *b, const struct hy_node *piece)
{
	struct hy_node *last = &b->page->nodes[b->page->count - 1];

	if (piece->tag != HY_TAG_TEXT || last->tag != HY_TAG_TEXT || last->parent != b->current ||
	    last->text.p + last->text.n != piece->text.p)
		return false;
	last->text.n += piece->text.n;
	return true;
}

static void add_run(struct builder *b, struct hy_run run)
{
	struct hy_page *page = b->page;
	const struct hy_node *pieces = page->source.pieces.items;
	uint32_t base;

	if (b->current != HY_PAGE_NO_NODE && run.first < run.end && join(b, &pieces[run.first]))
		run.first++;
	base = (uint32_t)page->count;
	if (run.end - run.first > HY_PAGE_MAX_NODES - page->count) {
		stop(b);
		return;
	}
	page->nodes = hy_grow(page->nodes, &page->cap, base + run.end - run.first,
			      sizeof *page->nodes);
	for (uint32_t i = run.first; i < run.end; i++) {
		struct hy_node *node = &page->nodes[page->count++];

		*node = pieces[i];
		node->end = node->end - run.first + base;
		/* The parent of a run's own beginnings may be an element that was left open. */
		node->parent = node->parent != HY_PAGE_NO_NODE && node->parent >= run.first
				       ? node->parent - run.first + base : b->current;
	}
}

static void on_start(void *context, const xmlChar *name, const xmlChar **pairs)
{
	struct builder *b = context;
	struct hy_node *node;
	struct hy_str number = hy_str_of(pairs && pairs[0] ? (const char *)pairs[1] : NULL);
	struct hy_run run;

	if (b->over)
		return;
	if (number.n > 0 && pairs[0][0] == 'r') {
		b->skips_end = true;
		if (hy_fold_run(&b->page->source, &number, &run))
			add_run(b, run);
		return;
	}
	node = add_node(b, tag_of(b, name));
	if (!node)
		return;
	b->current = (uint32_t)b->page->count - 1;
	(void)hy_fold_attributes(&b->page->source, &b->place,
				 (size_t)xmlByteConsumed(b->parser), node);
	if (++b->depth > HY_PAGE_MAX_DEPTH)
		stop(b);
}

static void on_end(void *context, const xmlChar *name)
{
	struct builder *b = context;
	struct hy_node *node;

	(void)name;	/* libxml2 closes in the order it opened */
	if (b->over || b->current == HY_PAGE_NO_NODE || b->skips_end) {
		b->skips_end = false;
		return;
	}
	node = &b->page->nodes[b->current];
	node->end = (uint32_t)b->page->count;
	b->current = node->parent;
	b->depth--;
}

static void on_text(void *context, const xmlChar *p, int n)
{
	struct builder *b = context;
	struct hy_str rest = {(const char *)p, (size_t)n};
	struct hy_node *node;
	struct hy_run run;

	if (b->over || n <= 0 || b->current == HY_PAGE_NO_NODE)
		return;
	while (!b->over && rest.n > 0) {
		if (hy_fold_run(&b->page->source, &rest, &run)) {
			add_run(b, run);
			continue;
		}
		/* White space, where it may matter. */
		node = add_node(b, HY_TAG_TEXT);
		if (node)
			node->text = HY_STR_LIT(" ");
		return;
	}
}

static void close_all(struct builder *b)
{
	while (b->current != HY_PAGE_NO_NODE)
		on_end(b, NULL);
}

static enum hy_err parse(struct hy_str reduced, struct builder *b)
{
	htmlParserCtxtPtr parser = htmlCreateMemoryParserCtxt(reduced.p, (int)reduced.n);
	htmlSAXHandler handler = {
		.startElement = on_start,
		.endElement = on_end,
		.characters = on_text,
		.ignorableWhitespace = on_text,
		.cdataBlock = on_text,
	};

	if (!parser)	/* only for want of memory */
		return HY_ERR_LIMIT;
	*parser->sax = handler;
	parser->userData = b;
	b->parser = parser;
	htmlCtxtUseOptions(parser, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR | HTML_PARSE_NOWARNING |
					   HTML_PARSE_IGNORE_ENC | HTML_PARSE_NONET);
	xmlSwitchEncoding(parser, XML_CHAR_ENCODING_UTF8);
	(void)htmlParseDocument(parser);	/* its verdict is about style, not about us */
	if (!b->over)
		close_all(b);
	htmlFreeParserCtxt(parser);
	return b->over ? HY_ERR_LIMIT : HY_OK;
}

static enum hy_err strip_and_parse(struct hy_str html, struct hy_page *page)
{
	struct builder b = {
		.page = page,
		.current = HY_PAGE_NO_NODE,
	};
	enum hy_err err = hy_page_strip(html, &page->source);
	struct hy_buf *reduced = &page->source.text;

	if (err != HY_OK || reduced->n == 0)
		return err;
	page->nodes = hy_grow(NULL, &page->cap, page->source.pieces.count * 3 / 2 + 1,
			      sizeof *page->nodes);
	err = parse(hy_buf_str(reduced), &b);
	hy_buf_fini(reduced);
	return err;
}

enum hy_err hy_page_parse(struct hy_str html, struct hy_page *out, struct hy_error *e)
{
	struct hy_page page = {.nodes = NULL};
	enum hy_err err;

	if (html.n > HY_PAGE_MAX_BYTES)
		return hy_fail(e, HY_ERR_LIMIT, "page of %zu bytes, at most %d are read", html.n,
			       HY_PAGE_MAX_BYTES);
	err = strip_and_parse(html, &page);
	if (err != HY_OK) {
		hy_page_fini(&page);
		return hy_fail(e, err, "page has too many or too deeply nested elements");
	}
	*out = page;
	return HY_OK;
}

void hy_page_fini(struct hy_page *page)
{
	free(page->nodes);
	hy_stripped_fini(&page->source);
	memset(page, 0, sizeof *page);
}

struct hy_str hy_page_attribute(const struct hy_page *page, size_t node, enum hy_attribute name)
{
	const struct hy_page_attribute *first;

	if (page->nodes[node].attribute_count == 0)
		return (struct hy_str){NULL, 0};
	first = page->source.attributes + page->nodes[node].attribute_first;
	for (size_t i = 0; i < page->nodes[node].attribute_count; i++)
		if (first[i].name == name)
			return first[i].value;
	return (struct hy_str){NULL, 0};
}
