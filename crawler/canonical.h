/*
 * Which address a document is known under: the page's own, or the one that the page names as
 * canonical (rel=canonical, og:url) where that is plausible. Sites get it wrong often: a
 * template that names the home page on every page would make one document of the whole site.
 * So a claim counts only within the site, for the same article number or name, and never for
 * a place that is higher up than the page. A claim that is refused costs nothing but a second
 * row; one believed wrongly costs an article. (The archive compares the texts as well.)
 */
#ifndef HY_CRAWLER_CANONICAL_H
#define HY_CRAWLER_CANONICAL_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

#define HY_CANONICAL_LIST(X) \
	X(OWN, "own") /* nothing is claimed, or the page's own address */ \
	X(TAKEN, "taken") \
	X(UNUSABLE, "unusable") /* no http address, over-long */ \
	X(OTHER_SITE, "other-site") \
	X(HOME, "home") \
	X(SECTION, "section") /* a list, or a place above the page */ \
	X(OTHER_ARTICLE, "other-article") /* another number or name */

enum hy_canonical {
#define X(name, text) HY_CANONICAL_##name,
	HY_CANONICAL_LIST(X)
#undef X
};

/*
 * Appends the canonical form of `claimed` where *out_why is TAKEN, else that of `url`
 * (normalised). Fails only where `url` itself has none (see hy_url_canonical).
 */
enum hy_err hy_canonical_choose(struct hy_str url, struct hy_str claimed, struct hy_buf *out,
				enum hy_canonical *out_why) HY_MUST_CHECK;
const char *hy_canonical_name(enum hy_canonical why);

#endif
