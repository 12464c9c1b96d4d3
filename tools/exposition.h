/* SPDX-License-Identifier: GPL-2.0 */
/* Everything that the module counts, in the text format of Prometheus. */
#ifndef SYNWARD_TOOL_EXPOSITION_H
#define SYNWARD_TOOL_EXPOSITION_H

#include "options.h"

/* To stdout, after all the files were read: either whole or nothing. */
enum exit_code exposition_write(const struct options *options);

#endif
