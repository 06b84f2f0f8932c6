/*
 * A fetched page to an article: what kind of page it is, title, publish time, outlet, text.
 *
 * The work is bounded by the limits of crawler/page.h; no network, no clock of its own.
 * Authors, nicknames and the like are never extracted.
 */
#ifndef HY_CRAWLER_EXTRACT_H
#define HY_CRAWLER_EXTRACT_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/base/str.h"
#include "common/base/time.h"

#define HY_ARTICLE_KIND_LIST(X) \
	X(ARTICLE, "article") /* one text with a title */ \
	X(LIST, "list") /* a list of links, search results, an account's history */ \
	X(WECHAT, "wechat") /* an article of a WeChat account */ \
	X(DELETED, "deleted") /* the publisher or the platform has taken it away, or it expired */ \
	X(BLOCKED, "blocked") /* captcha, login wall: nothing was seen, to be asked for later */ \
	X(EMPTY, "empty") /* neither text nor links */

enum hy_article_kind {
#define X(name, text) HY_ARTICLE_##name,
	HY_ARTICLE_KIND_LIST(X)
#undef X
};

/* Borrowed for the call. */
struct hy_extract_input {
	struct hy_str bytes;
	struct hy_str content_type;	/* the header's value, or empty */
	struct hy_str url;		/* after redirects, or empty */
	struct hy_wall now;		/* resolves "3 hours ago"; nothing is published later */
};

/* Views stay valid until hy_article_fini. All text is valid UTF-8 without control characters. */
struct hy_article {
	enum hy_article_kind kind;
	struct hy_str title;
	struct hy_str text;		/* paragraphs separated by \n, none empty */
	struct hy_str source;		/* the outlet or the WeChat account; never a person */
	struct hy_str canonical;	/* rel=canonical or og:url, absolute; only a candidate */
	struct hy_wall published_at;	/* HY_WALL_NONE where the page does not say */
	const char *charset;		/* constant */
	bool suspicious;		/* do not store as good: see why */
	const char *why;		/* constant, in Chinese, for the source's page; or NULL */
	char *storage;			/* owns the views */
};

/*
 * Fills *out; the caller releases it by hy_article_fini. Fails with LIMIT (page too large,
 * too many elements, too deep), text in e. A page without an article is not a failure: see
 * kind.
 */
enum hy_err hy_article_extract(const struct hy_extract_input *in, struct hy_article *out,
			       struct hy_error *e) HY_MUST_CHECK;
void hy_article_fini(struct hy_article *a);	/* safe on a zeroed struct */

const char *hy_article_kind_name(enum hy_article_kind kind);

#endif
