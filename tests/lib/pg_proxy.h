/*
 * A line to a PostgreSQL server that breaks on purpose: a process of its own that passes
 * everything on until the client sends bytes that contain `needle`, and then, once, does harm.
 * Later connections pass untouched.
 */
#ifndef TESTS_LIB_PG_PROXY_H
#define TESTS_LIB_PG_PROXY_H

#include <sys/types.h>

enum pg_proxy_fault {
	PG_PROXY_CUT_BEFORE,	/* the server never sees it */
	PG_PROXY_CUT_AFTER,	/* the server has answered, the client never hears of it */
	PG_PROXY_SILENCE,	/* nothing passes any more, and the line stays open */
};

struct pg_proxy {
	char folder[64];	/* for host= */
	pid_t pid;
};

/* False where the socket could not be made. */
int pg_proxy_start(struct pg_proxy *proxy, const char *server_folder, enum pg_proxy_fault fault,
		   const char *needle);
void pg_proxy_stop(struct pg_proxy *proxy);

#endif
