/* SPDX-License-Identifier: GPL-2.0 */
/* What the names in /proc/net/synward/stats mean. */
#ifndef SYNWARD_TOOL_COUNTER_H
#define SYNWARD_TOOL_COUNTER_H

#include <stdbool.h>

enum counter_group {
	COUNTER_GAUGE,		/* goes up and down */
	COUNTER_TRAFFIC,	/* what was seen and done */
	COUNTER_DROP,		/* dropped on purpose */
	COUNTER_INVALID,	/* no TCP: never tracked, never answered */
	COUNTER_TABLE,		/* passed, but no longer or never tracked */
	COUNTER_WOULD,		/* what monitor mode would have done */
};

/* A name that this tool does not know is put into a group by its shape. */
enum counter_group counter_group(const char *name);
/* Why a packet was not answered or a flow not tracked: one that is never a mere total. */
bool counter_is_reason(const char *name);
/* One line for people; "" for an unknown name. */
const char *counter_meaning(const char *name);

#endif
