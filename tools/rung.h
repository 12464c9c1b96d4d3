/* SPDX-License-Identifier: GPL-2.0 */
/* The rungs of a ladder: an arrow between the states of two endpoints. */
#ifndef SYNWARD_TOOL_RUNG_H
#define SYNWARD_TOOL_RUNG_H

#include "draw.h"

#define RUNG_STATE_MAX	16	/* bytes */

enum rung_side {
	RUNG_CLIENT,
	RUNG_SERVER,
	RUNG_SIDES
};

enum rung_arrow {
	RUNG_NO_ARROW,
	RUNG_TO_SERVER,
	RUNG_TO_CLIENT,
};

struct rung {
	const char		*time;		/* NULL: none */
	enum rung_arrow		arrow;
	enum draw_colour	colour;		/* of what */
	const char		*what;		/* on the arrow */
	const char		*detail;	/* behind it or below it; NULL: none */
	const char		*note;		/* beside the rung or below it; NULL: none */
	const char		*state[RUNG_SIDES];	/* after it; NULL: not known */
};

struct rungs {
	unsigned int	gap;
	unsigned int	middle;		/* columns of the arrow */
	bool		notes_beside;
	char		last[RUNG_SIDES][RUNG_STATE_MAX];
};

/* Fit them to the terminal. */
void rung_begin(struct rungs *rungs);
void rung_draw_header(const struct rungs *rungs);
/* A state that differs from the one before it stands out. */
void rung_draw(struct rungs *rungs, const struct rung *rung);

#endif
