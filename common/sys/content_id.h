/*
 * Content ids: the first 128 bits of SHA-256 over length-prefixed parts, as 32 hex digits.
 * The same parts always give the same id, so that redelivery and re-crawl are recognised;
 * the lengths keep ("ab","c") and ("a","bc") apart.
 */
#ifndef HY_SYS_CONTENT_ID_H
#define HY_SYS_CONTENT_ID_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/str.h"

#define HY_ID_DIGITS 32
#define HY_SHA256_DIGITS 64

struct hy_id {
	char hex[HY_ID_DIGITS + 1];
};

struct hy_id hy_id_of(const struct hy_str *parts, size_t count);
struct hy_str hy_id_str(const struct hy_id *id);	/* borrowed from *id */
/* Exactly 32 lower-case hex digits. */
bool hy_id_valid(struct hy_str s);
/* Plain SHA-256 as 64 hex digits and a NUL. */
void hy_sha256_hex(struct hy_str data, char out[HY_SHA256_DIGITS + 1]);

#endif
