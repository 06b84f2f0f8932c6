/* UTF-8 as of RFC 3629: no surrogates, no overlong forms, nothing above U+10FFFF. */
#ifndef HY_BASE_UTF8_H
#define HY_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/buf.h"

/*
 * Decodes the character at p (n > 0 bytes left). Returns its length in bytes and sets
 * *out_rune, or returns 0 where the bytes are not valid UTF-8.
 */
size_t hy_utf8_decode(const char *p, size_t n, uint32_t *out_rune);

/* Writes 1-4 bytes; returns their count (0 for a surrogate or a value above U+10FFFF). */
size_t hy_utf8_encode(uint32_t rune, char out[4]);

bool hy_utf8_valid(const char *p, size_t n);

/* The largest offset <= at (<= n) that does not stand inside a character. */
size_t hy_utf8_floor(const char *p, size_t n, size_t at);

/* Number of characters; an invalid byte counts as one. */
size_t hy_utf8_count(const char *p, size_t n);

/* Appends s with each invalid byte replaced by U+FFFD. */
void hy_utf8_repair(struct hy_buf *out, const char *p, size_t n);

/* CJK ideographs (the unified blocks and extensions, not punctuation or kana). */
bool hy_rune_is_han(uint32_t rune);
/* White space in the sense of Unicode, with U+3000, U+00A0, U+200B and U+FEFF. */
bool hy_rune_is_space(uint32_t rune);

#endif
