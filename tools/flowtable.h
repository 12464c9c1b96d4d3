/* SPDX-License-Identifier: GPL-2.0 */
/* Flows for people, as they stream by: the widths come from the first ones. */
#ifndef SYNWARD_TOOL_FLOWTABLE_H
#define SYNWARD_TOOL_FLOWTABLE_H

#include "fields.h"

struct flowtable;

struct flowtable *flowtable_new(bool no_header);
void flowtable_add(struct flowtable *table, const struct fields *fields);
/* Draw what is still held back, and free. */
void flowtable_finish(struct flowtable *table);

#endif
