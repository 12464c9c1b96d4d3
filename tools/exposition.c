// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "counter.h"
#include "exposition.h"
#include "histogram.h"
#include "listeners.h"
#include "stats.h"

#define PREFIX		"synward_"
#define US_PER_SECOND	1e6
#define MS_PER_SECOND	1e3

static void head(const char *name, const char *suffix, const char *type, const char *help)
{
	printf("# HELP " PREFIX "%s%s %s\n# TYPE " PREFIX "%s%s %s\n", name, suffix, help, name,
	       suffix, type);
}

/* -- stats -- */

static void write_stat(const struct stats_entry *entry)
{
	bool gauge = counter_group(entry->name) == COUNTER_GAUGE;
	const char *meaning = counter_meaning(entry->name);
	const char *suffix = gauge ? "" : "_total";

	head(entry->name, suffix, gauge ? "gauge" : "counter",
	     *meaning ? meaning : "Not known to this version of the tool.");
	printf(PREFIX "%s%s %llu\n", entry->name, suffix, entry->value);
}

/* -- listeners -- */

struct family {
	const char	*key;		/* in the file */
	const char	*name;
	const char	*type;
	const char	*help;
	double		(*value)(const json_t *value);
};

static double as_number(const json_t *value)
{
	return json_number_value(value);
}

static double as_seconds(const json_t *value)
{
	return json_number_value(value) / MS_PER_SECOND;
}

static double is_cookies(const json_t *value)
{
	return !strcmp(json_string_value(value), "cookies");
}

static double is_predictable(const json_t *value)
{
	const char *isn = json_string_value(value);

	return !strcmp(isn, "fixed") || !strcmp(isn, "linear");
}

static const struct family families[] = {
	{ "mode", "listener_engaged", "gauge", "1 while cookies answer for the listener",
	  is_cookies },
	{ "engaged_ms", "listener_engaged_seconds", "gauge", "for how long, 0: they do not",
	  as_seconds },
	{ "halfopen", "listener_halfopen", "gauge", "half-open connections of the listener now",
	  as_number },
	{ "syn", "listener_syn_total", "counter", "SYNs for the listener", as_number },
	{ "completed", "listener_completed_total", "counter", "handshakes completed", as_number },
	{ "cookie_sent", "listener_cookie_sent_total", "counter", "SYNs answered with a cookie",
	  as_number },
	{ "cookie_valid", "listener_cookie_valid_total", "counter", "ACKs that proved a cookie",
	  as_number },
	{ "synq_len", "listener_synq_len", "gauge", "entries of the kernel's SYN queue",
	  as_number },
	{ "synq_max", "listener_synq_max", "gauge", "room in the kernel's SYN queue", as_number },
	{ "acceptq_len", "listener_acceptq_len", "gauge", "entries of the accept queue",
	  as_number },
	{ "acceptq_max", "listener_acceptq_max", "gauge", "room in the accept queue", as_number },
	{ "synq_overflow", "listener_synq_overflow_total", "counter",
	  "SYNs that found the SYN queue full", as_number },
	{ "acceptq_overflow", "listener_acceptq_overflow_total", "counter",
	  "segments that found the accept queue full", as_number },
	{ "isn", "listener_isn_predictable", "gauge",
	  "1 where the server's initial sequence numbers are fixed or linear", is_predictable },
};

/* Only an interface can have a name with a quote or a backslash. */
static void write_quoted(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('"');
}

static void write_labels(const json_t *listener, bool numeric)
{
	json_int_t ifindex = json_integer_value(json_object_get(listener, "ifindex"));
	const char *address = json_string_value(json_object_get(listener, "address"));
	char interface[LISTENERS_INTERFACE_MAX];

	printf("{address=\"%s\",port=\"%lld\"", address ? address : "",
	       (long long)json_integer_value(json_object_get(listener, "port")));
	if (ifindex > 0) {
		fputs(",interface=", stdout);
		write_quoted(listeners_interface(interface, (unsigned long long)ifindex, numeric));
	}
	putchar('}');
}

/* A key of a type that it should not have is as good as none. */
static bool has_value(const struct family *family, const json_t *value)
{
	if (family->value == is_cookies || family->value == is_predictable)
		return json_is_string(value);
	return json_is_number(value);
}

/* Up to here a double tells whole numbers apart. */
#define WHOLE_MAX	1e15

/* Whole numbers in full; of what is measured, three places are more than is known. */
static void write_value(double value)
{
	bool whole = value < WHOLE_MAX && value == (double)(long long)value;

	printf(whole ? " %.0f\n" : " %.3f\n", value);
}

static void write_family(const struct family *family, const json_t *listeners, bool numeric)
{
	const json_t *listener, *value;
	size_t i;

	head(family->name, "", family->type, family->help);
	json_array_foreach(listeners, i, listener) {
		value = json_object_get(listener, family->key);
		if (!has_value(family, value))
			continue;
		fputs(PREFIX, stdout);
		fputs(family->name, stdout);
		write_labels(listener, numeric);
		write_value(family->value(value));
	}
}

/* -- latency -- */

/* The module keeps no sum: NaN, for 0 would make averages of 0 seconds. */
static void write_histogram(const struct histogram *histogram)
{
	unsigned long long total = histogram_total(histogram), sum = 0;

	head(histogram->name, "_seconds", "histogram", histogram->title);
	for (size_t i = 0; i < histogram->buckets; i++) {
		const struct histogram_bucket *bucket = &histogram->bucket[i];

		if (bucket->bound_us == HISTOGRAM_UNBOUNDED)
			break;
		sum += bucket->count;
		printf(PREFIX "%s_seconds_bucket{le=\"%.10g\"} %llu\n", histogram->name,
		       (double)bucket->bound_us / US_PER_SECOND, sum);
	}
	printf(PREFIX "%s_seconds_bucket{le=\"+Inf\"} %llu\n", histogram->name, total);
	printf(PREFIX "%s_seconds_sum NaN\n", histogram->name);
	printf(PREFIX "%s_seconds_count %llu\n", histogram->name, total);
}

/* -- all -- */

static void write_all(const struct stats *stats, const json_t *listeners,
		      const struct histograms *histograms, bool numeric)
{
	head("tool_info", "", "gauge", "1, with the version of what wrote this");
	fputs(PREFIX "tool_info{version=\"" SYNWARD_VERSION "\"} 1\n", stdout);
	for (size_t i = 0; i < stats->count; i++)
		write_stat(&stats->entry[i]);
	for (size_t i = 0; i < ARRAY_SIZE(families); i++)
		write_family(&families[i], listeners, numeric);
	for (size_t i = 0; i < ARRAY_SIZE(histograms->item); i++)
		write_histogram(&histograms->item[i]);
}

enum exit_code exposition_write(const struct options *options)
{
	json_t *listeners = json_array();
	struct histograms histograms;
	struct stats stats;
	enum exit_code code;

	code = stats_read(&stats, options->proc);
	if (!code)
		code = listeners_to_json(listeners, options->proc);
	if (!code)
		code = histograms_read(&histograms, options->proc);
	if (!code)
		write_all(&stats, listeners, &histograms, options->numeric);
	json_decref(listeners);
	return code;
}
