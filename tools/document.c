// SPDX-License-Identifier: GPL-2.0
#include <limits.h>
#include <stdio.h>

#include "document.h"

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
