/* SPDX-License-Identifier: GPL-2.0 */
/* Flows in order: the largest number first, addresses and states from the lowest. */
#ifndef SYNWARD_TOOL_SORT_H
#define SYNWARD_TOOL_SORT_H

#include "fields.h"

enum sort_key {
	SORT_NONE,
	SORT_AGE,
	SORT_IDLE,
	SORT_PACKETS,
	SORT_BYTES,
	SORT_RETRANSMIT,
	SORT_CLIENT,
	SORT_SERVER,
	SORT_PORT,
	SORT_STATE,
};

/* All the keys, for messages and help. */
extern const char *const sort_names;
/* SORT_NONE for a name that is none. */
enum sort_key sort_read(const char *name);

struct sort;

/* @limit: how many of the first ones to keep; 0 for all. */
struct sort *sort_new(enum sort_key key, unsigned long long limit);
/* @line is copied. */
void sort_add(struct sort *sort, const struct fields *fields, const char *line);
/* Put what was added in order; the number of lines kept. */
size_t sort_finish(struct sort *sort);
const char *sort_line(const struct sort *sort, size_t i);
void sort_free(struct sort *sort);

#endif
