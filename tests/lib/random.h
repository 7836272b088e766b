/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers determined by a seed: what failed once can be run again. */
#ifndef VINPUT_TESTS_RANDOM_H
#define VINPUT_TESTS_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct rnd {
	uint64_t state;
};

/* Adds up the golden ratio's bits and mixes them. */
static inline uint64_t rnd_next(struct rnd *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* Return: 0 .. n - 1. */
static inline unsigned int rnd_below(struct rnd *r, unsigned int n)
{
	return (unsigned int)(rnd_next(r) % n);
}

static inline int rnd_between(struct rnd *r, int min, int max)
{
	return min + (int)rnd_below(r, (unsigned int)(max - min) + 1);
}

/* Return: true once in n. */
static inline bool rnd_one_in(struct rnd *r, unsigned int n)
{
	return !rnd_below(r, n);
}

#endif
