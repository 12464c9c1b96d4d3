/* SPDX-License-Identifier: GPL-2.0 */
/* Samples of everything that the module counts, into a file of bounded size. */
#ifndef SYNWARD_TOOL_RECORD_H
#define SYNWARD_TOOL_RECORD_H

#include "options.h"

#define RECORD_OLD	".1"	/* behind the name: what was recorded before the file was full */

/* The command. */
enum exit_code record_run(const struct options *options);

#endif
