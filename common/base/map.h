/*
 * Map from text keys to pointers: open addressing, keys copied, values borrowed.
 * Order of hy_map_next is unspecified. Bounded by the max given at init.
 */
#ifndef HY_BASE_MAP_H
#define HY_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/err.h"
#include "common/base/str.h"

struct hy_map_slot;

struct hy_map {
	struct hy_map_slot *slots;
	size_t used, cap, max;
};

void hy_map_init(struct hy_map *m, size_t max_entries);
void hy_map_fini(struct hy_map *m);	/* frees keys, not values */

void *hy_map_get(const struct hy_map *m, struct hy_str key);	/* NULL where absent */
/* Inserts or replaces; value is not NULL. LIMIT when full, map unchanged. */
enum hy_err hy_map_set(struct hy_map *m, struct hy_str key, void *value) HY_MUST_CHECK;
void *hy_map_remove(struct hy_map *m, struct hy_str key);	/* the value, or NULL */

/* Iterates: start with *pos = 0; the map must not change meanwhile. out_key may be NULL. */
bool hy_map_next(const struct hy_map *m, size_t *pos, struct hy_str *out_key, void **out_value);

#endif
