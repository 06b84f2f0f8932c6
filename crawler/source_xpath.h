/*
 * The XPath 1.0 expressions of one source, for pages that are read better with a hint than
 * by automatic detection. Compiled when sources.yaml is loaded, so that a bad one is a
 * finding at its place and not a surprise in the night.
 *
 *   xpath:
 *     item: //ul[@class="list"]/li     # list page: one entry; the next three stand in it
 *     link: a/@href                    # preset: the first link in the entry
 *     title: a                         # preset: the text of the link
 *     published: span[@class="date"]
 *     article_title: //h1              # article: these, where `item` is given;
 *     article_published: //time        #   else `title` and `published` are the article's
 *     text: //div[@class="content"]
 *     source: //span[@class="from"]
 *     remove: //div[@class="share"]    # taken out of the article before it is read
 */
#ifndef HY_CRAWLER_SOURCE_XPATH_H
#define HY_CRAWLER_SOURCE_XPATH_H

#include <stdbool.h>

#include "common/sys/yaml.h"

#define HY_XPATH_BYTES 1000

enum hy_xpath_field {
	HY_XPATH_ITEM,		/* of a list page, */
	HY_XPATH_LINK,		/* within an item */
	HY_XPATH_ITEM_TITLE,
	HY_XPATH_ITEM_PUBLISHED,
	HY_XPATH_TITLE,		/* of an article */
	HY_XPATH_TEXT,
	HY_XPATH_PUBLISHED,
	HY_XPATH_SOURCE,
	HY_XPATH_REMOVE,
	HY_XPATH_FIELD_COUNT
};

struct hy_source_xpath;
struct _xmlXPathCompExpr;

/*
 * Reads and compiles the mapping `xpath`; what is wrong with it becomes findings. The result
 * is never NULL and released by hy_source_xpath_free. `is_list`: the source is a list page.
 */
struct hy_source_xpath *hy_source_xpath_read(const struct hy_yaml_node *mapping, bool is_list,
					     struct hy_findings *findings);
void hy_source_xpath_free(struct hy_source_xpath *xpath);	/* free(NULL) is legal */

bool hy_source_xpath_has(const struct hy_source_xpath *xpath, enum hy_xpath_field field);
/* Is there an expression for list pages, for articles? False where xpath is NULL. */
bool hy_source_xpath_reads_lists(const struct hy_source_xpath *xpath);
bool hy_source_xpath_reads_articles(const struct hy_source_xpath *xpath);

/* For crawler/xpath_page.c: the compiled expression, borrowed; NULL where none is given. */
struct _xmlXPathCompExpr *hy_source_xpath_get(const struct hy_source_xpath *xpath,
					      enum hy_xpath_field field);

#endif
