/*
 * CURVE keys and who may connect. Internal, but for hy_bus_make_keys in bus.h.
 *
 * A key file has the lines "public Z85" and "secret Z85" and is readable by its owner alone.
 * Files of public keys have one key a line, with or without "public " before it; lines that
 * start with "# " are comments.
 */
#ifndef HY_SYS_BUS_CURVE_H
#define HY_SYS_BUS_CURVE_H

#include <stdbool.h>

#include "common/base/err.h"
#include "common/sys/bus_wire.h"

/* NULL and "" both mean none. */
bool hy_bus_has_keys(const struct hy_bus_options *options);
/* Proves us to servers, and lets only the one with server_key_file answer. */
enum hy_err hy_bus_curve_client(void *socket, const struct hy_bus_options *options,
				struct hy_error *e) HY_MUST_CHECK;
/* Admits only clients whose keys are in client_keys_file. */
enum hy_err hy_bus_curve_server(struct hy_bus *bus, void *socket,
				const struct hy_bus_options *options,
				struct hy_error *e) HY_MUST_CHECK;
void hy_bus_curve_forget(struct hy_bus *bus, void *socket);

#endif
