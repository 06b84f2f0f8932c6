#include "common/sys/control.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/mem.h"

#define ENDPOINT_BYTES 1024
#define STATE_BYTES HY_MSG_NAME_BYTES

struct hy_control {
	struct hy_bus_server *server;
	const char *name;
	struct hy_wall started_at;
	hy_control_status_fn *fn;
	void *ctx;
};

struct hy_status_sink {
	struct hy_msg_figure figures[HY_MSG_FIGURES_MAX];
	char names[HY_MSG_FIGURES_MAX][HY_MSG_NAME_BYTES];	/* what figures[].name points to */
	size_t count;
	char state[STATE_BYTES];
};

void hy_status_figure(struct hy_status_sink *sink, const char *name, int64_t value)
{
	size_t n = strlen(name);
	char *copy;

	hy_assert(sink->count < HY_MSG_FIGURES_MAX && n < HY_MSG_NAME_BYTES);
	copy = sink->names[sink->count];
	memcpy(copy, name, n);
	sink->figures[sink->count++] = (struct hy_msg_figure){{copy, n}, value};
}

void hy_status_state(struct hy_status_sink *sink, const char *text)
{
	(void)snprintf(sink->state, sizeof sink->state, "%s", text);
}

static void answer_status(struct hy_control *c, const struct hy_bus_peer *to, struct hy_str id)
{
	hy_cleanup(hy_free_p) struct hy_status_sink *sink = hy_xcalloc(1, sizeof *sink);
	struct hy_msg answer = {.type = HY_MSG_STATUS, .id = id};
	struct hy_error e = {0};

	hy_status_state(sink, "ready");
	if (c->fn)
		c->fn(c->ctx, sink);
	answer.as.status = (struct hy_msg_status){
		.daemon = hy_str_of(c->name),
		.pid = getpid(),
		.started_at = c->started_at,
		.state = hy_str_of(sink->state),
		.figures = sink->figures,
		.figure_count = sink->count,
	};
	/* Who asked may be gone; there is nothing to be done about it. */
	(void)!hy_bus_server_answer(c->server, to, &answer, &e);
}

static void on_request(void *ctx, const struct hy_bus_peer *from, struct hy_msg *request)
{
	if (request->type == HY_MSG_STATUS_REQUEST)
		answer_status(ctx, from, request->id);
	hy_msg_free(request);
}

enum hy_err hy_control_new(struct hy_bus *bus, const struct hy_common_conf *common,
			   const char *name, struct hy_control **out, struct hy_error *e)
{
	struct hy_control *c = hy_xcalloc(1, sizeof *c);
	hy_cleanup(hy_buf_fini) struct hy_buf endpoint = HY_BUF(ENDPOINT_BYTES);
	enum hy_err err;

	hy_control_endpoint(common, name, &endpoint);
	c->name = name;
	c->started_at = hy_wall_now();
	err = hy_bus_server_new(bus, hy_buf_str(&endpoint).p, &hy_bus_defaults, &c->server, e);
	if (err != HY_OK) {
		free(c);
		return hy_fail_in(e, err, "control socket of %s", name);
	}
	hy_bus_server_on_request(c->server, on_request, c);
	*out = c;
	return HY_OK;
}

void hy_control_on_status(struct hy_control *control, hy_control_status_fn *fn, void *ctx)
{
	control->fn = fn;
	control->ctx = ctx;
}

void hy_control_free(struct hy_control *control)
{
	if (!control)
		return;
	hy_bus_server_free(control->server);
	free(control);
}
