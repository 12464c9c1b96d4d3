// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "room.h"

#define SHARE_HIGH	0.85	/* red in the bars of the other commands */

struct room {
	const char	*name;
	const char	*what;
	const char	*used;		/* NULL: not told */
	const char	*max;
	const char	*lost[2];	/* counters of what found no room; NULL: none */
	const char	*remedy;
};

static const struct room rooms[] = {
	{
		"halfopen", "half-open connections", "halfopen", "halfopen_max",
		{ "evicted_halfopen" }, "load the module with a larger halfopen_max",
	}, {
		"established", "established connections", "established", "established_max",
		{ "untracked_full", "evicted_established" },
		"load the module with a larger established_max",
	}, {
		"limit", "sources with a limit", NULL, "limit_max",
		{ "limit_full" }, "load the module with a larger limit_max",
	}, {
		"listeners", "listening sockets", NULL, NULL,
		{ "listeners_full" },
		"fewer listening sockets: the module knows 4096 of all namespaces together",
	},
};

static const struct room *find(const char *name)
{
	const struct room *room = rooms;

	while (strcmp(room->name, name) != 0)
		room++;
	return room;
}

/* The first counter that is not 0; NULL if there is none. */
static const char *find_lost(const struct room *room, const struct stats *stats)
{
	for (size_t i = 0; i < ARRAY_SIZE(room->lost) && room->lost[i]; i++)
		if (stats_get(stats, room->lost[i]))
			return room->lost[i];
	return NULL;
}

void room_check(struct findings *findings, const struct stats *stats, const char *name)
{
	const struct room *room = find(name);
	unsigned long long used = room->used ? stats_get(stats, room->used) : 0;
	unsigned long long max = room->max ? stats_get(stats, room->max) : 0;
	const char *lost = find_lost(room, stats);

	if (lost)
		findings_add(findings, name, FINDING_WARN, room->remedy,
			     "%s: the table has been full (%s %llu)", room->what, lost,
			     stats_get(stats, lost));
	else if (max && (double)used >= SHARE_HIGH * (double)max)
		findings_add(findings, name, FINDING_WARN, room->remedy,
			     "%s: the table is nearly full (%llu of %llu)", room->what, used, max);
	else
		findings_add(findings, name, FINDING_OK, NULL, "%s: the table has room",
			     room->what);
}
