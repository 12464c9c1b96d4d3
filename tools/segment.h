/* SPDX-License-Identifier: GPL-2.0 */
/* A segment, a decision on one, or the end of a connection, as tracepoints tell of it. */
#ifndef SYNWARD_TOOL_SEGMENT_H
#define SYNWARD_TOOL_SEGMENT_H

#include "address.h"
#include "fields.h"

enum segment_kind {
	SEGMENT_SEEN,
	SEGMENT_GONE,	/* the entry of a connection: only both ends are set */
	SEGMENT_DECISION,	/* of the guard: only both ends are set */
	SEGMENT_LOST,	/* the kernel had no room for some: lost says for how many */
	SEGMENT_OTHER,	/* a comment, or another event */
};

struct segment {
	struct fields		fields;
	unsigned long long	time_us;	/* of the trace's clock */
	unsigned long long	netns;		/* 0: the line does not tell */
	struct address_endpoint	client;
	struct address_endpoint	server;
	bool			from_server;
	unsigned int		seq;
	unsigned int		ack;
	unsigned int		len;
	unsigned long long	lost;
};

/**
 * segment_read() - read the current line of @file, of the form of trace_pipe
 * @segment: filled as far as @kind says; its fields need @file no longer
 * @file: the line, untouched
 * @kind: what the line is
 *
 * Return: EXIT_OK, or EXIT_ERROR after a message that names file and line.
 */
enum exit_code segment_read(struct segment *segment, const struct proc_file *file,
			    enum segment_kind *kind);

/* The flags hold the one of that name. */
bool segment_has(const struct segment *segment, const char *flag);
/* The module's opinion, "ok" for most. */
const char *segment_judgement(const struct segment *segment);
/* Of one that is gone: how it ended, "timeout" for example. */
const char *segment_how(const struct segment *segment);
/* How its state is called after the segment. */
const char *segment_client_state(const struct segment *segment);
const char *segment_server_state(const struct segment *segment);

/* Both ends as client, client_port, server and server_port. */
void segment_ends_to_json(json_t *line, const struct segment *segment);
/* All the keys that @line does not have yet. */
void segment_rest_to_json(json_t *line, const struct segment *segment);

#endif
