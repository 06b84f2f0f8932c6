/* What the kinds of bus sockets share: making them, and moving whole messages. Internal. */
#ifndef HY_SYS_BUS_WIRE_H
#define HY_SYS_BUS_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <zmq.h>

#include "common/base/err.h"
#include "common/base/time.h"
#include "common/sys/bus.h"

#define HY_BUS_PARTS_MAX (HY_MSG_FRAMES_MAX + 1)	/* with the peer's routing id */
/*
 * Messages one socket may hand over in a turn of the loop: with some 0.1 ms of work each, a
 * flood on one socket keeps the others waiting for less than 10 ms.
 */
#define HY_BUS_TURN_MESSAGES 64

struct hy_bus_zap;

struct hy_bus {
	struct hy_loop *loop;
	const struct hy_log *log;
	void *context;
	struct hy_bus_zap *zap;		/* while a server with CURVE lives */
	unsigned names;			/* how many inproc names were given out */
};

/* ---- sockets ---- */

/* With bounded queues, a finite linger and a largest frame. */
enum hy_err hy_bus_socket_new(void *context, int type, const struct hy_bus_options *options,
			      void **out, struct hy_error *e) HY_MUST_CHECK;
void hy_bus_socket_free(void *socket);	/* NULL is legal */
enum hy_err hy_bus_set_int(void *socket, int option, int64_t value, struct hy_error *e)
	HY_MUST_CHECK;
/* The last ZeroMQ error as ours. */
enum hy_err hy_bus_fail(struct hy_error *e, const char *what, const char *about);

/* ---- messages ---- */

/* The parts of one received message. */
struct hy_bus_parcel {
	zmq_msg_t part[HY_BUS_PARTS_MAX];
	size_t count;
	bool excess;	/* there were more parts, which were dropped */
};
/* False where nothing is there. On true: fini. */
bool hy_bus_parcel_receive(void *socket, struct hy_bus_parcel *out);
void hy_bus_parcel_fini(struct hy_bus_parcel *parcel);
struct hy_str hy_bus_parcel_part(struct hy_bus_parcel *parcel, size_t i);
/* Decodes the parts from `first` on. */
enum hy_err hy_bus_parcel_decode(struct hy_bus_parcel *parcel, size_t first, struct hy_msg **out,
				 struct hy_error *e) HY_MUST_CHECK;

/*
 * Sends all frames, after the routing id where `to` is not NULL, without waiting. False
 * where the message was not taken: no peer, a full queue, or the peer went away.
 */
bool hy_bus_send_frames(void *socket, const struct hy_str *to, const struct hy_frames *frames);

/* ---- what an outsider can trigger is counted, and logged at most once a second ---- */

struct hy_bus_gate {
	uint64_t count;
	struct hy_mono next;	/* before this moment nothing is logged */
};
void hy_bus_refuse(const struct hy_bus *bus, struct hy_bus_gate *gate, const char *what,
		   const char *why);

#endif
