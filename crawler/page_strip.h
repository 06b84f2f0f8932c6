/*
 * First pass over a page: everything that is no text and no structure goes.
 *
 * Comments, doctypes, scripts, styles and the like are left out by the raw-text rules of the
 * HTML standard (12.2.5: script data escaped states, RCDATA, bogus comments), white space is
 * collapsed, attributes that nobody reads are dropped, the others are kept aside and stand in
 * the reduced page as one number. What remains is a small part of a usual page and holds
 * nothing that costs libxml2 more than linear time. Scripts are kept aside too: some pages
 * carry their data there.
 */
#ifndef HY_CRAWLER_PAGE_STRIP_H
#define HY_CRAWLER_PAGE_STRIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

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
	struct hy_page_attribute *attributes;
	size_t attribute_count, attribute_cap;
	char *memory;		/* as large as the page; the rest is free for others */
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

/*
 * A start tag with attributes is written "<a n=NUMBER>": the number gives their place in
 * `attributes` and their count. False where the text is no such number.
 */
bool hy_stripped_attributes(const struct hy_stripped *stripped, const char *number,
			    uint32_t *out_first, uint16_t *out_count);

#endif
