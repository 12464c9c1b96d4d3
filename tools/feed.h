/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of trace text as they come, from a recording or from a running trace. */
#ifndef SYNWARD_TOOL_FEED_H
#define SYNWARD_TOOL_FEED_H

#include "proc.h"

#define FEED_ROOM	65536	/* bytes read at once */

enum feed_event {
	FEED_LINE,
	FEED_IDLE,	/* nothing for now: the caller may look whether all is well */
	FEED_END,	/* of the recording */
	FEED_DUE,	/* the time is over */
	FEED_STOPPED,	/* by a signal, or the reader of stdout is gone */
};

struct feed {
	struct proc_file	file;		/* the current line, and where it stands */
	int			fd;
	int			signal_fd;	/* -1: a recording, which a signal may just end */
	unsigned long long	due_ms;		/* of tick_now_ms(); 0: never */
	size_t			begin;		/* of what was read but not yet given out */
	size_t			end;
	char			text[FEED_ROOM];
};

/* A recording. Both open functions print why they failed. */
enum exit_code feed_open(struct feed *feed, const char *path);

/**
 * feed_open_live() - a file that never ends
 * @feed: what to fill; closed again on error
 * @path: for the messages
 * @fd: the file, not blocking; it remains the caller's
 * @timeout_ms: for how long; 0 for ever
 *
 * The signals that stop_hold_signals() holds back end it, and they alone.
 */
enum exit_code feed_open_live(struct feed *feed, const char *path, int fd,
			      unsigned long long timeout_ms);

/* The next event; EXIT_ERROR after a message that names file and line. */
enum exit_code feed_next(struct feed *feed, enum feed_event *event);

void feed_close(struct feed *feed);

#endif
