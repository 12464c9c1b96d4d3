/* SPDX-License-Identifier: GPL-2.0 */
/* What record has written: each figure as a row of values over time. */
#ifndef SYNWARD_TOOL_RECORDING_H
#define SYNWARD_TOOL_RECORDING_H

#include <jansson.h>
#include <stdbool.h>

#include "exit.h"

#define RECORDING_NAME_MAX	160

/* Only what was written, for 0 was not. */
struct recording_series {
	char	name[RECORDING_NAME_MAX];	/* kind/name, or kind/name/figure */
	size_t	*sample;			/* rising */
	double	*value;
	size_t	count;
	size_t	room[2];
};

struct recording {
	unsigned long long	*time_ms;	/* rising */
	size_t			samples;
	size_t			room;
	size_t			left_out;	/* samples: the clock went back */
	struct recording_series	*series;	/* in the order in which they came up */
	size_t			count;
	size_t			series_room;
	json_t			*index;		/* from names to places in series */
};

/**
 * recording_read() - read a recording, and what was before it when the file was full
 * @recording: zeroed; to be freed also after an error
 * @path: of the newer one
 *
 * Samples that are not later than the one before (a clock was set) are left out.
 *
 * Return: EXIT_OK, or EXIT_ERROR after a message that names file and line.
 */
enum exit_code recording_read(struct recording *recording, const char *path);
void recording_free(struct recording *recording);

double recording_seconds(const struct recording *recording);
/* All three: new, of one value for each sample; 0 where there is none. */
double *recording_values(const struct recording *recording, const char *name);
/* How much a counter grew since the sample before; one that fell began anew. */
double *recording_steps(const struct recording *recording, const char *name);
double *recording_rates(const struct recording *recording, const char *name);
/* Over all. */
double recording_increase(const struct recording *recording, const char *name);
double recording_maximum(const struct recording *recording, const char *name);

#endif
