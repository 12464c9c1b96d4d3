/* SPDX-License-Identifier: GPL-2.0 */
/* The few figures that say whether all is well. */
#ifndef SYNWARD_TOOL_METRIC_H
#define SYNWARD_TOOL_METRIC_H

#include <stdbool.h>

#include "exit.h"

enum metric {
	METRIC_ENGAGED,
	METRIC_HALFOPEN,
	METRIC_ESTABLISHED,
	METRIC_SYNQ,
	METRIC_ACCEPTQ,
	METRIC_SYN_RATE,
	METRIC_MODE,
	METRIC_SYNCOOKIES,
	METRICS
};

struct metrics {
	double		value[METRICS];
	bool		known[METRICS];
	unsigned int	listeners;
};

/* Their names, for messages and help. */
extern const char *const metric_names;
const char *metric_name(enum metric metric);
/* METRICS for a name of @length letters that is none. */
enum metric metric_read(const char *name, unsigned int length);
/* "%" or "". */
const char *metric_unit(enum metric metric);

/* Both tables and both queues in percent: of the listener whose queue is fullest. */
enum exit_code metrics_read(struct metrics *metrics, const char *dir);

#endif
