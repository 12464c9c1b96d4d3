// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include <time.h>

#include "document.h"
#include "histogram.h"
#include "listeners.h"
#include "sample.h"
#include "stats.h"

#define MS_PER_SECOND	1000ULL
#define NS_PER_MS	1000000ULL

static unsigned long long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (unsigned long long)now.tv_sec * MS_PER_SECOND +
	       (unsigned long long)now.tv_nsec / NS_PER_MS;
}

static bool is_zero(const json_t *value)
{
	return json_is_integer(value) && !json_integer_value(value);
}

/* Most counters of most hosts are 0, and so are most buckets. */
static json_t *without_zeros(json_t *object)
{
	const char *key;
	json_t *value;
	void *next;

	json_object_foreach_safe(object, next, key, value)
		if (is_zero(value))
			json_object_del(object, key);
	return object;
}

static json_t *buckets_to_json(const struct histogram *histogram)
{
	json_t *array = json_array();

	for (size_t i = 0; i < histogram->buckets; i++) {
		const struct histogram_bucket *bucket = &histogram->bucket[i];
		json_t *pair;

		if (!bucket->count)
			continue;
		pair = json_array();
		json_array_append_new(pair, bucket->bound_us == HISTOGRAM_UNBOUNDED ?
				      json_null() : document_number(bucket->bound_us));
		json_array_append_new(pair, document_number(bucket->count));
		json_array_append_new(array, pair);
	}
	return array;
}

static json_t *latency_to_json(const struct histograms *histograms)
{
	json_t *object = json_object();

	for (size_t i = 0; i < HISTOGRAMS; i++)
		json_object_set_new(object, histograms->item[i].name,
				    buckets_to_json(&histograms->item[i]));
	return object;
}

static json_t *listeners_without_zeros(json_t *listeners)
{
	json_t *listener;
	size_t i;

	json_array_foreach(listeners, i, listener)
		without_zeros(listener);
	return listeners;
}

json_t *sample_take(const char *dir, enum exit_code *code)
{
	json_t *sample = document_new(), *listeners = json_array();
	struct histograms histograms;
	struct stats stats;

	json_object_set_new(sample, "time_ms", document_number(now_ms()));
	*code = stats_read(&stats, dir);
	if (!*code)
		*code = listeners_to_json(listeners, dir);
	if (!*code)
		*code = histograms_read(&histograms, dir);
	if (!*code) {
		json_object_set_new(sample, "stats", without_zeros(stats_to_json(&stats, false)));
		json_object_set(sample, "listeners", listeners_without_zeros(listeners));
		json_object_set_new(sample, "latency", latency_to_json(&histograms));
	}
	json_decref(listeners);
	if (!*code)
		return sample;
	json_decref(sample);
	return NULL;
}
