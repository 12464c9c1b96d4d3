/* SPDX-License-Identifier: GPL-2.0 */
/* The names of a recording that moved most, the first one most. */
#ifndef SYNWARD_TOOL_RANKING_H
#define SYNWARD_TOOL_RANKING_H

#include "recording.h"

struct ranked {
	char	name[RECORDING_NAME_MAX];	/* without kind and figure */
	char	series[RECORDING_NAME_MAX];
	double	increase;
};

struct ranking {
	struct ranked	*item;
	size_t		count;
	size_t		room;
};

/* The counters of /proc/net/synward/stats that are reasons, as far as they grew. */
void ranking_of_reasons(struct ranking *ranking, const struct recording *recording);
/* Listeners, by SYNs. */
void ranking_of_listeners(struct ranking *ranking, const struct recording *recording);
void ranking_free(struct ranking *ranking);

#endif
