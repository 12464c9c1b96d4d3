// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "rung.h"
#include "state.h"

#define TIME_COLUMNS	8
#define STATE_COLUMNS	12	/* SYN-RECEIVED */
#define NOTE_COLUMNS	15	/* most notes */
#define MIDDLE_MAX	50
#define GLYPH_BYTES	3	/* of a line in UTF-8 */
#define GAP		2
#define GAP_NARROW	1
#define WIDE_ENOUGH	72	/* columns, for the wider gap */
#define TIP_COLUMNS	4	/* of an arrow, around its text */

void rung_begin(struct rungs *rungs)
{
	unsigned int width = draw_width(0), fixed;

	*rungs = (struct rungs) { .gap = GAP, .middle = MIDDLE_MAX, .notes_beside = true };
	if (!width)
		return;
	if (width < WIDE_ENOUGH)
		rungs->gap = GAP_NARROW;
	fixed = TIME_COLUMNS + 2 * STATE_COLUMNS + 3 * rungs->gap;
	rungs->notes_beside = width >= fixed + MIDDLE_MAX + rungs->gap + NOTE_COLUMNS;
	if (width < fixed + MIDDLE_MAX)
		rungs->middle = width - fixed;
}

/* Text in its column, and the gap behind it. */
static void draw_column(const struct rungs *rungs, enum draw_colour colour, const char *text,
			unsigned int columns)
{
	size_t length = strlen(text);

	draw_text(colour, "%s", text);
	draw_pad((length < columns ? columns - length : 0) + rungs->gap);
}

static void draw_time(const struct rungs *rungs, enum draw_colour colour, const char *time)
{
	size_t length = strlen(time);

	draw_pad(length < TIME_COLUMNS ? TIME_COLUMNS - length : 0);
	if (length)
		draw_text(colour, "%s", time);
	draw_pad(rungs->gap);
}

void rung_draw_header(const struct rungs *rungs)
{
	draw_time(rungs, DRAW_BOLD, "TIME");
	draw_column(rungs, DRAW_BOLD, "CLIENT", STATE_COLUMNS);
	draw_column(rungs, DRAW_BOLD, "SEGMENT", rungs->middle);
	draw_text(DRAW_BOLD, "SERVER");
	draw_newline();
}

static enum draw_colour highlight(const char *state)
{
	enum draw_colour colour = state_colour(state);

	return colour == DRAW_DIM ? DRAW_BOLD : colour;
}

static void draw_state(struct rungs *rungs, enum rung_side side, const char *state)
{
	bool changed = state && strcmp(rungs->last[side], state) != 0;
	const char *text = state ? state : draw_either("│", "|");

	draw_text(changed ? highlight(state) : DRAW_DIM, "%s", text);
	if (state)
		snprintf(rungs->last[side], RUNG_STATE_MAX, "%s", state);
}

static void draw_client(struct rungs *rungs, const char *state)
{
	size_t length = state ? strlen(state) : 1;

	draw_state(rungs, RUNG_CLIENT, state);
	draw_pad((length < STATE_COLUMNS ? STATE_COLUMNS - length : 0) + rungs->gap);
}

static void draw_line(unsigned int columns)
{
	char line[MIDDLE_MAX * GLYPH_BYTES + 1] = "";
	const char *one = draw_either("─", "-");

	for (unsigned int i = 0; i < columns && i < MIDDLE_MAX; i++)
		memcpy(line + i * strlen(one), one, strlen(one) + 1);
	if (*line)
		draw_text(DRAW_DIM, "%s", line);
}

static size_t text_columns(const struct rung *rung, bool detailed)
{
	return strlen(rung->what) + (detailed ? 1 + strlen(rung->detail) : 0);
}

static void draw_arrow_text(const struct rung *rung, bool detailed)
{
	draw_text(rung->colour, " %s", rung->what);
	if (detailed)
		draw_text(DRAW_PLAIN, " %s", rung->detail);
	draw_text(DRAW_PLAIN, " ");
}

static void draw_arrow(const struct rungs *rungs, const struct rung *rung, bool detailed)
{
	size_t used = text_columns(rung, detailed) + TIP_COLUMNS;
	unsigned int line = used < rungs->middle ? rungs->middle - (unsigned int)used : 0;

	if (rung->arrow == RUNG_TO_CLIENT)
		draw_text(DRAW_PLAIN, "%s", draw_either("←", "<"));
	else
		draw_line(1);
	draw_arrow_text(rung, detailed);
	draw_line(line);
	if (rung->arrow == RUNG_TO_SERVER)
		draw_text(DRAW_PLAIN, "%s", draw_either("→", ">"));
	else
		draw_line(1);
	draw_pad(rungs->gap);
}

static void draw_middle(const struct rungs *rungs, const struct rung *rung, bool detailed)
{
	size_t used = text_columns(rung, detailed);

	if (rung->arrow != RUNG_NO_ARROW) {
		draw_arrow(rungs, rung, detailed);
		return;
	}
	draw_text(rung->colour, "%s", rung->what);
	if (detailed)
		draw_text(DRAW_PLAIN, " %s", rung->detail);
	draw_pad((used < rungs->middle ? rungs->middle - used : 0) + rungs->gap);
}

static void draw_beside(const struct rungs *rungs, const struct rung *rung)
{
	size_t length = rung->state[RUNG_SERVER] ? strlen(rung->state[RUNG_SERVER]) : 1;

	if (!rung->note || !rungs->notes_beside)
		return;
	draw_pad((length < STATE_COLUMNS ? STATE_COLUMNS - length : 0) + rungs->gap);
	draw_text(DRAW_RED, "%s", rung->note);
}

/* What had no room, indented as the text of an arrow is. */
static void draw_below(const struct rungs *rungs, enum draw_colour colour, const char *text)
{
	draw_pad(TIME_COLUMNS + rungs->gap + STATE_COLUMNS + rungs->gap + TIP_COLUMNS / 2);
	draw_text(colour, "%s", text);
	draw_newline();
}

void rung_draw(struct rungs *rungs, const struct rung *rung)
{
	unsigned int tip = rung->arrow == RUNG_NO_ARROW ? 0 : TIP_COLUMNS;
	bool detailed = rung->detail && text_columns(rung, true) + tip <= rungs->middle;

	draw_time(rungs, DRAW_DIM, rung->time ? rung->time : "");
	draw_client(rungs, rung->state[RUNG_CLIENT]);
	draw_middle(rungs, rung, detailed);
	draw_state(rungs, RUNG_SERVER, rung->state[RUNG_SERVER]);
	draw_beside(rungs, rung);
	draw_newline();
	if (rung->detail && !detailed)
		draw_below(rungs, DRAW_DIM, rung->detail);
	if (rung->note && !rungs->notes_beside)
		draw_below(rungs, DRAW_RED, rung->note);
}
