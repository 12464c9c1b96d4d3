// SPDX-License-Identifier: GPL-2.0
#include <curses.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "draw.h"
#include "message.h"
#include "screen.h"
#include "stop.h"

static SCREEN *screen;
static int stop_fd;

struct attribute {
	int	pair;		/* of colours, which have the number of their colour */
	attr_t	attr;
};

static const struct attribute attributes[] = {
	[DRAW_PLAIN]	= { 0, A_NORMAL },
	[DRAW_BOLD]	= { 0, A_BOLD },
	[DRAW_DIM]	= { 0, A_DIM },
	[DRAW_RED]	= { COLOR_RED, A_BOLD },
	[DRAW_GREEN]	= { COLOR_GREEN, A_NORMAL },
	[DRAW_YELLOW]	= { COLOR_YELLOW, A_BOLD },
	[DRAW_MAGENTA]	= { COLOR_MAGENTA, A_BOLD },
	[DRAW_CYAN]	= { COLOR_CYAN, A_NORMAL },
};

static void set_colours(void)
{
	if (start_color() == ERR)
		return;
	use_default_colors();
	for (short colour = COLOR_RED; colour <= COLOR_WHITE; colour++)
		init_pair(colour, colour, -1);
}

enum exit_code screen_begin(void)
{
	if (!isatty(STDIN_FILENO) || !draw_is_live())
		return message_error("needs a terminal; without one: synward show --interval 1");
	stop_hold_signals();
	stop_fd = stop_open();
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return message_error("ncurses does not know this terminal");
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	curs_set(0);
	set_colours();
	return EXIT_OK;
}

void screen_end(void)
{
	endwin();
	delscreen(screen);
	close(stop_fd);
}

unsigned int screen_lines(void)
{
	return (unsigned int)LINES;
}

static void put_piece(void *context, enum draw_colour colour, const char *text, size_t length)
{
	const struct attribute *attribute = &attributes[colour];

	(void)context;
	attr_set(attribute->attr, (short)attribute->pair, NULL);
	addnstr(text, (int)length);
}

/* A line that is too long would go on in the next one: what that one has comes later. */
static void put_lines(const char *frame)
{
	for (int y = 0; *frame && y < LINES - 1; y++) {
		size_t length = strcspn(frame, "\n");

		move(y, 0);
		draw_split(frame, length, NULL, put_piece);
		attr_set(A_NORMAL, 0, NULL);
		if (getcury(stdscr) == y)
			clrtoeol();
		frame += length + (frame[length] == '\n');
		if (y < LINES - 2) {
			move(y + 1, 0);
			clrtobot();
		}
	}
}

void screen_show(const char *frame, const char *bottom)
{
	erase();
	put_lines(frame);
	move(LINES - 1, 0);
	clrtoeol();
	attr_set(A_REVERSE, 0, NULL);
	addnstr(bottom, COLS - 1);
	attr_set(A_NORMAL, 0, NULL);
	refresh();
}

static int translate(int key)
{
	switch (key) {
	case KEY_RESIZE:
		return SCREEN_RESIZED;
	case KEY_LEFT:
		return SCREEN_LEFT;
	case KEY_RIGHT:
		return SCREEN_RIGHT;
	case KEY_UP:
		return SCREEN_UP;
	case KEY_DOWN:
		return SCREEN_DOWN;
	case KEY_PPAGE:
		return SCREEN_PAGE_UP;
	case KEY_NPAGE:
		return SCREEN_PAGE_DOWN;
	case KEY_HOME:
		return SCREEN_HOME;
	case KEY_END:
		return SCREEN_END;
	default:
		return key > 0 && key < SCREEN_NOTHING ? key : SCREEN_OTHER;
	}
}

/* A new size of the terminal is a signal that ends the wait; ncurses tells it as a key. */
static bool wait_for_key(unsigned int ms)
{
	struct pollfd watched[] = {
		{ .fd = STDIN_FILENO, .events = POLLIN },
		{ .fd = stop_fd, .events = POLLIN },
	};

	if (poll(watched, ARRAY_SIZE(watched), (int)ms) <= 0)
		return true;
	return !watched[1].revents && !(watched[0].revents & (POLLHUP | POLLERR));
}

int screen_key(unsigned int ms)
{
	int key = getch();

	if (key == ERR && !wait_for_key(ms))
		return SCREEN_STOPPED;
	if (key == ERR)
		key = getch();
	return key == ERR ? SCREEN_NOTHING : translate(key);
}
