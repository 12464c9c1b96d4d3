/* SPDX-License-Identifier: GPL-2.0 */
/* One screen that is kept up to date, sorted as one likes. */
#ifndef SYNWARD_TOOL_TOP_H
#define SYNWARD_TOOL_TOP_H

#include "options.h"

/* The command. */
enum exit_code top_run(const struct options *options);

#endif
