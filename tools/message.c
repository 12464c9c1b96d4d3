// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdio.h>

#include "message.h"

static const char *command;

void message_set_command(const char *name)
{
	command = name;
}

static void print(const char *format, va_list args) synward_printf(1, 0);

static void print(const char *format, va_list args)
{
	fprintf(stderr, "synward%s%s: ", command ? " " : "", command ? command : "");
	vfprintf(stderr, format, args);
}

enum exit_code message_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(format, args);
	va_end(args);
	fputc('\n', stderr);
	return EXIT_ERROR;
}

enum exit_code message_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(format, args);
	va_end(args);
	fprintf(stderr, "\nTry 'synward%s%s --help'.\n", command ? " " : "",
		command ? command : "");
	return EXIT_USAGE;
}
