// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "message.h"
#include "record.h"
#include "sample.h"
#include "tick.h"

#define INTERVAL_MS	1000		/* where none is given */
#define SIZE		(64ULL << 20)	/* bytes, likewise */
#define PATH_LONGEST	4096
#define RECORD_BEGIN	"{\"version\":1,\"time_ms\":"

struct record {
	const struct options	*options;
	const char		*path;
	char			old[PATH_LONGEST];	/* RECORD_OLD behind path */
	int			fd;
	unsigned long long	used;			/* bytes of path */
	unsigned long long	most;			/* of each of the two files */
};

static enum exit_code complain(const char *what, const char *path)
{
	return message_error("cannot %s %s: %s", what, path, strerror(errno));
}

/* -- the file -- */

/* Where the last line begins that was not written to its end; -1 after an error. */
static off_t end_of_lines(int fd, off_t end)
{
	char byte;

	for (; end > 0; end--) {
		if (pread(fd, &byte, 1, end - 1) != 1)
			return -1;
		if (byte == '\n')
			break;
	}
	return end;
}

/* One that is empty, or has the begin of a line only, may be ours. */
static bool is_recording(int fd, off_t size)
{
	static const char begin[] = RECORD_BEGIN;
	char text[sizeof(begin) - 1];
	size_t length = size < (off_t)sizeof(text) ? (size_t)size : sizeof(text);

	return pread(fd, text, length, 0) == (ssize_t)length && !memcmp(text, begin, length);
}

static enum exit_code refuse(const char *path)
{
	return message_error("%s: is there, and is no recording", path);
}

/* A recording goes on where it ended, even if that was in the middle of a line. */
static enum exit_code open_file(struct record *record)
{
	struct stat st;
	off_t end;

	record->fd = open(record->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (record->fd < 0)
		return complain("write", record->path);
	if (fstat(record->fd, &st))
		return complain("read", record->path);
	if (!S_ISREG(st.st_mode))
		return message_error("%s: must be a regular file", record->path);
	if (!is_recording(record->fd, st.st_size))
		return refuse(record->path);
	end = end_of_lines(record->fd, st.st_size);
	if (end < 0 || (end < st.st_size && ftruncate(record->fd, end)))
		return complain("go on with", record->path);
	record->used = (unsigned long long)end;
	return EXIT_OK;
}

/* What will give way to a full file, if it is there. */
static enum exit_code check_old(const struct record *record)
{
	int fd = open(record->old, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool ours;

	if (fd < 0)
		return errno == ENOENT ? EXIT_OK : complain("read", record->old);
	ours = !fstat(fd, &st) && S_ISREG(st.st_mode) && is_recording(fd, st.st_size);
	close(fd);
	return ours ? EXIT_OK : refuse(record->old);
}

/* The full file takes the place of the one before it: two of them are all there ever is. */
static enum exit_code turn_over(struct record *record)
{
	close(record->fd);
	record->fd = -1;
	if (rename(record->path, record->old))
		return complain("rename", record->path);
	return open_file(record);
}

static enum exit_code write_all(struct record *record, const char *text, size_t length)
{
	ssize_t put;

	while (length) {
		put = write(record->fd, text, length);
		if (put < 0)
			return complain("write", record->path);
		text += put;
		length -= (size_t)put;
		record->used += (unsigned long long)put;
	}
	return EXIT_OK;
}

/* -- samples -- */

/* A line that is larger than a file may be is no reason to write nothing. */
static enum exit_code write_line(struct record *record, char *text)
{
	size_t length = strlen(text);
	enum exit_code code = EXIT_OK;

	text[length++] = '\n';	/* in place of the final 0 */
	if (record->used && record->used + length > record->most)
		code = turn_over(record);
	return code ? code : write_all(record, text, length);
}

static enum exit_code record_one(struct record *record)
{
	enum exit_code code;
	json_t *sample;
	char *text;

	sample = sample_take(record->options->proc, &code);
	if (!sample)
		return code;
	text = json_dumps(sample, JSON_COMPACT);
	json_decref(sample);
	if (!text)
		return message_error("out of memory");
	code = write_line(record, text);
	free(text);
	return code;
}

static enum exit_code record_all(struct record *record)
{
	unsigned long long ms = record->options->interval_ms, left = record->options->count;
	enum tick_event event;
	enum exit_code code;
	struct tick tick;

	tick_start(&tick, ms ? ms : INTERVAL_MS);
	code = record_one(record);
	while (!code && --left) {
		while ((event = tick_wait(&tick)) == TICK_RESIZED)
			;
		if (event == TICK_STOPPED)
			break;
		code = record_one(record);
	}
	return code;
}

static enum exit_code read_path(struct record *record)
{
	int length;

	if (record->options->arguments != 1)
		return message_usage("needs the name of one file");
	record->path = record->options->argument[0];
	length = snprintf(record->old, sizeof(record->old), "%s" RECORD_OLD, record->path);
	if (!*record->path || length >= (int)sizeof(record->old))
		return message_usage("'%.40s' is no name of a file", record->path);
	return EXIT_OK;
}

enum exit_code record_run(const struct options *options)
{
	struct record record = {
		.options = options,
		.fd = -1,
		.most = (options->size ? options->size : SIZE) / 2,
	};
	enum exit_code code;

	code = read_path(&record);
	if (!code)
		code = check_old(&record);
	if (!code)
		code = open_file(&record);
	if (!code)
		code = record_all(&record);
	if (record.fd >= 0 && close(record.fd) && !code)
		code = complain("write", record.path);
	return code;
}
