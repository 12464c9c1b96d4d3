/* SPDX-License-Identifier: GPL-2.0 */
/* Events of tracepoints, one a line, for people and programs. */
#ifndef SYNWARD_TOOL_HAPPENING_H
#define SYNWARD_TOOL_HAPPENING_H

#include <stdbool.h>

#include "segment.h"

struct happenings {
	bool			json;
	bool			no_header;
	long long		clock_us;	/* from the trace's clock to that of day; 0: none */
	unsigned long long	count;		/* of those shown */
};

/* The heading. */
void happenings_begin(const struct happenings *happenings);
void happening_show(struct happenings *happenings, const struct segment *segment,
		    enum segment_kind kind);
/* The kernel had no room for so many of them. */
void happenings_show_lost(const struct happenings *happenings, unsigned long long events);

#endif
