/*
 * The far end of notices: records each delivery as one JSON line on disk before it answers, so
 * that a test can count what really went out.
 */
#ifndef SIM_WEBHOOK_H
#define SIM_WEBHOOK_H

#include "common/base/err.h"
#include "tests/web/reply.h"

struct sim_webhook {
	int fd;			/* -1: deliveries are accepted and not recorded */
	uint64_t deliveries;
	uint64_t refuse_every;	/* each n-th gets 503; 0: none */
	int64_t answer_after_ms;	/* what is recorded is answered that late */
};

enum hy_err sim_webhook_open(const char *path, struct sim_webhook *out_hook, struct hy_error *e);
void sim_webhook_close(struct sim_webhook *h);
void sim_webhook_answer(struct sim_webhook *h, const struct sim_request *q, struct sim_reply *r);

#endif
