/*
 * Alarms about topics whose share of the documents judged is far out of its usual (share.h): one
 * that suddenly fires on very many, or an everyday one that fires on none. It is told to the
 * topic's owner with the figures and what to do, goes on while the share stays so, and is ended by
 * a share that is usual again, by a changed rule, or by a day without a word.
 */
#ifndef HY_ALERTER_TRAFFIC_ALARM_H
#define HY_ALERTER_TRAFFIC_ALARM_H

#include "alerter/share.h"
#include "alerter/traffic.h"
#include "alerter/turn.h"
#include "common/base/buf.h"
#include "common/base/err.h"

#define HY_TRAFFIC_KIND_SURGE "topic-surge"
#define HY_TRAFFIC_KIND_SILENT "topic-silent"

/* Looks at all topics as they are now, in the caller's transaction. */
enum hy_err hy_traffic_look(struct hy_turn *turn, struct hy_error *e) HY_MUST_CHECK;

/* "1.2%" of the documents judged. */
void hy_traffic_percent(double share, struct hy_buf *out);

#endif
