// SPDX-License-Identifier: GPL-2.0
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "draw.h"
#include "groups.h"
#include "message.h"
#include "screen.h"
#include "summary.h"
#include "tick.h"
#include "top.h"

#define WIDTH_DEFAULT	80	/* columns, of a terminal that does not tell */
#define INTERVAL_MS	1000	/* where none is given */
#define INTERVAL_MIN_MS	100
#define INTERVAL_MAX_MS	60000
#define LINES_MIN	4	/* kept for the table on the smallest terminal */
#define LINES_BIG	20	/* from there on there is room for the totals */

static const char keys[] =
	"q quit  l listeners  c clients  s states  <> sort  p prefix  +- speed  spc stop";

enum view {
	VIEW_LISTENERS,
	VIEW_CLIENTS,
	VIEW_STATES,
	VIEWS
};

struct prefixes {
	unsigned int	bits4;
	unsigned int	bits6;
};

static const struct prefixes prefixes[] = { { 32, 128 }, { 24, 64 }, { 16, 48 }, { 8, 32 } };

struct top {
	struct options		options;
	struct summary		summary;
	struct groups		groups;
	enum view		view;
	unsigned int		order[VIEWS];
	size_t			first;		/* row shown */
	size_t			rows;		/* that there is room for */
	unsigned int		prefix;
	unsigned long long	interval_ms;
	unsigned long long	due_ms;
	char			trouble[MESSAGE_MAX];	/* with the flows alone */
	bool			started;
	bool			paused;
	bool			done;
};

/* -- what there is -- */

static bool shows_flows(const struct top *top)
{
	return top->view != VIEW_LISTENERS;
}

static size_t count(const struct top *top)
{
	return shows_flows(top) ? top->groups.count : top->summary.listeners.count;
}

static void sort(struct top *top)
{
	if (shows_flows(top))
		groups_sort(&top->groups, top->order[top->view]);
	else
		listeners_sort(&top->summary.listeners, top->order[top->view]);
}

/* Who may not read flows sees the rest all the same. */
static void read_flows(struct top *top)
{
	enum exit_code code;

	*top->trouble = '\0';
	if (!shows_flows(top))
		return;
	top->groups.by = top->view == VIEW_CLIENTS ? GROUPS_BY_CLIENT : GROUPS_BY_STATE;
	top->groups.bits4 = prefixes[top->prefix].bits4;
	top->groups.bits6 = prefixes[top->prefix].bits6;
	code = groups_read(&top->groups, top->options.proc);
	if (!code)
		return;
	groups_free(&top->groups);
	message_take_held(top->trouble);
}

static enum exit_code read_all(struct top *top)
{
	enum exit_code code = summary_read(&top->summary);

	if (code)
		return code;
	summary_remember(&top->summary, !top->started);
	top->started = true;
	read_flows(top);
	sort(top);
	return EXIT_OK;
}

/* -- drawing -- */

static const char *order_name(const struct top *top)
{
	unsigned int order = top->order[top->view];

	return shows_flows(top) ? groups_order_name(order) : listeners_order_name(order);
}

static void draw_title(const struct top *top)
{
	static const char *const what[VIEWS] = { "listeners", "client prefixes", "states" };
	size_t all = count(top), last = top->first + top->rows;

	draw_text(DRAW_CYAN, "%s by %s: ", what[top->view], order_name(top));
	if (all > top->rows)
		draw_text(DRAW_PLAIN, "%zu to %zu of ", top->first + 1, last < all ? last : all);
	draw_text(DRAW_PLAIN, "%zu", all);
	if (top->view == VIEW_CLIENTS)
		draw_text(DRAW_DIM, "  /%u, IPv6 /%u", prefixes[top->prefix].bits4,
			  prefixes[top->prefix].bits6);
	draw_text(DRAW_DIM, "  every %.1f s", (double)top->interval_ms / 1000);
	if (top->paused)
		draw_text(DRAW_YELLOW, "  stopped");
	draw_newline();
}

/* The title, the table's head and the bottom line are not for rows. */
static void find_rows(struct top *top)
{
	unsigned int lines = screen_lines(), used = draw_lines() + 3;

	top->rows = lines > used + LINES_MIN ? lines - used : LINES_MIN;
	if (top->first + top->rows > count(top))
		top->first = count(top) > top->rows ? count(top) - top->rows : 0;
}

static void draw_rows(struct top *top)
{
	find_rows(top);
	draw_title(top);
	if (*top->trouble) {
		draw_text(DRAW_YELLOW, "%s", top->trouble);
		draw_newline();
	} else if (shows_flows(top)) {
		groups_draw(&top->groups, top->first, top->rows);
	} else {
		listeners_draw_some(&top->summary.listeners, &top->options, top->first, top->rows);
	}
}

static void draw(struct top *top)
{
	char *frame;

	top->summary.width = draw_width(WIDTH_DEFAULT);
	draw_frame_begin();
	summary_draw_head(&top->summary);
	summary_draw_gauges(&top->summary);
	if (screen_lines() >= LINES_BIG)
		summary_draw_totals(&top->summary);
	draw_newline();
	draw_rows(top);
	frame = draw_frame_take();
	screen_show(frame, keys);
	free(frame);
}

/* -- keys -- */

static void look_again(struct top *top)
{
	top->due_ms = 0;
}

static void choose_view(struct top *top, enum view view)
{
	top->view = view;
	top->first = 0;
	look_again(top);
}

static void choose_order(struct top *top, bool next)
{
	unsigned int orders = shows_flows(top) ? (unsigned int)GROUPS_ORDERS : LISTENERS_ORDERS;

	top->order[top->view] = (top->order[top->view] + (next ? 1 : orders - 1)) % orders;
	top->first = 0;
	sort(top);
}

static void scroll(struct top *top, size_t rows, bool down)
{
	if (down)
		top->first += rows;
	else
		top->first = top->first > rows ? top->first - rows : 0;
}

static void choose_interval(struct top *top, bool faster)
{
	if (faster && top->interval_ms / 2 >= INTERVAL_MIN_MS)
		top->interval_ms /= 2;
	else if (!faster && top->interval_ms * 2 <= INTERVAL_MAX_MS)
		top->interval_ms *= 2;
	look_again(top);
}

static void obey_view(struct top *top, int key)
{
	switch (key) {
	case 'l':
		choose_view(top, VIEW_LISTENERS);
		break;
	case 'c':
		choose_view(top, VIEW_CLIENTS);
		break;
	case 's':
		choose_view(top, VIEW_STATES);
		break;
	case 'p':
		top->prefix = (top->prefix + 1) % ARRAY_SIZE(prefixes);
		look_again(top);
		break;
	case '<':
	case SCREEN_LEFT:
		choose_order(top, false);
		break;
	case '>':
	case SCREEN_RIGHT:
		choose_order(top, true);
		break;
	}
}

static void obey_scroll(struct top *top, int key)
{
	switch (key) {
	case SCREEN_UP:
	case SCREEN_DOWN:
		scroll(top, 1, key == SCREEN_DOWN);
		break;
	case SCREEN_PAGE_UP:
	case SCREEN_PAGE_DOWN:
		scroll(top, top->rows, key == SCREEN_PAGE_DOWN);
		break;
	case SCREEN_HOME:
		top->first = 0;
		break;
	case SCREEN_END:
		top->first = SIZE_MAX / 2;	/* drawing comes back to the last page */
		break;
	}
}

static void obey(struct top *top, int key)
{
	switch (key) {
	case 'q':
	case SCREEN_STOPPED:
		top->done = true;
		break;
	case ' ':
		top->paused = !top->paused;
		break;
	case '+':
	case '-':
		choose_interval(top, key == '+');
		break;
	default:
		obey_view(top, key);
		obey_scroll(top, key);
	}
}

/* -- all -- */

/* A look that was asked for is had also while it stands. */
static enum exit_code look(struct top *top)
{
	unsigned long long now = tick_now_ms();
	enum exit_code code;

	if (now < top->due_ms || (top->paused && top->due_ms))
		return EXIT_OK;
	code = read_all(top);
	top->due_ms = tick_now_ms() + top->interval_ms;
	return code;
}

static unsigned int wait_ms(const struct top *top)
{
	unsigned long long now = tick_now_ms();

	if (top->paused)
		return INTERVAL_MAX_MS;
	return now < top->due_ms ? (unsigned int)(top->due_ms - now) : 0;
}

static enum exit_code loop(struct top *top)
{
	enum exit_code code = look(top);

	while (!code && !top->done) {
		draw(top);
		obey(top, screen_key(wait_ms(top)));
		code = look(top);
	}
	return code;
}

enum exit_code top_run(const struct options *options)
{
	struct top *top = util_new(sizeof(*top));
	enum exit_code code;

	top->options = *options;
	top->interval_ms = options->interval_ms ? options->interval_ms : INTERVAL_MS;
	top->options.interval_ms = top->interval_ms;
	top->summary.options = &top->options;
	code = screen_begin();
	if (!code) {
		message_hold();
		code = loop(top);
		screen_end();
		message_release();
	}
	listeners_free(&top->summary.listeners);
	groups_free(&top->groups);
	free(top);
	return code;
}
