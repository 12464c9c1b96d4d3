/* SPDX-License-Identifier: GPL-2.0 */
/* The human output: text in colour, bars and sparklines, fitted to what stdout is. */
#ifndef SYNWARD_TOOL_DRAW_H
#define SYNWARD_TOOL_DRAW_H

#include <stdbool.h>
#include <stddef.h>

#include "util.h"

#define DRAW_WIDTH_MIN	60	/* columns; a narrower terminal wraps */

enum draw_when {
	DRAW_AUTO,
	DRAW_ALWAYS,
	DRAW_NEVER,
};

enum draw_colour {
	DRAW_PLAIN,
	DRAW_BOLD,
	DRAW_DIM,
	DRAW_RED,
	DRAW_GREEN,
	DRAW_YELLOW,
	DRAW_MAGENTA,
	DRAW_CYAN,
};

/**
 * draw_setup() - find out what stdout can show
 * @colour: the user's wish; DRAW_AUTO is colour on a terminal unless NO_COLOR is set
 *
 * Lines and blocks of UTF-8 appear only on a terminal (or with DRAW_ALWAYS) in a UTF-8 locale.
 */
void draw_setup(enum draw_when colour);

/* A terminal that can be drawn over: else every picture comes after the one before. */
bool draw_is_live(void);

/* Columns of the terminal, or of $COLUMNS; @otherwise where there are none. */
unsigned int draw_width(unsigned int otherwise);
/* Lines of the terminal, or of $LINES; 0 where there are none. */
unsigned int draw_height(void);

/* @unicode on a UTF-8 terminal, else @ascii. */
const char *draw_either(const char *unicode, const char *ascii);

void draw_text(enum draw_colour colour, const char *format, ...) synward_printf(2, 3);
void draw_pad(size_t columns);
void draw_newline(void);
/* How many since the frame began. */
unsigned int draw_lines(void);

/* A bar of exactly @columns, @share (0 to 1) of it filled. */
void draw_bar(enum draw_colour colour, double share, unsigned int columns);
/* Green, yellow or red by how much of something bounded is used. */
enum draw_colour draw_load_colour(double share);
/* The latest @columns of @count values, right-aligned, scaled to their maximum. */
void draw_spark(enum draw_colour colour, const double *value, size_t count,
		unsigned int columns);

/* On a live terminal a frame replaces the one before; elsewhere it follows it. */
void draw_frame_begin(void);
void draw_frame_end(void);
/* Instead of draw_frame_end(): the frame, which the caller frees; NULL without a terminal. */
char *draw_frame_take(void);
/* The pieces of a line of a frame, each of one colour. */
void draw_split(const char *line, size_t length, void *context,
		void (*piece)(void *context, enum draw_colour colour, const char *text,
			      size_t length));
/* Give the cursor back. */
void draw_frames_done(void);

#endif
