/*
 * The text of pages that show nothing until a script has run: JSON-LD and the state of page
 * frameworks (__NEXT_DATA__, __INITIAL_STATE__ ...) hold it as a value. Nothing is run.
 */
#ifndef HY_CRAWLER_EXTRACT_DATA_H
#define HY_CRAWLER_EXTRACT_DATA_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "crawler/page_strip.h"

/*
 * Appends paragraphs separated by \n; false, with out untouched, where no value reads like
 * the text of an article.
 */
bool hy_data_text(const struct hy_scripts *scripts, struct hy_buf *out);

#endif
