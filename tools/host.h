/* SPDX-License-Identifier: GPL-2.0 */
/* The other files of /proc and /sys on the host that the module's directory is of. */
#ifndef SYNWARD_TOOL_HOST_H
#define SYNWARD_TOOL_HOST_H

#include <stdbool.h>
#include <stddef.h>

#define HOST_ROOT_MAX	448	/* leaves room for every name that is asked for */
#define HOST_PATH_MAX	512

struct host {
	char	root[HOST_ROOT_MAX];	/* "" for /, or of a recorded copy */
};

enum host_offset {
	HOST_OFFSET_EXPORTED,
	HOST_OFFSET_MISSING,
	HOST_OFFSET_UNTOLD,
};

/**
 * host_find() - find the root that the module's directory lies below
 * @host: the result
 * @dir: ROOT/proc/net/synward
 *
 * Return: false where @dir is not called so (a copy of the directory alone), or too long.
 */
bool host_find(struct host *host, const char *dir);

/* The path of the file that is @name on a host; @path has HOST_PATH_MAX bytes. */
const char *host_path(const struct host *host, const char *name, char *path);

/**
 * host_read() - read the one line of a file
 * @host: where
 * @name: the file, "/proc/..."
 * @text: the line, plain and without its newline
 * @size: of @text
 *
 * Return: NULL, or why it cannot be read.
 */
const char *host_read(const struct host *host, const char *name, char *text, size_t size);
/* The same for a number. */
const char *host_read_number(const struct host *host, const char *name,
			     unsigned long long *value);

bool host_has(const struct host *host, const char *name);

/* Do modules get the offset that the kernel's IPv4 timestamps have? */
enum host_offset host_offset(const struct host *host);

#endif
