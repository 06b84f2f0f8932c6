/*
 * What a page or a header says its encoding is. The prescan follows the HTML standard
 * ("prescan a byte stream to determine its encoding"), the XML declaration included.
 */
#ifndef HY_CRAWLER_CHARSET_PRESCAN_H
#define HY_CRAWLER_CHARSET_PRESCAN_H

#include "common/base/str.h"
#include "crawler/charset_label.h"

/* The declared encoding in these bytes, utf-16 read as utf-8 as the standard has it; or NULL. */
const struct hy_encoding *hy_charset_declared(struct hy_str bytes);

/* The value of charset= in a Content-Type ("text/html; charset=gbk"); empty where absent. */
struct hy_str hy_charset_parameter(struct hy_str content_type);

#endif
