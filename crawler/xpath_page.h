/*
 * Pages read by the expressions of their source (source_xpath.h), over what is found
 * automatically: an expression that finds nothing leaves the automatic value, and says so.
 *
 * Evaluation is bounded by a number of steps; over it counts as nothing found.
 */
#ifndef HY_CRAWLER_XPATH_PAGE_H
#define HY_CRAWLER_XPATH_PAGE_H

#include "common/base/err.h"
#include "crawler/extract.h"
#include "crawler/links.h"
#include "crawler/source_xpath.h"

#define HY_XPATH_MAX_STEPS 3000000

/*
 * As hy_article_extract; the same where xpath is NULL or has nothing for articles. A page
 * that was taken away or asks for a captcha stays what it is. Where an expression found
 * nothing, the article is suspicious and `why` names the expression.
 */
enum hy_err hy_xpath_article(const struct hy_extract_input *in,
			     const struct hy_source_xpath *xpath, struct hy_article *out,
			     struct hy_error *e) HY_MUST_CHECK;

/*
 * As hy_links_find; the same where xpath is NULL or has nothing for lists. *out_note is a
 * constant in Chinese where an expression found nothing, else NULL.
 */
enum hy_err hy_xpath_links(const struct hy_extract_input *in, const struct hy_source_xpath *xpath,
			   struct hy_links *out, const char **out_note,
			   struct hy_error *e) HY_MUST_CHECK;

#endif
