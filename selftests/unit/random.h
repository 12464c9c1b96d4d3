/* SPDX-License-Identifier: GPL-2.0 */
/* Random numbers that are the same in every run. */
#ifndef SYNWARD_UNIT_RANDOM_H
#define SYNWARD_UNIT_RANDOM_H

#include <linux/types.h>

/* A counter, well mixed: every seed will do. */
static inline u32 random_next(u64 *state)
{
	u64 x = *state += 0x9e3779b97f4a7c15ULL;

	x = (x ^ x >> 32) * 0xd6e8feb86659fd93ULL;
	x = (x ^ x >> 32) * 0xd6e8feb86659fd93ULL;
	return x >> 32;
}

/* 0 to @n - 1 */
static inline u32 random_below(u64 *state, u32 n)
{
	return (u64)random_next(state) * n >> 32;
}

#endif
