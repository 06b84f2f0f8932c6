#include "cli/scenario_memory.h"

#include <stdlib.h>

#include "common/base/mem.h"

void hy_scenario_memory_clear(struct hy_scenario_memory *memory)
{
	memory->count = 0;
}

void hy_scenario_memory_fini(struct hy_scenario_memory *memory)
{
	free(memory->items);
	*memory = (struct hy_scenario_memory){0};
}

static void keep(void *ctx, const struct hy_sighting *sighting)
{
	struct hy_scenario_memory *memory = ctx;

	memory->items = hy_grow(memory->items, &memory->cap, memory->count + 1,
				sizeof *memory->items);
	memory->items[memory->count++] = *sighting;
}

void hy_scenario_memory_add(struct hy_scenario_memory *memory, const struct hy_msg_alert *alert,
			    struct hy_wall at)
{
	hy_sightings_of(alert, at, keep, memory);
}

struct reading {
	const struct hy_scenario_memory *memory;
	struct hy_wall at;
};

static enum hy_err read_memory(void *ctx, const struct hy_correlation *correlation,
			       struct hy_str topic, hy_sighting_fn *each, void *each_ctx)
{
	const struct reading *reading = ctx;

	for (size_t i = 0; i < reading->memory->count; i++) {
		const struct hy_sighting *s = &reading->memory->items[i];
		int64_t apart = s->at_ms > reading->at.ms ? s->at_ms - reading->at.ms
							  : reading->at.ms - s->at_ms;

		if (apart <= correlation->span_ms && hy_str_eq(s->topic, topic))
			each(each_ctx, s);
	}
	return HY_OK;
}

void hy_scenario_memory_correlate(const struct hy_scenario_memory *memory,
				  const struct hy_topics *topics, struct hy_wall at,
				  const struct hy_msg_alert *alert, struct hy_correlated *out)
{
	struct reading reading = {memory, at};
	const struct hy_correlator correlator = {
		.topics = topics, .at = at, .read = read_memory, .ctx = &reading};
	enum hy_err err = hy_correlate(&correlator, alert, out);

	hy_assert(err == HY_OK);
}
