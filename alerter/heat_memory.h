/*
 * What is known of the heat of events without asking the store: who told of each, and how many
 * alerts it has. It only says whether looking is worth while; the store decides (heat.h). An event
 * that is not in it has to be read, so that losing some or all of it costs a question and no more.
 *
 * It may know of more than the store, never of less: it is cleared where a transaction is rolled
 * back, or alerts are moved from event to event.
 */
#ifndef HY_ALERTER_HEAT_MEMORY_H
#define HY_ALERTER_HEAT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/str.h"
#include "common/sys/content_id.h"

#define HY_HEAT_EVENTS_MAX 100000	/* then it begins anew */

struct hy_heat_memory;

struct hy_heat_entry {
	uint64_t *tellers;		/* hashes of outlets */
	size_t count, cap;
	size_t alerts, next_look;	/* for a burst: not before there are so many alerts */
};

struct hy_heat_memory *hy_heat_memory_new(void);
void hy_heat_memory_free(struct hy_heat_memory *memory);	/* free(NULL) is legal */
void hy_heat_memory_clear(struct hy_heat_memory *memory);	/* likewise */

/* NULL where nothing is known; valid until the next add or clear. */
struct hy_heat_entry *hy_heat_memory_get(struct hy_heat_memory *memory, const struct hy_id *event);
/* An empty entry, in the place of one that was there. */
struct hy_heat_entry *hy_heat_memory_add(struct hy_heat_memory *memory, const struct hy_id *event);
/* True where that teller was not known. */
bool hy_heat_entry_tell(struct hy_heat_entry *entry, struct hy_str teller);

#endif
