/*
 * What class and id names say about a part of a forum or question page: a contribution, its
 * text, or what stands around a text (who wrote it, buttons, points, signatures).
 *
 * Apart from crawler/extract_hint.h because the same word means the opposite there: on a
 * news page "comment" and "reply" are no part of the text. Constant data and look-ups.
 */
#ifndef HY_CRAWLER_THREAD_NAME_H
#define HY_CRAWLER_THREAD_NAME_H

#include <stdint.h>

#include "crawler/page.h"

enum hy_thread_name {
	HY_THREAD_POST = 1,	/* a contribution, or what holds contributions */
	HY_THREAD_TEXT = 2,	/* the text of one */
	HY_THREAD_META = 4,	/* around a text: never kept */
};

/* A set of enum hy_thread_name for an element. */
unsigned hy_thread_names_of(const struct hy_page *page, size_t node);

/*
 * The page's elements that bear a name which only forum and question software gives to a
 * contribution; counts no further than `enough`.
 */
size_t hy_thread_names_sure(const struct hy_page *page, size_t enough);

/*
 * A number for an element's kind: tag and the most telling word of its class, or its id,
 * without digits. Equal for the posts of one thread.
 */
uint32_t hy_thread_name_hash(const struct hy_page *page, size_t node);

#endif
