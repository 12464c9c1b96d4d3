// SPDX-License-Identifier: GPL-2.0
/*
 * fuzz-driver NAME INPUTS: a fuzz target without libFuzzer: a fixed number of
 * inputs, the same ones every time, one TAP result.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "random.h"

/* Zeroes mean "the right number" to the targets: half of all bytes are zero. */
static void fill(u64 *random, u8 *data, size_t size)
{
	u32 zeroes = random_below(random, 8);
	size_t i;

	for (i = 0; i < size; i++) {
		u32 r = random_next(random);

		data[i] = (r >> 8) % 8 < zeroes ? 0 : r;
	}
}

/* In exactly as much memory as there are bytes: what lies behind is not ours. */
static void try_one(u64 number)
{
	u64 random = number << 32;
	size_t size = random_below(&random, FUZZ_INPUT_MAX + 1);
	u8 *data = malloc(size);

	if (!data && size)
		exit(1);
	fill(&random, data, size);
	fuzz_one_input(data, size);
	free(data);
}

int main(int argc, char **argv)
{
	unsigned long inputs = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
	unsigned long i;

	if (!inputs) {
		fprintf(stderr, "usage: fuzz-driver NAME INPUTS\n");
		return 2;
	}
	printf("TAP version 13\n1..1\n");
	fflush(stdout);
	for (i = 0; i < inputs; i++)
		try_one(i);
	printf("ok 1 %s: %lu inputs\n", argv[1], inputs);
	return 0;
}
