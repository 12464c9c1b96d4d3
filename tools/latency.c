// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "document.h"
#include "latency.h"
#include "number.h"
#include "proc.h"

#define BUCKETS_MAX	65		/* 2^0 to 2^63, and the rest */
#define UNBOUNDED	(~0ULL)		/* "inf" */
#define WIDTH_DEFAULT	80		/* columns, where there is no terminal */
#define BOUND_WIDTH	8
#define COUNT_WIDTH	14

struct bucket {
	unsigned long long	bound_us;	/* inclusive */
	unsigned long long	count;
};

struct series {
	const char	*name;
	const char	*title;
	struct bucket	bucket[BUCKETS_MAX];
	size_t		buckets;
};

struct latency {
	struct series	series[2];
};

static const struct latency empty = {
	.series = {
		{ .name = "syn_to_synack", .title = "SYN to SYN-ACK (the server's share)" },
		{ .name = "synack_to_ack", .title = "SYN-ACK to ACK (the client and the network)" },
	},
};

static struct series *find(struct latency *latency, const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(latency->series); i++)
		if (!strcmp(latency->series[i].name, name))
			return &latency->series[i];
	return NULL;
}

static bool read_bound(const char *text, unsigned long long *bound)
{
	if (strcmp(text, "inf") != 0)
		return number_read(text, bound);
	*bound = UNBOUNDED;
	return true;
}

static enum exit_code add(struct series *series, const struct bucket *bucket,
			  const struct proc_file *file)
{
	size_t n = series->buckets;

	if (n == BUCKETS_MAX)
		return proc_garbled(file, "garbled: more than %d buckets", BUCKETS_MAX);
	if (n && series->bucket[n - 1].bound_us >= bucket->bound_us)
		return proc_garbled(file, "garbled: the bounds of %s do not rise", series->name);
	series->bucket[series->buckets++] = *bucket;
	return EXIT_OK;
}

static enum exit_code read_line(struct latency *latency, const struct proc_file *file)
{
	char *rest = file->line;
	const char *name = strsep(&rest, " ");
	const char *bound = strsep(&rest, " ");
	struct series *series = find(latency, name);
	struct bucket bucket;

	if (!bound || !rest)
		return proc_garbled(file, "garbled: expected 'name bound_us count'");
	if (!read_bound(bound, &bucket.bound_us))
		return proc_garbled(file, "garbled: '%.40s' is no bound", bound);
	if (!number_read(rest, &bucket.count))
		return proc_garbled(file, "garbled: '%.40s' is not a number", rest);
	return series ? add(series, &bucket, file) : EXIT_OK;
}

static enum exit_code check_whole(const struct latency *latency, const struct proc_file *file)
{
	for (size_t i = 0; i < ARRAY_SIZE(latency->series); i++) {
		const struct series *series = &latency->series[i];

		if (series->buckets && series->bucket[series->buckets - 1].bound_us != UNBOUNDED)
			return proc_garbled(file, "truncated: the last bucket of %s is not 'inf'",
					    series->name);
	}
	return EXIT_OK;
}

static enum exit_code read_all(struct latency *latency, const char *dir)
{
	struct proc_file file;
	enum exit_code code;
	bool more = true;

	*latency = empty;
	code = proc_open(&file, dir, "latency");
	if (code)
		return code;
	while (!code && more) {
		code = proc_next(&file, &more);
		if (!code && more)
			code = read_line(latency, &file);
	}
	if (!code)
		code = check_whole(latency, &file);
	proc_close(&file);
	return code;
}

static unsigned long long total(const struct series *series)
{
	unsigned long long sum = 0;

	for (size_t i = 0; i < series->buckets; i++)
		if (__builtin_add_overflow(sum, series->bucket[i].count, &sum))
			return ~0ULL;
	return sum;
}

/* The bucket in which @share of the samples is reached; there is at least one sample. */
static const struct bucket *percentile(const struct series *series, double share)
{
	double wanted = (double)total(series) * share, sum = 0;
	const struct bucket *bucket = series->bucket;

	for (size_t i = 0; i < series->buckets; i++) {
		if (!series->bucket[i].count)
			continue;
		bucket = &series->bucket[i];
		sum += (double)bucket->count;
		if (sum >= wanted)
			break;
	}
	return bucket;
}

/* The bound of a bucket, for the last one that of the bucket before. */
static const char *bound_text(char *text, const struct series *series,
			      const struct bucket *bucket)
{
	if (bucket->bound_us != UNBOUNDED)
		return number_us(text, bucket->bound_us);
	return number_us(text, bucket > series->bucket ? bucket[-1].bound_us : 0);
}

static const char *relation(const struct bucket *bucket)
{
	return bucket->bound_us == UNBOUNDED ? ">" : draw_either("≤", "<=");
}

static void draw_percentile(const struct series *series, unsigned int percent)
{
	const struct bucket *bucket = percentile(series, percent / 100.0);
	char text[NUMBER_TEXT_MAX];

	draw_text(DRAW_DIM, "   p%u %s ", percent, relation(bucket));
	draw_text(DRAW_BOLD, "%s", bound_text(text, series, bucket));
}

static void draw_title(const struct series *series)
{
	unsigned long long samples = total(series);
	char text[NUMBER_TEXT_MAX];

	draw_text(DRAW_BOLD, "%s", series->title);
	draw_newline();
	draw_text(DRAW_PLAIN, "  %s samples", number_grouped(text, samples));
	if (samples) {
		draw_percentile(series, 50);
		draw_percentile(series, 90);
		draw_percentile(series, 99);
	}
	draw_newline();
}

static void draw_bucket(const struct series *series, const struct bucket *bucket,
			unsigned long long most)
{
	unsigned int columns = draw_width(WIDTH_DEFAULT) - 3 - 1 - BOUND_WIDTH - COUNT_WIDTH - 2;
	char text[NUMBER_TEXT_MAX];

	draw_pad(bucket->bound_us == UNBOUNDED || *relation(bucket) != '<' ? 3 : 2);
	draw_text(DRAW_DIM, "%s %*s", relation(bucket), BOUND_WIDTH,
		  bound_text(text, series, bucket));
	draw_text(DRAW_PLAIN, "%*s  ", COUNT_WIDTH, number_grouped(text, bucket->count));
	draw_bar(DRAW_CYAN, (double)bucket->count / (double)most, columns - 1);
	draw_newline();
}

static void draw_buckets(const struct series *series)
{
	size_t first = series->buckets, last = 0;
	unsigned long long most = 0;

	for (size_t i = 0; i < series->buckets; i++) {
		if (!series->bucket[i].count)
			continue;
		first = first < i ? first : i;
		last = i;
		if (series->bucket[i].count > most)
			most = series->bucket[i].count;
	}
	for (size_t i = first; most && i <= last; i++)
		draw_bucket(series, &series->bucket[i], most);
}

static void draw_all(const struct latency *latency, bool no_header)
{
	for (size_t i = 0; i < ARRAY_SIZE(latency->series); i++) {
		if (i)
			draw_newline();
		if (!no_header)
			draw_title(&latency->series[i]);
		draw_buckets(&latency->series[i]);
	}
}

static json_t *series_to_json(const struct series *series)
{
	json_t *array = json_array();

	for (size_t i = 0; i < series->buckets; i++) {
		const struct bucket *bucket = &series->bucket[i];
		json_t *object = json_object();

		json_object_set_new(object, "le_us", bucket->bound_us == UNBOUNDED ?
				    json_null() : document_number(bucket->bound_us));
		json_object_set_new(object, "count", document_number(bucket->count));
		json_array_append_new(array, object);
	}
	return array;
}

static void write_json(const struct latency *latency)
{
	json_t *document = document_new(), *object = json_object();

	for (size_t i = 0; i < ARRAY_SIZE(latency->series); i++)
		json_object_set_new(object, latency->series[i].name,
				    series_to_json(&latency->series[i]));
	json_object_set_new(document, "latency", object);
	document_write_line(document);
}

enum exit_code latency_run(const struct options *options)
{
	struct latency latency;
	enum exit_code code;

	code = read_all(&latency, options->proc);
	if (code)
		return code;
	if (options->json)
		write_json(&latency);
	else
		draw_all(&latency, options->no_header);
	return EXIT_OK;
}
