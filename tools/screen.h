/* SPDX-License-Identifier: GPL-2.0 */
/* The whole terminal, and its keys: ncurses. */
#ifndef SYNWARD_TOOL_SCREEN_H
#define SYNWARD_TOOL_SCREEN_H

#include "exit.h"

/* Beside the letters, which are themselves. */
enum screen_key {
	SCREEN_NOTHING	= 256,	/* the time is over */
	SCREEN_RESIZED,
	SCREEN_STOPPED,		/* by a signal, or the terminal is gone */
	SCREEN_LEFT,
	SCREEN_RIGHT,
	SCREEN_UP,
	SCREEN_DOWN,
	SCREEN_PAGE_UP,
	SCREEN_PAGE_DOWN,
	SCREEN_HOME,
	SCREEN_END,
	SCREEN_OTHER,
};

/* EXIT_ERROR after a message where there is no terminal, or the tool was built without ncurses. */
enum exit_code screen_begin(void);
void screen_end(void);

/* The lines of a frame of draw.h, cut to the screen, and below them @bottom. */
void screen_show(const char *frame, const char *bottom);
unsigned int screen_lines(void);
/* A letter or one of the above, after @ms at the latest. */
int screen_key(unsigned int ms);

#endif
