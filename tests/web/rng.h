/*
 * Random numbers that depend on nothing but the seed, a stream and an index, so that any page
 * can be made again without what came before it (SplitMix64, Steele et al. 2014).
 */
#ifndef SIM_RNG_H
#define SIM_RNG_H

#include <stddef.h>
#include <stdint.h>

struct sim_rng {
	uint64_t state;
};

/* What the numbers are for: streams of the same seed and index are unrelated. */
enum sim_stream {
	SIM_STREAM_PLAN = 1,
	SIM_STREAM_CONCERN,
	SIM_STREAM_REPOST,
	SIM_STREAM_ORDINARY,
	SIM_STREAM_PAGE,
	SIM_STREAM_FILLER,
	SIM_STREAM_SIZE,
	SIM_STREAM_LENGTH,
};

struct sim_rng sim_rng_of(uint64_t seed, enum sim_stream stream, uint64_t index);
uint64_t sim_rng_next(struct sim_rng *r);
/* 0 ... n - 1; n > 0. */
size_t sim_rng_below(struct sim_rng *r, size_t n);

#endif
