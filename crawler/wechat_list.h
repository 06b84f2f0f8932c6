/*
 * Lists of WeChat articles whose form is known: search results of weixin.sogou.com and its
 * mobile pages, an account's history (`msgList` in a script), albums of mp.weixin.qq.com.
 *
 * Titles and times are taken where those pages keep them, often in scripts and data
 * attributes. Names of accounts' operators and authors are not read.
 */
#ifndef HY_CRAWLER_WECHAT_LIST_H
#define HY_CRAWLER_WECHAT_LIST_H

#include <stdbool.h>

#include "crawler/extract.h"
#include "crawler/links.h"

/* Could the page be one? Cheap: looks for the words that each form has. */
bool hy_wechat_list_is_likely(struct hy_str bytes);
/* False, with *out untouched, where it lists no articles. The caller releases *out. */
bool hy_wechat_list_find(const struct hy_extract_input *in, struct hy_links *out);

#endif
