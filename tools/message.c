// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

#include "message.h"

static const char *command;
static bool plugin;

void message_set_command(const char *name)
{
	command = name;
}

void message_be_plugin(void)
{
	plugin = true;
}

static void print(const char *format, va_list args) synward_printf(1, 0);

static void print(const char *format, va_list args)
{
	FILE *out = plugin ? stdout : stderr;

	if (plugin)
		fputs("SYNWARD UNKNOWN - ", out);
	else
		fprintf(out, "synward%s%s: ", command ? " " : "", command ? command : "");
	vfprintf(out, format, args);
	if (plugin)
		fputc('\n', out);
}

enum exit_code message_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(format, args);
	va_end(args);
	if (plugin)
		return EXIT_UNKNOWN;
	fputc('\n', stderr);
	return EXIT_ERROR;
}

enum exit_code message_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(format, args);
	va_end(args);
	if (plugin)
		return EXIT_UNKNOWN;
	fprintf(stderr, "\nTry 'synward%s%s --help'.\n", command ? " " : "",
		command ? command : "");
	return EXIT_USAGE;
}
