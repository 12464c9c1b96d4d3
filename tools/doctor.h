/* SPDX-License-Identifier: GPL-2.0 */
/* Is the host set up so that the module can protect it? */
#ifndef SYNWARD_TOOL_DOCTOR_H
#define SYNWARD_TOOL_DOCTOR_H

#include "options.h"

/* The command. EXIT_ERROR also where a check fails. */
enum exit_code doctor_run(const struct options *options);

#endif
