/* The named characters of HTML 4.01 (section 24), which feeds use without declaring them. */
#ifndef HY_CRAWLER_ENTITY_H
#define HY_CRAWLER_ENTITY_H

#include <stddef.h>
#include <stdint.h>

#include "common/base/str.h"

/* The character that a name such as "eacute" stands for, or 0. Case matters. */
uint32_t hy_entity_rune(struct hy_str name);

/*
 * Reads the reference at the start of s ("&eacute;", "&#8212;", "&#x2014;") and returns its
 * length, or 0 where none stands there. Numbers 128 to 159 mean windows-1252, as browsers
 * read them; a number that is no character becomes U+FFFD.
 */
size_t hy_entity_decode(struct hy_str s, uint32_t *out_rune);

/* The same in the text of a page, where a number ends without a semicolon too. */
size_t hy_entity_decode_text(struct hy_str s, uint32_t *out_rune);

#endif
