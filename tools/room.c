// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "room.h"

#define SHARE_HIGH	0.85	/* red in the bars of the other commands */
#define SHARE_LOST	0.01

struct room {
	const char	*name;
	const char	*what;
	const char	*used;		/* NULL: not told */
	const char	*max;
	const char	*lost[2];	/* counters of what found no room; NULL: none */
	/* Of these: a bucket is full before the table is. NULL: any loss is too much. */
	const char	*came[2];
	const char	*remedy;
};

static const struct room rooms[] = {
	{
		"halfopen", "half-open connections", "halfopen", "halfopen_max",
		{ "evicted_halfopen" }, { "syn_received", "syn_sent" },
		"load the module with a larger halfopen_max",
	}, {
		"established", "established connections", "established", "established_max",
		{ "untracked_full", "evicted_established" },
		{ "handshake_completed", "picked_up" },
		"load the module with a larger established_max",
	}, {
		"limit", "sources with a limit", NULL, "limit_max",
		{ "limit_full" }, { "syn_received" },
		"load the module with a larger limit_max",
	}, {
		"listeners", "listening sockets", NULL, NULL,
		{ "listeners_full" }, { NULL },
		"fewer listening sockets: 4096 are known, of containers 512 each, 2048 together",
	},
};

static const struct room *find(const char *name)
{
	const struct room *room = rooms;

	while (strcmp(room->name, name) != 0)
		room++;
	return room;
}

static unsigned long long sum(const struct stats *stats, const char *const name[2])
{
	unsigned long long all = 0;

	for (size_t i = 0; i < 2 && name[i]; i++)
		all += stats_get(stats, name[i]);
	return all;
}

void room_check(struct findings *findings, const struct stats *stats, const char *name)
{
	const struct room *room = find(name);
	unsigned long long used = room->used ? stats_get(stats, room->used) : 0;
	unsigned long long max = room->max ? stats_get(stats, room->max) : 0;
	unsigned long long lost = sum(stats, room->lost), came = sum(stats, room->came);

	if ((double)lost > SHARE_LOST * (double)came)
		findings_add(findings, name, FINDING_WARN, room->remedy,
			     "%s: too many found no room (%llu)", room->what, lost);
	else if (max && (double)used >= SHARE_HIGH * (double)max)
		findings_add(findings, name, FINDING_WARN, room->remedy,
			     "%s: the table is nearly full (%llu of %llu)", room->what, used, max);
	else
		findings_add(findings, name, FINDING_OK, NULL, "%s: the table has room",
			     room->what);
}
