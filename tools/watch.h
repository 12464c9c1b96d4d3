/* SPDX-License-Identifier: GPL-2.0 */
/* What happens, as it happens. */
#ifndef SYNWARD_TOOL_WATCH_H
#define SYNWARD_TOOL_WATCH_H

#include "options.h"

/* The command. */
enum exit_code watch_run(const struct options *options);

#endif
