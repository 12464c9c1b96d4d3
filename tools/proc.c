// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "message.h"
#include "proc.h"

#define FORMAT_VERSION	"1"

bool proc_is_directory(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static enum exit_code not_loaded(const char *dir)
{
	message_error("module not loaded (no directory %s)", dir);
	message_advise("Load it: modprobe synward, or insmod synward.ko in its build tree.");
	return EXIT_NOT_LOADED;
}

static enum exit_code open_failed(const struct proc_file *file, const char *dir)
{
	int error = errno;

	if (error == ENOENT && !proc_is_directory(dir))
		return not_loaded(dir);
	if (error == EACCES || error == EPERM)
		return message_error("cannot read %s: %s", file->path, file->need_root ?
				     "listing flows needs root (try sudo)" : strerror(error));
	return message_error("cannot read %s: %s", file->path, strerror(error));
}

enum exit_code proc_garbled(const struct proc_file *file, const char *format, ...)
{
	char what[256];
	va_list args;

	va_start(args, format);
	vsnprintf(what, sizeof(what), format, args);
	va_end(args);
	return message_error("%s line %lu: %s", file->path, file->number, what);
}

/* What we print comes from here: no control character may reach a terminal. */
bool proc_is_plain(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (line[i] < ' ' || line[i] > '~')
			return false;
	return true;
}

/* Its module may go while a file is read. */
static enum exit_code read_failed(const struct proc_file *file)
{
	int error = errno, length = (int)(strrchr(file->path, '/') - file->path);
	char dir[sizeof(file->path)];

	snprintf(dir, sizeof(dir), "%.*s", length, file->path);
	if (error == EIO && !proc_is_directory(dir))
		return not_loaded(dir);
	return message_error("cannot read %s: %s", file->path, strerror(error));
}

static enum exit_code end_of_file(struct proc_file *file, bool *more)
{
	*more = false;
	return ferror(file->stream) ? read_failed(file) : EXIT_OK;
}

enum exit_code proc_next(struct proc_file *file, bool *more)
{
	ssize_t got = getline(&file->line, &file->room, file->stream);

	if (got < 0)
		return end_of_file(file, more);
	*more = true;
	file->number++;
	if (file->line[got - 1] != '\n' && ferror(file->stream))
		return read_failed(file);
	if (file->line[got - 1] != '\n')
		return proc_garbled(file, "truncated: the line does not end");
	file->length = (size_t)got - 1;
	file->line[file->length] = '\0';
	if (file->length >= PROC_LINE_MAX)
		return proc_garbled(file, "line of %zu bytes, at most %d expected",
				    file->length, PROC_LINE_MAX - 1);
	if (!proc_is_plain(file->line, file->length))
		return proc_garbled(file, "garbled: not plain text");
	return EXIT_OK;
}

static enum exit_code check_version(struct proc_file *file)
{
	static const char word[] = "version ";
	enum exit_code code;
	bool more;

	code = proc_next(file, &more);
	if (code)
		return code;
	if (!more)
		return message_error("%s line 1: truncated: the file is empty", file->path);
	if (strncmp(file->line, word, strlen(word)) != 0)
		return proc_garbled(file, "garbled: expected 'version " FORMAT_VERSION "'");
	if (strcmp(file->line + strlen(word), FORMAT_VERSION) != 0)
		return proc_garbled(file, "format version '%.20s' is not known, only "
				    FORMAT_VERSION ": update this tool",
				    file->line + strlen(word));
	return EXIT_OK;
}

enum exit_code proc_open(struct proc_file *file, const char *dir, const char *name)
{
	enum exit_code code;
	int length;

	*file = (struct proc_file) {
		.need_root = !strcmp(name, "halfopen") || !strcmp(name, "established"),
	};
	length = snprintf(file->path, sizeof(file->path), "%s/%s", dir, name);
	if (length >= (int)sizeof(file->path))
		return message_error("the path %s/%s is too long", dir, name);
	file->stream = fopen(file->path, "re");
	if (!file->stream)
		return open_failed(file, dir);
	code = check_version(file);
	if (code)
		proc_close(file);
	return code;
}

enum exit_code proc_check_loaded(const char *dir)
{
	struct proc_file file;
	enum exit_code code = proc_open(&file, dir, "stats");

	if (!code)
		proc_close(&file);
	return code;
}

void proc_close(struct proc_file *file)
{
	fclose(file->stream);
	free(file->line);
	file->stream = NULL;
	file->line = NULL;
}
