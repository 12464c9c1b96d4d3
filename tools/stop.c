// SPDX-License-Identifier: GPL-2.0
#include <sys/signalfd.h>

#include "stop.h"

sigset_t stop_signals(void)
{
	struct sigaction hangup;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* nohup: it goes on when its terminal is gone */
	if (!sigaction(SIGHUP, NULL, &hangup) && hangup.sa_handler != SIG_IGN)
		sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGQUIT);
	return set;
}

void stop_hold_signals(void)
{
	sigset_t set = stop_signals();

	sigprocmask(SIG_BLOCK, &set, NULL);
}

int stop_open(void)
{
	sigset_t set = stop_signals();

	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}
