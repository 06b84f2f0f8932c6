/*
 * Lines that forum software puts around a contribution: who wrote when, which floor, the
 * buttons. Names of contributors stand in them, so they are never part of a text.
 */
#ifndef HY_CRAWLER_THREAD_LINE_H
#define HY_CRAWLER_THREAD_LINE_H

#include <stdbool.h>

#include "common/base/str.h"

/* A wider line is a text. */
#define HY_THREAD_LINE_WIDTH 160

/* `line` has no white space at its ends; `title` is the thread's, maybe empty. */
bool hy_thread_line_is_around(struct hy_str line, struct hy_str title);

#endif
