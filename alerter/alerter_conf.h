/* The section `alerter` of the configuration file. */
#ifndef HY_ALERTER_ALERTER_CONF_H
#define HY_ALERTER_ALERTER_CONF_H

#include <stdint.h>

#include "common/sys/config.h"

struct hy_alerter_conf {
	char *store;
	int64_t store_timeout_ms;
	int64_t batch;
	int64_t standby_ms;
	char *audit_receiver;
	int64_t audit_keep_ms;
};

extern const struct hy_config_section hy_alerter_section;

#endif
