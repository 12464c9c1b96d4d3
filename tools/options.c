// SPDX-License-Identifier: GPL-2.0
#include <assert.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "number.h"
#include "options.h"
#include "state.h"
#include "tracing.h"

#define OPTIONS_MAX		32
#define LONG_BASE		256	/* above every letter */
#define INTERVAL_MIN_S		0.1
#define INTERVAL_MAX_S		86400.0
#define INTERVAL_RANGE		"0.1 to 86400 seconds"
#define SIZE_SMALLEST		(64ULL << 10)	/* bytes */
#define SIZE_LARGEST		(1024ULL << 30)
#define REASONS_MAX		256	/* bytes */
#define MS_PER_SECOND		1000
#define NUMBER_MAX		4294967295ULL
#define NUMBER_RANGE		"1 to 4294967295"
#define PORT_MAX		65535
#define PREFIX_RANGE		"ADDRESS or ADDRESS/LENGTH, IPv4 (0 to 32) or IPv6 (0 to 128)"

struct option_rule {
	const char	*name;
	int		letter;		/* 0: none */
	const char	*value;		/* what --help calls it; NULL: takes none */
	unsigned int	commands;	/* bits of enum command_bit */
	enum exit_code	(*set)(struct options *options, const char *value);
	const char	*help;
};

static enum exit_code set_json(struct options *options, const char *value)
{
	(void)value;
	options->json = true;
	return EXIT_OK;
}

static enum exit_code set_prometheus(struct options *options, const char *value)
{
	(void)value;
	options->prometheus = true;
	return EXIT_OK;
}

static enum exit_code set_no_header(struct options *options, const char *value)
{
	(void)value;
	options->no_header = true;
	return EXIT_OK;
}

static enum exit_code set_numeric(struct options *options, const char *value)
{
	(void)value;
	options->numeric = true;
	return EXIT_OK;
}

static enum exit_code set_reasons(struct options *options, const char *value)
{
	(void)value;
	options->reasons = true;
	return EXIT_OK;
}

static enum exit_code set_zeros(struct options *options, const char *value)
{
	(void)value;
	options->zeros = true;
	return EXIT_OK;
}

static enum exit_code set_follow(struct options *options, const char *value)
{
	(void)value;
	options->follow = true;
	return EXIT_OK;
}

static enum exit_code set_help(struct options *options, const char *value)
{
	(void)value;
	options->help = true;
	return EXIT_OK;
}

static enum exit_code set_version(struct options *options, const char *value)
{
	(void)value;
	options->version = true;
	return EXIT_OK;
}

static enum exit_code set_proc(struct options *options, const char *value)
{
	if (!*value)
		return message_usage("--proc needs the name of a directory");
	options->proc = value;
	return EXIT_OK;
}

static enum exit_code set_trace(struct options *options, const char *value)
{
	if (!*value)
		return message_usage("--trace needs the name of a file");
	options->trace = value;
	return EXIT_OK;
}

static enum exit_code set_colour(struct options *options, const char *value)
{
	static const char *const word[] = {
		[DRAW_AUTO] = "auto", [DRAW_ALWAYS] = "always", [DRAW_NEVER] = "never",
	};

	for (size_t i = 0; i < ARRAY_SIZE(word); i++) {
		if (strcmp(word[i], value) != 0)
			continue;
		options->colour = (enum draw_when)i;
		return EXIT_OK;
	}
	return message_usage("--color=%s: must be auto, always or never", value);
}

static enum exit_code set_seconds(unsigned long long *ms, const char *option,
				  const char *value)
{
	double seconds;
	char *end;

	seconds = strtod(value, &end);
	if (!*value || strspn(value, "0123456789.") != strlen(value) || *end ||
	    seconds < INTERVAL_MIN_S || seconds > INTERVAL_MAX_S)
		return message_usage("--%s %s: must be " INTERVAL_RANGE, option, value);
	*ms = (unsigned long long)(seconds * MS_PER_SECOND + 0.5);
	return EXIT_OK;
}

static enum exit_code set_interval(struct options *options, const char *value)
{
	return set_seconds(&options->interval_ms, "interval", value);
}

static enum exit_code set_timeout(struct options *options, const char *value)
{
	return set_seconds(&options->timeout_ms, "timeout", value);
}

static enum exit_code set_number(unsigned long long *number, const char *option,
				 const char *value)
{
	if (!number_read(value, number) || *number < 1 || *number > NUMBER_MAX)
		return message_usage("--%s %s: must be " NUMBER_RANGE, option, value);
	return EXIT_OK;
}

static enum exit_code set_count(struct options *options, const char *value)
{
	return set_number(&options->count, "count", value);
}

static enum exit_code set_limit(struct options *options, const char *value)
{
	return set_number(&options->limit, "limit", value);
}

/* 65536, 64K, 16M, 2G */
static enum exit_code set_size(struct options *options, const char *value)
{
	static const char units[] = "KMG";
	char text[NUMBER_TEXT_MAX];
	size_t length = strspn(value, "0123456789");
	const char *unit = value[length] ? strchr(units, value[length]) : NULL;
	unsigned int shift = unit ? 10 * (unsigned int)(unit - units + 1) : 0;

	snprintf(text, sizeof(text), "%.*s", (int)length, value);
	if ((value[length] && !unit) || (unit && value[length + 1]) ||
	    !number_read(text, &options->size) || options->size > SIZE_LARGEST >> shift ||
	    options->size << shift < SIZE_SMALLEST)
		return message_usage("--size %s: must be 64K to 1024G", value);
	options->size <<= shift;
	return EXIT_OK;
}

static enum exit_code set_port(struct options *options, const char *value)
{
	unsigned long long port;

	if (!number_read(value, &port) || port < 1 || port > PORT_MAX)
		return message_usage("--port %s: must be 1 to 65535", value);
	options->port = (unsigned int)port;
	return EXIT_OK;
}

static enum exit_code set_state(struct options *options, const char *value)
{
	if (!state_read_list(value, &options->states))
		return message_usage("--state %s: must be one or more, with commas, of\n%s",
				     value, state_names);
	return EXIT_OK;
}

static enum exit_code set_prefix(struct address_prefix *prefix, const char *option,
				 const char *value)
{
	if (!address_read_prefix(prefix, value))
		return message_usage("--%s %s: must be " PREFIX_RANGE, option, value);
	return EXIT_OK;
}

static enum exit_code set_client(struct options *options, const char *value)
{
	return set_prefix(&options->client, "client", value);
}

static enum exit_code set_server(struct options *options, const char *value)
{
	return set_prefix(&options->server, "server", value);
}

static enum exit_code set_sort(struct options *options, const char *value)
{
	options->sort = sort_read(value);
	if (options->sort == SORT_NONE)
		return message_usage("--sort %s: must be one of\n%s", value, sort_names);
	return EXIT_OK;
}

static enum exit_code set_event(struct options *options, const char *value)
{
	if (!tracing_read_events(value, &options->events))
		return message_usage("--event %s: must be some of mitigation,end,state", value);
	return EXIT_OK;
}

static enum exit_code set_reason(struct options *options, const char *value)
{
	size_t length = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789_,");

	if (!length || value[length] || length > REASONS_MAX || *value == ',' ||
	    value[length - 1] == ',' || strstr(value, ",,"))
		return message_usage("--reason %s: must be names of counters, with commas", value);
	options->reason = value;
	return EXIT_OK;
}

/* NAME=RANGE */
static enum exit_code set_range(struct range *ranges, const char *option, const char *value)
{
	const char *equals = strchr(value, '=');
	enum metric metric;

	if (!equals)
		return message_usage("--%s %s: must be NAME=RANGE", option, value);
	metric = metric_read(value, (unsigned int)(equals - value));
	if (metric == METRICS)
		return message_usage("--%s %s: must be for one of %s", option, value,
				     metric_names);
	if (!range_read(&ranges[metric], equals + 1))
		return message_usage("--%s %s: must be MAX, MIN:, MIN:MAX or ~:MAX, or behind @",
				     option, value);
	return EXIT_OK;
}

static enum exit_code set_warning(struct options *options, const char *value)
{
	return set_range(options->warning, "warning", value);
}

static enum exit_code set_critical(struct options *options, const char *value)
{
	return set_range(options->critical, "critical", value);
}

#define COMMAND_REPEATS	(COMMAND_SHOW | COMMAND_STATS)
#define COMMAND_COUNTS	(COMMAND_REPEATS | COMMAND_FLOW | COMMAND_WATCH | COMMAND_RECORD)
#define COMMAND_PRINTS	(COMMAND_ALL & ~(COMMAND_TOP | COMMAND_RECORD | COMMAND_REPORT))

static const struct option_rule table[] = {
	{ "interval", 'i', "SECONDS", COMMAND_REPEATS | COMMAND_TOP | COMMAND_RECORD, set_interval,
	  "repeat every SECONDS (0.1 to 86400), with rates" },
	{ "follow", 'f', NULL, COMMAND_FLOW, set_follow,
	  "go on with each segment as it passes" },
	{ "timeout", 't', "SECONDS", COMMAND_FLOW | COMMAND_WATCH, set_timeout,
	  "stop to follow after SECONDS (0.1 to 86400)" },
	{ "trace", 0, "FILE", COMMAND_FLOW | COMMAND_WATCH, set_trace,
	  "the segments of recorded trace_pipe text" },
	{ "event", 'e', "KIND[,KIND]", COMMAND_WATCH, set_event,
	  "mitigation (decisions), end (of connections), state\n"
	  "(each segment); without it: the first two" },
	{ "reason", 'r', "NAME[,NAME]", COMMAND_WATCH, set_reason,
	  "decisions under the names of these counters" },
	{ "count", 'c', "NUMBER", COMMAND_COUNTS, set_count,
	  "stop after NUMBER repetitions (with --interval)\n"
	  "or segments, events or samples" },
	{ "size", 0, "BYTES", COMMAND_RECORD, set_size,
	  "keep no more than that, 64M without it (64K to 1024G)" },
	{ "reasons", 'r', NULL, COMMAND_STATS, set_reasons,
	  "only the reasons of what was dropped or not tracked" },
	{ "zeros", 'z', NULL, COMMAND_STATS, set_zeros,
	  "with --interval, also what did not change" },
	{ "prometheus", 0, NULL, COMMAND_STATS, set_prometheus,
	  "all there is, also of listeners and latency, in the\n"
	  "text format of Prometheus" },
	{ "state", 's', "STATE[,STATE]", COMMAND_FLOWS, set_state,
	  "flows with an endpoint in one of these states" },
	{ "client", 0, "ADDR[/LEN]", COMMAND_FLOWS | COMMAND_WATCH, set_client,
	  "flows whose client is in the prefix" },
	{ "server", 0, "ADDR[/LEN]", COMMAND_FLOWS | COMMAND_WATCH, set_server,
	  "flows whose server is in the prefix" },
	{ "port", 'p', "PORT", COMMAND_FLOWS | COMMAND_WATCH, set_port,
	  "flows to this port of the server" },
	{ "sort", 0, "KEY", COMMAND_FLOWS, set_sort,
	  "largest first: age, idle, packets, bytes, retransmit;\n"
	  "lowest first: client, server, port, state" },
	{ "limit", 'l', "NUMBER", COMMAND_FLOWS, set_limit,
	  "at most NUMBER flows" },
	{ "warning", 'w', "NAME=RANGE", COMMAND_CHECK, set_warning,
	  "WARNING where the metric is outside the range" },
	{ "critical", 'c', "NAME=RANGE", COMMAND_CHECK, set_critical,
	  "CRITICAL where it is outside this one" },
	{ "json", 'j', NULL, COMMAND_PRINTS, set_json,
	  "for programs: JSON, format version 1" },
	{ "no-header", 'H', NULL, COMMAND_ALL, set_no_header,
	  "no headings" },
	{ "numeric", 'n', NULL, COMMAND_ALL, set_numeric,
	  "interfaces by number, not by name" },
	{ "color", 0, "WHEN", COMMAND_ALL, set_colour,
	  "always, never or auto (on a terminal)" },
	{ "proc", 0, "DIR", COMMAND_ALL, set_proc,
	  "read DIR instead of /proc/net/synward" },
	{ "help", 'h', NULL, COMMAND_ALL, set_help, "this text" },
	{ "version", 'V', NULL, COMMAND_ALL, set_version, "the version" },
};

static_assert(ARRAY_SIZE(table) < OPTIONS_MAX, "struct options.seen has a bit for each");

/* A letter can be two options, of different commands; where none has it, of the first one. */
static size_t index_of(int got, enum command_bit command)
{
	size_t i = 0;

	if (got >= LONG_BASE)
		return (size_t)(got - LONG_BASE);
	for (i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].letter == got && table[i].commands & command)
			return i;
	for (i = 0; table[i].letter != got; i++)
		;
	return i;
}

static void fill_getopt(struct option *long_option, char *letters, enum command_bit command)
{
	*letters++ = command ? ':' : '+';
	if (!command)
		*letters++ = ':';
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		long_option[i] = (struct option) {
			.name = table[i].name,
			.has_arg = table[i].value ? required_argument : no_argument,
			.val = LONG_BASE + (int)i,
		};
		if (!table[i].letter || index_of(table[i].letter, command) != i)
			continue;
		*letters++ = (char)table[i].letter;
		if (table[i].value)
			*letters++ = ':';
	}
	long_option[ARRAY_SIZE(table)] = (struct option) { 0 };
	*letters = '\0';
}

/* Where getopt stopped, @word holds what it stopped at. */
static enum exit_code complain(int got, const char *word)
{
	if (got == ':')
		return message_usage("option '%s' needs a value", word);
	if (optopt >= LONG_BASE)
		return message_usage("option '%s' takes no value", word);
	if (optopt)
		return message_usage("unknown option '-%c'", optopt);
	return message_usage("unknown or ambiguous option '%s'", word);
}

static enum exit_code apply(struct options *options, int got, enum command_bit command)
{
	size_t i = index_of(got, command);

	options->seen |= 1UL << i;
	return table[i].set(options, optarg);
}

enum exit_code options_read(struct options *options, int argc, char **argv, int *first,
			    enum command_bit command)
{
	char letters[2 * OPTIONS_MAX + 3];
	struct option long_option[OPTIONS_MAX];
	enum exit_code code = EXIT_OK;
	int got;

	/* 0 makes getopt begin anew, behind the first element of what it is given. */
	argc -= *first - 1;
	argv += *first - 1;
	fill_getopt(long_option, letters, command);
	opterr = 0;
	optind = 0;
	while (!code && (got = getopt_long(argc, argv, letters, long_option, NULL)) != -1)
		code = got == '?' || got == ':' ? complain(got, argv[optind - 1]) :
						  apply(options, got, command);
	*first += optind - 1;
	return code;
}

static enum exit_code check_flow(const struct options *options)
{
	if (options->follow && options->trace)
		return message_usage("either --follow or --trace, not both");
	if (options->timeout_ms && !options->follow)
		return message_usage("--timeout: needs --follow");
	if (options->count && !options->follow && !options->trace)
		return message_usage("--count %llu: needs --follow or --trace", options->count);
	return EXIT_OK;
}

static enum exit_code check_watch(const struct options *options)
{
	if (options->timeout_ms && options->trace)
		return message_usage("--timeout: not with --trace");
	return EXIT_OK;
}

static enum exit_code check_repeats(const struct options *options)
{
	if (options->count && !options->interval_ms)
		return message_usage("--count %llu: needs --interval", options->count);
	return EXIT_OK;
}

static enum exit_code check_prometheus(const struct options *options)
{
	if (options->prometheus &&
	    (options->json || options->interval_ms || options->reasons))
		return message_usage("--prometheus: not with --json, --interval or --reasons");
	return EXIT_OK;
}

enum exit_code options_check(const struct options *options, enum command_bit command)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (options->seen & 1UL << i && !(table[i].commands & command))
			return message_usage("option '--%s' is not for this command",
					     table[i].name);
	if (command == COMMAND_FLOW)
		return check_flow(options);
	if (command == COMMAND_WATCH)
		return check_watch(options);
	if (command == COMMAND_RECORD || command == COMMAND_REPORT)
		return EXIT_OK;
	return check_prometheus(options) ? EXIT_USAGE : check_repeats(options);
}

static void help_line(const struct option_rule *rule)
{
	const char *newline = strchr(rule->help, '\n');
	char left[64];

	snprintf(left, sizeof(left), "%s%c%s --%s%s%s", rule->letter ? "-" : "",
		 rule->letter ? rule->letter : ' ', rule->letter ? "," : "  ", rule->name,
		 rule->value ? " " : "", rule->value ? rule->value : "");
	printf("  %-26s%.*s\n", left, newline ? (int)(newline - rule->help) : 999, rule->help);
	if (newline)
		printf("  %-26s%s\n", "", newline + 1);
}

void options_help(enum command_bit command)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].commands & command)
			help_line(&table[i]);
}
