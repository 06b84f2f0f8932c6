/*
 * Serves the simulated web: one listening socket per host on its own loopback address, all on
 * one port, driven from one loop without threads.
 */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include "common/base/err.h"
#include "tests/web/misbehave.h"
#include "tests/web/site.h"
#include "tests/web/stats.h"
#include "tests/web/webhook.h"

enum sim_host_kind { SIM_HOST_NEWS, SIM_HOST_MIRROR, SIM_HOST_WECHAT, SIM_HOST_HOSTILE, SIM_HOST_CONTROL };

struct sim_server;

struct sim_host {
	char address[SIM_ADDRESS_BYTES];
	enum sim_host_kind kind;
	uint32_t index;			/* the site, or the kind of misbehaviour */
	struct sim_stats stats;
	struct sim_misbehave memory;
	bool has_more;			/* to do before it waits for events */
	struct sim_server *server;
	struct MHD_Daemon *daemon;
};

struct sim_server {
	struct sim_world world;		/* the port is filled in by sim_server_open */
	struct sim_webhook webhook;
	struct hy_mono started;
	struct sim_host *host;
	size_t hosts;
	struct sim_slow *slow;		/* connections that wait to drip on */
};

/* Binds every host. The world's port may be 0: any port that is free on all addresses. */
enum hy_err sim_server_open(struct sim_server *s, bool with_misbehaviour, struct hy_error *e);
/* Serves until `stop_fd` is readable. */
enum hy_err sim_server_run(struct sim_server *s, int stop_fd, struct hy_error *e);
void sim_server_close(struct sim_server *s);

#endif
