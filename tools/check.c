// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>

#include "check.h"
#include "document.h"
#include "message.h"
#include "metric.h"

struct rule {
	const char	*warning;	/* the default; NULL: none */
	const char	*critical;
	const char	*before;	/* the value and its unit, in the text */
	const char	*behind;
};

/*
 * A kernel's SYN queue may be half full for as long as a flood lasts, so it has no warning. A full
 * table costs sight of connections, not the connections.
 */
static const struct rule rules[METRICS] = {
	[METRIC_ENGAGED]	= { "0", NULL, "", " listeners under SYN flood" },
	[METRIC_HALFOPEN]	= { "80", "95", "half-open table ", " full" },
	[METRIC_ESTABLISHED]	= { "80", "95", "established table ", " full" },
	[METRIC_SYNQ]		= { NULL, "99", "a SYN queue ", " full" },
	[METRIC_ACCEPTQ]	= { "80", "99", "an accept queue ", " full" },
	[METRIC_SYN_RATE]	= { NULL, NULL, "", " SYN/s" },
	[METRIC_MODE]		= { "2:", NULL, "net.synward.mode is ", "" },
	[METRIC_SYNCOOKIES]	= { NULL, "1:", "net.ipv4.tcp_syncookies is ", "" },
};

static const char *const status_word[] = {
	[EXIT_OK]	= "OK",
	[EXIT_WARNING]	= "WARNING",
	[EXIT_CRITICAL]	= "CRITICAL",
	[EXIT_UNKNOWN]	= "UNKNOWN",
};

struct check {
	struct metrics	metrics;
	struct range	warning[METRICS];
	struct range	critical[METRICS];
};

static void choose(struct range *range, const struct range *given, const char *otherwise)
{
	if (given->text)
		*range = *given;
	else if (otherwise)
		range_read(range, otherwise);
}

static void set_ranges(struct check *check, const struct options *options)
{
	for (unsigned int i = 0; i < METRICS; i++) {
		choose(&check->warning[i], &options->warning[i], rules[i].warning);
		choose(&check->critical[i], &options->critical[i], rules[i].critical);
	}
}

static bool was_asked_for(const struct options *options, unsigned int i)
{
	return options->warning[i].text || options->critical[i].text;
}

/* Whoever asks for a threshold must not be told that all is well without a look. */
static enum exit_code status_of(const struct check *check, const struct options *options,
				unsigned int i)
{
	double value = check->metrics.value[i];

	if (!check->metrics.known[i])
		return was_asked_for(options, i) ? EXIT_UNKNOWN : EXIT_OK;
	if (range_alerts(&check->critical[i], value))
		return EXIT_CRITICAL;
	return range_alerts(&check->warning[i], value) ? EXIT_WARNING : EXIT_OK;
}

/* CRITICAL is worse than UNKNOWN, whatever the numbers say. */
static unsigned int badness(enum exit_code status)
{
	return status == EXIT_CRITICAL ? EXIT_UNKNOWN + 1 : (unsigned int)status;
}

static enum exit_code worst(const struct check *check, const struct options *options)
{
	enum exit_code all = EXIT_OK, one;

	for (unsigned int i = 0; i < METRICS; i++) {
		one = status_of(check, options, i);
		if (badness(one) > badness(all))
			all = one;
	}
	return all;
}

/* -- a line -- */

static void say(const struct check *check, unsigned int i)
{
	printf("%s%.0f%s%s", rules[i].before, check->metrics.value[i], metric_unit(i),
	       rules[i].behind);
}

/* What is wrong, or else the most telling figures. */
static bool is_told(const struct check *check, const struct options *options, unsigned int i)
{
	if (worst(check, options))
		return status_of(check, options, i) != EXIT_OK;
	return i <= METRIC_ESTABLISHED && check->metrics.known[i];
}

static void write_text(const struct check *check, const struct options *options)
{
	const char *between = " - ";

	for (unsigned int i = 0; i < METRICS; i++) {
		if (!is_told(check, options, i))
			continue;
		fputs(between, stdout);
		between = ", ";
		if (check->metrics.known[i])
			say(check, i);
		else
			printf("%s is not known", metric_name(i));
	}
}

static void write_figure(const struct check *check, unsigned int i)
{
	const char *warning = check->warning[i].text, *critical = check->critical[i].text;

	printf(" %s=%.2f%s;%s;%s;0;", metric_name(i), check->metrics.value[i], metric_unit(i),
	       warning ? warning : "", critical ? critical : "");
	if (i == METRIC_ENGAGED)
		printf("%u", check->metrics.listeners);
	else if (*metric_unit(i))
		fputs("100", stdout);
}

static void write_line(const struct check *check, const struct options *options)
{
	printf("SYNWARD %s", status_word[worst(check, options)]);
	write_text(check, options);
	fputs(" |", stdout);
	for (unsigned int i = 0; i < METRICS; i++)
		if (check->metrics.known[i])
			write_figure(check, i);
	putchar('\n');
}

/* -- JSON -- */

static json_t *range_to_json(const struct range *range)
{
	return range->text ? json_string(range->text) : json_null();
}

static json_t *to_json(const struct check *check, const struct options *options, unsigned int i)
{
	json_t *object = json_object();

	json_object_set_new(object, "name", json_string(metric_name(i)));
	json_object_set_new(object, "value", check->metrics.known[i] ?
			    json_real(check->metrics.value[i]) : json_null());
	json_object_set_new(object, "unit", json_string(metric_unit(i)));
	json_object_set_new(object, "status",
			    json_string(status_word[status_of(check, options, i)]));
	json_object_set_new(object, "warning", range_to_json(&check->warning[i]));
	json_object_set_new(object, "critical", range_to_json(&check->critical[i]));
	return object;
}

static void write_json(const struct check *check, const struct options *options)
{
	json_t *document = document_new(), *array = json_array();

	json_object_set_new(document, "status",
			    json_string(status_word[worst(check, options)]));
	for (unsigned int i = 0; i < METRICS; i++)
		json_array_append_new(array, to_json(check, options, i));
	json_object_set_new(document, "metrics", array);
	document_write_line(document);
}

/* What a plugin prints as a line otherwise. */
static void write_json_error(void)
{
	json_t *document = document_new();
	char text[MESSAGE_MAX];

	message_take_held(text);
	json_object_set_new(document, "status", json_string(status_word[EXIT_UNKNOWN]));
	json_object_set_new(document, "message", json_string(text));
	json_object_set_new(document, "metrics", json_array());
	document_write_line(document);
}

static enum exit_code read_metrics(struct metrics *metrics, const struct options *options)
{
	enum exit_code code;

	if (!options->json)
		return metrics_read(metrics, options->proc);
	message_hold();
	code = metrics_read(metrics, options->proc);
	if (code)
		write_json_error();
	else
		message_release();
	return code;
}

enum exit_code check_run(const struct options *options)
{
	struct check check = { 0 };
	enum exit_code code;

	set_ranges(&check, options);
	code = read_metrics(&check.metrics, options);
	if (code)
		return EXIT_UNKNOWN;
	if (options->json)
		write_json(&check, options);
	else
		write_line(&check, options);
	return worst(&check, options);
}
