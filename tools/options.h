/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: one table of options, each for some of the commands. */
#ifndef SYNWARD_TOOL_OPTIONS_H
#define SYNWARD_TOOL_OPTIONS_H

#include <stdbool.h>

#include "address.h"
#include "draw.h"
#include "exit.h"
#include "metric.h"
#include "range.h"
#include "sort.h"

enum command_bit {
	COMMAND_SHOW		= 1 << 0,
	COMMAND_FLOWS		= 1 << 1,
	COMMAND_LISTENERS	= 1 << 2,
	COMMAND_STATS		= 1 << 3,
	COMMAND_LATENCY		= 1 << 4,
	COMMAND_FLOW		= 1 << 5,
	COMMAND_DOCTOR		= 1 << 6,
	COMMAND_CHECK		= 1 << 7,
	COMMAND_WATCH		= 1 << 8,
	COMMAND_TOP		= 1 << 9,
	COMMAND_RECORD		= 1 << 10,
	COMMAND_REPORT		= 1 << 11,
	COMMAND_ALL		= (1 << 12) - 1,
};

struct options {
	const char		*proc;		/* directory */
	enum draw_when		colour;
	bool			json;
	bool			prometheus;
	bool			no_header;
	bool			numeric;
	bool			reasons;
	bool			zeros;
	bool			follow;
	bool			help;
	bool			version;
	unsigned long long	interval_ms;	/* 0: once */
	unsigned long long	timeout_ms;	/* 0: none */
	unsigned long long	count;		/* 0: for ever */
	unsigned long long	limit;		/* 0: all */
	unsigned long long	size;		/* bytes; 0: not given */
	unsigned int		port;		/* 0: any */
	unsigned int		states;		/* bits of enum state; 0: any */
	struct address_prefix	client;
	struct address_prefix	server;
	enum sort_key		sort;
	struct range		warning[METRICS];
	struct range		critical[METRICS];
	unsigned int		events;		/* bits of enum tracing_event; 0: not given */
	const char		*reason;	/* names between commas; NULL: any */
	const char		*trace;		/* file; NULL: none */
	char			**argument;	/* what is no option */
	int			arguments;
	unsigned long		seen;		/* which of the table were given */
};

/**
 * options_read() - read the options of argv into @options
 * @options: the result, over what it holds already
 * @argc: of main()
 * @argv: of main(), permuted so that what is not an option comes last
 * @first: where to start; becomes the index of the first argument that is none
 * @command: whose they are; 0: not known yet, stop at the first argument that is no option
 */
enum exit_code options_read(struct options *options, int argc, char **argv, int *first,
			    enum command_bit command);

/* What was given must suit @command, and each other. */
enum exit_code options_check(const struct options *options, enum command_bit command);

/* The lines of --help. */
void options_help(enum command_bit command);

#endif
