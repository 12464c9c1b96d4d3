/* SPDX-License-Identifier: GPL-2.0 */
/* The histograms of /proc/net/synward/latency. */
#ifndef SYNWARD_TOOL_HISTOGRAM_H
#define SYNWARD_TOOL_HISTOGRAM_H

#include <jansson.h>

#include "exit.h"

#define HISTOGRAM_BUCKETS_MAX	65		/* 2^0 to 2^63, and the rest */
#define HISTOGRAM_UNBOUNDED	(~0ULL)		/* "inf" */
#define HISTOGRAMS		2

struct histogram_bucket {
	unsigned long long	bound_us;	/* inclusive */
	unsigned long long	count;
};

struct histogram {
	const char		*name;
	const char		*title;
	struct histogram_bucket	bucket[HISTOGRAM_BUCKETS_MAX];
	size_t			buckets;
};

struct histograms {
	struct histogram	item[HISTOGRAMS];
};

enum exit_code histograms_read(struct histograms *histograms, const char *dir);

unsigned long long histogram_total(const struct histogram *histogram);

/* The bucket in which @share of the samples is reached; there is at least one sample. */
const struct histogram_bucket *histogram_percentile(const struct histogram *histogram,
						    double share);

/* An object with an array of buckets for each name. */
json_t *histograms_to_json(const struct histograms *histograms);

#endif
