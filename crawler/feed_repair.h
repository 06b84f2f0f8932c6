/*
 * Broken XML made well-formed enough: what libxml2's recovery drops, feeds of the real world
 * need. Unescaped ampersands, HTML entities that nobody declared, end tags that do not fit,
 * control characters, text before the first tag, a missing end.
 *
 * The document type, comments and processing instructions are left out, so no entity of the
 * document's own making exists behind this; references to them stay as text.
 */
#ifndef HY_CRAWLER_FEED_REPAIR_H
#define HY_CRAWLER_FEED_REPAIR_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

/* Elements nested deeper are left out with what they hold; libxml2's own limit is 256. */
#define HY_FEED_DEPTH_MAX 200

/* Appends the repaired form of UTF-8 text. LIMIT where out is too small. */
enum hy_err hy_feed_repair(struct hy_str text, struct hy_buf *out) HY_MUST_CHECK;

#endif
