/* SPDX-License-Identifier: GPL-2.0 */
/* Flows, counted by what they have in common. */
#ifndef SYNWARD_TOOL_GROUPS_H
#define SYNWARD_TOOL_GROUPS_H

#include <jansson.h>

#include "exit.h"

enum groups_by {
	GROUPS_BY_CLIENT,	/* its prefix */
	GROUPS_BY_STATE,	/* of both ends */
};

/* By name from the first, by all others from the largest. */
enum groups_order {
	GROUPS_FLOWS,
	GROUPS_HALFOPEN,
	GROUPS_ESTABLISHED,
	GROUPS_CLOSING,
	GROUPS_PACKETS,
	GROUPS_BYTES,
	GROUPS_NAME,
	GROUPS_ORDERS
};

struct group;

struct groups {
	enum groups_by	by;
	unsigned int	bits4;		/* of an IPv4 client that name a group */
	unsigned int	bits6;
	struct group	*item;
	size_t		count;
	size_t		room;
	json_t		*index;		/* from names to places in item, while they are read */
};

/* In place of those from before; @groups says by what, and is zeroed at first. */
enum exit_code groups_read(struct groups *groups, const char *dir);
void groups_sort(struct groups *groups, enum groups_order order);
const char *groups_order_name(enum groups_order order);
void groups_draw(const struct groups *groups, size_t first, size_t rows);
void groups_free(struct groups *groups);

#endif
