/*
 * Fills the {slots} of one sentence. Names stay the same through a story; figures stay the same
 * within one place of it.
 */
#ifndef SIM_SLOTS_H
#define SIM_SLOTS_H

#include <stdint.h>

#include "common/base/buf.h"
#include "tests/web/rng.h"
#include "tests/web/text.h"

struct sim_slots {
	const struct sim_text *text;
	struct hy_str place;	/* a street, or empty: then {where} is the district alone */
	const char *phone;	/* NULL where the story has none */
	uint32_t names;		/* which names: distinct numbers below 600 share none */
	struct sim_rng figures;	/* copied for each sentence */
};

/* Appends `line` with its slots filled. An unknown slot is a mistake in our own tables. */
void sim_slots_fill(const struct sim_slots *slots, struct hy_str line, struct hy_buf *out);

#endif
