/* SPDX-License-Identifier: GPL-2.0 */
/* SIGINT and its like, as something to wait for. */
#ifndef SYNWARD_TOOL_STOP_H
#define SYNWARD_TOOL_STOP_H

#include <signal.h>

/* What a person or the system stops a program with; not SIGHUP under nohup. */
sigset_t stop_signals(void);
/* From here on they wait for whoever looks, so that what is made can be removed. */
void stop_hold_signals(void);
/* A descriptor that can be read when one has come; -1 after an error. */
int stop_open(void);

#endif
