/*
 * What tests ask the simulated web itself, at its control address: /_stats, /_truth, /_webhook;
 * and the line it prints when it is ready.
 */
#ifndef SIM_CONTROL_PAGES_H
#define SIM_CONTROL_PAGES_H

#include "tests/web/server.h"

void sim_control_answer(struct sim_server *s, const struct sim_request *q, struct sim_reply *r);
/* One JSON object and a line feed: port, control address, sources to crawl. */
void sim_control_ready(const struct sim_server *s, struct hy_buf *out);

#endif
