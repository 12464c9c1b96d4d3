// SPDX-License-Identifier: GPL-2.0
#include <signal.h>
#include <time.h>

#include "stop.h"
#include "tick.h"

#define MS_PER_SECOND	1000ULL
#define NS_PER_MS	1000000ULL

unsigned long long tick_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned long long)now.tv_sec * MS_PER_SECOND +
	       (unsigned long long)now.tv_nsec / NS_PER_MS;
}

static sigset_t signals(void)
{
	sigset_t set = stop_signals();

	sigaddset(&set, SIGWINCH);
	return set;
}

void tick_start(struct tick *tick, unsigned long long interval_ms)
{
	sigset_t set = signals();

	sigprocmask(SIG_BLOCK, &set, NULL);
	*tick = (struct tick) {
		.interval_ms = interval_ms,
		.due_ms = tick_now_ms() + interval_ms,
	};
}

/* A stopped or starved process skips the ticks that it missed. */
static void advance(struct tick *tick, unsigned long long now)
{
	tick->due_ms += tick->interval_ms;
	if (tick->due_ms <= now)
		tick->due_ms = now + tick->interval_ms;
}

static struct timespec left_until(unsigned long long due)
{
	unsigned long long now = tick_now_ms();
	unsigned long long left = due > now ? due - now : 0;

	return (struct timespec) {
		.tv_sec = (time_t)(left / MS_PER_SECOND),
		.tv_nsec = (long)(left % MS_PER_SECOND * NS_PER_MS),
	};
}

/* Who is late looks for signals all the same: a slow terminal makes each round late. */
enum tick_event tick_wait(struct tick *tick)
{
	sigset_t set = signals();

	do {
		struct timespec timeout = left_until(tick->due_ms);
		int got = sigtimedwait(&set, NULL, &timeout);

		if (got == SIGWINCH)
			return TICK_RESIZED;
		if (got > 0)
			return TICK_STOPPED;
	} while (tick_now_ms() < tick->due_ms);
	advance(tick, tick_now_ms());
	return TICK_DUE;
}
