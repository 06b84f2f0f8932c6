/* Decoding of one known encoding, bad bytes replaced; the C library's iconv does the work. */
#ifndef HY_CRAWLER_CHARSET_DECODE_H
#define HY_CRAWLER_CHARSET_DECODE_H

#include <stddef.h>

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"
#include "crawler/charset_label.h"

/*
 * Appends `bytes` as UTF-8. *out_bad counts the sequences that became U+FFFD. LIMIT where out
 * is too small; UNAVAILABLE where this system cannot decode it.
 */
enum hy_err hy_charset_decode(const struct hy_encoding *encoding, struct hy_str bytes,
			      struct hy_buf *out, size_t *out_bad) HY_MUST_CHECK;

#endif
