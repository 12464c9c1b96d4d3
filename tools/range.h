/* SPDX-License-Identifier: GPL-2.0 */
/* A threshold as monitoring plugins have it: the range outside which there is an alert. */
#ifndef SYNWARD_TOOL_RANGE_H
#define SYNWARD_TOOL_RANGE_H

#include <stdbool.h>

struct range {
	const char	*text;		/* as it was given; NULL: none, never an alert */
	double		low;
	double		high;
	bool		inside;		/* alert inside, not outside */
};

/* "10" is 0 to 10, "10:" from there on, "~:10" up to there, "@10:20" all but these. */
bool range_read(struct range *range, const char *text);
bool range_alerts(const struct range *range, double value);

#endif
