/*
 * What of an article counts when it is read again. A page is never twice the same: counters of
 * readers go up, "3小时前" becomes "4小时前", the list of related articles changes. A version is
 * made only where title or text differ in what is left without these.
 *
 * Left out: white space and invisible characters; numbers of readers, comments and likes, and
 * ages, in short lines that are no sentence; lines that are only a number; whatever follows a
 * line such as 相关阅读. Dates stay: the date under a notice is part of it.
 */
#ifndef HY_CRAWLER_CONTENT_CORE_H
#define HY_CRAWLER_CONTENT_CORE_H

#include <stdbool.h>

#include "common/base/str.h"
#include "common/sys/content_id.h"

/* Texts whose cores are the same have the same id. */
struct hy_id hy_content_core(struct hy_str title, struct hy_str text);

/*
 * Are these two readings of one article? At least half of the shorter one's words, by whole
 * lines, stands in the other. For pages of one site that claim to be the same.
 */
bool hy_content_is_alike(struct hy_str text, struct hy_str other);

#endif
