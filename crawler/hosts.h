/*
 * The hosts that this crawler works on: pace, robots.txt, the jobs waiting, and the impact
 * ledger. What must outlive the process (when the host may be asked next, why it is paused,
 * how much was asked of it on which day) is flushed to the store as a change.
 */
#ifndef HY_CRAWLER_HOSTS_H
#define HY_CRAWLER_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/time.h"
#include "common/sys/store.h"
#include "crawler/batch.h"
#include "crawler/job.h"
#include "crawler/pace.h"
#include "crawler/robots_cache.h"

#define HY_HOSTS_MAX 100000

struct hy_host {
	char *name;
	struct hy_host *next_active, **active_link;	/* in the list of those with jobs */
	struct hy_pace pace;
	struct hy_robots_entry *robots;
	struct hy_job *first_job, **last_job;
	size_t job_count;
	bool is_busy;			/* a request is under way */
	bool owes_delay;		/* used by somebody before this process: wait first */
	int64_t requests, bytes, errors;	/* since the last flush */
	bool is_dirty;
	int64_t strikes;		/* requests in a row without an answer */
	char reason[200];		/* of the pause, Chinese */
	struct hy_mono used_at;
};

struct hy_hosts;

struct hy_hosts *hy_hosts_new(struct hy_store *store);
void hy_hosts_free(struct hy_hosts *hosts);	/* and all waiting jobs; free(NULL) is legal */

/*
 * Made and read from the store where not in memory; NULL where there are HY_HOSTS_MAX. A
 * host that was claimed before owes its delay first: who had it may have died unflushed.
 */
struct hy_host *hy_hosts_get(struct hy_hosts *hosts, struct hy_str name, struct hy_mono now,
			     struct hy_wall wall);
struct hy_host *hy_hosts_find(const struct hy_hosts *hosts, struct hy_str name);	/* or NULL */

/* Hosts with waiting jobs, the longest waiting first; walk by next_active. */
struct hy_host *hy_hosts_active(const struct hy_hosts *hosts);
size_t hy_hosts_waiting_jobs(const struct hy_hosts *hosts);
void hy_hosts_push(struct hy_hosts *hosts, struct hy_host *host, struct hy_job *job);
struct hy_job *hy_hosts_pop(struct hy_hosts *hosts, struct hy_host *host);	/* not empty */

/* A request to the host ended. */
void hy_host_count(struct hy_host *host, int64_t bytes, bool is_error);

/* The change that writes this host at once: a pause may not be forgotten with the process. */
struct hy_change *hy_host_flush(struct hy_host *host, struct hy_mono now, struct hy_wall wall);
/* The change that writes what is dirty, or NULL where nothing is. */
struct hy_change *hy_hosts_flush(struct hy_hosts *hosts, struct hy_mono now, struct hy_wall wall);
/* Forgets clean idle hosts that nobody used for so long. */
void hy_hosts_sweep(struct hy_hosts *hosts, struct hy_mono now, int64_t idle_ms);

/*
 * Hosts with work due that may be asked: not paused, not another crawler's. Names into out,
 * at most terms->max, those not claimed for the longest time first; each is malloc'ed.
 */
enum hy_err hy_hosts_due(struct hy_store *store, const struct hy_lease_terms *terms, char **out,
			 size_t *out_count, struct hy_error *e) HY_MUST_CHECK;
/* Takes a host for this crawler, in the caller's transaction; false: another has it. */
enum hy_err hy_hosts_claim(struct hy_store *store, struct hy_str name,
			   const struct hy_lease_terms *terms, bool *out_mine,
			   struct hy_error *e) HY_MUST_CHECK;

#endif
