// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "document.h"

#define US_PER_SECOND	1000000LL
#define US_PER_MS	1000LL
#define TIME_MAX	64	/* bytes */

json_t *document_new(void)
{
	json_t *object = json_object();

	json_object_set_new(object, "version", json_integer(DOCUMENT_VERSION));
	return object;
}

json_t *document_new_line(const char *type)
{
	json_t *line = document_new();

	json_object_set_new(line, "type", json_string(type));
	return line;
}

json_t *document_number(unsigned long long value)
{
	return value <= LLONG_MAX ? json_integer((json_int_t)value) : json_real((double)value);
}

json_t *document_time(long long us)
{
	time_t seconds = (time_t)(us / US_PER_SECOND);
	char text[TIME_MAX];
	struct tm tm = { 0 };
	size_t used;

	gmtime_r(&seconds, &tm);
	used = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + used, sizeof(text) - used, ".%03dZ",
		 (int)(us % US_PER_SECOND / US_PER_MS));
	return json_string(text);
}

void document_write(json_t *value)
{
	/* A failed write stays in stdout's error flag, checked at the end. */
	json_dumpf(value, stdout, JSON_COMPACT);
	json_decref(value);
}

void document_write_line(json_t *value)
{
	document_write(value);
	putchar('\n');
	fflush(stdout);
}

void document_write_lost(unsigned long long events)
{
	json_t *line = document_new_line("lost");

	json_object_set_new(line, "events", document_number(events));
	document_write_line(line);
}
