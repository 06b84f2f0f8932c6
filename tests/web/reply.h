/*
 * One request as the pages see it, and what they answer: filled by news.c, wechat.c,
 * misbehave.c and control.c, sent by server.c.
 */
#ifndef SIM_REPLY_H
#define SIM_REPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/time.h"

#define SIM_BODY_BYTES_MAX (64u << 20)

struct sim_request {
	struct hy_str method, path;	/* the path with its query, as sent */
	struct hy_str body;
	bool accepts_gzip;
	int64_t now_ms;			/* after the start */
	void *connection;		/* struct MHD_Connection, for who needs more headers */
};

/* How the body goes out. All below LATE are for misbehaving hosts and ignore `body`. */
enum sim_sending {
	SIM_WHOLE,
	SIM_LATE,	/* the headers at once, the body after late_ms */
	SIM_DRIP,	/* a few bytes a second, without end in sight */
	SIM_ENDLESS,	/* as fast as it is read, for ever */
	SIM_HUGE,	/* SIM_HUGE_BYTES, announced */
	SIM_TRUNCATED,	/* a tenth of what is announced, then the connection is cut */
};
#define SIM_HUGE_BYTES (50u << 20)

struct sim_reply {
	unsigned status;		/* 200 unless set */
	char type[80];			/* Content-Type */
	char etag[48];			/* quoted; empty: the page cannot be asked for again cheaply */
	char retry_after[40];
	char location[200];
	struct hy_wall modified;	/* HY_WALL_NONE where there is none */
	bool gzip;			/* compressed where the request allows */
	bool is_gzip;			/* the body is what stands behind Content-Encoding: gzip */
	enum sim_sending sending;
	int64_t late_ms;
	struct hy_buf body;
};

void sim_reply_init(struct sim_reply *r);
void sim_reply_fini(struct sim_reply *r);
/* Status and type with a one-line body. */
void sim_reply_plain(struct sim_reply *r, unsigned status, const char *line);
/* Entity tag and Last-Modified of a page that is a function of these. */
void sim_reply_version(struct sim_reply *r, uint64_t page, uint64_t version, struct hy_wall modified);

#endif
