#include "common/sys/bus.h"

#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "common/base/mem.h"
#include "common/sys/bus_endpoint.h"
#include "common/sys/bus_wire.h"

struct hy_bus_server {
	struct hy_bus *bus;
	void *socket;
	struct hy_zmq_watch *watch;
	char endpoint[HY_BUS_ENDPOINT_BYTES];
	bool paused;
	struct hy_bus_gate refused;
	hy_bus_request_fn *fn;
	void *ctx;
	bool *gone;	/* set by free, for callers up the stack */
};

/* ---- requests ---- */

static enum hy_err read_request(struct hy_bus_parcel *parcel, struct hy_bus_peer *out_from,
				struct hy_msg **out, struct hy_error *e)
{
	struct hy_str id = hy_bus_parcel_part(parcel, 0);
	struct hy_msg *m;
	enum hy_err err;

	hy_assert(id.n <= HY_BUS_PEER_BYTES);
	err = hy_bus_parcel_decode(parcel, 1, &m, e);
	if (err)
		return err;
	if (hy_msg_answer_type(m->type) == HY_MSG_TYPE_COUNT) {
		err = hy_fail(e, HY_ERR_MALFORMED, "%s is not a request",
			      hy_msg_type_name(m->type));
		hy_msg_free(m);
		return err;
	}
	memcpy(out_from->id, id.p, id.n);
	out_from->n = (uint8_t)id.n;
	*out = m;
	return HY_OK;
}

/* False where the owner freed the server meanwhile. */
static bool take_request(struct hy_bus_server *server, struct hy_bus_parcel *parcel)
{
	struct hy_bus_peer from;
	struct hy_error e = {0};
	struct hy_msg *request = NULL;
	bool gone = false;

	if (read_request(parcel, &from, &request, &e)) {
		hy_bus_refuse(server->bus, &server->refused, "request refused", e.text);
		return true;
	}
	server->gone = &gone;
	server->fn(server->ctx, &from, request);
	if (!gone)
		server->gone = NULL;
	return !gone;
}

static void requests_readable(void *ctx)
{
	struct hy_bus_server *server = ctx;
	struct hy_bus_parcel parcel;
	bool alive = true;

	/* The owner may pause in the middle: the rest stays in the socket. */
	for (int i = 0; i < HY_BUS_TURN_MESSAGES && alive; i++) {
		if (server->paused || !hy_bus_parcel_receive(server->socket, &parcel))
			break;
		alive = take_request(server, &parcel);
		hy_bus_parcel_fini(&parcel);
	}
}

/* ---- the public face ---- */

static enum hy_err server_start(struct hy_bus_server *server, const char *endpoint,
				const struct hy_bus_options *options, struct hy_error *e)
{
	size_t size = sizeof server->endpoint;
	enum hy_err err = hy_bus_socket_new(server->bus->context, ZMQ_ROUTER, options,
					    &server->socket, e);

	/* An answer to nobody is told to us rather than dropped. */
	if (err == HY_OK)
		err = hy_bus_set_int(server->socket, ZMQ_ROUTER_MANDATORY, 1, e);
	/* A client that comes back under its old name takes the name over. */
	if (err == HY_OK)
		err = hy_bus_set_int(server->socket, ZMQ_ROUTER_HANDOVER, 1, e);
	if (err == HY_OK)
		err = hy_bus_bind(server->bus, server->socket, endpoint, options, e);
	if (err == HY_OK &&
	    zmq_getsockopt(server->socket, ZMQ_LAST_ENDPOINT, server->endpoint, &size) != 0)
		err = hy_bus_fail(e, "ask for", "the endpoint");
	return err;
}

enum hy_err hy_bus_server_new(struct hy_bus *bus, const char *endpoint,
			      const struct hy_bus_options *options,
			      struct hy_bus_server **out, struct hy_error *e)
{
	struct hy_bus_server *server = hy_xcalloc(1, sizeof *server);
	enum hy_err err;

	server->bus = bus;
	err = server_start(server, endpoint, options, e);
	if (err) {
		hy_bus_server_free(server);
		return err;
	}
	server->watch = hy_zmq_watch_new(bus->loop, server->socket, requests_readable, server);
	hy_zmq_watch_pause(server->watch, true);	/* until somebody takes the requests */
	*out = server;
	return HY_OK;
}

void hy_bus_server_free(struct hy_bus_server *server)
{
	if (!server)
		return;
	if (server->gone)
		*server->gone = true;
	hy_zmq_watch_free(server->watch);
	hy_bus_unbind(server->bus, server->socket);
	free(server);
}

void hy_bus_server_on_request(struct hy_bus_server *server, hy_bus_request_fn *fn, void *ctx)
{
	server->fn = fn;
	server->ctx = ctx;
	hy_bus_server_pause(server, server->paused);
}

enum hy_err hy_bus_server_answer(struct hy_bus_server *server, const struct hy_bus_peer *to,
				 const struct hy_msg *answer, struct hy_error *e)
{
	struct hy_str id = {(const char *)to->id, to->n};
	struct hy_frames frames;
	enum hy_err err = hy_msg_encode(answer, &frames, e);

	if (err)
		return err;
	if (!hy_bus_send_frames(server->socket, &id, &frames))
		hy_log(server->bus->log, HY_LOG_DEBUG, "answer not taken",
		       hy_kv_str("id", answer->id));
	hy_frames_fini(&frames);
	return HY_OK;
}

void hy_bus_server_pause(struct hy_bus_server *server, bool paused)
{
	server->paused = paused;
	hy_zmq_watch_pause(server->watch, paused || !server->fn);
}

const char *hy_bus_server_endpoint(const struct hy_bus_server *server)
{
	return server->endpoint;
}

uint64_t hy_bus_server_refused(const struct hy_bus_server *server)
{
	return server->refused.count;
}
