/* SPDX-License-Identifier: GPL-2.0 */
/* Text that goes on in the next line, indented, where the line is full. */
#ifndef SYNWARD_TOOL_WRAP_H
#define SYNWARD_TOOL_WRAP_H

#include "draw.h"

struct wrap {
	unsigned int	width;
	unsigned int	column;
	unsigned int	indent;
};

/* One piece, which is never broken, with a gap before it. */
void wrap_put(struct wrap *wrap, enum draw_colour colour, const char *format, ...)
	synward_printf(3, 4);

#endif
