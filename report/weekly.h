/*
 * The weekly response report (政务舆情回应周报): documents, alerts and cases of one ISO week
 * (Monday to Sunday, China time), by topic and by unit, what is overdue, what the sources did.
 *
 * The formulas follow what published reports print under their tables: 应回应 counts the cases
 * whose answer was due in the period, so that nobody gains by answering late or by not being
 * asked; open overdue ones count against the unit.
 */
#ifndef HY_REPORT_WEEKLY_H
#define HY_REPORT_WEEKLY_H

#include "common/base/err.h"
#include "common/rules/topics.h"
#include "common/sys/store.h"
#include "report/render.h"

/* What it is made from; borrowed for the call. */
struct hy_weekly_sources {
	struct hy_store *store[HY_REPORT_STORE_COUNT];
	const struct hy_topics *topics;		/* for their titles; may be NULL */
	struct hy_wall now;
};

/* MALFORMED: the year has no such week. hy_weekly_fini frees. */
enum hy_err hy_weekly_load(const struct hy_weekly_sources *sources, int year, int week,
			   struct hy_report *out, struct hy_error *e) HY_MUST_CHECK;
void hy_weekly_fini(struct hy_report *report);

#endif
