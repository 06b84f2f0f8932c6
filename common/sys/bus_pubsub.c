#include "common/sys/bus.h"

#include <stdlib.h>
#include <zmq.h>

#include "common/base/mem.h"
#include "common/sys/bus_endpoint.h"
#include "common/sys/bus_wire.h"

struct hy_bus_publisher {
	struct hy_bus *bus;
	void *socket;
	char endpoint[HY_BUS_ENDPOINT_BYTES];
	struct hy_zmq_watch *watch;
};

struct hy_bus_subscriber {
	struct hy_bus *bus;
	void *socket;
	struct hy_zmq_watch *watch;
	struct hy_bus_gate malformed;
	hy_bus_event_fn *fn;
	void *ctx;
	bool *gone;	/* set by free, for callers up the stack */
};

/* ---- publisher ---- */

/* A PUB socket has no input; the watch lets it learn of subscribers while nothing is sent. */
static void nothing_readable(void *ctx)
{
	(void)ctx;
}

enum hy_err hy_bus_publisher_new(struct hy_bus *bus, const char *endpoint,
				 const struct hy_bus_options *options,
				 struct hy_bus_publisher **out, struct hy_error *e)
{
	struct hy_bus_publisher *publisher = hy_xcalloc(1, sizeof *publisher);
	size_t size = sizeof publisher->endpoint;
	enum hy_err err = hy_bus_socket_new(bus->context, ZMQ_PUB, options, &publisher->socket, e);

	publisher->bus = bus;
	if (err == HY_OK)
		err = hy_bus_bind(bus, publisher->socket, endpoint, options, e);
	if (err == HY_OK &&
	    zmq_getsockopt(publisher->socket, ZMQ_LAST_ENDPOINT, publisher->endpoint, &size) != 0)
		err = hy_bus_fail(e, "ask for", "the endpoint");
	if (err) {
		hy_bus_publisher_free(publisher);
		return err;
	}
	publisher->watch = hy_zmq_watch_new(bus->loop, publisher->socket, nothing_readable, NULL);
	*out = publisher;
	return HY_OK;
}

void hy_bus_publisher_free(struct hy_bus_publisher *publisher)
{
	if (!publisher)
		return;
	hy_zmq_watch_free(publisher->watch);
	hy_bus_unbind(publisher->bus, publisher->socket);
	free(publisher);
}

const char *hy_bus_publisher_endpoint(const struct hy_bus_publisher *publisher)
{
	return publisher->endpoint;
}

enum hy_err hy_bus_publish(struct hy_bus_publisher *publisher, const struct hy_msg *m,
			   struct hy_error *e)
{
	struct hy_frames frames;
	enum hy_err err;

	if (m->type != HY_MSG_EVENT)
		return hy_fail(e, HY_ERR_MALFORMED, "%s is not an event",
			       hy_msg_type_name(m->type));
	err = hy_msg_encode(m, &frames, e);
	if (err)
		return err;
	/* PUB drops for a slow subscriber: that is its contract. */
	(void)hy_bus_send_frames(publisher->socket, NULL, &frames);
	hy_frames_fini(&frames);
	return HY_OK;
}

/* ---- subscriber ---- */

/* False where the owner freed the subscriber meanwhile. */
static bool take_event(struct hy_bus_subscriber *subscriber, struct hy_bus_parcel *parcel)
{
	struct hy_error e = {0};
	struct hy_msg *m = NULL;
	bool gone = false;

	if (hy_bus_parcel_decode(parcel, 0, &m, &e) == HY_OK && m->type != HY_MSG_EVENT)
		(void)hy_fail(&e, HY_ERR_MALFORMED, "%s is not an event",
			      hy_msg_type_name(m->type));
	if (e.code) {
		hy_bus_refuse(subscriber->bus, &subscriber->malformed, "event refused", e.text);
	} else {
		subscriber->gone = &gone;
		subscriber->fn(subscriber->ctx, m);
		if (!gone)
			subscriber->gone = NULL;
	}
	hy_msg_free(m);
	return !gone;
}

static void events_readable(void *ctx)
{
	struct hy_bus_subscriber *subscriber = ctx;
	struct hy_bus_parcel parcel;
	bool alive = true;

	for (int i = 0; i < HY_BUS_TURN_MESSAGES && alive; i++) {
		if (!hy_bus_parcel_receive(subscriber->socket, &parcel))
			break;
		alive = take_event(subscriber, &parcel);
		hy_bus_parcel_fini(&parcel);
	}
}

static enum hy_err subscriber_start(struct hy_bus_subscriber *subscriber, const char *endpoint,
				    const struct hy_bus_options *options, struct hy_error *e)
{
	enum hy_err err = hy_bus_socket_new(subscriber->bus->context, ZMQ_SUB, options,
					    &subscriber->socket, e);

	if (err == HY_OK && zmq_setsockopt(subscriber->socket, ZMQ_SUBSCRIBE, "", 0) != 0)
		err = hy_bus_fail(e, "subscribe to", endpoint);
	if (err == HY_OK)
		err = hy_bus_connect(subscriber->socket, endpoint, options, e);
	return err;
}

enum hy_err hy_bus_subscriber_new(struct hy_bus *bus, const char *endpoint,
				  const struct hy_bus_options *options,
				  struct hy_bus_subscriber **out, struct hy_error *e)
{
	struct hy_bus_subscriber *subscriber = hy_xcalloc(1, sizeof *subscriber);
	enum hy_err err;

	subscriber->bus = bus;
	err = subscriber_start(subscriber, endpoint, options, e);
	if (err) {
		hy_bus_subscriber_free(subscriber);
		return err;
	}
	subscriber->watch = hy_zmq_watch_new(bus->loop, subscriber->socket, events_readable,
					     subscriber);
	hy_zmq_watch_pause(subscriber->watch, true);	/* until somebody takes the events */
	*out = subscriber;
	return HY_OK;
}

void hy_bus_subscriber_free(struct hy_bus_subscriber *subscriber)
{
	if (!subscriber)
		return;
	if (subscriber->gone)
		*subscriber->gone = true;
	hy_zmq_watch_free(subscriber->watch);
	hy_bus_socket_free(subscriber->socket);
	free(subscriber);
}

void hy_bus_subscriber_on_event(struct hy_bus_subscriber *subscriber, hy_bus_event_fn *fn,
				void *ctx)
{
	subscriber->fn = fn;
	subscriber->ctx = ctx;
	hy_zmq_watch_pause(subscriber->watch, !fn);
}
