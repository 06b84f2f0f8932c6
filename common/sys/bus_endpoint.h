/*
 * Addresses: ipc://PATH on one host, tcp://HOST:PORT between hosts. Internal.
 *
 * An ipc socket is guarded by its file's mode and carries plain traffic. tcp to or from
 * another host needs CURVE keys: without them anyone could hand in documents and commands.
 */
#ifndef HY_SYS_BUS_ENDPOINT_H
#define HY_SYS_BUS_ENDPOINT_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/sys/bus_wire.h"

#define HY_BUS_ENDPOINT_BYTES 256

/* Connects to each of a comma-separated list. */
enum hy_err hy_bus_connect(void *socket, const char *endpoints,
			   const struct hy_bus_options *options, struct hy_error *e) HY_MUST_CHECK;
/* Binds; a stale ipc file is replaced, a live one is CONFLICT. `bus` holds client keys. */
enum hy_err hy_bus_bind(struct hy_bus *bus, void *socket, const char *endpoint,
			const struct hy_bus_options *options, struct hy_error *e) HY_MUST_CHECK;
/* Closes a socket that hy_bus_bind was given, also where it failed; NULL is legal. */
void hy_bus_unbind(struct hy_bus *bus, void *socket);

#endif
