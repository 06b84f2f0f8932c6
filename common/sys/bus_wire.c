#include "common/sys/bus_wire.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "common/base/mem.h"

/* The largest frame is a text; CURVE wraps each frame into a command of 33 bytes more. */
#define FRAME_BYTES ((int64_t)HY_MSG_TEXT_BYTES + 64)
#define RECONNECT_MS 100
#define RECONNECT_MAX_MS 2000
#define LOG_EVERY_MS 1000

enum hy_err hy_bus_fail(struct hy_error *e, const char *what, const char *about)
{
	static const struct {
		int number;
		enum hy_err code;
	} codes[] = {
		{EADDRINUSE, HY_ERR_CONFLICT}, {EINVAL, HY_ERR_MALFORMED},
		{EPROTONOSUPPORT, HY_ERR_MALFORMED}, {ENAMETOOLONG, HY_ERR_MALFORMED},
		{EACCES, HY_ERR_DENIED}, {EPERM, HY_ERR_DENIED},
		{EADDRNOTAVAIL, HY_ERR_UNAVAILABLE}, {ENODEV, HY_ERR_UNAVAILABLE},
	};
	int number = zmq_errno();
	enum hy_err code = HY_ERR_IO;

	for (size_t i = 0; i < HY_COUNT(codes); i++)
		if (codes[i].number == number)
			code = codes[i].code;
	return hy_fail(e, code, "%s %s: %s", what, about, zmq_strerror(number));
}

enum hy_err hy_bus_set_int(void *socket, int option, int64_t value, struct hy_error *e)
{
	int number = value > INT_MAX ? INT_MAX : (int)value;

	if (zmq_setsockopt(socket, option, &number, sizeof number) != 0)
		return hy_bus_fail(e, "set", "a socket option");
	return HY_OK;
}

enum hy_err hy_bus_socket_new(void *context, int type, const struct hy_bus_options *options,
			      void **out, struct hy_error *e)
{
	const struct {
		int option;
		int64_t value;
	} settings[] = {
		{ZMQ_LINGER, options->linger_ms}, {ZMQ_SNDHWM, options->high_water},
		{ZMQ_RCVHWM, options->high_water}, {ZMQ_RECONNECT_IVL, RECONNECT_MS},
		{ZMQ_RECONNECT_IVL_MAX, RECONNECT_MAX_MS},
	};
	int64_t frame_bytes = FRAME_BYTES;
	enum hy_err err = HY_OK;
	void *socket;

	/* Zero would mean "no limit" and -1 "for ever". */
	hy_assert(options->high_water > 0 && options->linger_ms >= 0);
	socket = zmq_socket(context, type);
	if (!socket)
		return hy_bus_fail(e, "open", "a socket");
	for (size_t i = 0; i < HY_COUNT(settings) && err == HY_OK; i++)
		err = hy_bus_set_int(socket, settings[i].option, settings[i].value, e);
	if (err == HY_OK &&
	    zmq_setsockopt(socket, ZMQ_MAXMSGSIZE, &frame_bytes, sizeof frame_bytes) != 0)
		err = hy_bus_fail(e, "limit", "a socket");
	if (err) {
		hy_bus_socket_free(socket);
		return err;
	}
	*out = socket;
	return HY_OK;
}

void hy_bus_socket_free(void *socket)
{
	if (socket)
		hy_assert(zmq_close(socket) == 0);
}

/* ---- messages ---- */

/* One part; false where none is there. */
static bool receive_part(void *socket, zmq_msg_t *part)
{
	hy_assert(zmq_msg_init(part) == 0);
	while (zmq_msg_recv(part, socket, ZMQ_DONTWAIT) < 0) {
		if (zmq_errno() == EINTR)
			continue;
		(void)zmq_msg_close(part);
		return false;
	}
	return true;
}

bool hy_bus_parcel_receive(void *socket, struct hy_bus_parcel *out)
{
	zmq_msg_t part;
	bool more = true;

	out->count = 0;
	out->excess = false;
	while (more) {
		if (!receive_part(socket, &part))
			break;
		more = zmq_msg_more(&part);
		if (out->count == HY_BUS_PARTS_MAX) {
			out->excess = true;
			(void)zmq_msg_close(&part);
			continue;
		}
		hy_assert(zmq_msg_init(&out->part[out->count]) == 0);
		(void)zmq_msg_move(&out->part[out->count++], &part);
		(void)zmq_msg_close(&part);
	}
	return out->count > 0;
}

void hy_bus_parcel_fini(struct hy_bus_parcel *parcel)
{
	for (size_t i = 0; i < parcel->count; i++)
		(void)zmq_msg_close(&parcel->part[i]);
	parcel->count = 0;
}

struct hy_str hy_bus_parcel_part(struct hy_bus_parcel *parcel, size_t i)
{
	return (struct hy_str){zmq_msg_data(&parcel->part[i]), zmq_msg_size(&parcel->part[i])};
}

enum hy_err hy_bus_parcel_decode(struct hy_bus_parcel *parcel, size_t first,
				 struct hy_msg **out, struct hy_error *e)
{
	struct hy_frames frames = {0};

	if (parcel->excess || parcel->count < first ||
	    parcel->count - first > HY_MSG_FRAMES_MAX)
		return hy_fail(e, HY_ERR_MALFORMED, "a wrong number of frames");
	for (size_t i = first; i < parcel->count; i++)
		frames.frame[frames.count++] = hy_bus_parcel_part(parcel, i);
	return hy_msg_decode(&frames, out, e);
}

static bool send_part(void *socket, struct hy_str part, bool more)
{
	int flags = ZMQ_DONTWAIT | (more ? ZMQ_SNDMORE : 0);

	while (zmq_send(socket, part.p, part.n, flags) < 0)
		if (zmq_errno() != EINTR)
			return false;
	return true;
}

bool hy_bus_send_frames(void *socket, const struct hy_str *to, const struct hy_frames *frames)
{
	bool sent = true;

	if (to && !send_part(socket, *to, true))
		return false;
	for (size_t i = 0; i < frames->count; i++) {
		sent &= send_part(socket, frames->frame[i], i + 1 < frames->count);
		/*
		 * ZeroMQ takes a message whole or not at all. Where the peer goes away in
		 * its middle, the rest must still be offered: it is what ends the message.
		 */
		if (!sent && i == 0 && !to)
			return false;
	}
	return sent;
}

void hy_bus_refuse(const struct hy_bus *bus, struct hy_bus_gate *gate, const char *what,
		   const char *why)
{
	struct hy_mono now = hy_loop_now(bus->loop);

	gate->count++;
	if (gate->count > 1 && hy_mono_diff_ms(gate->next, now) > 0)
		return;
	gate->next = hy_mono_add_ms(now, LOG_EVERY_MS);
	hy_log(bus->log, HY_LOG_WARN, what, hy_kv("why", why),
	       hy_kv_int("count", (int64_t)gate->count));
}
