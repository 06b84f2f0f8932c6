/* How a limit was counted, for the verbs that explain one: what the count left out, and why. */
#ifndef HY_CLI_CLOCK_PRINT_H
#define HY_CLI_CLOCK_PRINT_H

#include <jansson.h>

#include "alerter/presets.h"
#include "common/base/time.h"

/* The days between two moments that were no plain working days, as lines behind `indent`. */
void hy_cli_print_skipped(const struct hy_preset *preset, struct hy_wall from, struct hy_wall to,
			  const char *indent);
/* The same as an array of objects {from, to, why, counted}; empty for natural hours. */
json_t *hy_cli_json_skipped(const struct hy_preset *preset, struct hy_wall from,
			    struct hy_wall to);

#endif
