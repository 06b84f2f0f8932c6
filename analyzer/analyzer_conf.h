/* The section `analyzer` of the configuration file. */
#ifndef HY_ANALYZER_ANALYZER_CONF_H
#define HY_ANALYZER_ANALYZER_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "common/sys/config.h"

struct hy_analyzer_conf {
	bool need_place;
	int64_t window;
	int64_t tally_ms;
	char *listen;
};

extern const struct hy_config_section hy_analyzer_section;

#endif
