/*
 * A page as libxml2's tree: for the few pages that are read by XPath or whose form is known
 * exactly. All others go through crawler/page.h, which costs a fraction.
 */
#ifndef HY_CRAWLER_DOM_H
#define HY_CRAWLER_DOM_H

#include <libxml/tree.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/mem.h"
#include "common/base/str.h"
#include "crawler/extract.h"

#define HY_DOM_MAX_BYTES ((size_t)8 << 20)
#define HY_DOM_MAX_ELEMENTS 200000

struct hy_dom;

/* Any bytes give a tree. LIMIT (bytes, elements) with text in e; out is untouched then. */
enum hy_err hy_dom_parse(const struct hy_extract_input *in, struct hy_dom **out,
			 struct hy_error *e) HY_MUST_CHECK;
void hy_dom_free(struct hy_dom *dom);	/* free(NULL) is legal */
HY_DEFINE_CLEANUP(struct hy_dom *, hy_dom_free)

/* Borrowed. Nodes may be unlinked from it by hy_dom_remove; */
xmlDoc *hy_dom_document(const struct hy_dom *dom);
/* their memory lives as long as the tree, so other pointers into it stay good. */
void hy_dom_remove(struct hy_dom *dom, xmlNode *node);
/* The page as it is now, as HTML in UTF-8. */
enum hy_err hy_dom_write(const struct hy_dom *dom, struct hy_buf *out) HY_MUST_CHECK;

/* The next element behind `node` in document order, within `top`; NULL at the end. */
xmlNode *hy_dom_next(const xmlNode *node, const xmlNode *top);
/* The next node of any type, likewise. */
xmlNode *hy_dom_next_node(const xmlNode *node, const xmlNode *top);

bool hy_dom_is(const xmlNode *node, const char *name);
/* The value of an attribute, or the empty view; borrowed from the tree. */
struct hy_str hy_dom_attribute(const xmlNode *node, const char *name);

/* Appends an element's, attribute's or text's words in one line, white space collapsed. */
void hy_dom_line(const xmlNode *node, struct hy_buf *out);
/* Appends them as paragraphs separated by \n, as the page's blocks part them. */
void hy_dom_paragraphs(const xmlNode *node, struct hy_buf *out);

/* Appends the address that `ref` means in this page; fails as hy_url_resolve(). */
enum hy_err hy_dom_resolve(const struct hy_dom *dom, struct hy_str ref,
			   struct hy_buf *out) HY_MUST_CHECK;

#endif
