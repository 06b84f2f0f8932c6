#include "tests/web/rng.h"

#include "common/base/err.h"

uint64_t sim_rng_next(struct sim_rng *r)
{
	uint64_t z = (r->state += 0x9e3779b97f4a7c15u);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

struct sim_rng sim_rng_of(uint64_t seed, enum sim_stream stream, uint64_t index)
{
	struct sim_rng r = {seed};

	r.state = sim_rng_next(&r) ^ (uint64_t)stream;
	r.state = sim_rng_next(&r) ^ index;
	(void)sim_rng_next(&r);
	return r;
}

size_t sim_rng_below(struct sim_rng *r, size_t n)
{
	hy_assert(n > 0);
	return (size_t)(sim_rng_next(r) % n);
}
