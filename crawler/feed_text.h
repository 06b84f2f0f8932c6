/* The texts inside feeds, which may be plain, HTML, or HTML that says it is plain. */
#ifndef HY_CRAWLER_FEED_TEXT_H
#define HY_CRAWLER_FEED_TEXT_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/str.h"

/*
 * Does a text that may be plain read as HTML? Only where it holds a closing or empty tag or
 * a character reference, and no tag that HTML does not know: "a < b" and "the <foo> option"
 * are plain.
 */
bool hy_feed_text_is_html(struct hy_str text);

/* Appends the plain text of HTML: tags, scripts and styles left out, references decoded. */
void hy_feed_text_add_html(struct hy_buf *out, struct hy_str html);

/* White space runs become one space, none at the ends. */
void hy_feed_text_collapse(struct hy_buf *text);

/* Appends the bytes that base64 text stands for; false where it is none. */
bool hy_feed_text_add_base64(struct hy_buf *out, struct hy_str text);

#endif
