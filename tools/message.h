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

#define MESSAGE_MAX	1024	/* bytes */

/* From here on messages are kept, for stderr is covered by a screen; only the last one. */
void message_hold(void);
/* @text, of MESSAGE_MAX bytes, gets the message, which is then forgotten. */
void message_take_held(char *text);
/* Print what is still kept. */
void message_release(void);

/* Both print one line and return the exit code, to be written: return message_error(...). */
enum exit_code message_error(const char *format, ...) synward_printf(1, 2);
enum exit_code message_usage(const char *format, ...) synward_printf(1, 2);

/* One line on stderr about what is left out; the work goes on. */
void message_warn(const char *format, ...) synward_printf(1, 2);

/* A second line, on what can be done. */
void message_advise(const char *text);

#endif
