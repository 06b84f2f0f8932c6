/*
 * Which configuration file and which rules folder a verb uses, and one section of the former.
 */
#ifndef HY_CLI_CONFIG_FILE_H
#define HY_CLI_CONFIG_FILE_H

#include "common/sys/config.h"
#include "common/sys/service.h"

/* `given`, or huiying.yaml here, or /etc/huiying/huiying.yaml, or NULL: presets only. */
const char *hy_cli_config_path(const char *given);

/*
 * Loads one section; what is wrong with the file is printed to standard error. NULL on
 * failure. Free with hy_config_free(section, values).
 */
void *hy_cli_config_load(const char *given, const struct hy_config_section *section);

/* `given`, or ./rules, or the installed folder where there is none here. */
const char *hy_cli_rules_dir(const char *given);

#endif
