/* The section `supervisor` of the configuration file. */
#ifndef HY_CLI_SUPERVISOR_CONF_H
#define HY_CLI_SUPERVISOR_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "common/sys/config.h"

struct hy_supervisor_conf {
	int64_t crawlers, analyzers, alerters;	/* processes of each kind */
	int64_t log_level;			/* enum hy_log_level, of all processes */
	bool watch;				/* show notices on standard output */
};
extern const struct hy_config_section hy_supervisor_section;

#endif
