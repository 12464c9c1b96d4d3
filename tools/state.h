/* SPDX-License-Identifier: GPL-2.0 */
/* The states of an endpoint, RFC 9293 section 3.3.2. */
#ifndef SYNWARD_TOOL_STATE_H
#define SYNWARD_TOOL_STATE_H

#include <stdbool.h>

#include "draw.h"

enum state {
	STATE_LISTEN,
	STATE_SYN_SENT,
	STATE_SYN_RECEIVED,
	STATE_ESTABLISHED,
	STATE_FIN_WAIT_1,
	STATE_FIN_WAIT_2,
	STATE_CLOSE_WAIT,
	STATE_CLOSING,
	STATE_LAST_ACK,
	STATE_TIME_WAIT,
	STATE_CLOSED,
	STATE_NONE,
};

/* All the names, in two lines: for messages. */
extern const char *const state_names;

/* The state of exactly that name; STATE_NONE for any other text. */
enum state state_read(const char *text);

/* "established,time_wait", case and dash or underscore as the user likes, into a set of bits. */
bool state_read_list(const char *text, unsigned int *set);

enum draw_colour state_colour(const char *name);

/* Nothing but a new connection can follow: each end is CLOSED or in TIME-WAIT. */
bool state_is_over(const char *client, const char *server);

#endif
