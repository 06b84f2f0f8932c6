/*
 * Hosts that do what hosts should not: each hands out a decent robots.txt and list (but one),
 * and pages that are slow, endless, huge, broken, lying or looping.
 */
#ifndef SIM_MISBEHAVE_H
#define SIM_MISBEHAVE_H

#include "tests/web/reply.h"
#include "tests/web/site.h"

/* Number of kinds; host k has the address 127.1.1.(k + 1). */
size_t sim_misbehave_count(void);
const char *sim_misbehave_name(size_t kind);
void sim_misbehave_address(size_t kind, char out[SIM_ADDRESS_BYTES]);
/* True for the host whose robots.txt fails: RFC 9309, 2.3.1.4, nothing may be fetched. */
bool sim_misbehave_is_closed(size_t kind);

/* What a host remembers between requests. */
struct sim_misbehave {
	unsigned refusals;		/* 429s given so far */
	int64_t closed_until_ms;	/* what Retry-After asked for */
};

void sim_misbehave_answer(const struct sim_world *w, size_t kind, struct sim_misbehave *memory,
			  const struct sim_request *q, struct sim_reply *r);

#endif
