/*
 * A job: one address that this crawler has taken, under a lease, to fetch. It comes from the
 * frontier (an article) or from the sources (a poll) and ends as a change in the store.
 */
#ifndef HY_CRAWLER_JOB_H
#define HY_CRAWLER_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/str.h"
#include "common/base/time.h"

enum hy_job_kind {
	HY_JOB_ARTICLE,
	HY_JOB_POLL,
};

/* On which terms work is taken from the store. */
struct hy_lease_terms {
	struct hy_str owner;		/* this crawler's instance */
	struct hy_str host;
	struct hy_wall now, until;
	struct hy_wall look_at;		/* hosts: looked at again then */
	size_t max;			/* rows */
	bool new_only;			/* frontier: none that is to be read again */
};

struct hy_job {
	struct hy_job *next;		/* in the queue that holds it */
	enum hy_job_kind kind;
	char *id;			/* ARTICLE: row of the frontier; POLL: the source's id */
	char *url;			/* normalised */
	char *host;			/* see hy_host_of */
	char *source;			/* id */
	char *title;			/* as the link called it, or "" */
	char *document;			/* id of what an earlier visit stored, or "" */
	char *etag, *last_modified, *content_hash;	/* of the last response, or "" */
	struct hy_wall published_at;	/* as the link said */
	struct hy_wall lease_until;
	int64_t attempts;		/* that were answered before; POLL: failures so far */
	int64_t crashes;		/* leases that ended without an outcome */
	int64_t hops;			/* redirects behind it */
	int64_t visits;			/* how often it was read before */
	int64_t url_index;		/* POLL: of the source's addresses */
	int64_t delay_ms;		/* least time between requests of the host */
	bool allow_private;
};

void hy_job_free(struct hy_job *job);	/* free(NULL) is legal */
void hy_jobs_free(struct hy_job *first);	/* a whole list */

#endif
