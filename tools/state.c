// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <string.h>

#include "state.h"

#define NAME_MAX_LENGTH	16

static const char *const names[STATE_NONE] = {
	[STATE_LISTEN]		= "LISTEN",
	[STATE_SYN_SENT]	= "SYN-SENT",
	[STATE_SYN_RECEIVED]	= "SYN-RECEIVED",
	[STATE_ESTABLISHED]	= "ESTABLISHED",
	[STATE_FIN_WAIT_1]	= "FIN-WAIT-1",
	[STATE_FIN_WAIT_2]	= "FIN-WAIT-2",
	[STATE_CLOSE_WAIT]	= "CLOSE-WAIT",
	[STATE_CLOSING]		= "CLOSING",
	[STATE_LAST_ACK]	= "LAST-ACK",
	[STATE_TIME_WAIT]	= "TIME-WAIT",
	[STATE_CLOSED]		= "CLOSED",
};

const char *const state_names =
	"LISTEN SYN-SENT SYN-RECEIVED ESTABLISHED FIN-WAIT-1 FIN-WAIT-2\n"
	"CLOSE-WAIT CLOSING LAST-ACK TIME-WAIT CLOSED";

enum state state_read(const char *text)
{
	for (int i = 0; i < STATE_NONE; i++)
		if (!strcmp(text, names[i]))
			return (enum state)i;
	return STATE_NONE;
}

static enum state read_loosely(const char *text, size_t length)
{
	char name[NAME_MAX_LENGTH];

	if (length >= sizeof(name))
		return STATE_NONE;
	for (size_t i = 0; i < length; i++)
		name[i] = text[i] == '_' ? '-' : (char)toupper((unsigned char)text[i]);
	name[length] = '\0';
	return state_read(name);
}

bool state_read_list(const char *text, unsigned int *set)
{
	*set = 0;
	for (;;) {
		size_t length = strcspn(text, ",");
		enum state state = read_loosely(text, length);

		if (state == STATE_NONE)
			return false;
		*set |= 1U << state;
		if (!text[length])
			return true;
		text += length + 1;
	}
}

enum draw_colour state_colour(const char *name)
{
	switch (state_read(name)) {
	case STATE_ESTABLISHED:
		return DRAW_GREEN;
	case STATE_SYN_SENT:
	case STATE_SYN_RECEIVED:
		return DRAW_YELLOW;
	case STATE_CLOSED:
	case STATE_TIME_WAIT:
	case STATE_NONE:
		return DRAW_DIM;
	default:
		return DRAW_CYAN;
	}
}

bool state_is_over(const char *client, const char *server)
{
	const unsigned int over = 1U << STATE_CLOSED | 1U << STATE_TIME_WAIT;

	return over & 1U << state_read(client) && over & 1U << state_read(server);
}
