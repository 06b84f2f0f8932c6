#include "cli/chance.h"

#include <math.h>

struct hy_chance hy_chance_of(uint64_t seed, uint64_t number)
{
	struct hy_chance chance = {seed};

	chance.state = hy_chance_next(&chance) ^ number * UINT64_C(0xd1342543de82ef95);
	return chance;
}

uint64_t hy_chance_next(struct hy_chance *chance)
{
	uint64_t z = chance->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

double hy_chance_part(struct hy_chance *chance)
{
	return (double)(hy_chance_next(chance) >> 11) * 0x1p-53;
}

size_t hy_chance_pick(struct hy_chance *chance, size_t count)
{
	return (size_t)(hy_chance_part(chance) * (double)count);
}

double hy_chance_wait(struct hy_chance *chance, double mean)
{
	return -mean * log(1 - hy_chance_part(chance));
}

/* The sum of twelve parts is nearly normal, with variance 1 and no tail beyond six. */
double hy_chance_effort(struct hy_chance *chance, double median, double spread)
{
	double normal = -6;

	for (int i = 0; i < 12; i++)
		normal += hy_chance_part(chance);
	return median * pow(spread, normal);
}
