/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers, read strictly and written for people. */
#ifndef SYNWARD_TOOL_NUMBER_H
#define SYNWARD_TOOL_NUMBER_H

#include <stdbool.h>
#include <stddef.h>

#define NUMBER_TEXT_MAX	32

/* Only digits, up to 2^64 - 1: no sign, no space, no base prefix. */
bool number_read(const char *text, unsigned long long *value);

/* All write into @text, of NUMBER_TEXT_MAX bytes, and return it. */
const char *number_plain(char *text, unsigned long long value);	/* 1203442 */
const char *number_grouped(char *text, unsigned long long value);	/* 1,203,442 */
const char *number_short(char *text, unsigned long long value);	/* 1.20M */
const char *number_bytes(char *text, unsigned long long value);	/* 38.5 MiB */
const char *number_ms(char *text, unsigned long long ms);		/* 850ms 12s 3m05s 2h14m */
const char *number_us(char *text, unsigned long long us);		/* 64us 1.02ms 131ms */
const char *number_seconds(char *text, unsigned long long us);	/* 0.000064 12.30004 */
const char *number_rate(char *text, double per_second);		/* 0.5 or 2,014 */

#endif
