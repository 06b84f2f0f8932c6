#include "crawler/page.h"

#include <libxml/HTMLparser.h>
#include <libxml/parserInternals.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/mem.h"

/* libxml2 hands out one pointer per element name and page: a look-up by pointer is enough. */
#define NAME_SLOTS 256

struct builder {
	struct hy_page *page;
	htmlParserCtxtPtr parser;
	uint32_t current;	/* the open element, HY_PAGE_NO_NODE outside */
	unsigned depth;
	size_t memory_size;
	bool over;		/* a limit was hit; what comes is ignored */
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

/* A copy in the page's memory; false where it is full. */
static bool keep(struct builder *b, const xmlChar *p, size_t n, struct hy_str *out)
{
	struct hy_stripped *source = &b->page->source;

	/* Texts and values come from different bytes of the page: together they fit. */
	if (n > b->memory_size - source->memory_used) {
		stop(b);
		return false;
	}
	memcpy(source->memory + source->memory_used, p, n);
	*out = (struct hy_str){source->memory + source->memory_used, n};
	source->memory_used += n;
	return true;
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

static void on_start(void *context, const xmlChar *name, const xmlChar **pairs)
{
	struct builder *b = context;
	struct hy_node *node;

	if (b->over)
		return;
	node = add_node(b, tag_of(b, name));
	if (!node)
		return;
	b->current = (uint32_t)b->page->count - 1;
	if (pairs && pairs[0] && pairs[1])
		(void)hy_stripped_attributes(&b->page->source, (const char *)pairs[1],
					     &node->attribute_first, &node->attribute_count);
	if (++b->depth > HY_PAGE_MAX_DEPTH)
		stop(b);
}

static void on_end(void *context, const xmlChar *name)
{
	struct builder *b = context;
	struct hy_node *node;

	(void)name;	/* libxml2 closes in the order it opened */
	if (b->over || b->current == HY_PAGE_NO_NODE)
		return;
	node = &b->page->nodes[b->current];
	node->end = (uint32_t)b->page->count;
	b->current = node->parent;
	b->depth--;
}

static void on_text(void *context, const xmlChar *p, int n)
{
	struct builder *b = context;
	struct hy_page *page = b->page;
	struct hy_node *last;
	struct hy_str text;

	if (b->over || n <= 0 || b->current == HY_PAGE_NO_NODE || !keep(b, p, (size_t)n, &text))
		return;
	last = &page->nodes[page->count - 1];
	/* libxml2 reports a reference as a piece of its own: one text is one node here. */
	if (last->tag == HY_TAG_TEXT && last->parent == b->current &&
	    last->text.p + last->text.n == text.p) {
		last->text.n += text.n;
		return;
	}
	last = add_node(b, HY_TAG_TEXT);
	if (last)
		last->text = text;
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

/* Control characters would stop libxml2; white space they are not. */
static void blank_controls(char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)p[i];

		p[i] = (c < 0x20 && c != '\n' && c != '\t' && c != '\r') || c == 0x7F ? ' ' : p[i];
	}
}

static enum hy_err strip_and_parse(struct hy_str html, struct hy_page *page)
{
	struct builder b = {
		.page = page,
		.current = HY_PAGE_NO_NODE,
		.memory_size = html.n,
	};
	enum hy_err err = hy_page_strip(html, &page->source);
	struct hy_buf *reduced = &page->source.text;

	if (err != HY_OK || reduced->n == 0)
		return err;
	blank_controls(reduced->p, reduced->n);
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
