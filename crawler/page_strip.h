/*
 * First pass over a page: everything that is no text and no structure goes.
 *
 * Comments, doctypes, scripts, styles and the like are left out by the raw-text rules of the
 * HTML standard (12.2.5: script data escaped states, RCDATA, bogus comments), attributes
 * that nobody reads are dropped, the others re-written with quotes. What remains is a third
 * of a usual page and holds nothing that costs libxml2 more than linear time. Scripts are
 * kept aside: some pages carry their data there.
 */
#ifndef HY_CRAWLER_PAGE_STRIP_H
#define HY_CRAWLER_PAGE_STRIP_H

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

/* Views into the page. */
struct hy_script {
	struct hy_str type, id;	/* attributes as written */
	struct hy_str text;
};

struct hy_scripts {
	struct hy_script *items;	/* owned; freed by the caller */
	size_t count, cap;
};

/* HY_ATTRIBUTE_COUNT where the name is none of the list. */
enum hy_attribute hy_attribute_find(struct hy_str name);

/*
 * Appends the reduced page to *out and its scripts to *scripts. `html` is valid UTF-8
 * without NUL. LIMIT where there are too many tags or out is too small.
 */
enum hy_err hy_page_strip(struct hy_str html, struct hy_buf *out, struct hy_scripts *scripts)
	HY_MUST_CHECK;

#endif
