#include "common/sys/bus.h"

#include <zmq.h>

#include "common/base/mem.h"
#include "common/base/time.h"
#include "common/sys/bus_endpoint.h"
#include "common/sys/bus_wire.h"

/* Without a loop nothing tells of a connection: try that often. */
#define RETRY_MS 20

struct asking {
	void *context, *socket;
	struct hy_frames frames;
	struct hy_str id;
	enum hy_msg_type answer_type;
	int64_t resend_ms;
	struct hy_mono end, resend;
	bool was_sent;
};

static void asking_fini(struct asking *asking)
{
	hy_bus_socket_free(asking->socket);
	if (asking->context)
		while (zmq_ctx_term(asking->context) != 0)
			hy_assert(zmq_errno() == EINTR);
	hy_frames_fini(&asking->frames);
}

static enum hy_err asking_start(struct asking *asking, const char *endpoint,
				const struct hy_bus_options *options, struct hy_error *e)
{
	struct hy_bus_options own = *options;
	enum hy_err err;

	own.linger_ms = 0;
	asking->context = zmq_ctx_new();
	hy_assert(asking->context);
	err = hy_bus_socket_new(asking->context, ZMQ_DEALER, &own, &asking->socket, e);
	if (err == HY_OK)
		err = hy_bus_set_int(asking->socket, ZMQ_IMMEDIATE, 1, e);
	if (err == HY_OK)
		err = hy_bus_connect(asking->socket, endpoint, &own, e);
	return err;
}

/* Sends if it is time to, and returns how long to wait for input at most. */
static int64_t send_if_due(struct asking *asking, struct hy_mono now)
{
	if (now.ns >= asking->resend.ns) {
		if (hy_bus_send_frames(asking->socket, NULL, &asking->frames)) {
			asking->was_sent = true;
			asking->resend = hy_mono_add_ms(now, asking->resend_ms);
		} else {
			asking->resend = hy_mono_add_ms(now, RETRY_MS);
		}
	}
	return hy_mono_diff_ms(asking->resend.ns < asking->end.ns ? asking->resend : asking->end,
			       now) + 1;
}

/* Sets *out where the answer has come. */
static enum hy_err read_answer(struct asking *asking, struct hy_msg **out, struct hy_error *e)
{
	struct hy_bus_parcel parcel;
	struct hy_msg *m;
	enum hy_err err;

	if (!hy_bus_parcel_receive(asking->socket, &parcel))
		return HY_OK;
	err = hy_bus_parcel_decode(&parcel, 0, &m, e);
	hy_bus_parcel_fini(&parcel);
	if (err)
		return hy_fail_in(e, err, "the answer");
	if (m->type == asking->answer_type && hy_str_eq(m->id, asking->id))
		*out = m;
	else
		hy_msg_free(m);
	return HY_OK;
}

static enum hy_err wait_for_answer(struct asking *asking, struct hy_msg **out, struct hy_error *e)
{
	zmq_pollitem_t item = {.socket = asking->socket, .events = ZMQ_POLLIN};
	struct hy_msg *answer = NULL;
	enum hy_err err = HY_OK;
	struct hy_mono now;

	while (err == HY_OK && !answer) {
		now = hy_mono_now();
		if (now.ns >= asking->end.ns)
			return asking->was_sent
				       ? hy_fail(e, HY_ERR_TIMEOUT, "no answer in time")
				       : hy_fail(e, HY_ERR_UNAVAILABLE, "nobody was reached");
		(void)zmq_poll(&item, 1, (long)send_if_due(asking, now));
		err = read_answer(asking, &answer, e);
	}
	if (err == HY_OK)
		*out = answer;
	return err;
}

enum hy_err hy_bus_ask(const char *endpoint, const struct hy_bus_options *options,
		       const struct hy_msg *request, struct hy_msg **out_answer,
		       struct hy_error *e)
{
	hy_cleanup(asking_fini) struct asking asking = {
		.id = request->id,
		.answer_type = hy_msg_answer_type(request->type),
		.resend_ms = options->resend_ms,
		.end = hy_mono_add_ms(hy_mono_now(), options->answer_ms),
	};
	enum hy_err err;

	if (asking.answer_type == HY_MSG_TYPE_COUNT)
		return hy_fail(e, HY_ERR_MALFORMED, "%s is not a request",
			       hy_msg_type_name(request->type));
	err = hy_msg_encode(request, &asking.frames, e);
	if (err == HY_OK)
		err = asking_start(&asking, endpoint, options, e);
	if (err == HY_OK)
		err = wait_for_answer(&asking, out_answer, e);
	return err;
}
