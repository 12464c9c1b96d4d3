// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "document.h"
#include "message.h"
#include "proc.h"
#include "record.h"
#include "recording.h"

#define MS_PER_SECOND	1000.0
#define VALUE_MOST	1.9e19
#define PATH_LONGEST	4096

/* -- series -- */

static struct recording_series *add_series(struct recording *recording, const char *name)
{
	struct recording_series *series;

	recording->series = util_grow(recording->series, recording->count,
				      &recording->series_room, sizeof(*recording->series));
	json_object_set_new(recording->index, name, json_integer((json_int_t)recording->count));
	series = &recording->series[recording->count++];
	*series = (struct recording_series) { 0 };
	snprintf(series->name, sizeof(series->name), "%s", name);
	return series;
}

static struct recording_series *find(const struct recording *recording, const char *name)
{
	json_t *place = json_object_get(recording->index, name);

	return place ? &recording->series[json_integer_value(place)] : NULL;
}

/* No counter of 64 bits is more. */
static double bounded(double value)
{
	if (!(value > 0))
		return 0;
	return value < VALUE_MOST ? value : VALUE_MOST;
}

/* A name that is there twice in a sample counts once. */
static void add_point(struct recording *recording, const char *name, double value)
{
	struct recording_series *series = find(recording, name);
	size_t sample = recording->samples - 1;

	if (!series)
		series = add_series(recording, name);
	if (series->count && series->sample[series->count - 1] == sample)
		return;
	series->sample = util_grow(series->sample, series->count, &series->room[0],
				   sizeof(*series->sample));
	series->value = util_grow(series->value, series->count, &series->room[1],
				  sizeof(*series->value));
	series->sample[series->count] = sample;
	series->value[series->count++] = bounded(value);
}

/* -- a sample -- */

static enum exit_code take_stats(struct recording *recording, const json_t *stats,
				 const struct proc_file *file)
{
	char name[RECORDING_NAME_MAX];
	const char *key;
	json_t *value;

	/* jansson takes no constant object here */
	json_object_foreach((json_t *)stats, key, value) {
		if (!json_is_number(value))
			return proc_garbled(file, "garbled: a counter is not a number");
		snprintf(name, sizeof(name), "stats/%s", key);
		add_point(recording, name, json_number_value(value));
	}
	return EXIT_OK;
}

static void take_listener(struct recording *recording, const json_t *listener)
{
	static const char *const figures[] = {
		"syn", "completed", "cookie_sent", "cookie_valid", "halfopen", "engaged_ms",
	};
	const char *address = json_string_value(json_object_get(listener, "address"));
	json_int_t ifindex = json_integer_value(json_object_get(listener, "ifindex"));
	json_int_t port = json_integer_value(json_object_get(listener, "port"));
	char name[RECORDING_NAME_MAX], interface[32] = "";

	if (ifindex)
		snprintf(interface, sizeof(interface), "%%%lld", (long long)ifindex);
	for (size_t i = 0; i < ARRAY_SIZE(figures); i++) {
		const json_t *value = json_object_get(listener, figures[i]);
		bool ipv6 = address && strchr(address, ':');

		snprintf(name, sizeof(name), "listener/%s%.60s%s%s:%lld/%s", ipv6 ? "[" : "",
			 address ? address : "-", interface, ipv6 ? "]" : "", (long long)port,
			 figures[i]);
		if (json_is_number(value))
			add_point(recording, name, json_number_value(value));
	}
}

static enum exit_code take_listeners(struct recording *recording, const json_t *listeners,
				     const struct proc_file *file)
{
	const json_t *listener;
	size_t i;

	json_array_foreach(listeners, i, listener) {
		if (!json_is_object(listener))
			return proc_garbled(file, "garbled: a listener is no object");
		take_listener(recording, listener);
	}
	return EXIT_OK;
}

/* [[64,1211],[null,3]] */
static enum exit_code take_buckets(struct recording *recording, const char *histogram,
				   const json_t *buckets, const struct proc_file *file)
{
	char name[RECORDING_NAME_MAX];
	const json_t *pair;
	size_t i;

	json_array_foreach(buckets, i, pair) {
		const json_t *bound = json_array_get(pair, 0), *count = json_array_get(pair, 1);

		if (!json_is_number(count) || !(json_is_null(bound) || json_is_number(bound)))
			return proc_garbled(file, "garbled: a bucket is not [bound,count]");
		if (json_is_null(bound))
			snprintf(name, sizeof(name), "latency/%.60s/inf", histogram);
		else
			snprintf(name, sizeof(name), "latency/%.60s/%.0f", histogram,
				 json_number_value(bound));
		add_point(recording, name, json_number_value(count));
	}
	return EXIT_OK;
}

static enum exit_code take_latency(struct recording *recording, const json_t *latency,
				   const struct proc_file *file)
{
	enum exit_code code = EXIT_OK;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)latency, key, value) {
		code = take_buckets(recording, key, value, file);
		if (code)
			break;
	}
	return code;
}

static enum exit_code take_sample(struct recording *recording, const json_t *sample,
				  const struct proc_file *file)
{
	const json_t *time_ms = json_object_get(sample, "time_ms");
	unsigned long long when = (unsigned long long)json_integer_value(time_ms);
	enum exit_code code;

	if (json_integer_value(json_object_get(sample, "version")) != DOCUMENT_VERSION)
		return proc_garbled(file, "not a sample of format version %d", DOCUMENT_VERSION);
	if (!json_is_integer(time_ms) || json_integer_value(time_ms) < 0)
		return proc_garbled(file, "garbled: no time_ms");
	if (recording->samples && when <= recording->time_ms[recording->samples - 1]) {
		recording->left_out++;
		return EXIT_OK;
	}
	recording->time_ms = util_grow(recording->time_ms, recording->samples, &recording->room,
				       sizeof(*recording->time_ms));
	recording->time_ms[recording->samples++] = when;
	code = take_stats(recording, json_object_get(sample, "stats"), file);
	if (!code)
		code = take_listeners(recording, json_object_get(sample, "listeners"), file);
	return code ? code : take_latency(recording, json_object_get(sample, "latency"), file);
}

/* -- files -- */

static enum exit_code take_line(struct recording *recording, const struct proc_file *file)
{
	enum exit_code code;
	json_error_t error;
	json_t *sample;

	if (file->line[file->length - 1] != '\n') {
		message_warn("%s: line %lu is cut off: left out", file->path,
			     file->number);
		return EXIT_OK;
	}
	sample = json_loadb(file->line, file->length, 0, &error);
	if (!json_is_object(sample)) {
		json_decref(sample);
		return proc_garbled(file, "garbled: no JSON object");
	}
	code = take_sample(recording, sample, file);
	json_decref(sample);
	return code;
}

static enum exit_code take_stream(struct recording *recording, struct proc_file *file)
{
	enum exit_code code = EXIT_OK;
	ssize_t got = 0;

	while (!code && (got = getline(&file->line, &file->room, file->stream)) > 0) {
		file->length = (size_t)got;
		file->number++;
		code = take_line(recording, file);
	}
	if (!code && ferror(file->stream))
		code = message_error("cannot read %s: %s", file->path, strerror(errno));
	return code;
}

static enum exit_code take_file(struct recording *recording, const char *path)
{
	struct proc_file file = { 0 };
	enum exit_code code;

	snprintf(file.path, sizeof(file.path), "%s", path);
	file.stream = fopen(path, "re");
	if (!file.stream)
		return message_error("cannot read %s: %s", path, strerror(errno));
	code = take_stream(recording, &file);
	proc_close(&file);
	return code;
}

enum exit_code recording_read(struct recording *recording, const char *path)
{
	enum exit_code code = EXIT_OK;
	char old[PATH_LONGEST];

	recording->index = json_object();
	snprintf(old, sizeof(old), "%s" RECORD_OLD, path);
	if (!access(old, F_OK))
		code = take_file(recording, old);
	if (!code)
		code = take_file(recording, path);
	if (recording->left_out)
		message_warn("%s: samples left out, for the clock went back: %zu", path,
			     recording->left_out);
	if (!code && recording->samples < 2)
		return message_error("%s: needs two samples at least", path);
	return code;
}

void recording_free(struct recording *recording)
{
	for (size_t i = 0; i < recording->count; i++) {
		free(recording->series[i].sample);
		free(recording->series[i].value);
	}
	free(recording->series);
	free(recording->time_ms);
	json_decref(recording->index);
}

/* -- values -- */

static double span_seconds(const struct recording *recording, size_t from, size_t to)
{
	return (double)(recording->time_ms[to] - recording->time_ms[from]) / MS_PER_SECOND;
}

double recording_seconds(const struct recording *recording)
{
	return span_seconds(recording, 0, recording->samples - 1);
}

double *recording_values(const struct recording *recording, const char *name)
{
	const struct recording_series *series = find(recording, name);
	double *values = util_new(recording->samples * sizeof(*values));

	for (size_t i = 0; series && i < series->count; i++)
		values[series->sample[i]] = series->value[i];
	return values;
}

double *recording_steps(const struct recording *recording, const char *name)
{
	double *steps = recording_values(recording, name);

	for (size_t i = recording->samples; --i;)
		if (steps[i] >= steps[i - 1])
			steps[i] -= steps[i - 1];
	steps[0] = 0;
	return steps;
}

double *recording_rates(const struct recording *recording, const char *name)
{
	double *rates = recording_steps(recording, name);

	for (size_t i = 1; i < recording->samples; i++)
		rates[i] /= span_seconds(recording, i - 1, i);
	return rates;
}

double recording_increase(const struct recording *recording, const char *name)
{
	double *steps = recording_steps(recording, name), sum = 0;

	for (size_t i = 0; i < recording->samples; i++)
		sum += steps[i];
	free(steps);
	return sum;
}

double recording_maximum(const struct recording *recording, const char *name)
{
	const struct recording_series *series = find(recording, name);
	double most = 0;

	for (size_t i = 0; series && i < series->count; i++)
		most = series->value[i] > most ? series->value[i] : most;
	return most;
}
