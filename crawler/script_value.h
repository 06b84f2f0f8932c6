/*
 * Text values in the scripts of a page: `var title = "..."`, `title: JsDecode('...')`,
 * `window.ct = '1766049188' || ''`. Nothing is run; escapes are undone.
 */
#ifndef HY_CRAWLER_SCRIPT_VALUE_H
#define HY_CRAWLER_SCRIPT_VALUE_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "crawler/page_strip.h"

/*
 * Appends the first value of `name` that is not empty, as the script would hold it; false,
 * with out untouched, where there is none or it is no text or number.
 */
bool hy_script_value(const struct hy_scripts *scripts, const char *name, struct hy_buf *out);

/* The same for the longest of the first hundred values. */
bool hy_script_longest(const struct hy_scripts *scripts, const char *name, struct hy_buf *out);

/* True where some script contains the words. */
bool hy_script_has(const struct hy_scripts *scripts, const char *words);

/* Appends HTML as plain text: tags left out, <br> and blocks as \n, references resolved. */
void hy_markup_to_text(struct hy_str html, struct hy_buf *out);

#endif
