/*
 * Subscribes to the alerter's notices and prints, as each arrives, a JSON line with the moment
 * of arrival: {"case","step","recipient","at_ms"}. Ends on SIGTERM. For the latency bench.
 *
 *   notice_clock ENDPOINT
 */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

#include "common/base/time.h"
#include "common/sys/bus.h"
#include "common/sys/loop.h"

static void print(void *ctx, const struct hy_msg *m)
{
	const struct hy_msg_event *event = &m->as.event;

	(void)ctx;
	if (m->type != HY_MSG_EVENT)
		return;
	(void)printf("{\"case\":\"%.*s\",\"step\":\"%.*s\",\"recipient\":\"%.*s\",\"at_ms\":%" PRId64
		     "}\n",
		     HY_STR_ARGS(event->case_id), HY_STR_ARGS(event->step),
		     HY_STR_ARGS(event->recipient), hy_wall_now().ms);
	(void)fflush(stdout);
}

static void stop(void *ctx, int signal_number)
{
	(void)signal_number;
	hy_loop_stop(ctx);
}

int main(int argc, char **argv)
{
	const struct hy_log log = {.name = "notice_clock", .level = HY_LOG_WARN};
	struct hy_loop *loop = hy_loop_new();
	struct hy_signal *on_term = hy_signal_new(loop, SIGTERM, stop, loop);
	struct hy_bus *bus = hy_bus_new(loop, &log);
	struct hy_bus_subscriber *subscriber = NULL;
	struct hy_error e = {0};
	enum hy_err err = HY_ERR_MALFORMED;

	if (argc == 2)
		err = hy_bus_subscriber_new(bus, argv[1], &hy_bus_defaults, &subscriber, &e);
	if (err == HY_OK) {
		hy_bus_subscriber_on_event(subscriber, print, NULL);
		hy_loop_run(loop);
	} else {
		(void)fprintf(stderr, "usage: notice_clock ENDPOINT %s\n", e.text);
	}
	hy_bus_subscriber_free(subscriber);
	hy_bus_free(bus);
	hy_signal_free(on_term);
	hy_loop_free(loop);
	return err == HY_OK ? 0 : 2;
}
