/* What the steps of a scenario have told so far: the sightings that correlations count. */
#ifndef HY_CLI_SCENARIO_MEMORY_H
#define HY_CLI_SCENARIO_MEMORY_H

#include <stddef.h>

#include "alerter/correlation.h"

/* Strings are borrowed from the rules and from the scenario's file, which live longer. */
struct hy_scenario_memory {
	struct hy_sighting *items;
	size_t count, cap;
};

void hy_scenario_memory_clear(struct hy_scenario_memory *memory);
void hy_scenario_memory_fini(struct hy_scenario_memory *memory);

void hy_scenario_memory_add(struct hy_scenario_memory *memory, const struct hy_msg_alert *alert,
			    struct hy_wall at);
/* The alert as the alerter would take it; *out ends with hy_correlated_fini. */
void hy_scenario_memory_correlate(const struct hy_scenario_memory *memory,
				  const struct hy_topics *topics, struct hy_wall at,
				  const struct hy_msg_alert *alert, struct hy_correlated *out);

#endif
