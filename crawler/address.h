/*
 * Which network addresses may be connected to (design P10): a page must not make us reach
 * into our own network. Asked about the address of each connection, after name resolution,
 * so that neither a redirect nor a name that changes its address gets around it.
 */
#ifndef HY_CRAWLER_ADDRESS_H
#define HY_CRAWLER_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

#include "common/base/str.h"

enum hy_address_class {
	HY_ADDRESS_PUBLIC,
	HY_ADDRESS_PRIVATE,	/* loopback, RFC 1918, ULA, shared: if the source allows it */
	HY_ADDRESS_FORBIDDEN,	/* link-local (metadata services), multicast, reserved: never */
};

/* By the special-purpose registries of IANA (RFC 6890 and later); other families: FORBIDDEN. */
enum hy_address_class hy_address_classify(const struct sockaddr *address, socklen_t bytes);
/* The same of a written IPv4 or IPv6 address without brackets; FORBIDDEN where it is none. */
enum hy_address_class hy_address_classify_text(struct hy_str text);

bool hy_address_may_connect(enum hy_address_class address_class, bool allow_private);

#endif
