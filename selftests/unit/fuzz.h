/* SPDX-License-Identifier: GPL-2.0 */
/* A fuzz target: for fuzz-driver.c, and for libFuzzer where that is. */
#ifndef SYNWARD_UNIT_FUZZ_H
#define SYNWARD_UNIT_FUZZ_H

#include <linux/types.h>

/* Bytes of one input that fuzz-driver.c makes, at most. */
#define FUZZ_INPUT_MAX	512

/*
 * What libFuzzer calls LLVMFuzzerTestOneInput(): so does the Makefile for it. An
 * input that breaks a promise ends in abort().
 */
int fuzz_one_input(const u8 *data, size_t size);

#define PROMISE(condition)						\
	do {								\
		if (!(condition))					\
			fuzz_broken(#condition, __FILE__, __LINE__);	\
	} while (0)

void fuzz_broken(const char *promise, const char *file, int line);

#endif
