// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "feed.h"
#include "message.h"
#include "stop.h"
#include "tick.h"

#define IDLE_MS	20	/* between two looks: kernels differ in when they wake who polls a trace */

static void set_path(struct feed *feed, const char *path)
{
	memset(&feed->file, 0, sizeof(feed->file));
	snprintf(feed->file.path, sizeof(feed->file.path), "%s", path);
	feed->begin = 0;
	feed->end = 0;
}

enum exit_code feed_open(struct feed *feed, const char *path)
{
	set_path(feed, path);
	feed->due_ms = 0;
	feed->signal_fd = -1;
	feed->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (feed->fd < 0)
		return message_error("cannot read %s: %s", path, strerror(errno));
	return EXIT_OK;
}

enum exit_code feed_open_live(struct feed *feed, const char *path, int fd,
			      unsigned long long timeout_ms)
{
	set_path(feed, path);
	feed->due_ms = timeout_ms ? tick_now_ms() + timeout_ms : 0;
	feed->fd = fd;
	feed->signal_fd = stop_open();
	if (feed->signal_fd < 0)
		return message_error("cannot wait for signals: %s", strerror(errno));
	return EXIT_OK;
}

/* Cut one line off what was read. */
static bool take_line(struct feed *feed)
{
	char *line = feed->text + feed->begin;
	char *newline = memchr(line, '\n', feed->end - feed->begin);

	if (!newline)
		return false;
	*newline = '\0';
	feed->file.line = line;
	feed->file.length = (size_t)(newline - line);
	feed->file.number++;
	feed->begin += feed->file.length + 1;
	return true;
}

static enum exit_code check_length(struct feed *feed)
{
	if (feed->file.length < PROC_LINE_MAX)
		return EXIT_OK;
	return proc_garbled(&feed->file, "line of %zu bytes, at most %d expected",
			    feed->file.length, PROC_LINE_MAX - 1);
}

static enum exit_code give_line(struct feed *feed, enum feed_event *event)
{
	*event = FEED_LINE;
	return check_length(feed);
}

static enum exit_code end_of_file(struct feed *feed, enum feed_event *event)
{
	*event = FEED_END;
	if (feed->begin == feed->end)
		return EXIT_OK;
	feed->file.number++;
	return proc_garbled(&feed->file, "truncated: the line does not end");
}

/* The rest of an unfinished line moves to the front; one that fills all is none. */
static enum exit_code make_room(struct feed *feed)
{
	memmove(feed->text, feed->text + feed->begin, feed->end - feed->begin);
	feed->end -= feed->begin;
	feed->begin = 0;
	if (feed->end < PROC_LINE_MAX)
		return EXIT_OK;
	feed->file.number++;
	return proc_garbled(&feed->file, "line of more than %d bytes", PROC_LINE_MAX - 1);
}

/* Return: the bytes read, 0 at the end, -1 for none now, -2 after an error. */
static ssize_t read_more(struct feed *feed)
{
	ssize_t got = read(feed->fd, feed->text + feed->end, FEED_ROOM - feed->end);

	if (got >= 0)
		return got;
	return errno == EAGAIN || errno == EINTR ? -1 : -2;
}

static bool wait_for_stop(const struct feed *feed, int ms)
{
	struct pollfd watched[] = {
		{ .fd = feed->signal_fd, .events = POLLIN },
		{ .fd = STDOUT_FILENO },
	};

	return poll(watched, ARRAY_SIZE(watched), ms) > 0;
}

static bool is_over(const struct feed *feed, int ms, enum feed_event *event)
{
	if (feed->signal_fd < 0)
		return false;
	*event = FEED_STOPPED;
	if (wait_for_stop(feed, ms))
		return true;
	*event = FEED_DUE;
	return feed->due_ms && tick_now_ms() >= feed->due_ms;
}

static enum exit_code idle(struct feed *feed, enum feed_event *event)
{
	if (!is_over(feed, IDLE_MS, event))
		*event = FEED_IDLE;
	return EXIT_OK;
}

enum exit_code feed_next(struct feed *feed, enum feed_event *event)
{
	enum exit_code code;
	ssize_t got;

	while (!take_line(feed)) {
		code = make_room(feed);
		if (code || is_over(feed, 0, event))
			return code;
		got = read_more(feed);
		if (got == -2)
			return message_error("cannot read %s: %s", feed->file.path,
					     strerror(errno));
		if (got <= 0 && feed->signal_fd >= 0)
			return idle(feed, event);
		if (got == 0)
			return end_of_file(feed, event);
		feed->end += got > 0 ? (size_t)got : 0;
	}
	return give_line(feed, event);
}

void feed_close(struct feed *feed)
{
	if (feed->signal_fd >= 0)
		close(feed->signal_fd);
	else
		close(feed->fd);
}
