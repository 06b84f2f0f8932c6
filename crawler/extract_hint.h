/*
 * What class and id names, roles and element names say about a part of a page.
 *
 * Only words that many publishers use, in English and in the pinyin and abbreviations of
 * Chinese sites; no word is there for one site.
 */
#ifndef HY_CRAWLER_EXTRACT_HINT_H
#define HY_CRAWLER_EXTRACT_HINT_H

#include <stddef.h>

#include "crawler/page.h"

enum hy_hint {
	HY_HINT_BODY = 1,	/* the text itself: content, article, TRS_Editor ... */
	HY_HINT_ASIDE = 2,	/* navigation, comments, recommendations, sharing, advertisement */
	HY_HINT_TITLE = 4,
	HY_HINT_TIME = 8,
	HY_HINT_SOURCE = 16,
	HY_HINT_CAPTION = 32,	/* of a picture */
	HY_HINT_BYLINE = 64,	/* line of author, editor, source, time, tools */
	HY_HINT_HIDDEN = 128,	/* not shown */
	HY_HINT_POST = 256,	/* one contribution of a forum or Q&A page */
	HY_HINT_OTHERS = 512,	/* other articles, long notices about cookies */
	HY_HINT_LEAD = 1024,	/* the first paragraph, set apart */
};

#define HY_HINT_MEMO 64

/*
 * Where the words with two first letters begin, in any case, and what some names seen last
 * said: a page uses few, many times. For one page, whose texts it views.
 */
struct hy_hint_index {
	unsigned char first[32][32];
	struct {
		struct hy_str names;
		unsigned hints;
	} memo[HY_HINT_MEMO];
};

void hy_hint_index_init(struct hy_hint_index *index);

/* A set of enum hy_hint for an element. */
unsigned hy_hint_of(struct hy_hint_index *index, const struct hy_page *page, size_t node);

/* The same for names alone ("article-content left"). */
unsigned hy_hint_of_names(const struct hy_hint_index *index, struct hy_str names);

#endif
