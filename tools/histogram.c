// SPDX-License-Identifier: GPL-2.0
#include <string.h>

#include "document.h"
#include "histogram.h"
#include "number.h"
#include "proc.h"

static const struct histograms empty = {
	.item = {
		{ .name = "syn_to_synack", .title = "SYN to SYN-ACK (the server's share)" },
		{ .name = "synack_to_ack", .title = "SYN-ACK to ACK (the client and the network)" },
	},
};

static struct histogram *find(struct histograms *histograms, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(histograms->item); i++)
		if (!strcmp(histograms->item[i].name, name))
			return &histograms->item[i];
	return NULL;
}

static bool read_bound(const char *text, unsigned long long *bound)
{
	if (strcmp(text, "inf") != 0)
		return number_read(text, bound);
	*bound = HISTOGRAM_UNBOUNDED;
	return true;
}

static enum exit_code add(struct histogram *histogram, const struct histogram_bucket *bucket,
			  const struct proc_file *file)
{
	size_t n = histogram->buckets;

	if (n == HISTOGRAM_BUCKETS_MAX)
		return proc_garbled(file, "garbled: more than %d buckets", HISTOGRAM_BUCKETS_MAX);
	if (n && histogram->bucket[n - 1].bound_us >= bucket->bound_us)
		return proc_garbled(file, "garbled: the bounds of %s do not rise", histogram->name);
	histogram->bucket[histogram->buckets++] = *bucket;
	return EXIT_OK;
}

static enum exit_code read_line(struct histograms *histograms, const struct proc_file *file)
{
	char *rest = file->line;
	const char *name = strsep(&rest, " ");
	const char *bound = strsep(&rest, " ");
	struct histogram *histogram = find(histograms, name);
	struct histogram_bucket bucket;

	if (!bound || !rest)
		return proc_garbled(file, "garbled: expected 'name bound_us count'");
	if (!read_bound(bound, &bucket.bound_us))
		return proc_garbled(file, "garbled: '%.40s' is no bound", bound);
	if (!number_read(rest, &bucket.count))
		return proc_garbled(file, "garbled: '%.40s' is not a number", rest);
	return histogram ? add(histogram, &bucket, file) : EXIT_OK;
}

/* The last bucket is the one without a bound. */
static bool is_whole(const struct histogram *histogram)
{
	size_t n = histogram->buckets;

	return !n || histogram->bucket[n - 1].bound_us == HISTOGRAM_UNBOUNDED;
}

static enum exit_code check_whole(const struct histograms *histograms,
				  const struct proc_file *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(histograms->item); i++)
		if (!is_whole(&histograms->item[i]))
			return proc_garbled(file, "truncated: the last bucket of %s is not 'inf'",
					    histograms->item[i].name);
	return EXIT_OK;
}

enum exit_code histograms_read(struct histograms *histograms, const char *dir)
{
	struct proc_file file;
	enum exit_code code;
	bool more = true;

	*histograms = empty;
	code = proc_open(&file, dir, "latency");
	if (code)
		return code;
	while (!code && more) {
		code = proc_next(&file, &more);
		if (!code && more)
			code = read_line(histograms, &file);
	}
	if (!code)
		code = check_whole(histograms, &file);
	proc_close(&file);
	return code;
}

unsigned long long histogram_total(const struct histogram *histogram)
{
	unsigned long long sum = 0;

	for (size_t i = 0; i < histogram->buckets; i++)
		if (__builtin_add_overflow(sum, histogram->bucket[i].count, &sum))
			return ~0ULL;
	return sum;
}

const struct histogram_bucket *histogram_percentile(const struct histogram *histogram,
						    double share)
{
	double wanted = (double)histogram_total(histogram) * share, sum = 0;
	const struct histogram_bucket *bucket = histogram->bucket;

	for (size_t i = 0; i < histogram->buckets; i++) {
		if (!histogram->bucket[i].count)
			continue;
		bucket = &histogram->bucket[i];
		sum += (double)bucket->count;
		if (sum >= wanted)
			break;
	}
	return bucket;
}

static json_t *histogram_to_json(const struct histogram *histogram)
{
	json_t *array = json_array();

	for (size_t i = 0; i < histogram->buckets; i++) {
		const struct histogram_bucket *bucket = &histogram->bucket[i];
		json_t *object = json_object();

		json_object_set_new(object, "le_us", bucket->bound_us == HISTOGRAM_UNBOUNDED ?
				    json_null() : document_number(bucket->bound_us));
		json_object_set_new(object, "count", document_number(bucket->count));
		json_array_append_new(array, object);
	}
	return array;
}

json_t *histograms_to_json(const struct histograms *histograms)
{
	json_t *object = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(histograms->item); i++)
		json_object_set_new(object, histograms->item[i].name,
				    histogram_to_json(&histograms->item[i]));
	return object;
}
