/*
 * Intake: from the visit of an article's address to what is stored about it. A page that is
 * an article becomes a version, pending; one that is not is recorded on its frontier row with
 * its kind and the reason. Both in one change, so that neither can be had without the other.
 */
#ifndef HY_CRAWLER_INTAKE_H
#define HY_CRAWLER_INTAKE_H

#include <stdbool.h>

#include "crawler/batch.h"
#include "crawler/job.h"
#include "crawler/visitor.h"
#include "crawler/work.h"

/* Takes the job. *out_blocked: the page was a captcha or a login wall. Never NULL. */
struct hy_change *hy_intake(const struct hy_work *work, struct hy_job *job,
			    const struct hy_visit *visit, bool *out_blocked);
/* The job was lost with its crawler again and again: given up. Takes the job. */
struct hy_change *hy_intake_give_up(struct hy_job *job);

#endif
