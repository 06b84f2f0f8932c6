/*
 * Whether a page is a forum thread or a question with its answers, by its address, by what
 * it tells programs and by the markup of known forum software. An article with comments is
 * none.
 */
#ifndef HY_CRAWLER_EXTRACT_FORUM_H
#define HY_CRAWLER_EXTRACT_FORUM_H

#include <stdbool.h>

#include "common/base/str.h"
#include "crawler/page.h"

/* `url` may be empty. */
bool hy_forum_is(const struct hy_page *page, struct hy_str url);

#endif
