/* SPDX-License-Identifier: GPL-2.0 */
/* The module at a glance: mode, how full the tables are, totals and how they develop. */
#ifndef SYNWARD_TOOL_SUMMARY_H
#define SYNWARD_TOOL_SUMMARY_H

#include "history.h"
#include "listeners.h"
#include "stats.h"

#define SUMMARY_TOTALS	6

struct summary {
	const struct options	*options;
	unsigned int		width;
	struct stats		stats;
	struct stats		before;
	struct listeners	listeners;
	struct history		history[SUMMARY_TOTALS];
};

/* Stats and listeners, in place of those from before. */
enum exit_code summary_read(struct summary *summary);
/* The rates since the last call; there are none at the first. */
void summary_remember(struct summary *summary, bool first);

/* All draw in @summary->width columns. */
void summary_draw_head(const struct summary *summary);
void summary_draw_gauges(const struct summary *summary);
void summary_draw_totals(const struct summary *summary);

#endif
