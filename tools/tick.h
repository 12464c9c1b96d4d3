/* SPDX-License-Identifier: GPL-2.0 */
/* The clock of --interval, which an interrupt ends cleanly. */
#ifndef SYNWARD_TOOL_TICK_H
#define SYNWARD_TOOL_TICK_H

enum tick_event {
	TICK_DUE,
	TICK_RESIZED,	/* the terminal; the tick is still to come */
	TICK_STOPPED,	/* by SIGINT, SIGTERM or SIGHUP */
};

struct tick {
	unsigned long long	interval_ms;
	unsigned long long	due_ms;
};

unsigned long long tick_now_ms(void);
/* From here on the signals wait until tick_wait() looks for them. */
void tick_start(struct tick *tick, unsigned long long interval_ms);
enum tick_event tick_wait(struct tick *tick);

#endif
