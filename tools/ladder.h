/* SPDX-License-Identifier: GPL-2.0 */
/* One connection as a ladder: what its entry knows, and each segment as it passes. */
#ifndef SYNWARD_TOOL_LADDER_H
#define SYNWARD_TOOL_LADDER_H

#include "options.h"

/* The command. */
enum exit_code ladder_run(const struct options *options);

#endif
