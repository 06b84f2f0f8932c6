/*
 * The lead of a text: where it says what it is about. The paragraphs (lines) from the beginning
 * until HY_LEAD_ENOUGH characters are reached, for a dateline or a salutation is a paragraph too;
 * HY_LEAD_MAX characters at most. White space does not count.
 */
#ifndef HY_ANALYZER_LEAD_H
#define HY_ANALYZER_LEAD_H

#include <stddef.h>

#include "common/base/str.h"

#define HY_LEAD_ENOUGH 40
#define HY_LEAD_MAX 200

/* How many bytes of the body are its lead; bytes that are not UTF-8 are characters, one each. */
size_t hy_lead_bytes(struct hy_str body);

#endif
