// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "counter.h"
#include "feed.h"
#include "happening.h"
#include "message.h"
#include "proc.h"
#include "stats.h"
#include "stop.h"
#include "tracing.h"
#include "util.h"
#include "watch.h"

#define US_PER_SECOND	1000000LL
#define NS_PER_US	1000LL

struct watch {
	const struct options	*options;
	unsigned int		events;		/* bits of enum tracing_event */
	unsigned long long	netns;		/* the only one to look at; 0: all */
	struct happenings	happenings;
	struct segment		segment;
	struct feed		feed;
};

/* Segments are too many to be asked for by silence; a reason is asked of decisions alone. */
static unsigned int wanted_events(const struct options *options)
{
	if (options->events)
		return options->events;
	if (options->reason)
		return 1U << TRACING_MITIGATION;
	return 1U << TRACING_MITIGATION | 1U << TRACING_FLOW_END;
}

/* -- filters -- */

static bool is_event_wanted(const struct watch *watch, enum segment_kind kind)
{
	switch (kind) {
	case SEGMENT_SEEN:
		return watch->events & 1U << TRACING_FLOW_STATE;
	case SEGMENT_GONE:
		return watch->events & 1U << TRACING_FLOW_END;
	default:
		return watch->events & 1U << TRACING_MITIGATION;
	}
}

static bool is_reason_wanted(const struct watch *watch, enum segment_kind kind)
{
	const char *reason = fields_text(&watch->segment.fields, "reason", "");

	return kind != SEGMENT_DECISION || !watch->options->reason ||
	       util_list_has(watch->options->reason, reason);
}

static bool is_end_wanted(const struct address_prefix *prefix, const struct address *address)
{
	return !prefix->given || address_in_prefix(address, prefix);
}

static bool is_wanted(const struct watch *watch, enum segment_kind kind)
{
	const struct segment *segment = &watch->segment;
	const struct options *options = watch->options;

	if (watch->netns && segment->netns && segment->netns != watch->netns)
		return false;
	if (options->port && segment->server.port != options->port)
		return false;
	return is_event_wanted(watch, kind) && is_reason_wanted(watch, kind) &&
	       is_end_wanted(&options->client, &segment->client.address) &&
	       is_end_wanted(&options->server, &segment->server.address);
}

/* -- lines -- */

static enum exit_code take_line(struct watch *watch)
{
	enum segment_kind kind;
	enum exit_code code;

	code = segment_read(&watch->segment, &watch->feed.file, &kind);
	if (code || kind == SEGMENT_OTHER)
		return code;
	if (kind == SEGMENT_LOST)
		happenings_show_lost(&watch->happenings, watch->segment.lost);
	else if (is_wanted(watch, kind))
		happening_show(&watch->happenings, &watch->segment, kind);
	return EXIT_OK;
}

static bool has_all(const struct watch *watch)
{
	return watch->options->count && watch->happenings.count >= watch->options->count;
}

/* NULL instead of @tracing for a recording. What was shown is out when nothing more comes. */
static enum exit_code take_lines(struct watch *watch, const struct tracing *tracing)
{
	enum feed_event event = FEED_LINE;
	enum exit_code code = EXIT_OK;

	while (!code && !has_all(watch) && !ferror(stdout)) {
		code = feed_next(&watch->feed, &event);
		if (code)
			break;
		if (event == FEED_LINE) {
			code = take_line(watch);
			continue;
		}
		if (event != FEED_IDLE)
			break;
		fflush(stdout);
		code = tracing_check(tracing);
	}
	return code;
}

static enum exit_code take_recording(struct watch *watch)
{
	enum exit_code code;

	code = feed_open(&watch->feed, watch->options->trace);
	if (code)
		return code;
	happenings_begin(&watch->happenings);
	code = take_lines(watch, NULL);
	feed_close(&watch->feed);
	return code;
}

/* -- live -- */

static long long now_us(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (long long)now.tv_sec * US_PER_SECOND + now.tv_nsec / NS_PER_US;
}

/* reason == "one" || reason == "other" */
static void filter_reasons(char *filter, size_t used, const char *reasons)
{
	const char *before = used ? " && (" : "(";

	while (*reasons && used < TRACING_FILTER_MAX) {
		size_t length = strcspn(reasons, ",");

		used += (size_t)snprintf(filter + used, TRACING_FILTER_MAX - used,
					 "%sreason == \"%.*s\"", before, (int)length, reasons);
		reasons += length;
		reasons += *reasons == ',';
		before = " || ";
	}
	if (used < TRACING_FILTER_MAX - 1)
		memcpy(filter + used, ")", 2);
	else
		*filter = '\0';
}

/* What the kernel can leave out it need not write; the rest we leave out. */
static void set_filters(struct tracing_scope *scope, const struct options *options)
{
	for (unsigned int event = 0; event < TRACING_EVENTS; event++) {
		char *filter = scope->filter[event];
		size_t used = 0;

		if (options->port)
			used = (size_t)snprintf(filter, TRACING_FILTER_MAX, "server_port == %u",
						options->port);
		if (event == TRACING_MITIGATION && options->reason)
			filter_reasons(filter, used, options->reason);
	}
}

static enum exit_code take_live(struct watch *watch, const struct tracing *tracing)
{
	enum exit_code code;

	watch->happenings.clock_us = now_us(CLOCK_REALTIME) - now_us(CLOCK_MONOTONIC);
	code = feed_open_live(&watch->feed, tracing->pipe, tracing->fd,
			      watch->options->timeout_ms);
	if (code)
		return code;
	happenings_begin(&watch->happenings);
	fflush(stdout);
	code = take_lines(watch, tracing);
	feed_close(&watch->feed);
	return code;
}

static enum exit_code refuse_reason(const char *name)
{
	char decisions[COUNTER_DECISIONS_MAX];

	counter_list_decisions(decisions, sizeof(decisions));
	return message_usage("--reason %s: must be for decisions, one of %s", name, decisions);
}

/* What the module does not count would be waited for in vain. */
static enum exit_code check_reasons(const struct options *options)
{
	const char *next = options->reason;
	unsigned long long value;
	struct stats stats;
	enum exit_code code;

	code = stats_read(&stats, options->proc);
	while (!code && *next) {
		size_t length = strcspn(next, ",");
		char *name = strndup(next, length);

		if (!name || !stats_find(&stats, name, &value))
			code = message_usage("--reason %.*s: not counted here, see synward stats",
					     (int)length, next);
		else if (!counter_is_decision(name))
			code = refuse_reason(name);
		free(name);
		next += length + (next[length] == ',');
	}
	return code;
}

static enum exit_code watch_live(struct watch *watch)
{
	struct tracing_scope scope = {
		.netns = tracing_netns(watch->options->proc),
		.events = watch->events,
	};
	struct tracing tracing;
	enum exit_code code;

	code = proc_check_loaded(watch->options->proc);
	if (!code && watch->options->reason)
		code = check_reasons(watch->options);
	if (code)
		return code;
	watch->netns = scope.netns;
	set_filters(&scope, watch->options);
	stop_hold_signals();
	code = tracing_start(&tracing, &scope);
	if (code)
		return code;
	code = take_live(watch, &tracing);
	tracing_stop(&tracing);
	return code;
}

enum exit_code watch_run(const struct options *options)
{
	struct watch *watch = util_new(sizeof(*watch));
	enum exit_code code;

	watch->options = options;
	watch->events = wanted_events(options);
	watch->happenings.json = options->json;
	watch->happenings.no_header = options->no_header;
	code = options->trace ? take_recording(watch) : watch_live(watch);
	free(watch);
	return code;
}
