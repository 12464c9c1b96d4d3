/* SPDX-License-Identifier: GPL-2.0 */
/* What goes to stderr, always behind the name of the program. */
#ifndef SYNWARD_TOOL_MESSAGE_H
#define SYNWARD_TOOL_MESSAGE_H

#include "exit.h"
#include "util.h"

/* The subcommand that the messages name ("synward flows: ..."); NULL for none. */
void message_set_command(const char *name);

/*
 * From here on a message is the line that a monitoring system reads, "SYNWARD UNKNOWN - ...", on
 * stdout, and the exit code says the same.
 */
void message_be_plugin(void);

/* Both print one line and return the exit code, to be written: return message_error(...). */
enum exit_code message_error(const char *format, ...) synward_printf(1, 2);
enum exit_code message_usage(const char *format, ...) synward_printf(1, 2);

#endif
