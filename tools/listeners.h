/* SPDX-License-Identifier: GPL-2.0 */
/* The listening sockets of /proc/net/synward/listeners. */
#ifndef SYNWARD_TOOL_LISTENERS_H
#define SYNWARD_TOOL_LISTENERS_H

#include <jansson.h>
#include <stdbool.h>

#include "exit.h"
#include "fields.h"
#include "options.h"

#define LISTENERS_INTERFACE_MAX	32	/* bytes */

/* By name from the first, by all others from the largest. */
enum listeners_order {
	LISTENERS_BUSY,		/* engaged ones first, then the busiest */
	LISTENERS_NAME,
	LISTENERS_HALFOPEN,
	LISTENERS_SYN_RATE,
	LISTENERS_DONE_RATE,
	LISTENERS_COOKIES,
	LISTENERS_SYNQ,
	LISTENERS_ACCEPTQ,
	LISTENERS_ORDERS
};

struct listener;

struct listeners {
	struct listener	*item;
	size_t		count;
	size_t		room;
};

/* In the order LISTENERS_BUSY. */
enum exit_code listeners_read(struct listeners *listeners, const struct options *options);
void listeners_free(struct listeners *listeners);
void listeners_sort(struct listeners *listeners, enum listeners_order order);
const char *listeners_order_name(enum listeners_order order);
/* How many answer with cookies. */
size_t listeners_engaged(const struct listeners *listeners);

/* Those of the rows that there are. */
void listeners_draw_some(const struct listeners *listeners, const struct options *options,
			 size_t first, size_t rows);
/* At most @most rows (0: all), the rest as a number. */
void listeners_draw(const struct listeners *listeners, const struct options *options,
		    size_t most);

/* Each line of the file, in its order; @fields are gone after the call. */
enum exit_code listeners_visit(const char *dir, void *context,
			       void (*visit)(void *context, const struct fields *fields));

/* As address_endpoint(), with the interface that the socket is bound to. */
const char *listeners_endpoint(char *text, const struct fields *fields, bool numeric);

/* The name of an interface or, where it has none or none is wanted, its number. */
const char *listeners_interface(char *text, unsigned long long ifindex, bool numeric);

/* An array of objects, in the order of the file. */
enum exit_code listeners_to_json(json_t *array, const char *dir);

/* The command. */
enum exit_code listeners_run(const struct options *options);

#endif
