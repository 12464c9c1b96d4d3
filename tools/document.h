/* SPDX-License-Identifier: GPL-2.0 */
/* Machine output: the version that every document carries, and numbers of 64 bits. */
#ifndef SYNWARD_TOOL_DOCUMENT_H
#define SYNWARD_TOOL_DOCUMENT_H

#include <jansson.h>

#define DOCUMENT_VERSION	1

/* {"version":1}, to which the caller adds. */
json_t *document_new(void);

/* The same with "type", for documents of several kinds, one a line. */
json_t *document_new_line(const char *type);

/* An integer; a real beyond 2^63 - 1, which jansson's integers do not reach. */
json_t *document_number(unsigned long long value);

/* Microseconds since 1970 as "2026-01-31T12:34:56.789Z". */
json_t *document_time(long long us);

/* The line that says how many events of a trace came too fast to be read. */
void document_write_lost(unsigned long long events);

/* Write on one line, without a newline; takes the reference. */
void document_write(json_t *value);

/* Write with a newline and hand it to the reader at once. */
void document_write_line(json_t *value);

#endif
