/* SPDX-License-Identifier: GPL-2.0 */
/* The segments of one connection, each shown as it comes: a rung, or a line of JSON. */
#ifndef SYNWARD_TOOL_STEP_H
#define SYNWARD_TOOL_STEP_H

#include "entry.h"
#include "rung.h"
#include "segment.h"

/* What sequence numbers of one end are counted from. */
struct step_base {
	bool		known;
	bool		is_isn;		/* else the first number seen */
	unsigned int	number;
};

struct steps {
	bool			json;
	bool			no_header;
	bool			headed;		/* the ends and the header are drawn */
	bool			reused;		/* the next SYN begins a new connection */
	bool			over;		/* as of the last segment */
	unsigned long long	count;
	unsigned long long	first_us;
	struct step_base	base[RUNG_SIDES];
	struct rungs		rungs;
};

void step_begin(struct steps *steps, bool json, bool no_header);
/* The entry first, and its numbers for what follows. */
void step_show_entry(struct steps *steps, const struct entry *entry);
void step_show(struct steps *steps, const struct segment *segment);
/* The connection's entry is gone, and what @segment tells of how. */
void step_show_gone(const struct steps *steps, const struct segment *segment);
/* The kernel dropped @events of the trace, of this or of other connections. */
void step_show_lost(const struct steps *steps, unsigned long long events);
/* Why no more come: a word for programs, words for people. */
void step_end(const struct steps *steps, const char *reason, const char *text);

#endif
