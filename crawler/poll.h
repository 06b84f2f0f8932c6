/*
 * Poll: from the visit of a source to the new addresses in the frontier and what is now known
 * of the source, both in one change.
 */
#ifndef HY_CRAWLER_POLL_H
#define HY_CRAWLER_POLL_H

#include <stdbool.h>

#include "crawler/batch.h"
#include "crawler/job.h"
#include "crawler/visitor.h"
#include "crawler/work.h"

/* Takes the job. *out_blocked: the page was a captcha or a login wall. Never NULL. */
struct hy_change *hy_poll(const struct hy_work *work, struct hy_job *job,
			  const struct hy_visit *visit, bool *out_blocked);

#endif
