/*
 * First pass over a page: everything that is no text and no structure goes.
 *
 * Comments, doctypes, scripts, styles and the like are left out by the raw-text rules of the
 * HTML standard (12.2.5: script data escaped states, RCDATA, bogus comments), white space is
 * collapsed, attributes that nobody reads are dropped. Texts, attributes and inline elements
 * that are closed in good order are kept aside and stand in the reduced page as numbers
 * (crawler/page_fold.h). What remains is a small part of a usual page and holds nothing that
 * costs libxml2 more than linear time. Scripts are kept aside too: some pages carry their data
 * there.
 */
#ifndef HY_CRAWLER_PAGE_STRIP_H
#define HY_CRAWLER_PAGE_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

#define HY_PAGE_NO_NODE UINT32_MAX
#define HY_PAGE_MAX_SCRIPTS 1000
/* Start and end tags; the largest real pages seen have some 60,000. */
#define HY_PAGE_MAX_TAGS 400000

#define HY_ATTRIBUTE_LIST(X) \
	X(CLASS, "class") X(ID, "id") X(HREF, "href") X(STYLE, "style") X(NAME, "name") \
	X(CONTENT, "content") X(PROPERTY, "property") X(ITEMPROP, "itemprop") \
	X(DATETIME, "datetime") X(REL, "rel") X(HIDDEN, "hidden") X(ARIA_HIDDEN, "aria-hidden") \
	X(ROLE, "role") X(TITLE, "title") X(TYPE, "type") X(HTTP_EQUIV, "http-equiv") \
	X(ITEMTYPE, "itemtype")

enum hy_attribute {
#define X(name, text) HY_ATTRIBUTE_##name,
	HY_ATTRIBUTE_LIST(X)
#undef X
	HY_ATTRIBUTE_COUNT
};

struct hy_page_attribute {
	enum hy_attribute name;
	struct hy_str value;	/* references resolved */
};

struct hy_node {
	uint8_t tag;		/* enum hy_tag; HY_TAG_TEXT for text */
	uint16_t attribute_count;
	uint32_t attribute_first;
	uint32_t parent;	/* HY_PAGE_NO_NODE for the root */
	uint32_t end;		/* one behind the last node of its subtree */
	struct hy_str text;	/* of a text node, as in the page */
};

/* Nodes in page order; parent and end count from the beginning of the whole array. */
struct hy_pieces {
	struct hy_node *items;
	size_t count, cap;
};

/* The pieces [first, end) that a number in the reduced page stands for. */
struct hy_run {
	uint32_t first, end;
};

struct hy_runs {
	struct hy_run *items;
	size_t count, cap;
};

/* A start tag of the reduced page that has attributes: where its name ends. */
struct hy_start {
	uint32_t at;
	uint32_t attribute_first;
	uint16_t attribute_count;
	uint8_t tag;
};

struct hy_starts {
	struct hy_start *items;	/* by place */
	size_t count, cap;
};

/* Views into the page. */
struct hy_script {
	struct hy_str text;
};

struct hy_scripts {
	struct hy_script *items;
	size_t count, cap;
};

/* What a page is made into; views point into the page given or into `memory`. */
struct hy_stripped {
	struct hy_buf text;	/* the reduced page */
	struct hy_scripts scripts;
	struct hy_pieces pieces;
	struct hy_runs runs;
	struct hy_starts starts;
	struct hy_page_attribute *attributes;
	size_t attribute_count, attribute_cap;
	char *memory;		/* as large as the page: texts, and values with references */
	size_t memory_used;
};

/* HY_ATTRIBUTE_COUNT where the name is none of the list. */
enum hy_attribute hy_attribute_find(struct hy_str name);

/*
 * Fills *out, to be released by hy_stripped_fini also on failure. `html` is valid UTF-8
 * without NUL. LIMIT where there are too many tags.
 */
enum hy_err hy_page_strip(struct hy_str html, struct hy_stripped *out) HY_MUST_CHECK;
void hy_stripped_fini(struct hy_stripped *stripped);	/* safe on a zeroed struct */

#endif
