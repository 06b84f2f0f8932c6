/* The command line that all daemons share. */
#ifndef HY_SYS_SERVICE_OPTIONS_H
#define HY_SYS_SERVICE_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/log.h"
#include "common/sys/service.h"

#define HY_SERVICE_GO_ON (-1)

struct hy_service_options {
	const char *config;	/* NULL: presets */
	const char *name;
	enum hy_log_level log_level;
	int64_t parent;		/* process to end with, or 0 */
	bool check, dump;
};

/* HY_SERVICE_GO_ON, or the exit code where the command line says it all. */
int hy_service_options_parse(int argc, char **argv, const struct hy_service_spec *spec,
			     struct hy_service_options *out);

#endif
