/*
 * Pages of WeChat public accounts (mp.weixin.qq.com) and of their search mirrors.
 *
 * They are built by scripts: the state, the account and often the text stand in script
 * variables, and a page of a deleted or blocked article has a form of its own. A captcha is
 * recorded as blocked, never answered.
 */
#ifndef HY_CRAWLER_WECHAT_H
#define HY_CRAWLER_WECHAT_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "crawler/extract.h"
#include "crawler/extract_unit.h"

#define HY_WECHAT_TITLE_BYTES 4096

struct hy_wechat {
	struct hy_buf *title, *text, *source;	/* appended to */
	struct hy_wall published_at;
	enum hy_article_kind kind;
};

/* False, with *out untouched, where the page is not one of these. */
bool hy_wechat_find(const struct hy_extract_input *in, const struct hy_measure *m,
		    const struct hy_units *units, struct hy_wechat *out);

#endif
