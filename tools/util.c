// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>

#include "message.h"
#include "util.h"

#define FIRST_ROOM	16

static void *or_exit(void *memory)
{
	if (!memory)
		exit(message_error("out of memory"));
	return memory;
}

void *util_grow(void *array, size_t used, size_t *room, size_t element)
{
	if (used < *room)
		return array;
	*room = *room ? *room * 2 : FIRST_ROOM;
	return or_exit(reallocarray(array, *room, element));
}

void *util_new(size_t size)
{
	return or_exit(calloc(1, size));
}

char *util_copy(const char *text)
{
	return or_exit(strdup(text));
}

bool util_list_has(const char *list, const char *word)
{
	size_t length = strlen(word);

	while (*list) {
		size_t one = strcspn(list, ",");

		if (one == length && !strncmp(list, word, length))
			return true;
		list += one;
		list += *list == ',';
	}
	return false;
}
