// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counter.h"
#include "document.h"
#include "draw.h"
#include "history.h"
#include "listeners.h"
#include "number.h"
#include "proc.h"
#include "show.h"
#include "stats.h"
#include "tick.h"

#define WIDTH_DEFAULT	80	/* columns, where there is no terminal */
#define LABEL_WIDTH	12
#define NUMBER_WIDTH	10
#define TOTAL_LABEL	16
#define TOTAL_WIDTH	15
#define RATE_WIDTH	11
#define LISTENERS_MIN	3	/* lines kept for them on the smallest terminal */

struct total {
	const char		*name;
	const char		*label;
	enum draw_colour	colour;
};

static const struct total totals[] = {
	{ "syn_received", "SYN received", DRAW_CYAN },
	{ "synack_sent", "SYN-ACK sent", DRAW_CYAN },
	{ "handshake_completed", "completed", DRAW_GREEN },
	{ "cookie_sent", "cookies sent", DRAW_YELLOW },
	{ "cookie_valid", "cookies valid", DRAW_GREEN },
	{ "cookie_invalid", "cookies invalid", DRAW_RED },
};

struct show {
	const struct options	*options;
	unsigned int		width;
	struct stats		stats;
	struct stats		before;
	struct listeners	listeners;
	struct history		history[ARRAY_SIZE(totals)];
};

/* Text that goes on in the next line, indented, where the line is full. */
struct wrap {
	unsigned int	width;
	unsigned int	column;
	unsigned int	indent;
};

static void put(struct wrap *wrap, enum draw_colour colour, const char *format, ...)
	synward_printf(3, 4);

static void put(struct wrap *wrap, enum draw_colour colour, const char *format, ...)
{
	unsigned int gap = wrap->column > wrap->indent ? 3 : 0;
	char text[128];
	unsigned int length;
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	length = (unsigned int)strlen(text);
	if (gap && wrap->column + gap + length > wrap->width) {
		draw_newline();
		draw_pad(wrap->indent);
		wrap->column = wrap->indent;
		gap = 0;
	}
	draw_pad(gap);
	draw_text(colour, "%s", text);
	wrap->column += gap + length;
}

struct mode {
	const char		*name;
	enum draw_colour	colour;
};

static struct mode mode_of(unsigned long long mode)
{
	static const struct mode modes[] = {
		{ "track only", DRAW_DIM },
		{ "monitor", DRAW_CYAN },
		{ "adaptive", DRAW_GREEN },
		{ "always", DRAW_MAGENTA },
	};

	return mode < ARRAY_SIZE(modes) ? modes[mode] : (struct mode){ "unknown", DRAW_RED };
}

/* An older module has the mode only in its sysctl. */
static bool read_mode(const struct show *show, unsigned long long *mode)
{
	char text[NUMBER_TEXT_MAX] = "";
	FILE *sysctl;

	if (stats_find(&show->stats, "mode", mode))
		return true;
	if (strcmp(show->options->proc, PROC_DIR_DEFAULT) != 0)
		return false;
	sysctl = fopen(PROC_MODE_SYSCTL, "re");
	if (!sysctl)
		return false;
	if (!fgets(text, sizeof(text), sysctl))
		*text = '\0';
	fclose(sysctl);
	text[strcspn(text, "\n")] = '\0';
	return number_read(text, mode);
}

static void draw_head(const struct show *show)
{
	size_t engaged = listeners_engaged(&show->listeners);
	struct wrap wrap = { .width = show->width };
	unsigned long long value;
	char text[NUMBER_TEXT_MAX];

	put(&wrap, DRAW_BOLD, "synward " SYNWARD_VERSION);
	if (read_mode(show, &value))
		put(&wrap, mode_of(value).colour, "mode %llu %s", value, mode_of(value).name);
	if (engaged)
		put(&wrap, DRAW_YELLOW, "cookies on %zu of %zu listeners", engaged,
		    show->listeners.count);
	else
		put(&wrap, DRAW_GREEN, "cookies off, %zu listener%s", show->listeners.count,
		    show->listeners.count == 1 ? "" : "s");
	if (stats_find(&show->stats, "memory_bytes", &value))
		put(&wrap, DRAW_PLAIN, "memory %s", number_bytes(text, value));
	draw_newline();
}

static void draw_gauge(const struct show *show, const char *label, const char *name,
		       const char *name_max)
{
	unsigned int used = LABEL_WIDTH + NUMBER_WIDTH + 4 + NUMBER_WIDTH + 2 + 5;
	unsigned long long value = stats_get(&show->stats, name), most = 0;
	char one[NUMBER_TEXT_MAX], other[NUMBER_TEXT_MAX];
	double share;

	draw_text(DRAW_PLAIN, "%-*s%*s", LABEL_WIDTH, label, NUMBER_WIDTH,
		  number_grouped(one, value));
	if (stats_find(&show->stats, name_max, &most) && most) {
		share = (double)value / (double)most;
		draw_text(DRAW_PLAIN, " of %*s  ", NUMBER_WIDTH, number_grouped(other, most));
		draw_bar(draw_load_colour(share), share, show->width - used);
		if (value && share < 0.01)
			draw_text(DRAW_PLAIN, "  <1%%");
		else
			draw_text(draw_load_colour(share), "%4.0f%%", share * 100);
	}
	draw_newline();
}

static void draw_total(const struct show *show, size_t i, double most)
{
	unsigned long long value = stats_get(&show->stats, totals[i].name);
	unsigned int used = TOTAL_LABEL + TOTAL_WIDTH + 2;
	char text[NUMBER_TEXT_MAX];

	draw_text(DRAW_PLAIN, "%-*s", TOTAL_LABEL, totals[i].label);
	draw_text(value ? DRAW_PLAIN : DRAW_DIM, "%*s", TOTAL_WIDTH, number_grouped(text, value));
	if (!show->options->interval_ms) {
		draw_pad(2);
		draw_bar(totals[i].colour, most > 0 ? (double)value / most : 0,
			 show->width - used);
		draw_newline();
		return;
	}
	if (show->history[i].count)
		number_rate(text, history_last(&show->history[i]));
	else
		snprintf(text, sizeof(text), "-");
	draw_text(history_last(&show->history[i]) > 0 ? DRAW_BOLD : DRAW_DIM, "%*s", RATE_WIDTH,
		  text);
	if (draw_is_live()) {
		draw_pad(2);
		draw_spark(totals[i].colour, show->history[i].value, show->history[i].count,
			   show->width - used - RATE_WIDTH);
	}
	draw_newline();
}

static void draw_totals(const struct show *show)
{
	double most = 0;

	if (!show->options->no_header) {
		draw_text(DRAW_BOLD, "%-*s%*s", TOTAL_LABEL, "", TOTAL_WIDTH, "TOTAL");
		if (show->options->interval_ms)
			draw_text(DRAW_BOLD, "%*s", RATE_WIDTH, "RATE/s");
		draw_newline();
	}
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++) {
		double value = (double)stats_get(&show->stats, totals[i].name);

		most = value > most ? value : most;
	}
	for (size_t i = 0; i < ARRAY_SIZE(totals); i++)
		draw_total(show, i, most);
}

/* The names of one group that are not 0, without the @prefix that the label says already. */
static void draw_reasons(const struct show *show, enum counter_group group, const char *label,
			 const char *prefix, enum draw_colour colour)
{
	struct wrap wrap = { show->width, LABEL_WIDTH, LABEL_WIDTH };
	char text[NUMBER_TEXT_MAX];

	draw_text(DRAW_PLAIN, "%-*s", LABEL_WIDTH, label);
	for (size_t i = 0; i < show->stats.count; i++) {
		const struct stats_entry *entry = &show->stats.entry[i];
		const char *name = entry->name;

		if (!entry->value || !counter_is_reason(name) || counter_group(name) != group)
			continue;
		if (strncmp(name, prefix, strlen(prefix)) == 0)
			name += strlen(prefix);
		put(&wrap, colour, "%s %s", name, number_grouped(text, entry->value));
	}
	if (wrap.column == LABEL_WIDTH)
		draw_text(DRAW_DIM, "none");
	draw_newline();
}

static bool has_would(const struct show *show)
{
	for (size_t i = 0; i < show->stats.count; i++)
		if (show->stats.entry[i].value &&
		    counter_group(show->stats.entry[i].name) == COUNTER_WOULD)
			return true;
	return false;
}

static void draw_all_reasons(const struct show *show)
{
	draw_reasons(show, COUNTER_DROP, "dropped", "", DRAW_YELLOW);
	draw_reasons(show, COUNTER_INVALID, "invalid", "invalid_", DRAW_YELLOW);
	draw_reasons(show, COUNTER_TABLE, "not tracked", "", DRAW_YELLOW);
	if (has_would(show))
		draw_reasons(show, COUNTER_WOULD, "would have", "would_", DRAW_CYAN);
}

static size_t listener_rows(const struct show *show)
{
	unsigned int used = draw_lines() + 2 - show->options->no_header;
	unsigned int lines = draw_height();

	if (!show->options->interval_ms || !draw_is_live() || !lines)
		return 0;
	return lines > used + LISTENERS_MIN ? lines - used : LISTENERS_MIN;
}

static void draw_screen(struct show *show)
{
	show->width = draw_width(WIDTH_DEFAULT);
	draw_head(show);
	draw_newline();
	draw_gauge(show, "half-open", "halfopen", "halfopen_max");
	draw_gauge(show, "established", "established", "established_max");
	draw_newline();
	draw_totals(show);
	draw_newline();
	draw_all_reasons(show);
	draw_newline();
	listeners_draw(&show->listeners, show->options, listener_rows(show));
}

static void draw_frame(struct show *show)
{
	draw_frame_begin();
	draw_screen(show);
	if (!draw_is_live())
		draw_newline();
	draw_frame_end();
}

static enum exit_code read_all(struct show *show)
{
	enum exit_code code;

	code = stats_read(&show->stats, show->options->proc);
	if (!code)
		code = listeners_read(&show->listeners, show->options);
	return code;
}

static enum exit_code write_json(struct show *show)
{
	json_t *document = document_new(), *array = json_array();
	enum exit_code code;

	code = stats_read(&show->stats, show->options->proc);
	if (!code) {
		json_object_set_new(document, "stats", stats_to_json(&show->stats, false));
		code = listeners_to_json(array, show->options->proc);
	}
	json_object_set_new(document, "listeners", array);
	if (code)
		json_decref(document);
	else
		document_write_line(document);
	return code;
}

static void remember(struct show *show, bool first)
{
	for (size_t i = 0; !first && i < ARRAY_SIZE(totals); i++)
		history_add(&show->history[i],
			    stats_rate(&show->stats, &show->before, totals[i].name));
	show->before = show->stats;
}

static enum exit_code draw_next(struct show *show, bool first)
{
	enum exit_code code;

	if (show->options->json)
		return write_json(show);
	listeners_free(&show->listeners);
	code = read_all(show);
	if (code)
		return code;
	remember(show, first);
	draw_frame(show);
	return EXIT_OK;
}

/* False when it is time to stop. */
static bool wait_for_next(struct show *show, struct tick *tick)
{
	enum tick_event event;

	while ((event = tick_wait(tick)) == TICK_RESIZED)
		if (!show->options->json)
			draw_frame(show);
	return event == TICK_DUE && !ferror(stdout);
}

static enum exit_code run_repeated(struct show *show)
{
	unsigned long long left = show->options->count;
	enum exit_code code;
	struct tick tick;

	tick_start(&tick, show->options->interval_ms);
	code = draw_next(show, true);
	while (!code && --left && wait_for_next(show, &tick))
		code = draw_next(show, false);
	draw_frames_done();
	return code;
}

static enum exit_code run_once(struct show *show)
{
	enum exit_code code;

	if (show->options->json)
		return write_json(show);
	code = read_all(show);
	if (!code)
		draw_screen(show);
	return code;
}

enum exit_code show_run(const struct options *options)
{
	struct show *show = util_new(sizeof(*show));
	enum exit_code code;

	show->options = options;
	code = options->interval_ms ? run_repeated(show) : run_once(show);
	listeners_free(&show->listeners);
	free(show);
	return code;
}
