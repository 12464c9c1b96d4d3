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

struct listener;

struct listeners {
	struct listener	*item;
	size_t		count;
	size_t		room;
};

/* Engaged ones first, then the busiest. */
enum exit_code listeners_read(struct listeners *listeners, const struct options *options);
void listeners_free(struct listeners *listeners);
/* How many answer with cookies. */
size_t listeners_engaged(const struct listeners *listeners);

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
