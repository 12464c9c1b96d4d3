/* SPDX-License-Identifier: GPL-2.0 */
/* The flows of both tables, filtered, perhaps sorted, streamed where not. */
#ifndef SYNWARD_TOOL_FLOWS_H
#define SYNWARD_TOOL_FLOWS_H

#include "options.h"

/* The command. */
enum exit_code flows_run(const struct options *options);

#endif
