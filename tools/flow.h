/* SPDX-License-Identifier: GPL-2.0 */
/* One flow: its keys, and whether the user asked for it. */
#ifndef SYNWARD_TOOL_FLOW_H
#define SYNWARD_TOOL_FLOW_H

#include "fields.h"
#include "options.h"

extern const struct field_rule flow_rules[];

bool flow_matches(const struct fields *fields, const struct options *options);

#endif
