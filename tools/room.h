/* SPDX-License-Identifier: GPL-2.0 */
/* The tables of the module: have they been large enough? */
#ifndef SYNWARD_TOOL_ROOM_H
#define SYNWARD_TOOL_ROOM_H

#include "finding.h"
#include "stats.h"

/**
 * room_check() - find out whether a table has, and always had, room
 * @findings: what to add the finding to
 * @stats: of the module
 * @name: of the table and of the finding: halfopen, established, limit, listeners
 */
void room_check(struct findings *findings, const struct stats *stats, const char *name);

#endif
