// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "feed.h"
#include "ladder.h"
#include "message.h"
#include "proc.h"
#include "step.h"
#include "stop.h"
#include "tracing.h"
#include "util.h"

#define ONE_WAY	"(client_port == %u && server_port == %u)"

struct ladder {
	const struct options	*options;
	struct entry_ends	ends;
	unsigned long long	netns;	/* the only one to look at; 0: that of the first segment */
	bool			gone;	/* its entry is, and it was not over */
	struct steps		steps;
	struct entry		entry;
	struct segment		segment;
	struct feed		feed;
};

/* -- segments -- */

static bool is_ours(struct ladder *ladder)
{
	const struct segment *segment = &ladder->segment;

	if (!entry_is_between(&ladder->ends, &segment->client, &segment->server))
		return false;
	if (!ladder->netns)
		ladder->netns = segment->netns;
	return !segment->netns || segment->netns == ladder->netns;
}

/*
 * A connection that was over has told so before. In place of one that was replaced there is a
 * new one, as there may be for another reason.
 */
static enum exit_code take_end(struct ladder *ladder)
{
	enum exit_code code = EXIT_OK;
	const char *how = segment_how(&ladder->segment);
	bool forgotten = !strcmp(how, "timeout") || !strcmp(how, "evicted");

	step_show_gone(&ladder->steps, &ladder->segment);
	if (forgotten && ladder->options->follow) {
		code = entry_find(&ladder->entry, &ladder->ends, ladder->options->proc);
		ladder->gone = !code && !ladder->entry.fields;
	}
	return code;
}

static enum exit_code take_line(struct ladder *ladder)
{
	enum segment_kind kind;
	enum exit_code code;

	code = segment_read(&ladder->segment, &ladder->feed.file, &kind);
	if (code)
		return code;
	if (kind == SEGMENT_LOST)
		step_show_lost(&ladder->steps, ladder->segment.lost);
	else if (kind == SEGMENT_SEEN && is_ours(ladder))
		step_show(&ladder->steps, &ladder->segment);
	else if (kind == SEGMENT_GONE && is_ours(ladder))
		code = take_end(ladder);
	return code;
}

static bool has_all(const struct ladder *ladder)
{
	return ladder->options->count && ladder->steps.count >= ladder->options->count;
}

static enum exit_code unknown(const struct ladder *ladder, const char *where)
{
	return message_error("no connection between %s and %s in %s",
			     ladder->options->argument[0], ladder->options->argument[1], where);
}

/* -- a recording -- */

static enum exit_code take_recording(struct ladder *ladder)
{
	enum feed_event event = FEED_LINE;
	enum exit_code code = EXIT_OK;

	while (!code && !has_all(ladder) && !ferror(stdout)) {
		code = feed_next(&ladder->feed, &event);
		if (code || event != FEED_LINE)
			break;
		code = take_line(ladder);
	}
	return code;
}

static enum exit_code show_recording(struct ladder *ladder)
{
	enum exit_code code;

	code = feed_open(&ladder->feed, ladder->options->trace);
	if (code)
		return code;
	code = take_recording(ladder);
	feed_close(&ladder->feed);
	if (code)
		return code;
	if (!ladder->steps.count)
		return unknown(ladder, ladder->options->trace);
	if (has_all(ladder))
		step_end(&ladder->steps, "count", "as many segments as asked for");
	else
		step_end(&ladder->steps, "end_of_file", "end of the recording");
	return EXIT_OK;
}

/* -- the entry -- */

static enum exit_code show_entry(struct ladder *ladder)
{
	enum exit_code code;

	code = entry_find(&ladder->entry, &ladder->ends, ladder->options->proc);
	if (!code && ladder->entry.fields)
		step_show_entry(&ladder->steps, &ladder->entry);
	return code;
}

static enum exit_code show_entry_alone(struct ladder *ladder)
{
	enum exit_code code = show_entry(ladder);

	if (!code && !ladder->entry.fields)
		return unknown(ladder, ladder->options->proc);
	return code;
}

/* -- following -- */

static enum exit_code end(const struct ladder *ladder, enum feed_event event)
{
	const struct steps *steps = &ladder->steps;

	if (event == FEED_DUE && !steps->count && !ladder->entry.fields)
		return unknown(ladder, "this time");
	if (event == FEED_DUE)
		step_end(steps, "timeout", "the time is over");
	else if (event == FEED_STOPPED)
		step_end(steps, "interrupted", "interrupted");
	else if (has_all(ladder))
		step_end(steps, "count", "as many segments as asked for");
	else if (ladder->gone)
		step_end(steps, "gone", "nothing more is known of it");
	else
		step_end(steps, "closed", "both ends have closed");
	return EXIT_OK;
}

static bool is_done(const struct ladder *ladder)
{
	return ladder->steps.over || ladder->gone || has_all(ladder);
}

static enum exit_code take_segments(struct ladder *ladder, const struct tracing *tracing)
{
	enum exit_code code = EXIT_OK;
	enum feed_event event = FEED_LINE;

	while (!is_done(ladder) && !ferror(stdout)) {
		code = feed_next(&ladder->feed, &event);
		if (code)
			return code;
		if (event == FEED_LINE)
			code = take_line(ladder);
		else if (event == FEED_IDLE)
			code = tracing_check(tracing);
		else
			break;
		if (code)
			return code;
	}
	return end(ladder, event);
}

static void say_what_comes(const struct ladder *ladder)
{
	if (ladder->options->json)
		return;
	if (ladder->entry.fields)
		draw_text(DRAW_DIM, "from now on, times since the first segment:");
	else
		draw_text(DRAW_DIM, "waiting for the connection");
	draw_newline();
	fflush(stdout);
}

/* The trace runs before the entry is read, so that nothing passes between the two. */
static enum exit_code take_live(struct ladder *ladder, const struct tracing *tracing)
{
	enum exit_code code = show_entry(ladder);

	if (code)
		return code;
	ladder->steps.over = ladder->entry.fields && entry_is_over(&ladder->entry);
	if (!ladder->steps.over)
		say_what_comes(ladder);
	code = feed_open_live(&ladder->feed, tracing->pipe, tracing->fd,
			      ladder->options->timeout_ms);
	if (code)
		return code;
	code = take_segments(ladder, tracing);
	feed_close(&ladder->feed);
	return code;
}

/* Either end may be the client's. */
static void set_filter(struct tracing_scope *scope, const struct entry_ends *ends,
		       enum tracing_event event)
{
	unsigned int one = ends->one.port, other = ends->other.port;

	scope->events |= 1U << event;
	snprintf(scope->filter[event], TRACING_FILTER_MAX, ONE_WAY " || " ONE_WAY, one,
		 other, other, one);
}

static enum exit_code follow(struct ladder *ladder)
{
	struct tracing_scope scope = { .netns = tracing_netns(ladder->options->proc) };
	struct tracing tracing;
	enum exit_code code;

	set_filter(&scope, &ladder->ends, TRACING_FLOW_STATE);
	set_filter(&scope, &ladder->ends, TRACING_FLOW_END);

	code = proc_check_loaded(ladder->options->proc);
	if (code)
		return code;
	ladder->netns = scope.netns;
	stop_hold_signals();
	if (tracing_start(&tracing, &scope)) {
		show_entry_alone(ladder);
		return EXIT_ERROR;
	}
	code = take_live(ladder, &tracing);
	tracing_stop(&tracing);
	return code;
}

/* -- the command -- */

static enum exit_code read_end(struct address_endpoint *end, const char *text)
{
	if (address_read_endpoint(end, text))
		return EXIT_OK;
	return message_usage("'%s': must be ADDRESS:PORT or [IPv6]:PORT, ports 0 to 65535", text);
}

static enum exit_code read_ends(struct entry_ends *ends, const struct options *options)
{
	enum exit_code code;

	if (options->arguments < 2)
		return message_usage("needs both ends: CLIENT:PORT SERVER:PORT");
	if (options->arguments > 2)
		return message_usage("unexpected argument '%s'", options->argument[2]);
	code = read_end(&ends->one, options->argument[0]);
	return code ? code : read_end(&ends->other, options->argument[1]);
}

static enum exit_code show(struct ladder *ladder)
{
	if (ladder->options->trace)
		return show_recording(ladder);
	return ladder->options->follow ? follow(ladder) : show_entry_alone(ladder);
}

enum exit_code ladder_run(const struct options *options)
{
	struct ladder *ladder;
	struct entry_ends ends;
	enum exit_code code;

	code = read_ends(&ends, options);
	if (code)
		return code;
	ladder = util_new(sizeof(*ladder));
	ladder->options = options;
	ladder->ends = ends;
	step_begin(&ladder->steps, options->json, options->no_header);
	code = show(ladder);
	free(ladder);
	return code;
}
