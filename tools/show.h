/* SPDX-License-Identifier: GPL-2.0 */
/* Everything on one screen. */
#ifndef SYNWARD_TOOL_SHOW_H
#define SYNWARD_TOOL_SHOW_H

#include "options.h"

/* The command. */
enum exit_code show_run(const struct options *options);

#endif
