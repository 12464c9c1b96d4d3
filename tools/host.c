// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host.h"
#include "number.h"
#include "proc.h"

#define EXPORT		"__ksymtab_"
#define OFFSET		"secure_tcp_seq_and_ts_off"

bool host_find(struct host *host, const char *dir)
{
	static const char tail[] = PROC_DIR_DEFAULT;
	size_t length = strlen(dir);

	while (length && dir[length - 1] == '/')
		length--;
	if (length < strlen(tail) || length - strlen(tail) >= sizeof(host->root) ||
	    strncmp(dir + length - strlen(tail), tail, strlen(tail)) != 0)
		return false;
	length -= strlen(tail);
	memcpy(host->root, dir, length);
	host->root[length] = '\0';
	return true;
}

const char *host_path(const struct host *host, const char *name, char *path)
{
	snprintf(path, HOST_PATH_MAX, "%s%s", host->root, name);
	return path;
}

static FILE *open_file(const struct host *host, const char *name)
{
	char path[HOST_PATH_MAX];

	return fopen(host_path(host, name, path), "re");
}

const char *host_read(const struct host *host, const char *name, char *text, size_t size)
{
	FILE *file = open_file(host, name);
	const char *got;
	size_t length;
	int error;

	if (!file)
		return strerror(errno);
	memset(text, 0, size);
	errno = 0;
	got = fgets(text, (int)size, file);
	error = errno;
	fclose(file);
	if (!got)
		return error ? strerror(error) : "empty";
	length = strcspn(text, "\n");
	if (!length || text[length] != '\n' || !proc_is_plain(text, length))
		return "garbled: not a line of plain text";
	text[length] = '\0';
	return NULL;
}

const char *host_read_number(const struct host *host, const char *name,
			     unsigned long long *value)
{
	char text[NUMBER_TEXT_MAX];
	const char *wrong = host_read(host, name, text, sizeof(text));

	if (!wrong && !number_read(text, value))
		wrong = "garbled: not a number";
	return wrong;
}

bool host_has(const struct host *host, const char *name)
{
	char path[HOST_PATH_MAX];

	return access(host_path(host, name, path), F_OK) == 0;
}

/* "address type name", and "[module]" for what is not the kernel's own. */
static const char *name_of(char *line)
{
	char *rest = NULL, *name;

	if (strchr(line, '['))
		return "";
	strtok_r(line, " \t\n", &rest);
	strtok_r(NULL, " \t\n", &rest);
	name = strtok_r(NULL, " \t\n", &rest);
	return name ? name : "";
}

/*
 * Kernels that list what they export as symbols of its own say it for certain. On others the
 * function alone has to do: those that have it under this name have it exported.
 */
enum host_offset host_offset(const struct host *host)
{
	bool any = false, exports = false, there = false, exported = false;
	FILE *file = open_file(host, "/proc/kallsyms");
	char *line = NULL;
	size_t room = 0;

	if (!file)
		return HOST_OFFSET_UNTOLD;
	while (!exported && getline(&line, &room, file) > 0) {
		const char *name = name_of(line);

		any |= *name != '\0';
		exports |= !strncmp(name, EXPORT, strlen(EXPORT));
		there |= !strcmp(name, OFFSET);
		exported = !strcmp(name, EXPORT OFFSET);
	}
	free(line);
	fclose(file);
	if (!any)
		return HOST_OFFSET_UNTOLD;
	return exported || (there && !exports) ? HOST_OFFSET_EXPORTED : HOST_OFFSET_MISSING;
}
