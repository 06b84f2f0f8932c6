/*
 * A loop with two buses, as if they were two processes: a server that answers each COMMAND by
 * a REPLY and a client that counts the answers. Each test has its own folder and addresses.
 */
#ifndef TESTS_LIB_BUS_WORLD_H
#define TESTS_LIB_BUS_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/log.h"
#include "common/sys/bus.h"
#include "common/sys/loop.h"

#define WORLD_PATH_BYTES 200
#define WORLD_HELD_MAX 32

struct world {
	struct hy_loop *loop;
	struct hy_bus *near, *far;		/* the client's and the server's process */
	struct hy_timer *tick, *watchdog;
	bool (*done)(const struct world *w);
	char dir[WORLD_PATH_BYTES];
	char endpoint[WORLD_PATH_BYTES];	/* ipc in `dir` */
	struct hy_bus_options options;		/* of what is started next */

	struct hy_bus_server *server;
	struct hy_bus_client *client;
	bool answering;				/* at once; else requests are held */
	bool pausing;				/* pause after each request */
	bool freeing_server, freeing_client;	/* inside the call */
	unsigned requests, answers;
	char last_request[HY_MSG_ID_BYTES + 1], last_answer[HY_MSG_ID_BYTES + 1];
	struct hy_bus_peer from;		/* of the last request */
	struct hy_msg *held[WORLD_HELD_MAX];	/* freed by teardown */
	size_t held_count;
};

/* Errors only: the tests provoke whatever is logged below. */
extern const struct hy_log world_log;

int world_setup(void **state);
int world_teardown(void **state);

/* "DIR/name"; valid until the next call with the same `out`. */
const char *world_path(const struct world *w, const char *name, char out[WORLD_PATH_BYTES]);

void world_start_server(struct world *w);
/* An address is free for sure only when the whole bus is gone, as with a process. */
void world_stop_server(struct world *w);
void world_start_client(struct world *w);
struct hy_msg world_command(const char *id);
enum hy_err world_send(struct world *w, const char *id);
/* Answers the peer that asked last. */
void world_answer(struct world *w, struct hy_str id);

/* Runs the loop until done() is true; fails the test after 20 s. */
void world_run_until(struct world *w, bool (*done)(const struct world *w));
bool world_one_answer(const struct world *w);
bool world_nothing_waits(const struct world *w);
/* For what must not happen. */
void world_let_pass(struct world *w, int64_t ms);

#endif
