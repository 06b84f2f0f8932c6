/*
 * The analyzer daemon: DOCUMENT in, VERDICT out, with an ALERT to the alerter in between where a
 * topic crossed its threshold. Stateless: a VERDICT is given only when the alert's RECEIPT is
 * there, and whatever is in memory can be lost at any moment, since the crawler asks again.
 */
#ifndef HY_ANALYZER_ANALYZER_H
#define HY_ANALYZER_ANALYZER_H

#include "common/sys/service.h"

extern const struct hy_service_spec hy_analyzer_spec;

#endif
