/*
 * Bus: typed messages over ZeroMQ with answers, windows and resending.
 *
 * A client (DEALER) keeps each request until its answer came: at most `window` of them,
 * resent after `resend_ms` (doubling to 16x) and when a connection comes back. A server
 * (ROUTER) hands requests to its owner, who answers when the work is durable, now or later.
 * Neither side keeps anything across a crash: durability lives in the stores at the ends.
 * Every socket has bounded queues and a finite linger.
 *
 * Endpoints are ipc://PATH and tcp://HOST:PORT. An ipc socket is guarded by its file's mode and
 * keys do not matter there. tcp beyond loopback is refused (DENIED) without keys.
 *
 * CURVE: with `key_file` set (made by hy_bus_make_keys, refused if others may read it), tcp is
 * encrypted and the peer proved: a client knows its server's public key (server_key_file), a
 * server lists its clients' (client_keys_file); the one that is needed must be given too.
 */
#ifndef HY_SYS_BUS_H
#define HY_SYS_BUS_H

#include <stdint.h>

#include "common/base/err.h"
#include "common/base/log.h"
#include "common/sys/loop.h"
#include "common/sys/msg.h"

#define HY_BUS_PEER_BYTES 255	/* ZeroMQ's limit of a routing id */

struct hy_bus;			/* the ZeroMQ context; one a process */
struct hy_bus_client;
struct hy_bus_server;
struct hy_bus_publisher;
struct hy_bus_subscriber;

struct hy_bus_options {
	int64_t window;			/* unanswered requests a client may have */
	int64_t resend_ms;
	int64_t answer_ms;		/* how long hy_bus_ask waits */
	int64_t linger_ms;
	int64_t high_water;		/* messages ZeroMQ may queue a peer */
	const char *key_file;		/* own CURVE keys, or NULL or "" */
	const char *server_key_file;	/* client: the server's public key */
	const char *client_keys_file;	/* server: public keys that may connect, one a line */
};
extern const struct hy_bus_options hy_bus_defaults;	/* 256, 2000, 3000, 500, 1000, no keys */

struct hy_bus *hy_bus_new(struct hy_loop *loop, const struct hy_log *log);
/* All sockets must have been freed. Returns within the longest linger. */
void hy_bus_free(struct hy_bus *bus);

/*
 * Writes a new key pair to `path` (mode 0600) and its public key to `path`.pub, which the
 * other side gets. CONFLICT where one of them is there already.
 */
enum hy_err hy_bus_make_keys(const char *path, struct hy_error *e) HY_MUST_CHECK;

/* ---- client ---- */

/*
 * An answer to the request of that id, which leaves the window after the call. The message is
 * borrowed. An answer whose id is not in the window (a late duplicate), or of a type that does
 * not answer the request's, is dropped unseen. The client may be freed inside the call.
 */
typedef void hy_bus_answer_fn(void *ctx, const struct hy_msg *answer);

/* Endpoints: comma-separated; requests go round robin over those that are connected. */
enum hy_err hy_bus_client_new(struct hy_bus *bus, const char *endpoints,
			      const struct hy_bus_options *options,
			      struct hy_bus_client **out, struct hy_error *e) HY_MUST_CHECK;
void hy_bus_client_free(struct hy_bus_client *client);
void hy_bus_client_on_answer(struct hy_bus_client *client, hy_bus_answer_fn *fn, void *ctx);
/*
 * Copies the message into the window and sends it. LIMIT where the window is full (try after
 * an answer), CONFLICT where the id is already in it (harmless), MALFORMED if it is no request
 * or not encodable. A message over the limits of msg.h is MALFORMED too: LIMIT passes, that not.
 */
enum hy_err hy_bus_client_send(struct hy_bus_client *client, const struct hy_msg *m,
			       struct hy_error *e) HY_MUST_CHECK;
size_t hy_bus_client_room(const struct hy_bus_client *client);		/* free places */
size_t hy_bus_client_waiting(const struct hy_bus_client *client);	/* unanswered */
bool hy_bus_client_holds(const struct hy_bus_client *client, struct hy_str id);
/* Gives a request up (the id's answer will be dropped). */
void hy_bus_client_forget(struct hy_bus_client *client, struct hy_str id);
uint64_t hy_bus_client_resent(const struct hy_bus_client *client);	/* since start */

/* ---- server ---- */

struct hy_bus_peer {
	unsigned char id[HY_BUS_PEER_BYTES];
	uint8_t n;
};

/*
 * The message passes to the callee, who frees it. `from` is copied if kept. The server may be
 * paused or freed inside the call.
 */
typedef void hy_bus_request_fn(void *ctx, const struct hy_bus_peer *from, struct hy_msg *request);

/* ipc:// sockets get mode 0600; a stale socket file is replaced. CONFLICT: address in use. */
enum hy_err hy_bus_server_new(struct hy_bus *bus, const char *endpoint,
			      const struct hy_bus_options *options,
			      struct hy_bus_server **out, struct hy_error *e) HY_MUST_CHECK;
/* The address is free again when hy_bus_free has returned. */
void hy_bus_server_free(struct hy_bus_server *server);
void hy_bus_server_on_request(struct hy_bus_server *server, hy_bus_request_fn *fn, void *ctx);
/* A peer that is gone or does not read is not an error: it will ask again. */
enum hy_err hy_bus_server_answer(struct hy_bus_server *server, const struct hy_bus_peer *to,
				 const struct hy_msg *answer, struct hy_error *e) HY_MUST_CHECK;
/* Stops reading requests (back-pressure) or goes on. */
void hy_bus_server_pause(struct hy_bus_server *server, bool paused);
/* As bound: with the port that the system chose for tcp://HOST:*. Borrowed. */
const char *hy_bus_server_endpoint(const struct hy_bus_server *server);
uint64_t hy_bus_server_refused(const struct hy_bus_server *server);	/* malformed, since start */

/* ---- publish and subscribe: for what may be missed ---- */

enum hy_err hy_bus_publisher_new(struct hy_bus *bus, const char *endpoint,
				 const struct hy_bus_options *options,
				 struct hy_bus_publisher **out, struct hy_error *e) HY_MUST_CHECK;
void hy_bus_publisher_free(struct hy_bus_publisher *publisher);
const char *hy_bus_publisher_endpoint(const struct hy_bus_publisher *publisher);
/* Only EVENT is published (MALFORMED otherwise). */
enum hy_err hy_bus_publish(struct hy_bus_publisher *publisher, const struct hy_msg *m,
			   struct hy_error *e) HY_MUST_CHECK;

typedef void hy_bus_event_fn(void *ctx, const struct hy_msg *m);
enum hy_err hy_bus_subscriber_new(struct hy_bus *bus, const char *endpoint,
				  const struct hy_bus_options *options,
				  struct hy_bus_subscriber **out, struct hy_error *e) HY_MUST_CHECK;
void hy_bus_subscriber_free(struct hy_bus_subscriber *subscriber);
void hy_bus_subscriber_on_event(struct hy_bus_subscriber *subscriber, hy_bus_event_fn *fn,
				void *ctx);

/*
 * One request and its answer, blocking, for command-line tools: no loop needed. UNAVAILABLE
 * where nobody could be reached in answer_ms. TIMEOUT where no answer came; the request may have
 * been carried out (ask again with the same id).
 */
enum hy_err hy_bus_ask(const char *endpoint, const struct hy_bus_options *options,
		       const struct hy_msg *request, struct hy_msg **out_answer,
		       struct hy_error *e) HY_MUST_CHECK;

#endif
