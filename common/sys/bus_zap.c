#include "common/sys/bus_zap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "common/base/mem.h"

#define ZAP_ENDPOINT "inproc://zeromq.zap.01"

/* The frames of a request, after the envelope that REP takes off. */
enum {
	ZAP_VERSION,
	ZAP_REQUEST_ID,
	ZAP_DOMAIN,
	ZAP_ADDRESS,
	ZAP_IDENTITY,
	ZAP_MECHANISM,
	ZAP_CREDENTIALS,
	ZAP_FRAMES
};

struct domain {
	char name[HY_BUS_ZAP_DOMAIN_BYTES];
	void *socket;
	unsigned char *keys;
	size_t count;
	LIST_ENTRY(domain) entry;
};

struct hy_bus_zap {
	struct hy_bus *bus;
	void *socket;
	struct hy_zmq_watch *watch;
	struct hy_bus_gate denied;
	unsigned names;
	LIST_HEAD(, domain) domains;
};

/* A request is whole in the queue once its first part is: no part has to be waited for. */
static size_t receive_request(void *socket, zmq_msg_t part[ZAP_FRAMES])
{
	size_t count = 0, kept;
	bool more = true;
	zmq_msg_t next;

	while (more) {
		hy_assert(zmq_msg_init(&next) == 0);
		if (zmq_msg_recv(&next, socket, ZMQ_DONTWAIT) < 0) {
			(void)zmq_msg_close(&next);
			break;
		}
		more = zmq_msg_more(&next);
		kept = count < ZAP_FRAMES ? count : ZAP_FRAMES - 1;
		(void)zmq_msg_move(&part[kept], &next);
		(void)zmq_msg_close(&next);
		count++;
	}
	return count;
}

static struct hy_str part_text(zmq_msg_t *part)
{
	return (struct hy_str){zmq_msg_data(part), zmq_msg_size(part)};
}

static bool is_admitted(const struct hy_bus_zap *zap, struct hy_str name, struct hy_str key)
{
	const struct domain *domain;

	if (key.n != HY_BUS_KEY_BYTES)
		return false;
	LIST_FOREACH(domain, &zap->domains, entry) {
		if (!hy_str_eq_c(name, domain->name))
			continue;
		for (size_t i = 0; i < domain->count; i++)
			if (memcmp(domain->keys + i * HY_BUS_KEY_BYTES, key.p, key.n) == 0)
				return true;
	}
	return false;
}

static void reply(void *socket, struct hy_str request_id, bool admitted)
{
	const struct hy_str parts[] = {
		HY_STR_LIT("1.0"), request_id, hy_str_of(admitted ? "200" : "400"),
		hy_str_of(admitted ? "OK" : "key not listed"), HY_STR_LIT(""), HY_STR_LIT(""),
	};

	/* The asking connection may be gone; then nobody needs the reply. */
	for (size_t i = 0; i < HY_COUNT(parts); i++)
		(void)zmq_send(socket, parts[i].p, parts[i].n,
			       ZMQ_DONTWAIT | (i + 1 < HY_COUNT(parts) ? ZMQ_SNDMORE : 0));
}

static bool answer_one(struct hy_bus_zap *zap)
{
	zmq_msg_t part[ZAP_FRAMES];
	size_t count;
	bool admitted;

	for (size_t i = 0; i < ZAP_FRAMES; i++)
		hy_assert(zmq_msg_init(&part[i]) == 0);
	count = receive_request(zap->socket, part);
	if (count) {
		admitted = count == ZAP_FRAMES &&
			   hy_str_eq_c(part_text(&part[ZAP_VERSION]), "1.0") &&
			   hy_str_eq_c(part_text(&part[ZAP_MECHANISM]), "CURVE") &&
			   is_admitted(zap, part_text(&part[ZAP_DOMAIN]),
				       part_text(&part[ZAP_CREDENTIALS]));
		if (!admitted)
			hy_bus_refuse(zap->bus, &zap->denied, "connection refused",
				      "its key is not in client_keys_file");
		reply(zap->socket, part_text(&part[ZAP_REQUEST_ID]), admitted);
	}
	for (size_t i = 0; i < ZAP_FRAMES; i++)
		(void)zmq_msg_close(&part[i]);
	return count > 0;
}

static void answer_some(void *ctx)
{
	for (int i = 0; i < HY_BUS_TURN_MESSAGES && answer_one(ctx); i++)
		;
}

static void zap_free(struct hy_bus_zap *zap)
{
	hy_zmq_watch_free(zap->watch);
	hy_bus_socket_free(zap->socket);
	zap->bus->zap = NULL;
	free(zap);
}

static enum hy_err zap_start(struct hy_bus *bus, struct hy_error *e)
{
	struct hy_bus_zap *zap;
	void *socket;
	enum hy_err err = hy_bus_socket_new(bus->context, ZMQ_REP, &hy_bus_defaults, &socket, e);

	if (err)
		return err;
	if (zmq_bind(socket, ZAP_ENDPOINT) != 0) {
		err = hy_bus_fail(e, "listen at", ZAP_ENDPOINT);
		hy_bus_socket_free(socket);
		return err;
	}
	zap = hy_xcalloc(1, sizeof *zap);
	zap->bus = bus;
	zap->socket = socket;
	LIST_INIT(&zap->domains);
	zap->watch = hy_zmq_watch_new(bus->loop, socket, answer_some, zap);
	bus->zap = zap;
	return HY_OK;
}

enum hy_err hy_bus_zap_admit(struct hy_bus *bus, void *socket, unsigned char *keys, size_t count,
			     struct hy_error *e)
{
	struct domain *domain = hy_xcalloc(1, sizeof *domain);
	enum hy_err err = bus->zap ? HY_OK : zap_start(bus, e);

	domain->socket = socket;
	domain->keys = keys;
	domain->count = count;
	if (err) {
		free(keys);
		free(domain);
		return err;
	}
	(void)snprintf(domain->name, sizeof domain->name, "huiying-%u", ++bus->zap->names);
	LIST_INSERT_HEAD(&bus->zap->domains, domain, entry);
	if (zmq_setsockopt(socket, ZMQ_ZAP_DOMAIN, domain->name, strlen(domain->name)) != 0)
		return hy_bus_fail(e, "set", "the ZAP domain");
	return HY_OK;
}

void hy_bus_zap_forget(struct hy_bus *bus, void *socket)
{
	struct domain *domain;

	if (!bus->zap)
		return;
	LIST_FOREACH(domain, &bus->zap->domains, entry)
		if (domain->socket == socket)
			break;
	if (!domain)
		return;
	LIST_REMOVE(domain, entry);
	free(domain->keys);
	free(domain);
	if (LIST_EMPTY(&bus->zap->domains))
		zap_free(bus->zap);
}
