/*
 * The encodings of the web and their labels (WHATWG Encoding standard, "Names and labels").
 * Constant data only.
 */
#ifndef HY_CRAWLER_CHARSET_LABEL_H
#define HY_CRAWLER_CHARSET_LABEL_H

#include <stdbool.h>

#include "common/base/str.h"

struct hy_encoding {
	const char *name;	/* lower case; "gb18030" also for gb2312 and gbk */
	const char *iconv_name;	/* NULL where it needs no conversion (utf-8) */
	bool multi_byte;	/* a character may have several bytes */
	bool default_of_servers;	/* set for a whole server, whatever the pages are */
	const char *labels;	/* separated by spaces, lower case */
};

/* Case and surrounding white space do not matter; NULL where no encoding has the label. */
const struct hy_encoding *hy_encoding_find(struct hy_str label);

#endif
