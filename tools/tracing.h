/* SPDX-License-Identifier: GPL-2.0 */
/* A tracing instance of our own, with nothing in it but events of synward. */
#ifndef SYNWARD_TOOL_TRACING_H
#define SYNWARD_TOOL_TRACING_H

#include <stdbool.h>

#include "exit.h"

#define TRACING_PATH_MAX	128
#define TRACING_FILTER_MAX	1024

enum tracing_event {
	TRACING_FLOW_STATE,
	TRACING_FLOW_END,
	TRACING_MITIGATION,
	TRACING_EVENTS
};

struct tracing {
	char	dir[TRACING_PATH_MAX];	/* of the instance */
	char	pipe[TRACING_PATH_MAX];	/* what to read, for messages */
	int	fd;			/* of the pipe, not blocking */
};

/* "mitigation,end", bits of enum tracing_event; false for a name that is none. */
bool tracing_read_events(const char *text, unsigned int *events);

/* What to trace; the kernel leaves out the rest. */
struct tracing_scope {
	unsigned long long	netns;		/* inode number of the only one; 0: all */
	unsigned int		events;		/* bits of enum tracing_event */
	/* of fields, for each event: "client_port == 80"; "": all of its */
	char			filter[TRACING_EVENTS][TRACING_FILTER_MAX];
};

/**
 * tracing_start() - make the instance and let it run
 * @tracing: what to fill
 * @scope: what to trace; other events may still come, from a module that cannot leave them out
 *
 * Where tracefs is not mounted ("ip netns exec" hides it), this process moves to a mount
 * namespace of its own and mounts it there.
 *
 * Return: EXIT_OK, or EXIT_ERROR after a message; then nothing is left behind.
 */
enum exit_code tracing_start(struct tracing *tracing, const struct tracing_scope *scope);

/* EXIT_NOT_LOADED after a message where the module, and with it its tracepoints, is gone. */
enum exit_code tracing_check(const struct tracing *tracing);

/* Remove the instance. */
void tracing_stop(struct tracing *tracing);

/* The namespace that @proc, the module's directory, shows; ours where that is a copy. */
unsigned long long tracing_netns(const char *proc);

#endif
