#include "crawler/dom.h"

#include <libxml/HTMLparser.h>
#include <libxml/HTMLtree.h>
#include <libxml/SAX2.h>

#include "crawler/charset.h"
#include "crawler/extract_unit.h"
#include "crawler/url.h"

struct hy_dom {
	htmlDocPtr document;
	xmlNode **removed;
	size_t removed_count, removed_cap;
	struct hy_buf base;
};

struct count {
	size_t elements;
	bool is_over;
};

/* HTML 5 elements that libxml2 does not know; any other unknown one begins a line. */
static const char *const inline_names[] = {
	"bdi", "data", "mark", "picture", "rp", "rt", "ruby", "source", "time", "wbr",
};
static const char *const unread_names[] = {"script", "style", "template", "noscript", "head"};

/* ---- parsing ---- */

static void start_element(void *ctx, const xmlChar *name, const xmlChar **attributes)
{
	htmlParserCtxtPtr parser = ctx;
	struct count *count = parser->_private;

	if (++count->elements > HY_DOM_MAX_ELEMENTS) {
		count->is_over = true;
		xmlStopParser(parser);
		return;
	}
	xmlSAX2StartElement(ctx, name, attributes);
}

static htmlDocPtr parse_html(struct hy_str html, struct count *count)
{
	htmlParserCtxtPtr parser = htmlNewParserCtxt();
	htmlDocPtr document;

	hy_assert(parser);
	parser->_private = count;
	parser->sax->startElement = start_element;
	document = htmlCtxtReadMemory(parser, html.p ? html.p : "", (int)html.n, NULL, "UTF-8",
				      HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
					      HTML_PARSE_NOWARNING | HTML_PARSE_NONET |
					      HTML_PARSE_COMPACT);
	htmlFreeParserCtxt(parser);
	return document;
}

static void find_base(struct hy_dom *dom, struct hy_str url)
{
	for (xmlNode *n = hy_dom_next(NULL, (xmlNode *)dom->document); n;
	     n = hy_dom_next(n, (xmlNode *)dom->document)) {
		if (!hy_dom_is(n, "base") || !hy_dom_attribute(n, "href").n)
			continue;
		if (hy_url_resolve(url, hy_dom_attribute(n, "href"), &dom->base) == HY_OK)
			return;
		break;
	}
	hy_buf_clear(&dom->base);
	hy_buf_add_str(&dom->base, url);
	if (hy_buf_err(&dom->base) != HY_OK)
		hy_buf_clear(&dom->base);
}

enum hy_err hy_dom_parse(const struct hy_extract_input *in, struct hy_dom **out,
			 struct hy_error *e)
{
	hy_cleanup(hy_buf_fini) struct hy_buf utf8 = HY_BUF(HY_DOM_MAX_BYTES * 2);
	struct count count = {0};
	htmlDocPtr document;
	struct hy_dom *dom;
	const char *charset;

	if (in->bytes.n > HY_DOM_MAX_BYTES ||
	    hy_charset_to_utf8(in->bytes, in->content_type, &utf8, &charset) != HY_OK)
		return hy_fail(e, HY_ERR_LIMIT, "page of %zu bytes, at most %zu are read as a tree",
			       in->bytes.n, HY_DOM_MAX_BYTES);
	document = parse_html(hy_buf_str(&utf8), &count);
	if (count.is_over) {
		xmlFreeDoc(document);
		return hy_fail(e, HY_ERR_LIMIT, "page of more than %d elements",
			       HY_DOM_MAX_ELEMENTS);
	}
	if (!document)
		document = htmlNewDoc(NULL, NULL);
	hy_assert(document);
	dom = hy_xcalloc(1, sizeof *dom);
	dom->document = document;
	hy_buf_init(&dom->base, HY_URL_MAX_BYTES + 1);
	find_base(dom, in->url);
	*out = dom;
	return HY_OK;
}

void hy_dom_free(struct hy_dom *dom)
{
	if (!dom)
		return;
	for (size_t i = 0; i < dom->removed_count; i++)
		xmlFreeNode(dom->removed[i]);
	free(dom->removed);
	xmlFreeDoc(dom->document);
	hy_buf_fini(&dom->base);
	free(dom);
}

xmlDoc *hy_dom_document(const struct hy_dom *dom)
{
	return dom->document;
}

void hy_dom_remove(struct hy_dom *dom, xmlNode *node)
{
	/* What is no part of the tree (a namespace) or is the tree itself stays. */
	if ((node->type != XML_ELEMENT_NODE && node->type != XML_TEXT_NODE &&
	     node->type != XML_COMMENT_NODE) || !node->parent)
		return;
	xmlUnlinkNode(node);
	dom->removed = hy_grow(dom->removed, &dom->removed_cap, dom->removed_count + 1,
			       sizeof *dom->removed);
	dom->removed[dom->removed_count++] = node;
}

enum hy_err hy_dom_write(const struct hy_dom *dom, struct hy_buf *out)
{
	xmlChar *text = NULL;
	int n = 0;

	htmlDocDumpMemoryFormat(dom->document, &text, &n, 0);
	if (text)
		hy_buf_add(out, text, (size_t)n);
	xmlFree(text);
	return hy_buf_err(out);
}

/* ---- walking ---- */

xmlNode *hy_dom_next_node(const xmlNode *node, const xmlNode *top)
{
	if (!node)
		return top->children;
	if (node->type != XML_ENTITY_REF_NODE && node->children)
		return node->children;
	while (node != top && !node->next)
		node = node->parent;
	return node == top ? NULL : node->next;
}

xmlNode *hy_dom_next(const xmlNode *node, const xmlNode *top)
{
	xmlNode *next = hy_dom_next_node(node, top);

	while (next && next->type != XML_ELEMENT_NODE)
		next = hy_dom_next_node(next, top);
	return next;
}

bool hy_dom_is(const xmlNode *node, const char *name)
{
	return node->type == XML_ELEMENT_NODE && !xmlStrcmp(node->name, (const xmlChar *)name);
}

static struct hy_str value_of(const xmlAttr *attribute)
{
	if (!attribute->children || attribute->children->type != XML_TEXT_NODE)
		return (struct hy_str){0};
	return hy_str_of((const char *)attribute->children->content);
}

struct hy_str hy_dom_attribute(const xmlNode *node, const char *name)
{
	for (const xmlAttr *a = node->type == XML_ELEMENT_NODE ? node->properties : NULL; a;
	     a = a->next)
		if (!xmlStrcmp(a->name, (const xmlChar *)name))
			return value_of(a);
	return (struct hy_str){0};
}

/* ---- words ---- */

static bool is_one_of(const xmlNode *node, const char *const *names, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (hy_dom_is(node, names[i]))
			return true;
	return false;
}

static bool is_block(const xmlNode *node)
{
	const htmlElemDesc *known;

	if (node->type != XML_ELEMENT_NODE)
		return false;
	known = htmlTagLookup(node->name);
	if (known)
		return !known->isinline || hy_dom_is(node, "br");
	return !is_one_of(node, inline_names, HY_COUNT(inline_names));
}

/* Text with a line break wherever a block begins or ends. */
static void raw_text(const xmlNode *top, struct hy_buf *out)
{
	const xmlNode *node = top;

	for (;;) {
		bool skip = is_one_of(node, unread_names, HY_COUNT(unread_names));

		if (node->type == XML_TEXT_NODE || node->type == XML_CDATA_SECTION_NODE)
			for (const char *p = (const char *)node->content; p && *p; p++)
				hy_buf_add_char(out, *p == '\n' || *p == '\r' ? ' ' : *p);
		else if (is_block(node))
			hy_buf_add_char(out, '\n');
		if (!skip && node->type == XML_ELEMENT_NODE && node->children) {
			node = node->children;
			continue;
		}
		while (node != top && !node->next) {
			node = node->parent;
			if (is_block(node))
				hy_buf_add_char(out, '\n');
		}
		if (node == top)
			return;
		node = node->next;
	}
}

static void text_of(const xmlNode *node, struct hy_buf *out)
{
	if (node->type == XML_ATTRIBUTE_NODE)
		hy_buf_add_str(out, value_of((const xmlAttr *)(const void *)node));
	else if (node->type == XML_ELEMENT_NODE || node->type == XML_TEXT_NODE ||
		 node->type == XML_CDATA_SECTION_NODE)
		raw_text(node, out);
}

void hy_dom_line(const xmlNode *node, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf raw = HY_BUF(HY_DOM_MAX_BYTES * 3);

	text_of(node, &raw);
	if (hy_buf_err(&raw) == HY_OK)
		hy_text_add(hy_buf_str(&raw), out);
}

void hy_dom_paragraphs(const xmlNode *node, struct hy_buf *out)
{
	hy_cleanup(hy_buf_fini) struct hy_buf raw = HY_BUF(HY_DOM_MAX_BYTES * 3);
	struct hy_str rest, line;

	text_of(node, &raw);
	rest = hy_buf_err(&raw) == HY_OK ? hy_buf_str(&raw) : (struct hy_str){0};
	while (hy_str_next(&rest, '\n', &line)) {
		size_t before = out->n, from;

		if (before)
			hy_buf_add_char(out, '\n');
		from = out->n;
		hy_text_add(line, out);
		if (out->n == from)
			hy_buf_truncate(out, before);
	}
}

enum hy_err hy_dom_resolve(const struct hy_dom *dom, struct hy_str ref, struct hy_buf *out)
{
	return hy_url_resolve(hy_buf_str(&dom->base), hy_str_trim(ref), out);
}
