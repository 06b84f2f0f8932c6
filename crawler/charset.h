/*
 * Bytes of unknown encoding to UTF-8.
 *
 * Evidence, strongest first: byte order mark, Content-Type header, <meta> in the first
 * bytes, XML declaration, uchardet. A label is a claim, not a fact: text that is valid UTF-8
 * with non-ASCII characters is UTF-8 whatever a multi-byte label says, and text labelled
 * UTF-8 that is mostly broken as such is sniffed. Labels are those of the WHATWG Encoding
 * standard; gb2312, gbk and gb18030 all decode as GB18030 (its superset). A bad sequence
 * becomes U+FFFD and decoding goes on.
 */
#ifndef HY_CRAWLER_CHARSET_H
#define HY_CRAWLER_CHARSET_H

#include "common/base/buf.h"
#include "common/base/err.h"
#include "common/base/str.h"

/*
 * Appends `bytes` as UTF-8 to *out; NUL bytes become U+FFFD, a byte order mark is dropped.
 * `content_type` is the header's value ("text/html; charset=gbk") or empty. *out_name is a
 * constant such as "utf-8", "gb18030", "big5". Fails with LIMIT where *out is too small.
 */
enum hy_err hy_charset_to_utf8(struct hy_str bytes, struct hy_str content_type, struct hy_buf *out,
			       const char **out_name) HY_MUST_CHECK;

/*
 * The same without a copy where there is nothing to change: *out is a view of `bytes`, or else
 * of what was appended to *memory.
 */
enum hy_err hy_charset_read(struct hy_str bytes, struct hy_str content_type, struct hy_buf *memory,
			    struct hy_str *out, const char **out_name) HY_MUST_CHECK;

/* The encoding name that a label stands for ("x-gbk" -> "gb18030"), or NULL if unknown. */
const char *hy_charset_of_label(struct hy_str label);

/* The name found in the first 1024 bytes (HTML standard, "prescan"), or NULL. */
const char *hy_charset_prescan(struct hy_str bytes);

#endif
