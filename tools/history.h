/* SPDX-License-Identifier: GPL-2.0 */
/* The last rates of one counter, for its sparkline. */
#ifndef SYNWARD_TOOL_HISTORY_H
#define SYNWARD_TOOL_HISTORY_H

#include <stddef.h>

#define HISTORY_MAX	240	/* wider than most terminals */

struct history {
	double	value[HISTORY_MAX];	/* oldest first */
	size_t	count;
};

void history_add(struct history *history, double value);
/* 0 where there is none yet. */
double history_last(const struct history *history);

#endif
