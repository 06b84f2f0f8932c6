/*
 * The hosts that this crawler works on: pace, robots.txt, the jobs waiting, and the impact
 * ledger. What must outlive the process (when the host may be asked next, why it is paused,
 * how much was asked of it on which day) is flushed to the store as a change.
 *
 * A host is held from the claim that took it until it is given back. In between nobody else
 * asks it, and what stands here is the truth; afterwards the next claim says what is true.
 */
#ifndef HY_CRAWLER_HOSTS_H
#define HY_CRAWLER_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/time.h"
#include "crawler/batch.h"
#include "crawler/host_lease.h"
#include "crawler/job.h"
#include "crawler/pace.h"
#include "crawler/robots_cache.h"

#define HY_HOSTS_MAX 100000

struct hy_host {
	char *name;
	struct hy_host *next_active, **active_link;	/* in the list of those with jobs */
	struct hy_host *next_idle, **idle_link;	/* held for nothing; idle_link NULL: not so */
	struct hy_pace pace;
	struct hy_robots_entry *robots;
	struct hy_job *first_job, **last_job;
	size_t job_count;
	int64_t delay_ms;		/* that the latest job wanted; -1: none came yet */
	bool is_held;
	bool is_busy;			/* a request is under way; see hy_hosts_set_busy */
	bool is_working;		/* a job or a request */
	bool has_more;			/* the store has more work due than was taken */
	bool owes_delay;		/* used by somebody before this process: wait first */
	int64_t requests, bytes, errors;	/* since the last flush */
	bool is_dirty;
	int64_t strikes;		/* requests in a row without an answer */
	char reason[sizeof(((struct hy_host_memory *)NULL)->reason)];	/* of the pause, Chinese */
	struct hy_mono used_at;
};

struct hy_hosts;

/* owner: this crawler's instance, borrowed. */
struct hy_hosts *hy_hosts_new(const char *owner);
void hy_hosts_free(struct hy_hosts *hosts);	/* and all waiting jobs; free(NULL) is legal */

/* Made where it is not in memory, not held; NULL where there are HY_HOSTS_MAX. */
struct hy_host *hy_hosts_get(struct hy_hosts *hosts, struct hy_str name, struct hy_mono now);
struct hy_host *hy_hosts_find(const struct hy_hosts *hosts, struct hy_str name);	/* or NULL */

/*
 * A claim of the host is committed: what the store said of it counts, unless this process has
 * held it all the time and knows better.
 */
void hy_hosts_hold(struct hy_hosts *hosts, struct hy_host *host,
		   const struct hy_host_memory *memory, struct hy_mono now, struct hy_wall wall);

/* Hosts with waiting jobs, the one asked last at the end; walk by next_active. */
struct hy_host *hy_hosts_active(const struct hy_hosts *hosts);
size_t hy_hosts_waiting_jobs(const struct hy_hosts *hosts);
void hy_hosts_push(struct hy_hosts *hosts, struct hy_host *host, struct hy_job *job);
struct hy_job *hy_hosts_pop(struct hy_hosts *hosts, struct hy_host *host);	/* not empty */

void hy_hosts_set_busy(struct hy_hosts *hosts, struct hy_host *host, bool is_busy);
/* How many have a job or a request. */
size_t hy_hosts_working(const struct hy_hosts *hosts);

/* A request to the host ended. */
void hy_host_count(struct hy_host *host, int64_t bytes, bool is_error);

/* The change that writes this host at once: a pause may not be forgotten with the process. */
struct hy_change *hy_host_flush(struct hy_hosts *hosts, struct hy_host *host, struct hy_mono now,
				struct hy_wall wall);
/* The change that writes what is dirty, or NULL where nothing is. */
struct hy_change *hy_hosts_flush(struct hy_hosts *hosts, struct hy_mono now, struct hy_wall wall);
/*
 * The change that writes those held hosts that have neither a job nor a request, and lets
 * another crawler have them; NULL where there are none. They are not held any more.
 */
struct hy_change *hy_hosts_give_back(struct hy_hosts *hosts, struct hy_mono now,
				     struct hy_wall wall);
/* Forgets clean idle hosts that nobody used for so long. */
void hy_hosts_sweep(struct hy_hosts *hosts, struct hy_mono now, int64_t idle_ms);

#endif
