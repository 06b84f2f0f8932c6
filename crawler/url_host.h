/*
 * The host of an http(s) address as the WHATWG URL standard parses it (4.3): percent
 * decoding, IDNA (UTS 46, non-transitional), the many spellings of an IPv4 address, IPv6.
 * Split from url.c because it alone decides which machine an address means.
 */
#ifndef HY_CRAWLER_URL_HOST_H
#define HY_CRAWLER_URL_HOST_H

#include <stdbool.h>

#include "common/base/buf.h"
#include "common/base/str.h"

/* RFC 1035, 2.3.4: 255 octets on the wire, which leaves 253 written ones. */
#define HY_URL_HOST_MAX_BYTES 253

/* Appends the host in its one normal form; false leaves out untouched. */
bool hy_url_host_parse(struct hy_str text, struct hy_buf *out);

/* True for what hy_url_host_parse() wrote for an IPv4 or IPv6 address. */
bool hy_url_host_is_address(struct hy_str host);

#endif
