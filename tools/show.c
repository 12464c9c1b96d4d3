// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counter.h"
#include "document.h"
#include "draw.h"
#include "number.h"
#include "show.h"
#include "summary.h"
#include "tick.h"
#include "wrap.h"

#define WIDTH_DEFAULT	80	/* columns, where there is no terminal */
#define LABEL_WIDTH	12
#define LISTENERS_MIN	3	/* lines kept for them on the smallest terminal */

/* The names of one group that are not 0, without the @prefix that the label says already. */
static void draw_reasons(const struct summary *summary, enum counter_group group,
			 const char *label, const char *prefix, enum draw_colour colour)
{
	struct wrap wrap = { summary->width, LABEL_WIDTH, LABEL_WIDTH };
	char text[NUMBER_TEXT_MAX];

	draw_text(DRAW_PLAIN, "%-*s", LABEL_WIDTH, label);
	for (size_t i = 0; i < summary->stats.count; i++) {
		const struct stats_entry *entry = &summary->stats.entry[i];
		const char *name = entry->name;

		if (!entry->value || !counter_is_reason(name) || counter_group(name) != group)
			continue;
		if (strncmp(name, prefix, strlen(prefix)) == 0)
			name += strlen(prefix);
		wrap_put(&wrap, colour, "%s %s", name, number_grouped(text, entry->value));
	}
	if (wrap.column == LABEL_WIDTH)
		draw_text(DRAW_DIM, "none");
	draw_newline();
}

static bool has_any(const struct summary *summary, enum counter_group group)
{
	for (size_t i = 0; i < summary->stats.count; i++)
		if (summary->stats.entry[i].value &&
		    counter_group(summary->stats.entry[i].name) == group)
			return true;
	return false;
}

static void draw_all_reasons(const struct summary *summary)
{
	draw_reasons(summary, COUNTER_DROP, "dropped", "", DRAW_YELLOW);
	if (has_any(summary, COUNTER_UNANSWERED))
		draw_reasons(summary, COUNTER_UNANSWERED, "no cookie", "cookie_", DRAW_YELLOW);
	draw_reasons(summary, COUNTER_INVALID, "invalid", "invalid_", DRAW_YELLOW);
	draw_reasons(summary, COUNTER_TABLE, "not tracked", "", DRAW_YELLOW);
	if (has_any(summary, COUNTER_WOULD))
		draw_reasons(summary, COUNTER_WOULD, "would have", "would_", DRAW_CYAN);
}

static size_t listener_rows(const struct summary *summary)
{
	unsigned int used = draw_lines() + 2 - summary->options->no_header;
	unsigned int lines = draw_height();

	if (!summary->options->interval_ms || !draw_is_live() || !lines)
		return 0;
	return lines > used + LISTENERS_MIN ? lines - used : LISTENERS_MIN;
}

static void draw_screen(struct summary *summary)
{
	summary->width = draw_width(WIDTH_DEFAULT);
	summary_draw_head(summary);
	draw_newline();
	summary_draw_gauges(summary);
	draw_newline();
	summary_draw_totals(summary);
	draw_newline();
	draw_all_reasons(summary);
	draw_newline();
	listeners_draw(&summary->listeners, summary->options, listener_rows(summary));
}

static void draw_frame(struct summary *summary)
{
	draw_frame_begin();
	draw_screen(summary);
	if (!draw_is_live())
		draw_newline();
	draw_frame_end();
}

static enum exit_code write_json(struct summary *summary)
{
	json_t *document = document_new(), *array = json_array();
	enum exit_code code;

	code = stats_read(&summary->stats, summary->options->proc);
	if (!code) {
		json_object_set_new(document, "stats", stats_to_json(&summary->stats, false));
		code = listeners_to_json(array, summary->options->proc);
	}
	json_object_set_new(document, "listeners", array);
	if (code)
		json_decref(document);
	else
		document_write_line(document);
	return code;
}

static enum exit_code draw_next(struct summary *summary, bool first)
{
	enum exit_code code;

	if (summary->options->json)
		return write_json(summary);
	code = summary_read(summary);
	if (code)
		return code;
	summary_remember(summary, first);
	draw_frame(summary);
	return EXIT_OK;
}

/* False when it is time to stop. */
static bool wait_for_next(struct summary *summary, struct tick *tick)
{
	enum tick_event event;

	while ((event = tick_wait(tick)) == TICK_RESIZED)
		if (!summary->options->json)
			draw_frame(summary);
	return event == TICK_DUE && !ferror(stdout);
}

static enum exit_code run_repeated(struct summary *summary)
{
	unsigned long long left = summary->options->count;
	enum exit_code code;
	struct tick tick;

	tick_start(&tick, summary->options->interval_ms);
	code = draw_next(summary, true);
	while (!code && --left && wait_for_next(summary, &tick))
		code = draw_next(summary, false);
	draw_frames_done();
	return code;
}

static enum exit_code run_once(struct summary *summary)
{
	enum exit_code code;

	if (summary->options->json)
		return write_json(summary);
	code = summary_read(summary);
	if (!code)
		draw_screen(summary);
	return code;
}

enum exit_code show_run(const struct options *options)
{
	struct summary *summary = util_new(sizeof(*summary));
	enum exit_code code;

	summary->options = options;
	code = options->interval_ms ? run_repeated(summary) : run_once(summary);
	listeners_free(&summary->listeners);
	free(summary);
	return code;
}
