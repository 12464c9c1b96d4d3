/* SPDX-License-Identifier: GPL-2.0 */
/* The ladder of a connection as far as its entry remembers it. */
#ifndef SYNWARD_TOOL_FACTS_H
#define SYNWARD_TOOL_FACTS_H

#include "entry.h"
#include "rung.h"

/* The ends with their numbers, the rungs so far, and where both are now. */
void facts_draw(struct rungs *rungs, const struct entry *entry, bool no_header);

/* An object with all that the module tells. */
json_t *facts_to_json(const struct entry *entry);

#endif
