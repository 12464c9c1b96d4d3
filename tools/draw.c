// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "draw.h"
#include "message.h"
#include "number.h"

#define ESC		"\033["
#define COLOUR_END	ESC "0m"
#define CLEAR_LINE	ESC "K"
#define CLEAR_BELOW	ESC "J"
#define CLEAR_ALL	ESC "2J"
#define CURSOR_HOME	ESC "H"
#define CURSOR_HIDE	ESC "?25l" ESC "?7l"	/* and lines end at the edge */
#define CURSOR_SHOW	ESC "?25h" ESC "?7h"

#define EIGHTHS		8
#define SIZE_MAX_SANE	10000	/* columns or lines that we believe */

static const char *const colour_code[] = {
	[DRAW_BOLD]	= ESC "1m",
	[DRAW_DIM]	= ESC "2m",
	[DRAW_RED]	= ESC "1;31m",
	[DRAW_GREEN]	= ESC "32m",
	[DRAW_YELLOW]	= ESC "1;33m",
	[DRAW_MAGENTA]	= ESC "1;35m",
	[DRAW_CYAN]	= ESC "36m",
};

static struct {
	bool	terminal;
	bool	colour;
	bool	unicode;
	sig_atomic_t started;	/* a frame is on the terminal */
	unsigned int lines;
	FILE	*out;		/* stdout, or the frame being collected */
	char	*frame;
	size_t	frame_size;
} draw;

static bool env_is(const char *name, const char *value)
{
	const char *is = getenv(name);

	return is && !strcmp(is, value);
}

static bool env_given(const char *name)
{
	const char *is = getenv(name);

	return is && *is;
}

void draw_setup(enum draw_when colour)
{
	draw.out = stdout;
	draw.terminal = isatty(STDOUT_FILENO) && env_given("TERM") && !env_is("TERM", "dumb");
	draw.colour = colour == DRAW_ALWAYS ||
		      (colour == DRAW_AUTO && draw.terminal && !env_given("NO_COLOR"));
	draw.unicode = (draw.terminal || colour == DRAW_ALWAYS) &&
		       !strcmp(nl_langinfo(CODESET), "UTF-8");
}

bool draw_is_live(void)
{
	return draw.terminal;
}

static unsigned int env_size(const char *name)
{
	const char *text = getenv(name);
	unsigned long long size;

	if (!text || !number_read(text, &size) || size > SIZE_MAX_SANE)
		return 0;
	return (unsigned int)size;
}

static struct winsize window(void)
{
	struct winsize size = { 0 };

	if (draw.terminal)
		ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	return size;
}

unsigned int draw_width(unsigned int otherwise)
{
	unsigned int columns = window().ws_col;

	if (!columns)
		columns = env_size("COLUMNS");
	if (!columns)
		return otherwise;
	return columns < DRAW_WIDTH_MIN ? DRAW_WIDTH_MIN : columns;
}

unsigned int draw_height(void)
{
	unsigned int lines = window().ws_row;

	return lines ? lines : env_size("LINES");
}

const char *draw_either(const char *unicode, const char *ascii)
{
	return draw.unicode ? unicode : ascii;
}

static void colour_begin(enum draw_colour colour)
{
	if (draw.colour && colour != DRAW_PLAIN)
		fputs(colour_code[colour], draw.out);
}

static void colour_end(enum draw_colour colour)
{
	if (draw.colour && colour != DRAW_PLAIN)
		fputs(COLOUR_END, draw.out);
}

void draw_text(enum draw_colour colour, const char *format, ...)
{
	va_list args;

	colour_begin(colour);
	va_start(args, format);
	vfprintf(draw.out, format, args);
	va_end(args);
	colour_end(colour);
}

void draw_pad(size_t columns)
{
	while (columns--)
		fputc(' ', draw.out);
}

void draw_newline(void)
{
	fputc('\n', draw.out);
	draw.lines++;
}

unsigned int draw_lines(void)
{
	return draw.lines;
}

static double bounded(double share)
{
	if (!(share > 0))
		return 0;
	return share < 1 ? share : 1;
}

static void repeat(const char *text, unsigned int times)
{
	while (times--)
		fputs(text, draw.out);
}

static void blocks(enum draw_colour colour, double share, unsigned int columns)
{
	static const char *const part[EIGHTHS] = {
		"", "▏", "▎", "▍", "▌", "▋", "▊", "▉",
	};
	unsigned int eighths = (unsigned int)(share * columns * EIGHTHS + 0.5);
	unsigned int used;

	if (!eighths && share > 0)
		eighths = 1;
	used = (eighths + EIGHTHS - 1) / EIGHTHS;
	colour_begin(colour);
	repeat("█", eighths / EIGHTHS);
	fputs(part[eighths % EIGHTHS], draw.out);
	colour_end(colour);
	colour_begin(DRAW_DIM);
	repeat("·", columns - used);
	colour_end(DRAW_DIM);
}

static void hashes(enum draw_colour colour, double share, unsigned int columns)
{
	unsigned int full;

	columns -= 2;
	full = (unsigned int)(share * columns + 0.5);
	if (!full && share > 0)
		full = 1;
	fputc('[', draw.out);
	colour_begin(colour);
	repeat("#", full);
	colour_end(colour);
	repeat("-", columns - full);
	fputc(']', draw.out);
}

void draw_bar(enum draw_colour colour, double share, unsigned int columns)
{
	if (columns < 3)
		return;
	if (draw.unicode)
		blocks(colour, bounded(share), columns);
	else
		hashes(colour, bounded(share), columns);
}

enum draw_colour draw_load_colour(double share)
{
	if (share < 0.6)
		return DRAW_GREEN;
	return share < 0.85 ? DRAW_YELLOW : DRAW_RED;
}

static const char *spark_level(double share)
{
	static const char *const unicode[] = {
		"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█",
	};
	static const char *const ascii[] = { "_", ".", "-", ":", "=", "+", "*", "#" };
	size_t level = (size_t)(bounded(share) * (ARRAY_SIZE(unicode) - 1) + 0.5);

	if (!level && share > 0)
		level = 1;
	return draw.unicode ? unicode[level] : ascii[level];
}

void draw_spark(enum draw_colour colour, const double *value, size_t count,
		unsigned int columns)
{
	double most = 0;

	if (count > columns) {
		value += count - columns;
		count = columns;
	}
	for (size_t i = 0; i < count; i++)
		most = value[i] > most ? value[i] : most;
	draw_pad(columns - count);
	colour_begin(most > 0 ? colour : DRAW_DIM);
	for (size_t i = 0; i < count; i++)
		fputs(spark_level(most > 0 ? value[i] / most : 0), draw.out);
	colour_end(most > 0 ? colour : DRAW_DIM);
}

void draw_frame_begin(void)
{
	if (!draw.terminal)
		return;
	draw.lines = 0;
	draw.out = open_memstream(&draw.frame, &draw.frame_size);
	if (!draw.out)
		exit(message_error("out of memory"));
}

/*
 * ^Z: the shell gets its cursor back. Who waits for a change of the size draws anew when it
 * goes on.
 */
static void suspend(int number)
{
	static const char show[] = CURSOR_SHOW;
	int error = errno;

	(void)number;
	if (write(STDOUT_FILENO, show, sizeof(show) - 1) > 0)
		draw.started = false;
	raise(SIGSTOP);
	raise(SIGWINCH);
	errno = error;
}

static void catch_suspend(void)
{
	struct sigaction action = { .sa_handler = suspend, .sa_flags = SA_RESTART }, now;

	if (!sigaction(SIGTSTP, NULL, &now) && now.sa_handler == SIG_DFL)
		sigaction(SIGTSTP, &action, NULL);
}

/* Lines beyond the terminal's height would scroll the picture away: cut them. */
static void put_over(const char *frame)
{
	unsigned int lines = draw_height();

	if (!draw.started)
		catch_suspend();
	fputs(draw.started ? CURSOR_HOME : CURSOR_HIDE CLEAR_ALL CURSOR_HOME, stdout);
	draw.started = true;
	while (*frame && --lines) {
		size_t length = strcspn(frame, "\n");

		fwrite(frame, 1, length, stdout);
		fputs(CLEAR_LINE "\n", stdout);
		frame += length + (frame[length] == '\n');
	}
	fputs(CLEAR_BELOW, stdout);
}

void draw_frame_end(void)
{
	if (draw.terminal) {
		fclose(draw.out);
		draw.out = stdout;
		put_over(draw.frame);
		free(draw.frame);
		draw.frame = NULL;
	}
	fflush(stdout);
}

char *draw_frame_take(void)
{
	char *frame;

	if (!draw.terminal)
		return NULL;
	fclose(draw.out);
	frame = draw.frame;
	draw.out = stdout;
	draw.frame = NULL;
	return frame;
}

/* The code at @text, its length in @length; 0 where there is none. */
static enum draw_colour code_at(const char *text, size_t *length)
{
	*length = 0;
	if (!strncmp(text, COLOUR_END, strlen(COLOUR_END)))
		*length = strlen(COLOUR_END);
	for (size_t i = 0; i < ARRAY_SIZE(colour_code) && !*length; i++) {
		if (!colour_code[i] || strncmp(text, colour_code[i], strlen(colour_code[i])) != 0)
			continue;
		*length = strlen(colour_code[i]);
		return (enum draw_colour)i;
	}
	return DRAW_PLAIN;
}

void draw_split(const char *line, size_t length, void *context,
		void (*piece)(void *context, enum draw_colour colour, const char *text,
			      size_t length))
{
	enum draw_colour colour = DRAW_PLAIN, next;
	size_t begin = 0, code;

	for (size_t i = 0; i < length; i++) {
		next = code_at(line + i, &code);
		if (!code)
			continue;
		piece(context, colour, line + begin, i - begin);
		colour = next;
		begin = i + code;
		i = begin - 1;
	}
	piece(context, colour, line + begin, length - begin);
}

void draw_frames_done(void)
{
	if (draw.started)
		fputs(CURSOR_SHOW, stdout);
	fflush(stdout);
}
