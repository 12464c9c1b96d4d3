/* SPDX-License-Identifier: GPL-2.0 */
/* The counters of /proc/net/synward/stats. */
#ifndef SYNWARD_TOOL_STATS_H
#define SYNWARD_TOOL_STATS_H

#include <jansson.h>
#include <stdbool.h>

#include "exit.h"
#include "options.h"

#define STATS_NAME_MAX	48
#define STATS_MAX	256	/* names */

struct stats_entry {
	char			name[STATS_NAME_MAX];
	unsigned long long	value;
};

struct stats {
	struct stats_entry	entry[STATS_MAX];
	size_t			count;
	unsigned long long	when_ms;
};

enum exit_code stats_read(struct stats *stats, const char *dir);
bool stats_find(const struct stats *stats, const char *name, unsigned long long *value);
/* 0 for a name that the module does not know. */
unsigned long long stats_get(const struct stats *stats, const char *name);

/**
 * stats_rate() - how fast a counter counts
 * @now: the later reading
 * @before: the earlier one
 * @name: of the counter; one that fell was restarted with the module, and counts from 0
 *
 * Return: per second.
 */
double stats_rate(const struct stats *now, const struct stats *before, const char *name);

json_t *stats_to_json(const struct stats *stats, bool reasons);

/* The command. */
enum exit_code stats_run(const struct options *options);

#endif
