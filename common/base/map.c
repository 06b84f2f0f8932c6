#include "common/base/map.h"

#include <stdint.h>
#include <stdlib.h>

#include "common/base/mem.h"

struct hy_map_slot {
	struct hy_str key;	/* owned; p NULL where the slot is free */
	void *value;
};

/* FNV-1a. Keys an outsider chooses are bounded in number by `max`. */
static size_t hash_of(struct hy_str key)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < key.n; i++)
		h = (h ^ (unsigned char)key.p[i]) * UINT64_C(0x100000001b3);
	return (size_t)(h ^ h >> 32);
}

void hy_map_init(struct hy_map *m, size_t max_entries)
{
	*m = (struct hy_map){.max = max_entries};
}

void hy_map_fini(struct hy_map *m)
{
	for (size_t i = 0; i < m->cap; i++)
		if (m->slots[i].key.p)
			free(hy_take(&m->slots[i].key.p));
	free(m->slots);
	*m = (struct hy_map){.max = m->max};
}

/* The slot that holds the key, or the free one where it belongs. */
static struct hy_map_slot *slot_of(const struct hy_map *m, struct hy_str key)
{
	size_t i = hash_of(key) & (m->cap - 1);

	while (m->slots[i].key.p && !hy_str_eq(m->slots[i].key, key))
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

void *hy_map_get(const struct hy_map *m, struct hy_str key)
{
	return m->cap ? slot_of(m, key)->value : NULL;
}

static void grow(struct hy_map *m)
{
	struct hy_map old = *m;

	m->cap = old.cap ? old.cap * 2 : 16;
	m->slots = hy_xcalloc(m->cap, sizeof *m->slots);
	for (size_t i = 0; i < old.cap; i++)
		if (old.slots[i].key.p)
			*slot_of(m, old.slots[i].key) = old.slots[i];
	free(old.slots);
}

enum hy_err hy_map_set(struct hy_map *m, struct hy_str key, void *value)
{
	struct hy_map_slot *slot;

	hy_assert(value != NULL);
	if (m->used * 4 >= m->cap * 3)
		grow(m);
	slot = slot_of(m, key);
	if (!slot->key.p) {
		if (m->used >= m->max)
			return HY_ERR_LIMIT;
		slot->key = (struct hy_str){hy_xstrndup(key.p, key.n), key.n};
		m->used++;
	}
	slot->value = value;
	return HY_OK;
}

void *hy_map_remove(struct hy_map *m, struct hy_str key)
{
	struct hy_map_slot *slot = m->cap ? slot_of(m, key) : NULL;
	void *value = slot ? slot->value : NULL;
	size_t hole, i;

	if (!value)
		return NULL;
	free(hy_take(&slot->key.p));
	*slot = (struct hy_map_slot){0};
	m->used--;
	/* Move back what probed past the hole, so that look-ups still find it. */
	hole = (size_t)(slot - m->slots);
	for (i = (hole + 1) & (m->cap - 1); m->slots[i].key.p; i = (i + 1) & (m->cap - 1)) {
		size_t home = hash_of(m->slots[i].key) & (m->cap - 1);

		if (((i - home) & (m->cap - 1)) >= ((i - hole) & (m->cap - 1))) {
			m->slots[hole] = m->slots[i];
			m->slots[i] = (struct hy_map_slot){0};
			hole = i;
		}
	}
	return value;
}

bool hy_map_next(const struct hy_map *m, size_t *pos, struct hy_str *out_key, void **out_value)
{
	for (; *pos < m->cap; (*pos)++) {
		if (!m->slots[*pos].key.p)
			continue;
		if (out_key)
			*out_key = m->slots[*pos].key;
		if (out_value)
			*out_value = m->slots[*pos].value;
		(*pos)++;
		return true;
	}
	return false;
}
