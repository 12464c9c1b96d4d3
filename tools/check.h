/* SPDX-License-Identifier: GPL-2.0 */
/* Is all well? In the words and exit codes of a monitoring plugin. */
#ifndef SYNWARD_TOOL_CHECK_H
#define SYNWARD_TOOL_CHECK_H

#include "options.h"

/* The command. */
enum exit_code check_run(const struct options *options);

#endif
