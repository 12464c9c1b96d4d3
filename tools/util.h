/* SPDX-License-Identifier: GPL-2.0 */
/* Memory that never fails, and the few macros that everything here uses. */
#ifndef SYNWARD_TOOL_UTIL_H
#define SYNWARD_TOOL_UTIL_H

#include <stdbool.h>
#include <stddef.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/* The format string is argument number @fmt, its values start at @first. */
#define synward_attribute(what)		__attribute__((what))
#define synward_printf(fmt, first)	synward_attribute(__format__(__printf__, fmt, first))

/* Room for at least one more element: doubles; ends the program where memory is out. */
void *util_grow(void *array, size_t used, size_t *room, size_t element);
/* Zeroed. */
void *util_new(size_t size);
char *util_copy(const char *text);

/* Is @word one of those between the commas of @list? */
bool util_list_has(const char *list, const char *word);

#endif
