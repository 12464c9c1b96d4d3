/* SPDX-License-Identifier: GPL-2.0 */
/* A tracing instance of our own, with nothing in it but synward:flow_state and flow_end. */
#ifndef SYNWARD_TOOL_TRACING_H
#define SYNWARD_TOOL_TRACING_H

#include <stdbool.h>

#include "exit.h"

#define TRACING_PATH_MAX	128

struct tracing {
	char	dir[TRACING_PATH_MAX];	/* of the instance */
	char	pipe[TRACING_PATH_MAX];	/* what to read, for messages */
	int	fd;			/* of the pipe, not blocking */
};

/* What the kernel may leave out already. */
struct tracing_scope {
	unsigned long long	netns;		/* inode number of the only one to trace; 0: all */
	unsigned int		port[2];	/* of the two ends, either may be the client's */
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

/* The module, and with it the tracepoint, is still there. */
bool tracing_is_alive(const struct tracing *tracing);

/* Remove the instance. */
void tracing_stop(struct tracing *tracing);

/* The namespace that @proc, the module's directory, shows; ours where that is a copy. */
unsigned long long tracing_netns(const char *proc);

#endif
