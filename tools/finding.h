/* SPDX-License-Identifier: GPL-2.0 */
/* What the checks of the doctor have found, and how it is told. */
#ifndef SYNWARD_TOOL_FINDING_H
#define SYNWARD_TOOL_FINDING_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "util.h"

#define FINDING_MESSAGE_MAX	640	/* bytes; HOST_PATH_MAX, and what is wrong there */

enum finding_status {
	FINDING_OK,
	FINDING_WARN,
	FINDING_FAIL,
};

struct finding {
	const char		*name;		/* of the check, for programs */
	enum finding_status	status;
	const char		*remedy;	/* NULL: nothing to do */
	char			message[FINDING_MESSAGE_MAX];
};

struct findings {
	struct finding	*item;
	size_t		count;
	size_t		room;
};

/* @name and @remedy stay the caller's. */
void findings_add(struct findings *findings, const char *name, enum finding_status status,
		  const char *remedy, const char *format, ...) synward_printf(5, 6);
bool findings_failed(const struct findings *findings);
void findings_free(struct findings *findings);

/* One line each, where the terminal is wide enough. */
void findings_draw(const struct findings *findings);
/* An array of objects. */
json_t *findings_to_json(const struct findings *findings);

#endif
