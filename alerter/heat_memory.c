#include "alerter/heat_memory.h"

#include <stdlib.h>

#include "common/base/map.h"
#include "common/base/mem.h"

struct hy_heat_memory {
	struct hy_map by_event;
	size_t count;
};

struct hy_heat_memory *hy_heat_memory_new(void)
{
	struct hy_heat_memory *memory = hy_xcalloc(1, sizeof *memory);

	hy_map_init(&memory->by_event, HY_HEAT_EVENTS_MAX);
	return memory;
}

static void entry_free(struct hy_heat_entry *entry)
{
	if (entry)
		free(entry->tellers);
	free(entry);
}

void hy_heat_memory_clear(struct hy_heat_memory *memory)
{
	size_t pos = 0;
	void *entry;

	if (!memory)
		return;
	while (hy_map_next(&memory->by_event, &pos, NULL, &entry))
		entry_free(entry);
	hy_map_fini(&memory->by_event);
	hy_map_init(&memory->by_event, HY_HEAT_EVENTS_MAX);
	memory->count = 0;
}

void hy_heat_memory_free(struct hy_heat_memory *memory)
{
	if (!memory)
		return;
	hy_heat_memory_clear(memory);
	hy_map_fini(&memory->by_event);
	free(memory);
}

struct hy_heat_entry *hy_heat_memory_get(struct hy_heat_memory *memory, const struct hy_id *event)
{
	return hy_map_get(&memory->by_event, hy_id_str(event));
}

struct hy_heat_entry *hy_heat_memory_add(struct hy_heat_memory *memory, const struct hy_id *event)
{
	struct hy_heat_entry *entry = hy_xcalloc(1, sizeof *entry);
	struct hy_heat_entry *old = hy_map_remove(&memory->by_event, hy_id_str(event));

	memory->count -= old != NULL;
	entry_free(old);
	if (memory->count == HY_HEAT_EVENTS_MAX)
		hy_heat_memory_clear(memory);
	enum hy_err stored = hy_map_set(&memory->by_event, hy_id_str(event), entry);
	hy_assert(stored == HY_OK);
	memory->count++;
	return entry;
}

/* FNV-1a: two names that share one by chance are taken for one, which delays a look. */
static uint64_t hash_of(struct hy_str s)
{
	uint64_t hash = 14695981039346656037u;

	for (size_t i = 0; i < s.n; i++)
		hash = (hash ^ (unsigned char)s.p[i]) * 1099511628211u;
	return hash;
}

bool hy_heat_entry_tell(struct hy_heat_entry *entry, struct hy_str teller)
{
	uint64_t hash = hash_of(teller);

	entry->alerts++;
	for (size_t i = 0; i < entry->count; i++)
		if (entry->tellers[i] == hash)
			return false;
	entry->tellers = hy_grow(entry->tellers, &entry->cap, entry->count + 1,
				 sizeof *entry->tellers);
	entry->tellers[entry->count++] = hash;
	return true;
}
