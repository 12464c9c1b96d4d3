/* SPDX-License-Identifier: GPL-2.0 */
/* One file of /proc/net/synward, read line by line. */
#ifndef SYNWARD_TOOL_PROC_H
#define SYNWARD_TOOL_PROC_H

#include <stdbool.h>
#include <stdio.h>

#include "exit.h"
#include "util.h"

#define PROC_DIR_DEFAULT	"/proc/net/synward"
#define PROC_MODE_SYSCTL	"/proc/sys/net/synward/mode"
#define PROC_LINE_MAX		4096	/* bytes, far above what the module writes */

struct proc_file {
	FILE		*stream;
	char		path[512];
	char		*line;		/* the current one, without its newline */
	size_t		length;		/* of line */
	size_t		room;		/* getline's buffer behind line */
	unsigned long	number;		/* of line, from 1 */
	bool		need_root;	/* say so where the file may not be read */
};

/**
 * proc_open() - open @name in @dir and check its "version 1" line
 * @file: what to fill; closed again on error
 * @dir: the module's directory; where it is missing the module is not loaded
 * @name: stats, listeners, latency, halfopen or established
 *
 * Return: EXIT_OK, or EXIT_ERROR or EXIT_NOT_LOADED after a message.
 */
enum exit_code proc_open(struct proc_file *file, const char *dir, const char *name);

/**
 * proc_next() - read the next line
 * @file: an open file
 * @more: false at the end of the file
 *
 * Return: EXIT_OK, or after a message EXIT_ERROR: a line cut short, too long or not plain text;
 * or EXIT_NOT_LOADED: the module has gone.
 */
enum exit_code proc_next(struct proc_file *file, bool *more);

/* Complain about the current line; returns EXIT_ERROR. */
enum exit_code proc_garbled(const struct proc_file *file, const char *format, ...)
	synward_printf(2, 3);

/* Only printable ASCII. */
bool proc_is_plain(const char *line, size_t length);

/* The module's directory is there while it is loaded. */
bool proc_is_directory(const char *path);

/* EXIT_NOT_LOADED after a message where it is not. */
enum exit_code proc_check_loaded(const char *dir);

void proc_close(struct proc_file *file);

#endif
