/*
 * Chance: numbers that look random and are the same for the same seed on every machine, for
 * drills that can be repeated (SplitMix64: Steele, Lea and Flood, OOPSLA 2014).
 */
#ifndef HY_CLI_CHANCE_H
#define HY_CLI_CHANCE_H

#include <stddef.h>
#include <stdint.h>

struct hy_chance {
	uint64_t state;
};

/* Streams of one seed with other numbers do not follow each other. */
struct hy_chance hy_chance_of(uint64_t seed, uint64_t number);

uint64_t hy_chance_next(struct hy_chance *chance);
/* 0 to below 1. */
double hy_chance_part(struct hy_chance *chance);
/* 0 to count - 1; count is not 0. */
size_t hy_chance_pick(struct hy_chance *chance, size_t count);
/* A waiting time with that mean, where nothing remembers how long one has waited. */
double hy_chance_wait(struct hy_chance *chance, double mean);
/* How long people take: half are faster than the median, one in six takes `spread` times as long. */
double hy_chance_effort(struct hy_chance *chance, double median, double spread);

#endif
