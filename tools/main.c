// SPDX-License-Identifier: GPL-2.0
/* synward: show what the synward module sees and does. */
#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "doctor.h"
#include "draw.h"
#include "flows.h"
#include "ladder.h"
#include "latency.h"
#include "listeners.h"
#include "message.h"
#include "options.h"
#include "proc.h"
#include "record.h"
#include "report.h"
#include "show.h"
#include "stats.h"
#include "top.h"
#include "watch.h"

struct command {
	const char		*name;
	enum command_bit	bit;
	enum exit_code		(*run)(const struct options *options);
	const char		*arguments;	/* NULL: none */
	const char		*summary;
	const char		*help;
};

/* The first one is what runs without a name. */
static const struct command commands[] = {
	{
		"show", COMMAND_SHOW, show_run, NULL, "one screen: mode, tables, totals, listeners",
		"Mode, memory, how full the tables are, totals, the reasons of what was\n"
		"dropped or not tracked, and the listening sockets. With --interval the\n"
		"screen is drawn again and again, with rates and how they developed.\n",
	}, {
		"flows", COMMAND_FLOWS, flows_run, NULL, "connections, with the state of both ends",
		"Every connection in the half-open and the established table, with the state\n"
		"of both endpoints. Needs root. Several filters must all match.\n",
	}, {
		"flow", COMMAND_FLOW, ladder_run, "CLIENT:PORT SERVER:PORT",
		"the ladder of one connection",
		"One connection (either end first, IPv6 as [ADDRESS]:PORT) as a ladder: the\n"
		"segments as arrows between the states of both ends. At once what its entry\n"
		"knows; with --follow each further segment, until both ends have closed, also\n"
		"of a connection that is still to come. Needs root.\n",
	}, {
		"listeners", COMMAND_LISTENERS, listeners_run, NULL,
		"listening sockets and their queues",
		"Every listening socket: cookies or not, half-open connections, rates, the\n"
		"kernel's own queues and what their sequence numbers look like.\n",
	}, {
		"stats", COMMAND_STATS, stats_run, NULL, "counters, with rates if repeated",
		"Every counter of the module. With --interval the change of each, once per\n"
		"interval, leaving out those that did not change. With --prometheus everything\n"
		"there is, for a scraper.\n",
	}, {
		"latency", COMMAND_LATENCY, latency_run, NULL, "how long handshakes take",
		"Two histograms: from SYN to SYN-ACK (the server) and from SYN-ACK to ACK (the\n"
		"client and the network), with the bounds that hold for 50, 90 and 99 percent.\n",
	}, {
		"top", COMMAND_TOP, top_run, NULL, "a screen that is kept up to date",
		"What show begins with, and below it a table that can be sorted and scrolled:\n"
		"listeners, clients by prefix, or states of both ends (the last two need root).\n"
		"The keys are in the bottom line; arrows sort and scroll too.\n",
	}, {
		"watch", COMMAND_WATCH, watch_run, NULL, "what happens, as it happens",
		"Each decision of the guard under attack, listeners that go to cookies and back,\n"
		"and connections that end, a line each; with --event state also every segment.\n"
		"All filters given must match. Needs root.\n",
	}, {
		"record", COMMAND_RECORD, record_run, "FILE", "samples to a file, for report",
		"Everything that the module counts, every second or as --interval says, as\n"
		"lines of JSON. When half of --size is full the file becomes FILE.1, in place\n"
		"of the one before it. A recording that is there is gone on with.\n",
	}, {
		"report", COMMAND_REPORT, report_run, "FILE", "a recording as a page with charts",
		"One page of HTML on stdout that needs nothing else: SYNs, cookies, half-open\n"
		"connections, what was dropped, listeners, latency. FILE.1 comes before FILE.\n",
	}, {
		"doctor", COMMAND_DOCTOR, doctor_run, NULL, "is the host set up for protection?",
		"Checks the module, the kernel's settings, the tables, the listening sockets and\n"
		"what the firewall does, and names the remedy of what is not good. Changes\n"
		"nothing. Exit 1 also where a check fails.\n",
	}, {
		"check", COMMAND_CHECK, check_run, NULL, "a plugin for monitoring systems",
		"One line with the status, what is wrong and figures, and the exit codes of\n"
		"monitoring plugins: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN. Metrics: engaged\n"
		"(listeners), halfopen, established, synq, acceptq (percent), syn_rate (per\n"
		"second), mode, syncookies. A RANGE is that of good values: MAX, MIN:, MIN:MAX,\n"
		"~:MAX; behind @ that of bad ones.\n",
	},
};

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static void help_all(void)
{
	puts("Usage: synward [COMMAND] [OPTION]...\n"
	     "Show what the synward kernel module sees and does.\n\n"
	     "Commands ('synward help COMMAND' tells more):");
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		printf("  %-12s%s%s\n", commands[i].name, commands[i].summary,
		       i ? "" : " (default)");
	puts("\nOptions of every command, and of the default one:");
	options_help(COMMAND_SHOW);
	puts("\nExit: 0 good, 1 error, 2 wrong usage, 3 module not loaded. See synward(8).");
}

static void help_command(const struct command *command)
{
	printf("Usage: synward %s%s%s [OPTION]...\n%s\nOptions:\n", command->name,
	       command->arguments ? " " : "", command->arguments ? command->arguments : "",
	       command->help);
	options_help(command->bit);
}

static enum exit_code run(const struct command *command, const struct options *options)
{
	enum exit_code code = options_check(options, command->bit);

	if (code)
		return code;
	draw_setup(options->colour);
	return command->run(options);
}

/* The command is the first argument that is no option; @named stays NULL without one. */
static enum exit_code choose_command(const struct command **named, int argc, char **argv,
				     int *next)
{
	*named = NULL;
	if (*next >= argc)
		return EXIT_OK;
	*named = find_command(argv[*next]);
	if (!*named)
		return message_usage("unknown command '%s'", argv[*next]);
	message_set_command((*named)->name);
	if ((*named)->bit == COMMAND_CHECK)
		message_be_plugin();
	++*next;
	return EXIT_OK;
}

/* As git and bpftool have it: "help COMMAND" is "COMMAND --help". */
static void take_help(struct options *options, int argc, char **argv, int *next)
{
	if (*next >= argc || strcmp(argv[*next], "help") != 0)
		return;
	options->help = true;
	++*next;
}

/* What follows the options: for the commands that take any, and check it themselves. */
static enum exit_code take_arguments(struct options *options, const struct command *named,
				     int argc, char **argv, int next)
{
	options->argument = argv + next;
	options->arguments = argc - next;
	if (options->arguments && !(named && named->arguments))
		return message_usage("unexpected argument '%s'", argv[next]);
	return EXIT_OK;
}

static enum exit_code act(const struct command *named, const struct options *options)
{
	if (options->version)
		puts("synward " SYNWARD_VERSION);
	else if (!options->help)
		return run(named ? named : &commands[0], options);
	else if (named)
		help_command(named);
	else
		help_all();
	return EXIT_OK;
}

static enum exit_code start(int argc, char **argv)
{
	struct options options = { .proc = PROC_DIR_DEFAULT };
	const struct command *named;
	enum exit_code code;
	int next = 1;

	code = options_read(&options, argc, argv, &next, 0);
	if (!code) {
		take_help(&options, argc, argv, &next);
		code = choose_command(&named, argc, argv, &next);
	}
	if (!code)
		code = options_read(&options, argc, argv, &next,
				    named ? named->bit : commands[0].bit);
	if (!code)
		code = take_arguments(&options, named, argc, argv, next);
	return code ? code : act(named, &options);
}

static bool reader_is_gone(void)
{
	struct pollfd out = { .fd = STDOUT_FILENO, .events = POLLOUT };

	return poll(&out, 1, 0) == 1 && out.revents & (POLLERR | POLLHUP);
}

/* Whoever reads us may have had enough (| head): no error. All else that fails is one. */
static enum exit_code finish(enum exit_code code)
{
	bool failed = ferror(stdout);

	errno = 0;
	failed |= fflush(stdout) != 0;
	if (!failed || reader_is_gone())
		return code;
	message_set_command(NULL);
	return message_error("cannot write the output: %s",
			     errno ? strerror(errno) : "write error");
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "");
	signal(SIGPIPE, SIG_IGN);
	return (int)finish(start(argc, argv));
}
