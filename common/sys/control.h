/*
 * Control socket of a daemon: answers STATUS_REQUEST. It is also what keeps a second process
 * of the same name out of the same run folder.
 */
#ifndef HY_SYS_CONTROL_H
#define HY_SYS_CONTROL_H

#include "common/sys/bus.h"
#include "common/sys/service.h"

struct hy_control;

/* Fills the sink; called once a request. */
typedef void hy_control_status_fn(void *ctx, struct hy_status_sink *sink);

/* CONFLICT where a process of that name is running. `name` is borrowed. */
enum hy_err hy_control_new(struct hy_bus *bus, const struct hy_common_conf *common,
			   const char *name, struct hy_control **out, struct hy_error *e)
	HY_MUST_CHECK;
void hy_control_on_status(struct hy_control *control, hy_control_status_fn *fn, void *ctx);
void hy_control_free(struct hy_control *control);

#endif
