/* Turns a reply into what libmicrohttpd sends: conditional answers, compression, odd bodies. */
#ifndef SIM_SEND_H
#define SIM_SEND_H

#include <microhttpd.h>

#include "tests/web/reply.h"

struct sim_slow;

/*
 * Queues the reply; its body may be compressed or emptied on the way. `slow` is where connections
 * that drip are kept. The result says whether the connection may live on.
 */
enum MHD_Result sim_send(struct MHD_Connection *connection, struct sim_reply *r,
			 const struct sim_request *q, struct sim_slow *slow);

/* Connections that drip sleep here between two drops; so the loop can serve others. */
struct sim_slow *sim_slow_new(void);
void sim_slow_free(struct sim_slow *s);
/* Wakes those that are due; true if any was. *out_wait_ms is the time to the next one, or -1. */
bool sim_slow_wake(struct sim_slow *s, struct hy_mono now, int64_t *out_wait_ms);
void sim_slow_wake_all(struct sim_slow *s);

#endif
