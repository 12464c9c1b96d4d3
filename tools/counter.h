/* SPDX-License-Identifier: GPL-2.0 */
/* What the names in /proc/net/synward/stats mean. */
#ifndef SYNWARD_TOOL_COUNTER_H
#define SYNWARD_TOOL_COUNTER_H

#include <stdbool.h>
#include <stddef.h>

#define COUNTER_DECISIONS_MAX	768	/* bytes */

enum counter_group {
	COUNTER_GAUGE,		/* goes up and down */
	COUNTER_TRAFFIC,	/* what was seen and done */
	COUNTER_DROP,		/* dropped on purpose */
	COUNTER_UNANSWERED,	/* passed, as no cookie could be sent */
	COUNTER_INVALID,	/* no TCP: never tracked, never answered */
	COUNTER_TABLE,		/* passed, but no longer or never tracked */
	COUNTER_WOULD,		/* what monitor mode would have done */
};

/* A name that this tool does not know is put into a group by its shape. */
enum counter_group counter_group(const char *name);
/* Why a packet was not answered or a flow not tracked: one that is never a mere total. */
bool counter_is_reason(const char *name);
/* Does synward:mitigation tell it, packet by packet? A name that this tool does not know may be. */
bool counter_is_decision(const char *name);
/* Those that it knows; @size of COUNTER_DECISIONS_MAX is enough. */
void counter_list_decisions(char *text, size_t size);
/* One line for people; "" for an unknown name. */
const char *counter_meaning(const char *name);

#endif
