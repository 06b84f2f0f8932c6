/*
 * The text of a forum thread or of a question with its answers: the first contribution and
 * those that follow, in page order, without who wrote them, when, with which signature.
 */
#ifndef HY_CRAWLER_EXTRACT_THREAD_H
#define HY_CRAWLER_EXTRACT_THREAD_H

#include <stdbool.h>

#include "crawler/extract_body.h"
#include "crawler/extract_title.h"
#include "crawler/extract_unit.h"

struct hy_thread_input {
	const struct hy_measure *m;
	const struct hy_units *units;
	const struct hy_title *title;
	struct hy_str url;		/* may be empty */
};

/*
 * False, *out untouched, where the page is no thread; else *out is released by
 * hy_body_fini and its root is the first contribution.
 */
bool hy_thread_find(const struct hy_thread_input *in, struct hy_body *out);

#endif
