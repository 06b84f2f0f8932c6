/*
 * The text of a page of a public letter box or message board (领导留言板, 县长信箱, 网络问政):
 * what was written and what the office answered, by the labels that such pages bear. Who
 * wrote, from where and with which number stands beside them and is left out.
 */
#ifndef HY_CRAWLER_EXTRACT_LETTER_H
#define HY_CRAWLER_EXTRACT_LETTER_H

#include <stdbool.h>

#include "crawler/extract_body.h"
#include "crawler/extract_unit.h"

/*
 * False, *out untouched, where the page has not both a labelled letter and a labelled answer;
 * else *out is released by hy_body_fini and its root is where the letter begins.
 */
bool hy_letter_find(const struct hy_measure *m, const struct hy_units *units,
		    struct hy_body *out);

#endif
