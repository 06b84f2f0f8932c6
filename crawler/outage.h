/*
 * Outage: is it the sites that do not answer, or has this crawler lost its network or its name
 * servers? Judged by what the last request to each of the hosts met: where most of them, asked
 * within some minutes, gave no answer at all, it is ours. Then one alarm tells of the crawler,
 * and none of each source (crawler/watch.h).
 *
 * Held in memory, by the process that makes the requests; the alarm is in the store and outlives
 * it. Pure otherwise, with the moment as a parameter.
 */
#ifndef HY_CRAWLER_OUTAGE_H
#define HY_CRAWLER_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/str.h"
#include "common/base/time.h"
#include "crawler/health.h"

struct hy_outage;

struct hy_outage *hy_outage_new(void);
void hy_outage_free(struct hy_outage *outage);	/* free(NULL) is legal */

/* A request to the host ended; `answered` by whatever status. */
void hy_outage_note(struct hy_outage *outage, struct hy_str host, bool answered,
		    struct hy_wall now);

/* The hosts asked lately, and those of them that did not answer. */
struct hy_outage_count {
	int64_t asked, silent;
	int64_t long_silent;		/* of the silent ones: not for a moment only */
	struct hy_wall since;		/* the first of those that fell silent lately */
};
/*
 * BAD: it begins; GOOD: it is over. Between the two nothing changes: a host or two of our own
 * network that answer all the while neither hide it nor end it. *out says what was judged by.
 */
enum hy_judgement hy_outage_judge(const struct hy_outage *outage, struct hy_wall now,
				  struct hy_outage_count *out);

#endif
