/*
 * The alerter daemon: alerts in, receipts and notices out, commands and deadlines between.
 *
 * It starts as a standby and becomes active when it holds the store's lock; only then does it
 * bind its endpoints. All requests of one turn of the loop share one transaction; a RECEIPT is
 * sent only after its commit. While the store does not work nothing is kept here: no receipt
 * goes out, and the analyzers send again.
 */
#ifndef HY_ALERTER_ALERTER_H
#define HY_ALERTER_ALERTER_H

#include "common/sys/service.h"

extern const struct hy_service_spec hy_alerter_spec;

#endif
