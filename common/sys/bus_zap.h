/*
 * ZeroMQ Authentication Protocol (RFC 27/ZAP): says for each connection to a server with
 * CURVE whether its client's key is listed. One handler a ZeroMQ context, run by the loop;
 * one list a server, told apart by the ZAP domain. Internal.
 *
 * ZeroMQ 4.3 admits everybody while no handler is there: so it is there before the server binds
 * and until the server's socket is closed.
 */
#ifndef HY_SYS_BUS_ZAP_H
#define HY_SYS_BUS_ZAP_H

#include <stddef.h>

#include "common/base/err.h"
#include "common/sys/bus_wire.h"

#define HY_BUS_KEY_BYTES 32
#define HY_BUS_ZAP_DOMAIN_BYTES 32

/* `keys` (count times HY_BUS_KEY_BYTES, malloc'ed) passes to the handler, also on failure. */
enum hy_err hy_bus_zap_admit(struct hy_bus *bus, void *socket, unsigned char *keys, size_t count,
			     struct hy_error *e) HY_MUST_CHECK;
/* After closing the socket. Ends the handler with its last server; ignores unknown sockets. */
void hy_bus_zap_forget(struct hy_bus *bus, void *socket);

#endif
