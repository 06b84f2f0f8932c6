#include "common/sys/bus.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/mem.h"
#include "common/sys/bus_wire.h"

const struct hy_bus_options hy_bus_defaults = {
	.window = 256,
	.resend_ms = 2000,
	.answer_ms = 3000,
	.linger_ms = 500,
	.high_water = 1000,
};

struct hy_bus *hy_bus_new(struct hy_loop *loop, const struct hy_log *log)
{
	struct hy_bus *bus = hy_xcalloc(1, sizeof *bus);

	bus->loop = loop;
	bus->log = log;
	bus->context = zmq_ctx_new();
	hy_assert(bus->context);
	return bus;
}

void hy_bus_free(struct hy_bus *bus)
{
	if (!bus)
		return;
	hy_assert(!bus->zap);
	while (zmq_ctx_term(bus->context) != 0)
		hy_assert(zmq_errno() == EINTR);
	free(bus);
}
