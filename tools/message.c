// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "message.h"

static const char *command;
static bool plugin;
static bool holding;
static char held[MESSAGE_MAX];

void message_set_command(const char *name)
{
	command = name;
}

void message_be_plugin(void)
{
	plugin = true;
}

void message_hold(void)
{
	holding = true;
	*held = '\0';
}

void message_take_held(char *text)
{
	memcpy(text, held, sizeof(held));
	*held = '\0';
}

static void put(const char *text)
{
	if (plugin)
		printf("SYNWARD UNKNOWN - %s\n", text);
	else
		fprintf(stderr, "synward%s%s: %s\n", command ? " " : "", command ? command : "",
			text);
}

void message_release(void)
{
	holding = false;
	if (*held)
		put(held);
}

static void print(const char *format, va_list args) synward_printf(1, 0);

static void print(const char *format, va_list args)
{
	char text[MESSAGE_MAX];

	vsnprintf(text, sizeof(text), format, args);
	if (holding)
		memcpy(held, text, sizeof(held));
	else
		put(text);
}

void message_advise(const char *text)
{
	if (!plugin && !holding)
		fprintf(stderr, "%s\n", text);
}

void message_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(format, args);
	va_end(args);
}

enum exit_code message_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(format, args);
	va_end(args);
	return plugin ? EXIT_UNKNOWN : EXIT_ERROR;
}

enum exit_code message_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print(format, args);
	va_end(args);
	if (plugin)
		return EXIT_UNKNOWN;
	fprintf(stderr, "Try 'synward%s%s --help'.\n", command ? " " : "",
		command ? command : "");
	return EXIT_USAGE;
}
