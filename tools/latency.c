// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "document.h"
#include "draw.h"
#include "histogram.h"
#include "latency.h"
#include "number.h"

#define WIDTH_DEFAULT	80		/* columns, where there is no terminal */
#define BOUND_WIDTH	8
#define COUNT_WIDTH	14

/* The bound of a bucket, for the last one that of the bucket before. */
static const char *bound_text(char *text, const struct histogram *histogram,
			      const struct histogram_bucket *bucket)
{
	if (bucket->bound_us != HISTOGRAM_UNBOUNDED)
		return number_us(text, bucket->bound_us);
	return number_us(text, bucket > histogram->bucket ? bucket[-1].bound_us : 0);
}

static const char *relation(const struct histogram_bucket *bucket)
{
	return bucket->bound_us == HISTOGRAM_UNBOUNDED ? ">" : draw_either("≤", "<=");
}

static void draw_percentile(const struct histogram *histogram, unsigned int percent)
{
	const struct histogram_bucket *bucket = histogram_percentile(histogram, percent / 100.0);
	char text[NUMBER_TEXT_MAX];

	draw_text(DRAW_DIM, "   p%u %s ", percent, relation(bucket));
	draw_text(DRAW_BOLD, "%s", bound_text(text, histogram, bucket));
}

static void draw_title(const struct histogram *histogram)
{
	unsigned long long samples = histogram_total(histogram);
	char text[NUMBER_TEXT_MAX];

	draw_text(DRAW_BOLD, "%s", histogram->title);
	draw_newline();
	draw_text(DRAW_PLAIN, "  %s samples", number_grouped(text, samples));
	if (samples) {
		draw_percentile(histogram, 50);
		draw_percentile(histogram, 90);
		draw_percentile(histogram, 99);
	}
	draw_newline();
}

static void draw_bucket(const struct histogram *histogram, const struct histogram_bucket *bucket,
			unsigned long long most)
{
	unsigned int columns = draw_width(WIDTH_DEFAULT) - 3 - 1 - BOUND_WIDTH - COUNT_WIDTH - 2;
	char text[NUMBER_TEXT_MAX];

	draw_pad(bucket->bound_us == HISTOGRAM_UNBOUNDED || *relation(bucket) != '<' ? 3 : 2);
	draw_text(DRAW_DIM, "%s %*s", relation(bucket), BOUND_WIDTH,
		  bound_text(text, histogram, bucket));
	draw_text(DRAW_PLAIN, "%*s  ", COUNT_WIDTH, number_grouped(text, bucket->count));
	draw_bar(DRAW_CYAN, (double)bucket->count / (double)most, columns - 1);
	draw_newline();
}

static void draw_buckets(const struct histogram *histogram)
{
	size_t first = histogram->buckets, last = 0;
	unsigned long long most = 0;

	for (size_t i = 0; i < histogram->buckets; i++) {
		if (!histogram->bucket[i].count)
			continue;
		first = first < i ? first : i;
		last = i;
		if (histogram->bucket[i].count > most)
			most = histogram->bucket[i].count;
	}
	for (size_t i = first; most && i <= last; i++)
		draw_bucket(histogram, &histogram->bucket[i], most);
}

static void draw_all(const struct histograms *histograms, bool no_header)
{
	for (size_t i = 0; i < ARRAY_SIZE(histograms->item); i++) {
		if (i)
			draw_newline();
		if (!no_header)
			draw_title(&histograms->item[i]);
		draw_buckets(&histograms->item[i]);
	}
}

static void write_json(const struct histograms *histograms)
{
	json_t *document = document_new();

	json_object_set_new(document, "latency", histograms_to_json(histograms));
	document_write_line(document);
}

enum exit_code latency_run(const struct options *options)
{
	struct histograms histograms;
	enum exit_code code;

	code = histograms_read(&histograms, options->proc);
	if (code)
		return code;
	if (options->json)
		write_json(&histograms);
	else
		draw_all(&histograms, options->no_header);
	return EXIT_OK;
}
