#include "tests/web/reply.h"

#include <inttypes.h>
#include <stdio.h>

void sim_reply_init(struct sim_reply *r)
{
	*r = (struct sim_reply){.status = 200, .modified = HY_WALL_NONE};
	(void)snprintf(r->type, sizeof r->type, "text/html; charset=utf-8");
	hy_buf_init(&r->body, SIM_BODY_BYTES_MAX);
}

void sim_reply_fini(struct sim_reply *r)
{
	hy_buf_fini(&r->body);
}

void sim_reply_plain(struct sim_reply *r, unsigned status, const char *line)
{
	r->status = status;
	(void)snprintf(r->type, sizeof r->type, "text/plain; charset=utf-8");
	hy_buf_addf(&r->body, "%s\n", line);
}

void sim_reply_version(struct sim_reply *r, uint64_t page, uint64_t version, struct hy_wall modified)
{
	(void)snprintf(r->etag, sizeof r->etag, "\"%" PRIx64 "-%" PRIx64 "\"", page, version);
	r->modified = modified;
}
