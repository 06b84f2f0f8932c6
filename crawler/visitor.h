/*
 * Visitor: takes jobs to their hosts, as a guest should. One request at a time per host, at
 * its pace; robots.txt before anything else; a pause when the host asks for one. What was
 * seen is reported; nothing is followed and nothing is decided here beyond manners.
 */
#ifndef HY_CRAWLER_VISITOR_H
#define HY_CRAWLER_VISITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/log.h"
#include "common/sys/loop.h"
#include "crawler/batch.h"
#include "crawler/crawler_conf.h"
#include "crawler/fetch.h"
#include "crawler/hosts.h"
#include "crawler/job.h"
#include "crawler/outage.h"

enum hy_visit_end {
	HY_VISIT_PAGE,		/* response has the body */
	HY_VISIT_UNCHANGED,	/* 304 */
	HY_VISIT_MOVED,		/* location, resolved */
	HY_VISIT_REFUSED,	/* for good: not there, not allowed, not readable */
	HY_VISIT_LATER,		/* failed, may succeed at not_before or later */
	HY_VISIT_RELEASED,	/* not asked for: the host is paused or the lease is short */
};

/* Borrowed for the call. */
struct hy_visit {
	enum hy_visit_end end;
	const struct hy_fetch_result *response;	/* PAGE, UNCHANGED; else NULL */
	const char *kind;			/* REFUSED, LATER: constant, see v_page.kind */
	struct hy_str reason;			/* the same in words, Chinese */
	struct hy_str location;			/* MOVED: normalised */
	bool is_permanent;			/* MOVED */
	bool is_unanswered;			/* LATER for robots.txt: nobody answered */
	bool counts;				/* LATER: as one of the limited attempts */
	struct hy_wall not_before;		/* LATER, RELEASED; unknown: the callee's choice */
};

/* The job passes to the callee. */
typedef void hy_visit_fn(void *ctx, struct hy_job *job, const struct hy_visit *visit);

struct hy_visitor_parts {
	struct hy_loop *loop;
	struct hy_fetcher *fetcher;
	struct hy_hosts *hosts;
	struct hy_store *store;		/* to read robots.txt kept there */
	struct hy_batch *batch;
	struct hy_outage *outage;	/* learns who answers; NULL: nobody asks */
};

struct hy_visitor;

/* Parts and conf are borrowed; freed before them. */
struct hy_visitor *hy_visitor_new(const struct hy_visitor_parts *parts,
				  const struct hy_crawler_conf *conf, hy_visit_fn *fn, void *ctx);
void hy_visitor_free(struct hy_visitor *visitor);
void hy_visitor_configure(struct hy_visitor *visitor, const struct hy_crawler_conf *conf);

/* Takes the job, whose delay_ms and allow_private are set. */
void hy_visitor_add(struct hy_visitor *visitor, struct hy_job *job);
struct hy_visitor_room {
	size_t jobs;		/* how many more make sense now; 0: what it has is enough */
	int64_t look_in_ms;	/* after which it may make sense again to bring as many */
	bool is_in_hand;	/* it has a job or a request */
};
/* It is to have at most so many at once. */
struct hy_visitor_room hy_visitor_room(const struct hy_visitor *visitor, struct hy_str host,
				       size_t at_most);
/* The host shows a captcha or a login wall: it is left alone, longer each time. */
void hy_visitor_pause(struct hy_visitor *visitor, struct hy_str host, int64_t base_ms,
		      const char *reason);
/* Requests of that host that the ledger in the store does not count yet, jobs included. */
int64_t hy_visitor_uncounted(const struct hy_visitor *visitor, struct hy_str host);
/* Jobs waiting and requests running. */
size_t hy_visitor_load(const struct hy_visitor *visitor);
/* A host ran out of jobs: a good moment to bring more. */
void hy_visitor_on_idle(struct hy_visitor *visitor, hy_deferred_fn *fn, void *ctx);

/* Starts nothing any more and releases what waits; running requests go on. */
void hy_visitor_drain(struct hy_visitor *visitor);
/* Starts nothing until told otherwise (the store is not writable). */
void hy_visitor_hold(struct hy_visitor *visitor, bool hold);

#endif
