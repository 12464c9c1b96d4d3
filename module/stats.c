// SPDX-License-Identifier: GPL-2.0
/* Counters of one namespace. See stats.h. */
#include <linux/cpumask.h>

#include "stats.h"

#define SYNWARD_STATS_NAME(id, name)[SYNWARD_STAT_##id] = name,
static const char * const names[SYNWARD_STAT_MAX] = {
	SYNWARD_STATS(SYNWARD_STATS_NAME)
};

u64 synward_stats_sum(struct synward_stats __percpu *stats, enum synward_stat id)
{
	s64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(per_cpu_ptr(stats, cpu)->value[id]);
	return max_t(s64, sum, 0);
}

const char *synward_stats_name(enum synward_stat id)
{
	return names[id];
}
