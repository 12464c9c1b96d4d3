/* SPDX-License-Identifier: GPL-2.0 */
/* A recording as one page of HTML with charts, which needs nothing else. */
#ifndef SYNWARD_TOOL_REPORT_H
#define SYNWARD_TOOL_REPORT_H

#include "options.h"

/* The command. */
enum exit_code report_run(const struct options *options);

#endif
