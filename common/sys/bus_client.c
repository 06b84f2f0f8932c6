#include "common/sys/bus.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <zmq.h>

#include "common/base/map.h"
#include "common/base/mem.h"
#include "common/sys/bus_endpoint.h"
#include "common/sys/bus_wire.h"

#define WINDOW_MAX 65536
/*
 * A lost connection is reported before its queue is gone, and until then that queue still takes
 * messages. This is some thousand times as long as that lasts.
 */
#define SETTLE_MS 50
#define LEVELS 5	/* waits of 1, 2, 4, 8, 16 times resend_ms */

TAILQ_HEAD(queue, request);

struct request {
	struct hy_frames frames;
	struct hy_str id;		/* behind the header in frames */
	enum hy_msg_type answer_type;
	unsigned level;			/* how often its wait was doubled */
	bool was_sent;
	struct hy_mono due;		/* when it is sent again */
	struct queue *in;
	TAILQ_ENTRY(request) entry;
};

/*
 * Every request of the window is on exactly one queue: `unsent`, or the one of its level. All
 * of a level wait equally long, so each queue is in the order of `due` by itself.
 */
struct hy_bus_client {
	struct hy_bus *bus;
	struct hy_bus_options options;
	void *socket, *monitor;
	struct hy_zmq_watch *watch, *monitor_watch;
	struct hy_timer *timer, *settle;
	struct hy_mono armed;		/* when the timer fires; ns 0 where it does not run */
	struct hy_map window;		/* id -> struct request */
	struct queue unsent, waiting[LEVELS];
	uint64_t resent;
	struct hy_bus_gate malformed, unreachable;
	hy_bus_answer_fn *fn;
	void *ctx;
	bool *gone;			/* set by free, for callers up the stack */
};

/* ---- the window ---- */

static void move_to(struct request *request, struct queue *queue)
{
	if (request->in)
		TAILQ_REMOVE(request->in, request, entry);
	TAILQ_INSERT_TAIL(queue, request, entry);
	request->in = queue;
}

static void request_free(struct hy_bus_client *client, struct request *request)
{
	(void)hy_map_remove(&client->window, request->id);
	TAILQ_REMOVE(request->in, request, entry);
	hy_frames_fini(&request->frames);
	free(request);
}

/* The moment of the next thing to do; false where there is none. */
static bool next_due(const struct hy_bus_client *client, struct hy_mono *out)
{
	const struct request *first;
	bool found = false;

	/* What ZeroMQ did not take waits for a connection or an answer; this is the fallback. */
	if (!TAILQ_EMPTY(&client->unsent)) {
		*out = hy_mono_add_ms(hy_loop_now(client->bus->loop), client->options.resend_ms);
		found = true;
	}
	for (size_t i = 0; i < LEVELS; i++) {
		first = TAILQ_FIRST(&client->waiting[i]);
		if (first && (!found || first->due.ns < out->ns)) {
			*out = first->due;
			found = true;
		}
	}
	return found;
}

static void arm(struct hy_bus_client *client)
{
	struct hy_mono due;
	int64_t delay_ms;

	if (!next_due(client, &due) || (client->armed.ns && client->armed.ns <= due.ns))
		return;
	delay_ms = hy_mono_diff_ms(due, hy_loop_now(client->bus->loop));
	client->armed = due;
	/* Rounded up: a timer that fires before the moment would only be set again. */
	hy_timer_start(client->timer, delay_ms >= 0 ? delay_ms + 1 : 0, 0);
}

static void flush(struct hy_bus_client *client)
{
	struct request *request;

	while ((request = TAILQ_FIRST(&client->unsent))) {
		if (!hy_bus_send_frames(client->socket, NULL, &request->frames))
			break;
		client->resent += request->was_sent;
		request->was_sent = true;
		request->due = hy_mono_add_ms(hy_loop_now(client->bus->loop),
					      client->options.resend_ms << request->level);
		move_to(request, &client->waiting[request->level]);
	}
	arm(client);
}

static void timer_due(void *ctx)
{
	struct hy_bus_client *client = ctx;
	struct hy_mono now = hy_loop_now(client->bus->loop);
	struct request *request;

	client->armed.ns = 0;
	for (size_t i = 0; i < LEVELS; i++)
		while ((request = TAILQ_FIRST(&client->waiting[i])) && request->due.ns <= now.ns) {
			if (request->level + 1 < LEVELS)
				request->level++;
			move_to(request, &client->unsent);
		}
	flush(client);
}

/* The oldest first. */
static void unsend_all(struct hy_bus_client *client)
{
	struct request *request;

	for (size_t i = LEVELS; i-- > 0;)
		while ((request = TAILQ_FIRST(&client->waiting[i])))
			move_to(request, &client->unsent);
}

/* Whatever is unanswered may have been on the lost connection. */
static void connection_settled(void *ctx)
{
	struct hy_bus_client *client = ctx;

	unsend_all(client);
	flush(client);
}

/* ---- connections ---- */

struct monitor_event {
	uint16_t number;
	struct hy_str address;
};

static bool monitor_read(struct hy_bus_parcel *parcel, struct monitor_event *out)
{
	struct hy_str head = hy_bus_parcel_part(parcel, 0);

	if (parcel->count != 2 || head.n < sizeof out->number)
		return false;
	memcpy(&out->number, head.p, sizeof out->number);
	out->address = hy_bus_parcel_part(parcel, 1);
	return true;
}

static void connection_changed(struct hy_bus_client *client, const struct monitor_event *event)
{
	const struct hy_log *log = client->bus->log;

	switch (event->number) {
	case ZMQ_EVENT_HANDSHAKE_SUCCEEDED:
		hy_log(log, HY_LOG_INFO, "connected", hy_kv_str("to", event->address));
		break;
	case ZMQ_EVENT_DISCONNECTED:
		hy_log(log, HY_LOG_INFO, "connection lost", hy_kv_str("to", event->address));
		hy_timer_start(client->settle, SETTLE_MS, 0);
		break;
	default:
		hy_bus_refuse(client->bus, &client->unreachable, "handshake failed",
			      "other keys or another protocol");
		hy_timer_start(client->settle, SETTLE_MS, 0);
		break;
	}
}

/* A fresh connection counts for sending only once the socket has heard of it. */
static void hear_of_connections(struct hy_bus_client *client)
{
	int events;
	size_t size = sizeof events;

	(void)zmq_getsockopt(client->socket, ZMQ_EVENTS, &events, &size);
}

static void monitor_readable(void *ctx)
{
	struct hy_bus_client *client = ctx;
	struct hy_bus_parcel parcel;
	struct monitor_event event;

	for (int i = 0; i < HY_BUS_TURN_MESSAGES; i++) {
		if (!hy_bus_parcel_receive(client->monitor, &parcel))
			break;
		if (monitor_read(&parcel, &event))
			connection_changed(client, &event);
		hy_bus_parcel_fini(&parcel);
	}
	hear_of_connections(client);
	flush(client);
}

static enum hy_err monitor_start(struct hy_bus_client *client, struct hy_error *e)
{
	const int events = ZMQ_EVENT_HANDSHAKE_SUCCEEDED | ZMQ_EVENT_DISCONNECTED |
			   ZMQ_EVENT_HANDSHAKE_FAILED_NO_DETAIL |
			   ZMQ_EVENT_HANDSHAKE_FAILED_PROTOCOL | ZMQ_EVENT_HANDSHAKE_FAILED_AUTH;
	char name[40];
	enum hy_err err;

	(void)snprintf(name, sizeof name, "inproc://monitor-%u", ++client->bus->names);
	if (zmq_socket_monitor(client->socket, name, events) != 0)
		return hy_bus_fail(e, "monitor", "a socket");
	err = hy_bus_socket_new(client->bus->context, ZMQ_PAIR, &client->options, &client->monitor,
				e);
	if (err == HY_OK && zmq_connect(client->monitor, name) != 0)
		err = hy_bus_fail(e, "connect to", name);
	if (err == HY_OK)
		client->monitor_watch = hy_zmq_watch_new(client->bus->loop, client->monitor,
							 monitor_readable, client);
	return err;
}

/* ---- answers ---- */

/* False where the owner freed the client meanwhile. */
static bool take_answer(struct hy_bus_client *client, const struct hy_msg *answer)
{
	struct request *request = hy_map_get(&client->window, answer->id);
	bool gone = false;

	if (!request)
		return true;
	if (answer->type != request->answer_type) {
		hy_bus_refuse(client->bus, &client->malformed, "answer refused",
			      "its type does not answer the request");
		return true;
	}
	if (client->fn) {
		client->gone = &gone;
		client->fn(client->ctx, answer);
		if (gone)
			return false;
		client->gone = NULL;
	}
	/* The owner may have forgotten it during the call. */
	request = hy_map_get(&client->window, answer->id);
	if (request)
		request_free(client, request);
	return true;
}

static void answers_readable(void *ctx)
{
	struct hy_bus_client *client = ctx;

	for (int i = 0; i < HY_BUS_TURN_MESSAGES; i++) {
		struct hy_bus_parcel parcel;
		struct hy_error e = {0};
		struct hy_msg *answer;
		bool alive = true;

		if (!hy_bus_parcel_receive(client->socket, &parcel))
			break;
		if (hy_bus_parcel_decode(&parcel, 0, &answer, &e)) {
			hy_bus_refuse(client->bus, &client->malformed, "answer refused", e.text);
		} else {
			alive = take_answer(client, answer);
			hy_msg_free(answer);
		}
		hy_bus_parcel_fini(&parcel);
		if (!alive)
			return;
	}
	if (!TAILQ_EMPTY(&client->unsent))
		flush(client);
}

/* ---- the public face ---- */

static enum hy_err client_start(struct hy_bus_client *client, const char *endpoints,
				struct hy_error *e)
{
	struct hy_bus *bus = client->bus;
	enum hy_err err = hy_bus_socket_new(bus->context, ZMQ_DEALER, &client->options,
					    &client->socket, e);

	/* Nothing queues for a peer that is not there: it stays in the window instead. */
	if (err == HY_OK)
		err = hy_bus_set_int(client->socket, ZMQ_IMMEDIATE, 1, e);
	if (err == HY_OK)
		err = monitor_start(client, e);
	if (err == HY_OK)
		err = hy_bus_connect(client->socket, endpoints, &client->options, e);
	if (err == HY_OK)
		client->watch = hy_zmq_watch_new(bus->loop, client->socket, answers_readable,
						 client);
	return err;
}

enum hy_err hy_bus_client_new(struct hy_bus *bus, const char *endpoints,
			      const struct hy_bus_options *options,
			      struct hy_bus_client **out, struct hy_error *e)
{
	struct hy_bus_client *client = hy_xcalloc(1, sizeof *client);
	enum hy_err err;

	hy_assert(options->window > 0 && options->window <= WINDOW_MAX && options->resend_ms > 0);
	client->bus = bus;
	client->options = *options;
	hy_map_init(&client->window, (size_t)options->window);
	TAILQ_INIT(&client->unsent);
	for (size_t i = 0; i < LEVELS; i++)
		TAILQ_INIT(&client->waiting[i]);
	client->timer = hy_timer_new(bus->loop, timer_due, client);
	client->settle = hy_timer_new(bus->loop, connection_settled, client);
	err = client_start(client, endpoints, e);
	if (err) {
		hy_bus_client_free(client);
		return err;
	}
	*out = client;
	return HY_OK;
}

void hy_bus_client_free(struct hy_bus_client *client)
{
	struct request *request;

	if (!client)
		return;
	if (client->gone)
		*client->gone = true;
	unsend_all(client);	/* onto one queue */
	while ((request = TAILQ_FIRST(&client->unsent)))
		request_free(client, request);
	hy_map_fini(&client->window);
	hy_timer_free(client->timer);
	hy_timer_free(client->settle);
	hy_zmq_watch_free(client->watch);
	hy_zmq_watch_free(client->monitor_watch);
	if (client->socket)
		(void)zmq_socket_monitor(client->socket, NULL, 0);
	hy_bus_socket_free(client->monitor);
	hy_bus_socket_free(client->socket);
	free(client);
}

void hy_bus_client_on_answer(struct hy_bus_client *client, hy_bus_answer_fn *fn, void *ctx)
{
	client->fn = fn;
	client->ctx = ctx;
}

static enum hy_err request_new(const struct hy_msg *m, struct request **out, struct hy_error *e)
{
	struct hy_frames frames;
	struct request *request;

	if (hy_msg_answer_type(m->type) == HY_MSG_TYPE_COUNT)
		return hy_fail(e, HY_ERR_MALFORMED, "%s is not a request",
			       hy_msg_type_name(m->type));
	if (hy_msg_encode(m, &frames, e)) {
		if (e)
			e->code = HY_ERR_MALFORMED;
		return HY_ERR_MALFORMED;
	}
	request = hy_xcalloc(1, sizeof *request);
	request->frames = frames;
	request->id = hy_str_sub(frames.frame[0], frames.frame[0].n - m->id.n, m->id.n);
	request->answer_type = hy_msg_answer_type(m->type);
	*out = request;
	return HY_OK;
}

enum hy_err hy_bus_client_send(struct hy_bus_client *client, const struct hy_msg *m,
			       struct hy_error *e)
{
	struct request *request = NULL;
	enum hy_err err;

	if (hy_map_get(&client->window, m->id))
		return hy_fail(e, HY_ERR_CONFLICT, "request %.*s is under way",
			       HY_STR_ARGS(m->id));
	if (hy_bus_client_room(client) == 0)
		return hy_fail(e, HY_ERR_LIMIT, "%" PRId64 " requests are unanswered",
			       client->options.window);
	err = request_new(m, &request, e);
	if (err)
		return err;
	err = hy_map_set(&client->window, request->id, request);
	hy_assert(err == HY_OK);
	move_to(request, &client->unsent);
	flush(client);
	return HY_OK;
}

size_t hy_bus_client_room(const struct hy_bus_client *client)
{
	return (size_t)client->options.window - client->window.used;
}

size_t hy_bus_client_waiting(const struct hy_bus_client *client)
{
	return client->window.used;
}

bool hy_bus_client_holds(const struct hy_bus_client *client, struct hy_str id)
{
	return hy_map_get(&client->window, id) != NULL;
}

void hy_bus_client_forget(struct hy_bus_client *client, struct hy_str id)
{
	struct request *request = hy_map_get(&client->window, id);

	if (request)
		request_free(client, request);
}

uint64_t hy_bus_client_resent(const struct hy_bus_client *client)
{
	return client->resent;
}
