// SPDX-License-Identifier: GPL-2.0
/* In place of screen.c where there is no ncurses. */
#include "message.h"
#include "screen.h"

enum exit_code screen_begin(void)
{
	return message_error("built without ncurses: install libncurses-dev and build it again");
}

void screen_end(void)
{
}

void screen_show(const char *frame, const char *bottom)
{
	(void)frame;
	(void)bottom;
}

unsigned int screen_lines(void)
{
	return 0;
}

int screen_key(unsigned int ms)
{
	(void)ms;
	return SCREEN_STOPPED;
}
